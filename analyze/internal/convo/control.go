package convo

import (
	"slices"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/ws"
)

// control is what the control frames of a conversation said, and what the frames behind them tell of it.
type control struct {
	closes    [2]check.Closing
	closeSent [2]int64 // offset behind the segment of the Close
	first     *event.Close
	pings     [2]pinging
	rtt       []int64 // of answered pings, ns
}

// pinging is what is known of the pings of one side.
type pinging struct {
	sent   uint64
	have   []byte // payload of the newest
	sentAt event.At
	// open says that neither the newest nor any since an earlier one was answered.
	open    bool
	since   event.At // the first of those
	early   []byte   // payload of the other side's newest pong that answered none
	earlyAt event.At
	later   int // frames of the other side since, its Close not counted
	laterAt event.At

	matched bool        // a pong had the payload of one of the newest pings
	past    [][]byte    // payloads of the newest pings, at most pingsRemembered
	wrong   check.Pongs // the pongs that had another one
	told    bool        // of them
}

// pingsRemembered is how many pings a pong may be late for.
const pingsRemembered = 8

// pongSoon is how soon behind a ping a pong is taken for its answer, ns.
const pongSoon = 10e9

// pingsTimed bounds the round trips kept for the median.
const pingsTimed = 4096

// frame takes a frame that is over, be it a control frame or one behind some.
func (k *control) frame(s *layer.Stack, f *ws.Frame) {
	switch f.Opcode {
	case event.OpClose:
		k.closed(s, f)
	case event.OpPing:
		k.pinged(s, f)
	case event.OpPong:
		k.ponged(f)
	}
	to := f.From.Other()
	if p := &k.pings[to]; p.open && f.Opcode != event.OpPong && f.Opcode != event.OpClose && after(f.First, p.since) {
		p.later++
		p.laterAt = f.Last
	}
	if c := &k.closes[to]; c.Seen && f.Opcode != event.OpClose && after(f.First, c.At) && !k.unaware(f.First, to) {
		c.PeerWentOn = true
	}
}

// after says that a was sent when b had been received, as far as that can be told by capture time.
func after(a, b event.At) bool { return a.Ordinal > b.Ordinal }

// unaware says that the packet at does not acknowledge the Close of the other side, from, as far as is known.
func (k *control) unaware(at event.At, from event.Side) bool { return at.Acked < k.closeSent[from] }

func (k *control) closed(s *layer.Stack, f *ws.Frame) {
	c := &k.closes[f.From]
	if !c.Seen {
		*c = check.Closing{Seen: true, Code: f.Close.Code, At: f.Last}
		k.closeSent[f.From] = int64(s.Offset[f.From])
	}
	switch other := f.From.Other(); {
	case k.first == nil:
		k.first = firstClose(f)
	case k.first.From == f.From:
	case k.closes[other].At.Acked < k.closeSent[f.From]:
		k.first.Answered = true
	default: // the one that was read first acknowledges this one
		k.first = firstClose(f)
		k.first.Answered = true
	}
}

func firstClose(f *ws.Frame) *event.Close {
	e := &event.Close{From: f.From}
	if f.Close.HasCode {
		e.Code = event.Some(f.Close.Code)
		e.Reason = event.Some(string(f.Close.Reason))
	}
	return e
}

func (k *control) pinged(s *layer.Stack, f *ws.Frame) {
	p := &k.pings[f.From]
	p.sent++
	p.have = append(p.have[:0], f.Control...)
	p.sentAt = f.Last
	if !p.matched {
		if len(p.past) == pingsRemembered {
			p.past = append(p.past[:0], p.past[1:]...)
		}
		p.past = append(p.past, slices.Clone(p.have))
	}
	if p.answered(int64(s.Offset[f.From])) {
		p.open, p.matched = false, true
		return
	}
	if !p.open { // else the silence began with an earlier ping
		p.open, p.since, p.later = true, f.Last, 0
	}
}

// answered says that the pong to the newest ping, which ends at sent at the latest, was read before the ping: that
// waited for octets, or for frames to be found, or the capture has them in the wrong order, which the acknowledgement
// in the pong's packet shows unless it is not known.
func (p *pinging) answered(sent int64) bool {
	later := p.earlyAt.Ordinal > p.sentAt.Ordinal || p.earlyAt.Acked < 0 || p.earlyAt.Acked >= sent
	return p.earlyAt.Ordinal > 0 && later && string(p.early) == string(p.have)
}

// ponged matches a pong with the newest ping of the other side: only that one needs an answer (RFC 6455 §5.5.3).
func (k *control) ponged(f *ws.Frame) {
	p := &k.pings[f.From.Other()]
	if !p.matched {
		p.compare(f)
	}
	if !p.open || string(p.have) != string(f.Control) {
		p.early, p.earlyAt = append(p.early[:0], f.Control...), f.Last
	}
	if !p.open {
		return
	}
	if string(p.have) != string(f.Control) {
		// It may answer an earlier ping: of those only the newest counts from now on.
		p.since, p.later = p.sentAt, 0
		return
	}
	p.open = false
	if rtt := f.Last.Time - p.sentAt.Time; rtt >= 0 && len(k.rtt) < pingsTimed {
		k.rtt = append(k.rtt, rtt)
	}
}

// compare looks whether a pong has the payload of a ping.
func (p *pinging) compare(f *ws.Frame) {
	for _, payload := range p.past {
		if string(payload) == string(f.Control) {
			p.matched = true
			return
		}
	}
	if !p.open || !after(f.First, p.sentAt) || f.Last.Time-p.sentAt.Time > pongSoon {
		return // nobody asked for it
	}
	if w := &p.wrong; w.Count == 0 {
		*w = check.Pongs{From: f.From, Ping: p.sentAt, Pong: f.Last, Sent: slices.Clone(p.have), Got: slices.Clone(f.Control)}
	}
	p.wrong.Count++
}

// mismatched says that pongs answered pings with another payload, and none with the right one.
func (p *pinging) mismatched() bool { return p.wrong.Count > 0 && !p.matched }

// roundTrips sums up the pings that were answered, nil where none was.
func (k *control) roundTrips() *event.RTT {
	n := len(k.rtt)
	if n == 0 {
		return nil
	}
	slices.Sort(k.rtt)
	return &event.RTT{Min: k.rtt[0] / 1000, Median: k.rtt[n/2] / 1000, Max: k.rtt[n-1] / 1000}
}
