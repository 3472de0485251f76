package part

import (
	"cmp"
	"slices"
)

// A flow that several files have packets of is analysed with one of them, its home, to which the packets of the others
// travel. The home is the file that has the most octets of it: so the fewest travel. The pieces of a file that is split
// are files here.

// Homes are the homes of the flows of a file that are in other files, too.
type Homes map[Flow]int32

// leave tells whether a piece has flows whose home it is not.
func (h Homes) leave(piece int32) bool {
	for _, home := range h {
		if home != piece {
			return true
		}
	}
	return false
}

// Held is how much of a flow a piece has.
type Held struct {
	Piece  int32
	Octets int64
}

// Home finds the home of a flow. held comes in any order, and may come twice; pieces are given once each. octets is how
// many of it all have.
func Home(held []Held) (home int32, pieces []int32, octets int64) {
	slices.SortFunc(held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(b.Octets, a.Octets),
			cmp.Compare(a.Piece, b.Piece))
	})
	held = slices.Compact(held)
	for _, h := range held {
		pieces = append(pieces, h.Piece)
		octets += h.Octets
	}
	slices.Sort(pieces)
	return held[0].Piece, pieces, octets
}
