package capture

import (
	"fmt"
	"io"
)

// Sizes of the file header and the record headers, in octets.
const (
	pcapHeader     = 24
	pcapRecord     = 16
	modifiedRecord = 24 // Kuznetsov's patched tcpdump adds interface, protocol and packet type
)

// The magic numbers, as they read in the file's own byte order.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34
)

// lengths says in which order a record header gives the captured and the original length.
type lengths uint8

const (
	capturedFirst lengths = iota
	originalFirst         // before version 2.3, and DG/UX tcpdump, which calls itself 543.0
	eitherFirst           // version 2.3: some writers this way, some that; the smaller one is the captured length
)

// pcapReader reads draft-ietf-opsawg-pcap and its ancestors, as libpcap does.
type pcapReader struct {
	in      *peekReader
	header  int // size of a record header; 0 until the file header was read
	order   order
	lengths lengths
	tick    int64 // nanoseconds in a unit of the second time field
	link    LinkType
	number  uint64
}

func (r *pcapReader) next(p *Packet) error {
	if r.header == 0 {
		if err := r.readHeader(); err != nil {
			return err
		}
	}
	h, err := r.in.peek(r.header)
	if err != nil {
		if err == io.EOF && len(h) == 0 {
			return io.EOF
		}
		return r.in.cutOff(err, fmt.Sprintf("the header of packet %d", r.number+1), len(h), r.header, r.number)
	}
	captured, original := r.order.u32(h[8:]), r.order.u32(h[12:])
	if r.lengths == originalFirst || r.lengths == eitherFirst && captured > original {
		captured, original = original, captured
	}
	seconds, fraction := r.order.u32(h), r.order.u32(h[4:])
	if captured > MaxRecord {
		return r.fatal(fmt.Errorf("packet %d claims %d captured octets, more than the limit of %d", r.number+1, captured, MaxRecord))
	}
	if seconds|fraction|captured|original == 0 {
		return r.fatal(fmt.Errorf("the header of packet %d is all zeros", r.number+1))
	}
	size := r.header + int(captured)
	record, err := r.in.peek(size)
	if err != nil {
		return r.in.cutOff(err, fmt.Sprintf("packet %d", r.number+1), len(record), size, r.number)
	}
	r.in.skip(int64(size))
	r.number++
	p.Data = record[r.header:]
	p.Time = int64(seconds)*1e9 + int64(fraction)*r.tick
	p.Number = r.number
	p.Length = max(original, captured) // what was captured was there
	p.Link = r.link
	return nil
}

func (r *pcapReader) readHeader() error {
	h, err := r.in.peek(pcapHeader)
	if err != nil {
		return r.in.cutOff(err, "the file header", len(h), pcapHeader, 0)
	}
	if _, ok := pcapMagic(littleEndian.u32(h)); !ok {
		r.order = bigEndian
	}
	magic := r.order.u32(h)
	major, minor := r.order.u16(h[4:]), r.order.u16(h[6:])
	switch {
	case major == 2 && minor < 3, major == 543 && minor == 0:
		r.lengths = originalFirst
	case major == 2 && minor == 3:
		r.lengths = eitherFirst
	case major != 2:
		return r.fatal(fmt.Errorf("pcap version %d.%d is not known", major, minor))
	}
	r.tick, _ = pcapMagic(magic)
	// The upper half holds the length of the frame check sequence and reserved bits.
	r.link = LinkType(r.order.u32(h[20:]) & 0xffff)
	r.header = pcapRecord
	if magic == magicModified {
		r.header = modifiedRecord
	}
	r.in.skip(pcapHeader)
	return nil
}

// pcapMagic gives the nanoseconds in a tick of a file with this magic number.
func pcapMagic(magic uint32) (tick int64, ok bool) {
	switch magic {
	case magicMicro, magicModified:
		return 1000, true
	case magicNano:
		return 1, true
	}
	return 0, false
}

func (r *pcapReader) fatal(err error) error {
	return &Problem{Offset: r.in.offset, Packet: r.number, Err: err}
}
