package layer

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// Stack is what every Carrier keeps of the layer above it.
//
// What every segment needs comes first: with many connections open at once each line of cache it takes is waited for.
type Stack struct {
	Top    Layer
	Offset [2]uint64 // octets that Top was given so far by side, gaps included
	Heard  [2]uint64 // offset behind the last octet that was captured
	later  [2]bool   // see EndLater
	// WebSocket says that a WebSocket was established, even if against the rules, or is recognised by its frames.
	WebSocket bool
	ended     [2]Ending
	sooner    event.Side // whose end was captured first
}

// Ending is how one side ended.
type Ending struct {
	At   event.At
	Side event.Side
	Why  reassembly.End // 0 while the side is open
}

// Data passes octets on to the layer above.
func (s *Stack) Data(side event.Side, at event.At, p []byte) {
	s.Offset[side] += uint64(len(p))
	s.Heard[side] = s.Offset[side]
	s.Top.Data(side, at, p)
	if s.later != [2]bool{} {
		s.tellEnds()
	}
}

// EndLater has the layer above told once more how a side ended, behind the next octets or the next gap: the one that is
// there now looks for another that will take its place.
func (s *Stack) EndLater(side event.Side) { s.later[side] = true }

func (s *Stack) tellEnds() {
	later := s.later
	s.later = [2]bool{}
	for side, is := range later {
		if is {
			s.Top.End(event.Side(side), s.ended[side].At, s.ended[side].Why)
		}
	}
}

// Gap passes a gap on to the layer above.
func (s *Stack) Gap(side event.Side, at event.At, n uint64) {
	s.Offset[side] += n
	s.Top.Gap(side, at, n)
	if s.later != [2]bool{} {
		s.tellEnds()
	}
}

// Ends remembers how a side ended. The layer above is not told yet.
func (s *Stack) Ends(side event.Side, at event.At, why reassembly.End) {
	s.ended[side] = Ending{at, side, why}
	other := &s.ended[side.Other()]
	if other.Why == 0 || at.Ordinal < other.At.Ordinal { // octets that wait for others delay an end
		s.sooner = side
	}
}

// Ended is how a side ended.
func (s *Stack) Ended(side event.Side) Ending { return s.ended[side] }

// Over reports whether both sides have ended.
func (s *Stack) Over() bool { return s.ended[0].Why != 0 && s.ended[1].Why != 0 }

// First is the end that was captured first, of those that are known.
func (s *Stack) First() Ending { return s.ended[s.sooner] }

// Swap exchanges the sides, where the client turns out to be the other one.
func (s *Stack) Swap() {
	s.Offset[0], s.Offset[1] = s.Offset[1], s.Offset[0]
	s.Heard[0], s.Heard[1] = s.Heard[1], s.Heard[0]
	s.ended[0], s.ended[1] = s.ended[1], s.ended[0]
	s.later[0], s.later[1] = s.later[1], s.later[0]
	s.ended[0].Side, s.ended[1].Side = 0, 1
	s.sooner = s.sooner.Other()
}

// Fate says in the connection event how the connection ended and who ended it.
func (s *Stack) Fate(e *event.Connection) {
	switch first := s.First(); first.Why {
	case reassembly.EndFIN:
		e.Ended = event.EndedFIN
		// A FIN that acknowledges more than the other side's octets answers a FIN, of which it may not be known where it
		// belongs.
		other := first.Side.Other()
		switch {
		case first.At.Acked <= int64(s.Heard[other]):
			e.EndedBy = event.Some(first.Side)
		case s.ended[other].Why == reassembly.EndFIN:
			e.EndedBy = event.Some(other)
		}
	case reassembly.EndReset:
		e.Ended, e.EndedBy = event.EndedReset, event.Some(first.Side)
	case reassembly.EndPeerReset:
		e.Ended, e.EndedBy = event.EndedReset, event.Some(first.Side.Other())
	case reassembly.EndTimeout, reassembly.EndEvicted, reassembly.EndReplaced:
		e.Ended = event.EndedTimeout
	default:
		e.Ended = event.EndedCaptureEnd
	}
}
