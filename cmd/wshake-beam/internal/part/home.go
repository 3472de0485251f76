package part

import (
	"cmp"
	"slices"
)

// A flow that several files have packets of is analysed with one of them, its home, to which the packets of the others
// travel. The home is the file that has the most octets of it: so the fewest travel.

// Homes are the homes of the flows of a file that are in other files, too.
type Homes map[Flow]int32

// leave tells whether a file has flows whose home it is not.
func (h Homes) leave(file int32) bool {
	for _, home := range h {
		if home != file {
			return true
		}
	}
	return false
}

// Held is how much of a flow a file has.
type Held struct {
	File   int32
	Octets int64
}

// Home finds the home of a flow. held comes in any order, and may come twice; files are given once each.
func Home(held []Held) (home int32, files []int32) {
	slices.SortFunc(held, func(a, b Held) int { return cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(a.File, b.File)) })
	for _, h := range held {
		files = append(files, h.File)
	}
	slices.Sort(files)
	return held[0].File, slices.Compact(files)
}
