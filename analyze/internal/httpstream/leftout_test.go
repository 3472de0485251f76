package httpstream

import (
	"testing"

	"wshake/analyze/event"
)

// Streams that GOAWAY leaves out are given once, in order; one that leaves out none looks at no stream.
func TestLeftOutGivesEachStreamOnce(t *testing.T) {
	s := &Streams{}
	for id := uint64(0); id < 40; id += 4 {
		x := s.Add(id, event.At{})
		if id != 20 { // of which nothing is known
			x.state = asked
			s.left = id + 1
		}
	}
	for _, c := range []struct {
		from  uint64
		want  []uint64
		below uint64 // what is left ends before it
	}{
		{from: 40, below: 37},
		{from: 28, want: []uint64{28, 32, 36}, below: 25},
		{from: 28, below: 25},
		{from: 25, below: 25},
		{from: 16, want: []uint64{16, 24}, below: 13},
		{from: 0, want: []uint64{0, 4, 8, 12}},
		{from: 0},
	} {
		var got []uint64
		for _, x := range s.LeftOut(c.from) {
			got = append(got, x.ID)
		}
		if len(got) != len(c.want) || s.left != c.below {
			t.Fatalf("from %d: %v, want %v; left %d, want %d", c.from, got, c.want, s.left, c.below)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("from %d: %v, want %v", c.from, got, c.want)
			}
		}
	}
}
