package reassembly

// synchronize takes a SYN, with or without ACK, of a connection it belongs to.
func (t *Table) synchronize(c *Conn, from uint8, s *Segment) {
	peer := from ^ 1
	if !c.is(markOpener | markSink) {
		c.marks |= markOpener
		c.opener = from
		if s.Flags&ACK != 0 {
			c.opener = peer
		}
	}
	base := s.Seq + 1
	switch {
	case !c.knows(from, knowsBase),
		// the same attempt answered with another number (SYN cookies), or a base learnt too high, from a SYN+ACK that
		// acknowledged data on the SYN (RFC 7413)
		c.flow == nil,
		!c.knows(from, knowsSYN) && c.flow.half[from].untouched() && c.next[from]-base <= near:
		c.next[from] = base
		c.side[from].knows |= knowsBase
	}
	if base == c.base(from) {
		c.side[from].knows |= knowsSYN
	}
	if s.Flags&ACK != 0 && !c.knows(peer, knowsBase) {
		c.next[peer] = s.Ack
		c.side[peer].knows |= knowsBase
	}
	if c.flow != nil {
		t.replay(c.flow)
	}
}

// untouched reports whether nothing was delivered, named or queued.
func (h *half) untouched() bool { return h.offset == 0 && h.episode == nil }

// succeededBy reports whether the SYN s begins another connection between the same ends.
func (c *Conn) succeededBy(s *Segment) bool {
	from := s.From & 1
	peer := from ^ 1
	base := s.Seq + 1
	far := base-c.next[from]+near > 2*near
	switch {
	case c.knows(from, knowsBase) && base == c.base(from):
		return false // captured before, or learnt
	case c.over():
		return true
	case s.Flags&ACK != 0 && c.knows(peer, knowsSYN) && s.Ack-c.base(peer) <= near:
		return false // answers the SYN that began c
	case c.knows(from, knowsSYN):
		return c.flow == nil || c.side[from].done != 0 || far
	case c.knows(from, knowsBase|knowsHint):
		return far
	case c.flow != nil:
		for i := range c.flow.held {
			if held := &c.flow.held[i]; held.side == from {
				return held.seq-base > near
			}
		}
	}
	return false
}

// held is a segment of a direction whose base is not known yet.
type held struct {
	side uint8
	old  bool // acknowledged before it was captured
	seq  uint32
	p    []byte
	cut  uint32
	origin
}

// maxHeld is how many octets of a direction are held for its beginning to be found.
const maxHeld = 16 << 10

// memory is what the segment counts for.
func (d *held) memory() int { return 128 + len(d.p) }

// joins finds the base of a direction of a connection that has been followed for a while without a SYN: the receiver has
// acknowledged everything before.
func (t *Table) joins(c *Conn, from uint8, seq uint32, o *origin) bool {
	ack := c.ack[from^1]
	if o.time-c.first.time < int64(t.cfg.GapTimeout) || !c.knows(from^1, knowsAck) || seq-ack > near || c.flow.half[from].heldSize > 0 {
		return false
	}
	c.next[from] = ack
	c.side[from].knows |= knowsBase
	return true
}

// hold keeps the first octets of a direction until its SYN is captured, late, or it is clear that it will not be.
func (t *Table) hold(f *flow, from uint8, seq uint32, p []byte, cut uint32, o *origin) {
	h := &f.half[from]
	c := h.conn
	t.since(h)
	f.held = append(f.held, held{
		side: from, seq: seq, p: append([]byte(nil), p...), cut: cut, origin: *o,
		old: c.knows(from^1, knowsAck) && !before(c.ack[from^1], seq+uint32(len(p))),
	})
	t.buffered += f.held[len(f.held)-1].memory()
	h.heldSize += max(len(p), 1)
	t.arm(h)
	if h.heldSize >= maxHeld || h.heldSize*128 > t.cfg.MaxBufferedConn {
		t.begin(f)
	}
}

// since marks the time from which h waits for its base.
func (t *Table) since(h *half) {
	if h.timer == 0 {
		h.heldFrom = t.clock.now
	}
}

// begin stops waiting for a SYN: the directions that hold something begin with the lowest octet held.
func (t *Table) begin(f *flow) {
	for i := range f.half {
		h := &f.half[i]
		if c := h.conn; !c.knows(h.side, knowsBase) && (h.heldSize > 0 || h.why != 0) {
			c.next[i] = f.lowest(h)
			c.side[i].knows |= knowsBase
		}
	}
	t.replay(f)
}

// lowest is where a direction without a SYN begins.
func (f *flow) lowest(h *half) uint32 {
	var first *held
	lowest := h.stop.seq
	for i := range f.held {
		d := &f.held[i]
		if d.side == h.side && (first == nil || before(d.seq, lowest)) {
			first, lowest = d, d.seq
		}
	}
	c := h.conn
	switch {
	case first == nil:
	case c.knows(h.side^1, knowsSYN) && c.knows(h.side, knowsHint) && lowest-c.next[h.side] <= near:
		return c.next[h.side] // the other side was seen from its beginning, so this is where it began to receive
	case first.old && len(first.p) == 1 && h.heldSize > 1:
		return lowest + 1 // a keep-alive, whose octet is arbitrary (RFC 9293 §3.8.4)
	}
	return lowest
}

// replay passes on what was held for directions whose base is now known, in the order of capture.
func (t *Table) replay(f *flow) {
	c := f.half[0].conn
	for i := range f.half {
		if c.knows(uint8(i), knowsBase) && f.half[i].episode == nil {
			t.rest(&f.half[i])
		}
	}
	all := f.held
	f.held = nil
	var still []held
	for i := range all {
		d := &all[i]
		if !c.knows(d.side, knowsBase) {
			still = append(still, *d)
			continue
		}
		t.buffered -= d.memory()
		f.half[d.side].heldSize -= max(len(d.p), 1)
		if c.side[d.side].done == 0 && !c.is(markRejected) {
			t.receive(&f.half[d.side], d.seq, d.p, d.cut, &d.origin)
		}
	}
	f.held = still
	for i := range f.half {
		if c.knows(uint8(i), knowsBase) {
			t.settle(&f.half[i])
		}
	}
}

// unhold frees what is held for a side.
func (t *Table) unhold(f *flow, side uint8) {
	f.half[side].heldSize = 0
	kept := f.held[:0]
	for _, d := range f.held {
		if d.side == side {
			t.buffered -= d.memory()
		} else {
			kept = append(kept, d)
		}
	}
	clear(f.held[len(kept):])
	f.held = kept
}
