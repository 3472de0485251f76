package decode

import (
	"encoding/binary"

	"wshake/reassembly"
)

// maxAggregated is how many frames of one aggregate are looked at. The standard has room for about 180 of the
// shortest.
const maxAggregated = 64

// aggregate is what is left of a packet that carries several frames (A-MSDU, IEEE 802.11-2020 §9.3.2.2).
type aggregate struct {
	rest   []byte // from the header of the next frame on, nil where there is none
	before walk   // where the decoder stood before the first frame
	left   int    // frames that may still be looked at
	open   bool   // the packet is an aggregate
}

// firstOf decodes the first frame of an aggregate that carries a TCP segment; Next goes on behind it.
func (d *Decoder) firstOf(b []byte) Outcome {
	if d.aggregate.open { // an aggregate in an aggregate
		return d.other(Wireless, 2)
	}
	d.aggregate = aggregate{before: d.walk, left: maxAggregated, open: true}
	return d.nextOf(b)
}

// nextOf decodes frames until one carries a TCP segment. Without one it is the outcome of the last.
func (d *Decoder) nextOf(b []byte) Outcome {
	const header = 14 // addresses, length
	a := &d.aggregate
	o := NotTCP
	for len(b) >= header && a.left > 0 {
		a.left--
		d.walk = a.before
		length := uint64(binary.BigEndian.Uint16(b[12:]))
		end := header + length
		if length == 0 || end > d.wire(b) {
			break // padding, a frame check sequence, or damage
		}
		frame, rest := b[header:min(end, uint64(len(b)))], []byte(nil)
		if padded := (end + 3) &^ 3; padded < uint64(len(b)) {
			rest = b[padded:]
		}
		d.cut, d.limited = uint32(end-header)-uint32(len(frame)), true
		if o = d.llc(frame); o == TCP || o == UDP {
			d.segment.Wire = uint32(end)
			a.rest = rest
			return o
		}
		b = rest
	}
	if a.left == 0 && len(b) >= header {
		d.counts.Packets[TooDeep].add(d.packet) // the packet counts as what its frames carried, too
	}
	a.rest = nil
	return o
}

// More says that Next may have something: only an aggregate of wireless frames has.
func (d *Decoder) More() bool { return d.aggregate.rest != nil }

// Next fills s with the next TCP segment or datagram of QUIC of the packet that Decode was given last, and says whether there is one.
// Only an aggregate of wireless frames has more than one. Segment.Wire is then the length of the frame.
func (d *Decoder) Next(s *reassembly.Segment) bool {
	if d.aggregate.rest == nil {
		return false
	}
	d.segment = s
	o := d.nextOf(d.aggregate.rest)
	return o == TCP || o == UDP
}
