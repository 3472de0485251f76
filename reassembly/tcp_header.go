package reassembly

import (
	"bytes"
	"encoding/binary"
)

// tcp fills the Segment from a TCP header (RFC 9293 §3.1). Options are skipped: a receiver ignores those it cannot
// read, too.
func (d *Decoder) tcp(b []byte) Outcome {
	const fixed, flags = 20, FIN | SYN | RST | PSH | ACK | URG
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
	s.setKey(&d.src, &d.dst, binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]))
	s.Key.Tunnel = d.tunnel
	s.Seq, s.Ack, s.Flags = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), b[13]&flags
	s.Payload, s.Cut, s.Wire = b[header:len(b):len(b)], d.cut, p.Length
	s.At.Ordinal, s.At.Number, s.At.Time, s.At.Acked, s.At.File = p.Ordinal, p.Number, p.Time, -1, p.File
	return TCP
}

// setKey puts the two ends in the order of Key.
func (s *Segment) setKey(src, dst *[16]byte, srcPort, dstPort uint16) {
	order := bytes.Compare(src[:], dst[:])
	if order > 0 || order == 0 && srcPort > dstPort {
		s.From = 1
	} else {
		s.From = 0
	}
	from, to := s.From&1, s.From&1^1
	s.Key.Addr[from], s.Key.Addr[to] = *src, *dst
	s.Key.Port[from], s.Key.Port[to] = srcPort, dstPort
}
