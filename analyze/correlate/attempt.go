package correlate

import (
	"wshake/analyze/check"
	"wshake/analyze/event"
)

// attempt is one upgrade attempt. Its heads are released when nothing can be compared with them any more.
type attempt struct {
	conn       *event.Conn
	remembered bool     // it is in the ring
	memory     int      // octets that are counted for it
	request    event.At // that completed the request
	head       *event.Head
	length     uint64 // of the request's head, octets; 0 where it was not captured whole
	key        string
	accept     string           // what answers key
	handshake  *event.Handshake // its event, when it came
	answered   bool
	answeredBy uint64 // ordinal of the packet that answered

	downstream, upstream *attempt     // the leg toward the client, toward the backend, of which this is the other
	copy                 *event.Conn  // another sight of the same connection, nil where there is none
	reused               *earlierUse  // that had the same key
	older, newer         *attempt     // with the same key
	waiting              *waitingList // the list it is in
	prev, next           *attempt     // in that list

	told      []told // the first findings of its connection
	explained string // the check that found why it was refused, by comparison

	host      string         // of its handshake, see summary
	product   *check.Product // that answered, or the proxy of the legs; nil where it is not known
	hop       string         // the proxy of the legs by address and name, "" where it is not known
	forwarded bool           // the request says for whom a proxy forwarded it
	switched  bool           // a WebSocket was established, even if against the rules
	limit     check.LimitKind
	cut       *event.Abrupt // its end without a Close
	begun     *event.Abrupt // the end of its first side
	relayed   *event.Conn   // the other leg, whose end caused this one's
}

// earlierUse is the attempt whose key another one repeats.
type earlierUse struct {
	conn    uint64 // its ordinal
	request event.At
}

// waitingList holds attempts without an answer, the oldest first.
type waitingList struct{ first, last *attempt }

func (p *waitingList) add(a *attempt) {
	a.waiting, a.prev = p, p.last
	if p.last != nil {
		p.last.next = a
	} else {
		p.first = a
	}
	p.last = a
}

func (p *waitingList) remove(a *attempt) {
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		p.first = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	} else {
		p.last = a.prev
	}
	a.waiting, a.prev, a.next = nil, nil, nil
}

// sameConnection says that the connections of two attempts are one, captured at two places: between the same ends, or
// behind a translation of addresses, which leaves the sequence numbers and the request alone.
func sameConnection(a, b *attempt) bool {
	if a.conn.Peer == b.conn.Peer {
		return true
	}
	return a.conn.Numbered && b.conn.Numbered && a.conn.Sequence == b.conn.Sequence &&
		(a.length == b.length || a.length == 0 || b.length == 0)
}

// wholeLength is how long a head is, octets; 0 where it was not captured whole.
func wholeLength(h *event.Head) uint64 {
	if h.Cut != event.Whole {
		return 0
	}
	return h.Length
}

// unanswered says that a had no answer yet when another was asked for.
func (a *attempt) unanswered(other event.At) bool { return !a.answered || a.answeredBy > other.Ordinal }

// release drops what only a leg without an answer could still be compared with.
func (a *attempt) release() {
	if !a.answered || a.downstream != nil && !a.downstream.answered || a.upstream != nil && !a.upstream.answered {
		return
	}
	a.head, a.handshake, a.reused = nil, nil, nil
}

func drop(found []*event.Finding, name string) []*event.Finding {
	kept := found[:0:0]
	for _, f := range found {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	return kept
}
