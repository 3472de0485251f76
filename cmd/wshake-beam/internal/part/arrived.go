package part

import (
	"container/heap"
	"encoding/binary"
)

// arrivals gives the segments that came from other files, in the order of their places.
type arrivals []*fileReader

// fileReader reads the segments of one piece. Its octets are read when its turn comes.
type fileReader struct {
	chunks []storedChunk // the first one is not read
	rest   []byte        // of the current chunk, behind head
	head   []byte        // the next segment, nil where it begins the first of chunks
	time   int64
	place  Place // of the next segment
	store  *store
}

func newArrivals(s *store) *arrivals {
	a := new(arrivals)
	for _, chunks := range s.byPiece() {
		*a = append(*a, &fileReader{chunks: chunks, place: chunks[0].first, store: s})
	}
	heap.Init(a)
	return a
}

func (a arrivals) Len() int           { return len(a) }
func (a arrivals) Less(i, j int) bool { return a[i].place.Compare(a[j].place) < 0 }
func (a arrivals) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)        { *a = append(*a, x.(*fileReader)) }

func (a *arrivals) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	*a = (*a)[:last]
	return x
}

// next gives the octets of the next segment, which readSegment reads; they do not change.
func (a *arrivals) next() (octets []byte, time int64, place Place, err error) {
	f := (*a)[0]
	if f.head == nil {
		if err := f.open(); err != nil {
			return nil, 0, place, err
		}
	}
	octets, time, place = f.head, f.time, f.place
	more, err := f.advance()
	if err != nil {
		return nil, 0, place, err
	}
	if more {
		heap.Fix(a, 0)
	} else {
		heap.Pop(a)
	}
	return octets, time, place, nil
}

// open reads the next chunk.
func (f *fileReader) open() (err error) {
	if f.rest, err = f.store.octets(&f.chunks[0]); err != nil {
		return err
	}
	f.chunks = f.chunks[1:]
	return f.split()
}

// advance goes to the next segment.
func (f *fileReader) advance() (more bool, err error) {
	if len(f.rest) > 0 {
		return true, f.split()
	}
	if f.head = nil; len(f.chunks) == 0 {
		return false, nil
	}
	f.place = f.chunks[0].first
	return true, nil
}

// split takes the next segment from the current chunk.
func (f *fileReader) split() error {
	r := sent{b: f.rest}
	size := r.octets(4)
	f.head = r.octets(uint64(binary.BigEndian.Uint32(size)))
	if r.bad {
		return errSegment
	}
	f.rest = r.b
	r = sent{b: f.head}
	f.time, f.place = r.readPlace()
	if r.bad {
		return errSegment
	}
	return nil
}
