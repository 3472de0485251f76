package upgrade

import "wshake/analyze/event"

// pairing is the state machine that says which side's octets can be read now.
//
// Captures do not keep the order between sides. So behind a request that asks for an upgrade the client's octets wait
// for the answer, which decides what they are, and the server's octets wait until the request that they answer was
// read.
type pairing struct {
	client clientState
	server serverState
	// desynchronised says, by side, that a head may have been missed: what is paired from then on is a guess where it is
	// not said by itself.
	desynchronised [2]bool
	// switched says that the protocol changed: nothing more is read here.
	switched bool
}

// clientState is how the client's octets are read.
type clientState uint8

const (
	requests        clientState = iota // as requests
	requestBody                        // as the body of a request that asked for an upgrade
	requestComplete                    // not: that request is complete, and its answer decides
)

// serverState is how the server's octets are read: a set.
type serverState uint8

const (
	unpaired          serverState = 1 << iota // also without requests: those will not come
	responseMaybeLost                         // not: the answer that decides may have been in a gap
)

// ready says whether the octets of a side can be read now; waiting says that a request waits for its answer.
func (p *pairing) ready(side event.Side, waiting bool) bool {
	switch {
	case p.switched:
		return false
	case side == event.Client:
		return p.client != requestComplete
	}
	return (waiting || p.is(unpaired)) && !p.is(responseMaybeLost)
}

// undecided says that the newest request asked for an upgrade and has no answer yet.
func (p *pairing) undecided() bool { return p.client != requests }

func (p *pairing) is(s serverState) bool { return p.server&s != 0 }

// asked enters the state behind the head of a request that asks for an upgrade.
func (p *pairing) asked(bodyFollows bool) {
	p.client = requestComplete
	if bodyFollows {
		p.client = requestBody
	}
}

// complete notes that the body of the request is over, too.
func (p *pairing) complete() {
	if p.client == requestBody {
		p.client = requestComplete
	}
}

// answered notes that the upgrade was refused: requests follow.
func (p *pairing) answered() { p.client = requests }

// requestsOver notes that no request will come any more.
func (p *pairing) requestsOver() { p.server |= unpaired }

// responseLost notes that the answer may have been missed; responseFound that it was not, or that nothing waits for
// it.
func (p *pairing) responseLost()  { p.server |= responseMaybeLost }
func (p *pairing) responseFound() { p.server &^= responseMaybeLost }

// desynchronise notes that heads of a side may have been missed.
func (p *pairing) desynchronise(side event.Side) {
	p.desynchronised[side] = true
	if side == event.Client {
		p.requestsOver()
		p.complete()
	}
}
