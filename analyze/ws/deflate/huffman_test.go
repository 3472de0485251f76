package deflate

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// completeCode makes the lengths of a complete prefix code for some of n symbols.
func completeCode(r *rand.Rand, n, deepest int) []uint8 {
	leaves := []uint8{0}
	for range r.IntN(n) + 1 {
		i := r.IntN(len(leaves))
		if r.IntN(3) == 0 {
			i = len(leaves) - 1 // grow deep
		}
		if len(leaves) < n && int(leaves[i]) < deepest {
			leaves[i]++
			leaves = append(leaves, leaves[i])
		}
	}
	lengths := append(leaves, make([]uint8, n-len(leaves))...)
	r.Shuffle(n, func(i, j int) { lengths[i], lengths[j] = lengths[j], lengths[i] })
	return lengths
}

// codes assigns the codes of RFC 1951 section 3.2.2, step by step.
func codes(lengths []uint8) []uint16 {
	var count, next [longest + 1]uint16
	for _, n := range lengths {
		count[n]++
	}
	count[0] = 0
	code := uint16(0)
	for n := 1; n <= longest; n++ {
		code = (code + count[n-1]) << 1
		next[n] = code
	}
	all := make([]uint16, len(lengths))
	for symbol, n := range lengths {
		if n > 0 {
			all[symbol] = bits.Reverse16(next[n]) >> (16 - n)
			next[n]++
		}
	}
	return all
}

func TestTables(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var table tables
	for range 500 {
		lit := completeCode(r, maxLits, longest)
		dist := completeCode(r, maxDists, longest)
		if slices.Max(lit) == 0 || slices.Max(dist) == 0 {
			continue
		}
		if !table.build(table.lit[:], litBits, lit, litSymbols[:]) || !table.build(table.dist[:], distBits, dist, distSymbols[:]) {
			t.Fatalf("complete codes refused: %v %v", lit, dist)
		}
		for symbol, code := range codes(lit) {
			if n := lit[symbol]; n > 0 {
				want := litSymbols[symbol] + entry(n)*perBit
				if got := table.lit.at(r.Uint64()<<n | uint64(code)); got != want {
					t.Fatalf("literal or length %d: entry %#x, want %#x, of %v", symbol, got, want, lit)
				}
			}
		}
		for symbol, code := range codes(dist) {
			if n := dist[symbol]; n > 0 {
				want := distSymbols[symbol] + entry(n)*perBit
				if got := table.dist.at(r.Uint64()<<n | uint64(code)); got != want {
					t.Fatalf("distance %d: entry %#x, want %#x, of %v", symbol, got, want, dist)
				}
			}
		}
	}
}

func TestTablesAccept(t *testing.T) {
	for name, tt := range map[string]struct {
		lengths []uint8
		want    bool
	}{
		"none":                {[]uint8{0, 0, 0}, true},
		"one of one bit":      {[]uint8{0, 1, 0}, true},
		"one of two bits":     {[]uint8{0, 2, 0}, false},
		"two of one bit":      {[]uint8{1, 1}, true},
		"three of one bit":    {[]uint8{1, 1, 1}, false},
		"incomplete":          {[]uint8{1, 2}, false},
		"incomplete, deep":    {[]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, false},
		"complete, deep":      {[]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15}, true},
		"oversubscribed deep": {[]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var table tables
			if got := table.build(table.dist[:], distBits, tt.lengths, distSymbols[:]); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	t.Run("codes without meaning", func(t *testing.T) {
		var table tables
		table.build(table.dist[:], distBits, []uint8{0, 1}, distSymbols[:])
		for next, want := range []entry{distSymbols[1] + perBit, special + perBit} {
			if got := table.dist.at(uint64(next)); got != want {
				t.Errorf("%b: entry %#x, want %#x", next, got, want)
			}
		}
	})
}

// The lengths of the RFC's tables, as it prints them.
func TestAlphabets(t *testing.T) {
	for _, tt := range []struct {
		entries     []entry
		symbol      int
		base, extra entry
	}{
		{litSymbols[:], 257, 3, 0}, {litSymbols[:], 264, 10, 0}, {litSymbols[:], 265, 11, 1}, {litSymbols[:], 272, 31, 2},
		{litSymbols[:], 277, 67, 4}, {litSymbols[:], 284, 227, 5}, {litSymbols[:], 285, 258, 0},
		{distSymbols[:], 0, 1, 0}, {distSymbols[:], 3, 4, 0}, {distSymbols[:], 4, 5, 1}, {distSymbols[:], 10, 33, 4},
		{distSymbols[:], 21, 1025 + 512, 9}, {distSymbols[:], 29, 24577, 13},
	} {
		t.Run(fmt.Sprint(tt.symbol), func(t *testing.T) {
			if got, want := tt.entries[tt.symbol], tt.base<<16|tt.extra; got != want {
				t.Errorf("entry %#x, want %#x", got, want)
			}
		})
	}
}
