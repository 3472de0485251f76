package part

import (
	"encoding/binary"
	"io"
	"slices"

	"wshake/capture"
)

// joined is the Source of the segments of flows of several files, in the order of their places.
type joined struct {
	store   *store
	names   []string
	ledger  *ledger
	files   []*fileReader
	ordinal uint64
}

// fileReader reads the segments of one piece.
type fileReader struct {
	chunks []storedChunk
	rest   []byte // of the current chunk
	head   []byte // the next segment
	time   int64
	place  Place
	store  *store
}

func (j *joined) begin() error {
	for _, chunks := range j.store.byPiece() {
		f := &fileReader{chunks: chunks, store: j.store}
		more, err := f.next()
		if err != nil {
			return err
		}
		if more {
			j.files = append(j.files, f)
		}
	}
	return nil
}

// next goes to the next segment.
func (f *fileReader) next() (more bool, err error) {
	for len(f.rest) == 0 {
		if len(f.chunks) == 0 {
			return false, nil
		}
		if f.rest, err = f.store.octets(&f.chunks[0]); err != nil {
			return false, err
		}
		f.place.File = f.chunks[0].file
		f.chunks = f.chunks[1:]
	}
	r := sent{b: f.rest}
	size := r.octets(4)
	f.head = r.octets(uint64(binary.BigEndian.Uint32(size)))
	if r.bad {
		return false, errSegment
	}
	f.rest = r.b
	r = sent{b: f.head}
	f.time, f.place = r.readPlace(f.place.File)
	if r.bad {
		return false, errSegment
	}
	return true, nil
}

func (j *joined) Read(b *capture.Batch) error {
	b.Release()
	octets := 0
	for len(j.files) > 0 && len(b.Packets) < capture.BatchSize && octets < capture.BatchOctets {
		best := 0
		for i := range j.files {
			if j.files[i].place.Compare(j.files[best].place) < 0 {
				best = i
			}
		}
		f := j.files[best]
		j.ordinal++
		p := capture.Packet{Data: f.head, Time: f.time, Ordinal: j.ordinal, Number: f.place.Number, File: f.place.File}
		b.Packets = append(b.Packets, p)
		octets += len(f.head)
		j.ledger.note(&p, f.place)
		more, err := f.next()
		if err != nil {
			return err
		}
		if !more {
			j.files = slices.Delete(j.files, best, best+1)
		}
	}
	if len(b.Packets) == 0 {
		return io.EOF
	}
	return nil
}

func (j *joined) Names() []string               { return j.names }
func (j *joined) Progress() (read, total int64) { return 0, 0 }
func (j *joined) Close() error                  { return nil }
