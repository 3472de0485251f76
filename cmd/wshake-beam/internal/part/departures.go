package part

import (
	"slices"

	"wshake/reassembly"
)

// Chunk is some segments of one file that are analysed with another, in their order.
type Chunk struct {
	Piece  int32
	Count  uint32 // counts the chunks of the file for that other one
	First  Place  // of its first segment
	Octets []byte
	Path   string // of the file that Octets are in, "" where they are here
}

// chunkSize is about how large a Chunk is, so that it fits into a processor's cache when it is read, chunksSize how
// large all that are being filled may be, octets.
const (
	chunkSize  = 256 << 10
	chunksSize = 64 << 20
)

// departures gathers the segments of a file that are analysed with other files, their homes.
type departures struct {
	file   *File
	chunks map[int32]*Chunk // by home
	counts map[int32]uint32 // chunks that were sent
	size   int
	spare  [][]byte
	send   func(home int32, c *Chunk) error
	err    error
}

func newDepartures(file *File, send func(int32, *Chunk) error) *departures {
	return &departures{file: file, chunks: make(map[int32]*Chunk), counts: make(map[int32]uint32), send: send}
}

func (d *departures) add(home int32, s *reassembly.Segment, place Place) {
	c := d.chunks[home]
	if c == nil {
		c = &Chunk{Piece: d.file.Piece, Count: d.counts[home], First: place}
		if n := len(d.spare); n > 0 {
			c.Octets, d.spare = d.spare[n-1], d.spare[:n-1]
		}
		d.chunks[home] = c
	}
	before := len(c.Octets)
	c.Octets = appendSegment(c.Octets, s, place)
	d.size += len(c.Octets) - before
	if len(c.Octets) >= chunkSize {
		d.sendChunk(home, c)
	}
	if d.size >= chunksSize {
		d.flush()
	}
}

func (d *departures) sendChunk(home int32, c *Chunk) {
	d.size -= len(c.Octets)
	delete(d.chunks, home)
	d.counts[home]++
	if d.err != nil {
		return
	}
	octets := c.Octets
	d.err = d.send(home, c)
	d.spare = append(d.spare, octets[:0])
}

// flush sends all chunks, in the order of their homes.
func (d *departures) flush() error {
	homes := make([]int32, 0, len(d.chunks))
	for home := range d.chunks {
		homes = append(homes, home)
	}
	slices.Sort(homes)
	for _, home := range homes {
		d.sendChunk(home, d.chunks[home])
	}
	return d.err
}
