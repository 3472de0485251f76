package quic

import "testing"

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		numbers []uint64
		missing uint64
	}{
		{nil, 0},
		{[]uint64{7, 8, 9}, 0},
		{[]uint64{7, 9}, 1},
		{[]uint64{7, 9, 8}, 0},
		{[]uint64{7, 9, 9, 9}, 1},     // copies fill no hole
		{[]uint64{7, 9, 8, 8, 11}, 1}, // nor two
		{[]uint64{7, 200}, 192},       // beyond what is remembered
		{[]uint64{7, 200, 100}, 192},  // too late
		{[]uint64{7, 200, 199, 6}, 191},
		{[]uint64{0, 64}, 63},
		{[]uint64{0, 64, 1}, 62},
	} {
		var w window
		for _, n := range c.numbers {
			w.add(n)
		}
		if w.missing != c.missing {
			t.Errorf("%v: %d are missing, want %d", c.numbers, w.missing, c.missing)
		}
	}
}
