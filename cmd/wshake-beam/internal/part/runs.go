package part

import "cmp"

// What one worker reads at once is a run: neighbouring files, a file, or a piece of one. Neighbours are read together
// since what ends in one file and goes on in the next stays with the worker then: only at the ends of a run are there
// flows that travel. A file is split where there are more workers than files of its size.

// Share says how files are shared out among workers.
type Share struct {
	Workers int // 0: nobody knows how many
	// Split is how many octets the pieces of a file have at least, about; 0: files are not split.
	Split int64
	// Least is how many octets a run has at least, where there are so many, and about how many it has where nobody
	// knows the number of workers; 0: DefaultLeast.
	Least int64
}

const (
	// DefaultLeast is some seconds of work. Of ordinary traffic about 50 MB travel to each run, whatever its size.
	DefaultLeast = 3 << 30
	// runsEach is how many runs each of several workers has, so that one that is slower does not hold up the others.
	runsEach = 5
)

// Sized is a file, and how many octets it has: -1 where that is not known, or where it can only be read by itself.
type Sized struct {
	File
	Octets int64
}

// Runs shares out files, which are in the order of their numbers. What it gives follows from the sizes alone. Walk
// finds the borders of pieces.
func (s Share) Runs(files []Sized) (runs []File) {
	add := func(f File) {
		f.Piece = int32(len(runs))
		runs = append(runs, f)
	}
	var total, before int64 // before: octets of the files of all runs up to here
	for _, f := range files {
		total += max(f.Octets, 0)
	}
	size := cmp.Or(s.Least, DefaultLeast)
	if each := int64(s.Workers); each > 0 {
		if each > 1 {
			each *= runsEach
		}
		size = max(size, (total+each-1)/each)
	}
	last := int64(-1) // which run the file before is in, -1 where none follows it in its run
	for _, f := range files {
		n := int64(1) // pieces
		if step := max(size, s.Split); s.Split > 0 {
			n = (f.Octets + step/2) / step
		}
		in := (before + f.Octets/2) / size
		before += max(f.Octets, 0)
		switch {
		case f.Octets < 0:
			add(f.File)
			last = -1
		case n > 1:
			for _, p := range f.Split(f.Octets, (f.Octets+n-1)/n, 0) {
				add(p)
			}
			last = -1
		case in == last:
			run := &runs[len(runs)-1]
			run.Next = append(run.Next, Neighbour{f.Path, f.Number, f.Listed})
		default:
			add(f.File)
			last = in
		}
	}
	return runs
}
