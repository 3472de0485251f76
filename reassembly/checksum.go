package reassembly

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A wrong TCP checksum usually means nothing: the packet was captured before the network card of its sender
// filled it in. But if other segments of the direction have a right one, the segment was damaged, and its
// receiver drops it. Such a segment is held until a right copy comes, or the receiver acknowledges it after all:
// then checksums of the direction say nothing.
//
// Only connections that are read are checked, and a direction only until its first wrong checksum that means nothing.

const (
	maxDoubts      = 16
	maxDoubtOctets = 64 << 10
)

// doubt is a segment with a wrong checksum.
type doubt struct {
	side uint8
	seq  uint32
	p    []byte
	origin
}

// damaged is what is known of damaged segments of a sender.
type damaged struct {
	first origin
	count int
}

// checksumRight reports whether the TCP checksum of s is right (RFC 9293 §3.1).
func (s *Segment) checksumRight() bool {
	// The prefix of an IPv4-mapped address adds FFFF, which is 0 in ones' complement arithmetic.
	sum := uint64(bits.ReverseBytes16(uint16(len(s.Raw)))) + uint64(s.Key.Protocol)<<8
	var carry uint64
	for i := range s.Key.Addr {
		a := &s.Key.Addr[i]
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(a[:]), 0)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(a[8:]), carry)
		sum += carry
	}
	sum = onesSum(sum, s.Raw)
	sum = sum>>32 + sum&(1<<32-1)
	sum = sum>>32 + sum&(1<<32-1)
	sum = sum>>16 + sum&(1<<16-1)
	sum = sum>>16 + sum&(1<<16-1)
	return sum>>16+sum&(1<<16-1) == 1<<16-1
}

// onesSum adds the 16-bit words of b to sum in ones' complement arithmetic (RFC 1071 §2), in any byte order. Adding a
// carry makes no other: a sum that overflowed ends in at least one zero bit.
func onesSum(sum uint64, b []byte) uint64 {
	var carry uint64
	for ; len(b) >= 64; b = b[64:] {
		p := (*[64]byte)(b)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[:]), 0)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[8:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[16:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[24:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[32:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[40:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[48:]), carry)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(p[56:]), carry)
		sum += carry
	}
	for ; len(b) >= 8; b = b[8:] {
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(b), 0)
		sum += carry
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		sum, carry = bits.Add64(sum, binary.LittleEndian.Uint64(last[:]), 0)
		sum += carry
	}
	return sum
}

// doubts reports whether s is damaged. If so, its payload is held.
func (t *Table) doubts(c *Conn, from uint8, seq uint32, s *Segment, o *origin) bool {
	if s.checksumRight() {
		c.flags |= flagChecksum0 << from
		return false
	}
	if !c.is(flagChecksum0 << from) {
		c.flags |= flagUnchecked0 << from
		return false
	}
	if len(s.Payload) == 0 {
		return false
	}
	e := t.evidenceOf(c)
	octets := len(s.Payload)
	for i := range e.doubts {
		octets += len(e.doubts[i].p)
	}
	if len(e.doubts) >= maxDoubts || octets > maxDoubtOctets {
		t.believeDoubts(c, from)
		return false
	}
	e.doubts = append(e.doubts, doubt{side: from, seq: seq, p: bytes.Clone(s.Payload), origin: *o})
	t.buffered += pageMemory
	if d := &t.flowOf(c).dirs[from]; d.timer == 0 {
		t.startTimer(d, t.clock.now+int64(t.cfg.GapTimeout))
	}
	return true
}

// hasDoubts reports whether damaged segments of a side are held.
func (c *Conn) hasDoubts(side uint8) bool {
	if c.evidence == nil {
		return false
	}
	for i := range c.evidence.doubts {
		if c.evidence.doubts[i].side == side {
			return true
		}
	}
	return false
}

// dropDoubts takes the held segments of a side for which drop is true out of the list and returns them.
func (t *Table) dropDoubts(c *Conn, drop func(*doubt) bool) (dropped []doubt) {
	kept := c.evidence.doubts[:0]
	for _, d := range c.evidence.doubts {
		if drop(&d) {
			dropped = append(dropped, d)
			t.buffered -= pageMemory
		} else {
			kept = append(kept, d)
		}
	}
	clear(c.evidence.doubts[len(kept):])
	c.evidence.doubts = kept
	return dropped
}

// believeDoubts gives up doubting: checksums of the direction say nothing. What was held is handled.
func (t *Table) believeDoubts(c *Conn, side uint8) {
	c.flags |= flagUnchecked0 << side
	t.passDoubts(c, t.dropDoubts(c, func(d *doubt) bool { return d.side == side }))
}

func (t *Table) passDoubts(c *Conn, doubts []doubt) {
	for i := range doubts {
		d := &doubts[i]
		if c.sender[d.side].ended == 0 && !c.is(flagRejected) {
			t.payload(c, d.side, d.seq, d.p, 0, &d.origin)
		}
	}
}

// acknowledgeDoubts believes held segments of a side that the receiver has acknowledged though no other copy
// came: it took them.
func (t *Table) acknowledgeDoubts(c *Conn, side uint8, ack uint32) {
	for i := range c.evidence.doubts {
		d := &c.evidence.doubts[i]
		if end := d.seq + uint32(len(d.p)); d.side == side && !before(ack, end) && before(c.next[side], end) {
			t.believeDoubts(c, side)
			return
		}
	}
}

// settleDoubts compares held segments with the right copies that have come.
func (t *Table) settleDoubts(c *Conn, side uint8) {
	next := c.next[side]
	for _, d := range t.dropDoubts(c, func(d *doubt) bool {
		return d.side == side && !before(next, d.seq+uint32(len(d.p)))
	}) {
		if c.flow == nil {
			return
		}
		y := &c.flow.dirs[side].history
		if back := next - d.seq; back > y.n || y.differs(d.seq, d.p) {
			t.stats.Damaged++
			w := &c.evidence.sides[side].damaged
			if w.count == 0 {
				w.first = d.origin
			}
			w.count++
		}
	}
}

// Damaged tells how many segments of d had a wrong TCP checksum though others had a right one, and another copy
// was used instead of them (RFC 9293 §3.1: a receiver drops them), and which was the first.
func (c *Conn) Damaged(d Dir) (first At, count int) {
	if c.evidence == nil {
		return At{}, 0
	}
	w := &c.evidence.sides[uint8(d)^c.opener].damaged
	return w.first.packet(), w.count
}
