package decode

import (
	"encoding/binary"
	"wshake/reassembly"
)

// tcp fills the Segment from a TCP header (RFC 9293 §3.1). Options are skipped: a receiver ignores those it cannot
// read, too.
func (d *Decoder) tcp(b []byte) Outcome {
	const fixed = 20
	if len(b) < fixed {
		return d.short(b, fixed)
	}
	header := int(b[12]>>4) * 4
	if header < fixed || uint64(header) > d.wire(b) {
		return Malformed
	}
	// The options may be cut off: the old default snap length of 68 octets did that to every SYN.
	if missing := header - len(b); missing > 0 {
		d.cut -= uint32(missing)
		header = len(b)
	}
	if d.checksums && d.cut == 0 && d.tcpChecksum(b) != 0xffff {
		return BadChecksum
	}
	s, p := d.segment, d.packet
	s.From = s.Key.Set(reassembly.ProtocolTCP, &d.src, &d.dst, binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]))
	s.Key.Tunnel = d.tunnel
	s.Seq, s.Ack, s.Flags = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), b[13]&reassembly.Flags
	s.Payload, s.Cut, s.Wire = b[header:len(b):len(b)], d.cut, p.Length
	s.Window, s.Raw = binary.BigEndian.Uint16(b[14:]), b
	s.At.Ordinal, s.At.Number, s.At.Time, s.At.Acked, s.At.File = p.Ordinal, p.Number, p.Time, -1, p.File
	return TCP
}
