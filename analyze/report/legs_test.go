package report

import (
	"testing"

	"wshake/analyze/event"
)

// Legs that name each other are paired, the newest first; in a chain, and of copies, the rest stays alone.
func TestLegs(t *testing.T) {
	leg := func(ordinal, other uint64, role event.LegRole) Leg {
		h := &event.Handshake{Conn: &event.Conn{Ordinal: ordinal}}
		if other > 0 {
			h.OtherLeg = &event.OtherLeg{Conn: &event.Conn{Ordinal: other}, Role: role}
		}
		return LegOf(h)
	}
	var w Legs
	for i, c := range []struct {
		leg   Leg
		other int // -1 where none is found
		front bool
	}{
		{leg(13, 5, event.DownstreamLeg), -1, false}, // it names the middle of a chain, which names the first
		{leg(5, 1, event.DownstreamLeg), -1, false},
		{leg(1, 5, event.UpstreamLeg), 1, true},
		{leg(1, 5, event.UpstreamLeg), -1, true}, // the other is taken
		{leg(1, 5, event.UpstreamLeg), -1, true},
		{leg(5, 1, event.DownstreamLeg), 4, false},
		{leg(5, 1, event.DownstreamLeg), 3, false},
		{leg(20, 0, 0), -1, false},
		{leg(21, 22, event.CopyLeg), -1, false},
		{leg(22, 21, event.CopyLeg), -1, false},
	} {
		other, found := w.Pair(c.leg, i)
		if !found {
			other = -1
		}
		if other != c.other || c.leg.Front() != c.front {
			t.Errorf("attempt %d: paired with %d, want %d; in front: %v", i, other, c.other, c.leg.Front())
		}
	}
	for i := range 3 * legsMost {
		w.Pair(leg(uint64(100+i), 99, event.DownstreamLeg), i)
	}
	if w.count > legsMost || len(w.waiting) > legsMost {
		t.Errorf("%d legs wait", w.count)
	}
}
