package part

import (
	"cmp"
	"slices"
)

// A flow that several files have packets of is analysed with one of them, its home, to which the packets of the
// others travel. The home is the first of these files: then what leaves a file stands mostly at its beginning, and to
// send it the rest need not be read again. Where much less would travel to the file that has most of the flow, that
// is its home. The pieces of a file that is split, and neighbours that are read together, are one file here.

// Homes are the homes of the flows of a file that are in other files, too.
type Homes map[Flow]Lodging

// Lodging is the home of a flow, and which packet of the file is the last that has to do with the flow, from 1.
type Lodging struct {
	Home int32
	Last uint64
}

// leave finds the last packet of a file that has to do with flows whose home it is not, 0 where all stay.
func (h Homes) leave(piece int32) (last uint64) {
	for _, l := range h {
		if l.Home != piece {
			last = max(last, l.Last)
		}
	}
	return last
}

// Held is how much of a flow a piece has, or a part of it, and which packet of the piece is the last, from 1.
type Held struct {
	Piece  int32
	Octets int64
	Last   uint64
}

// farMore is by how many octets less must travel for a home that is not the first.
const farMore = 4 << 20

// Home finds the home of a flow. held comes in any order, and may come twice; pieces are given once each. octets is how
// many of it all have.
func Home(held []Held) (home int32, pieces []Held, octets int64) {
	slices.SortFunc(held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.Piece, b.Piece), cmp.Compare(a.Last, b.Last))
	})
	for _, h := range slices.Compact(held) {
		octets += h.Octets
		if n := len(pieces); n > 0 && pieces[n-1].Piece == h.Piece {
			pieces[n-1].Octets += h.Octets
			pieces[n-1].Last = h.Last
			continue
		}
		pieces = append(pieces, h)
	}
	first := pieces[0]
	most := slices.MaxFunc(pieces, func(a, b Held) int { return cmp.Compare(a.Octets, b.Octets) })
	if most.Octets-first.Octets > farMore {
		return most.Piece, pieces, octets
	}
	return first.Piece, pieces, octets
}
