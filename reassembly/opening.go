package reassembly

// synchronize takes a SYN, with or without ACK, of a connection it belongs to.
func (t *Table) synchronize(c *Conn, from uint8, s *Segment) {
	peer := from ^ 1
	t.noticeSkew(c, from, s)
	if !c.is(flagOpenerKnown | flagSinkOpened) {
		c.flags |= flagOpenerKnown
		c.opener = from
		if s.Flags&ACK != 0 {
			c.opener = peer
		}
	}
	base := s.Seq + 1
	switch {
	case !c.knows(from, baseKnown),
		// the same attempt answered with another number (SYN cookies), or a base learnt too high, from a SYN+ACK that
		// acknowledged data on the SYN (RFC 7413)
		c.flow == nil && !c.confirmed(from),
		!c.knows(from, synSeen) && c.flow.dirs[from].isEmpty() && c.next[from]-base <= plausibleDistance:
		c.next[from] = base
		c.sender[from].known |= baseKnown
	}
	if base == c.base(from) {
		c.sender[from].known |= synSeen
	}
	if s.Flags&ACK != 0 && !c.knows(peer, baseKnown) {
		c.next[peer] = s.Ack
		c.sender[peer].known |= baseKnown
	}
	if c.flow != nil {
		t.replayHeld(c.flow)
	}
}

// confirmed reports whether the SYN of a side, which has sent no octets, was acknowledged: another one in its window
// is refused (RFC 5961 §4).
func (c *Conn) confirmed(side uint8) bool {
	peer := side ^ 1
	return c.knows(side, synSeen) && c.knows(peer, ackSeen) && c.ack[peer] == c.next[side]
}

// isEmpty reports whether nothing was delivered, reported as a gap or queued.
func (d *direction) isEmpty() bool { return d.offset == 0 && d.reorder == nil }

// isReplacedBy reports whether the SYN s begins another connection between the same ends.
func (c *Conn) isReplacedBy(s *Segment) bool {
	from := s.From & 1
	peer := from ^ 1
	base := s.Seq + 1
	far := base-c.next[from]+plausibleDistance > 2*plausibleDistance
	switch {
	case c.knows(from, baseKnown) && base == c.base(from):
		return false // captured before, or learnt
	case c.bothEnded(), c.is(flagResetPending) && !far:
		return true
	case c.is(flagResetPending):
		return false // both may be forged: see contested
	case s.Flags&ACK != 0 && c.knows(peer, synSeen) && s.Ack-c.base(peer) <= plausibleDistance:
		return false // answers the SYN that began c
	case c.knows(from, synSeen):
		return c.flow == nil && !c.confirmed(from) || c.closed(from) || far
	case c.knows(from, baseKnown|lowestAckKnown):
		return far
	case c.flow != nil:
		for i := range c.flow.held {
			if held := &c.flow.held[i]; held.side == from {
				return held.seq-base > plausibleDistance
			}
		}
	}
	return false
}

// heldSegment is a segment of a direction whose base is not known yet.
type heldSegment struct {
	side        uint8
	ackedBefore bool // acknowledged before it was captured
	seq         uint32
	p           []byte
	cut         uint32
	origin
}

// maxHeld is how many octets of a direction are held for its beginning to be found.
const maxHeld = 16 << 10

// memory is what the segment counts for.
func (seg *heldSegment) memory() int { return 128 + len(seg.p) }

// learnBaseFromAck learns the base of a direction without a SYN when the connection has been followed for a
// while: the receiver has acknowledged everything before it.
func (t *Table) learnBaseFromAck(c *Conn, from uint8, seq uint32, o *origin) bool {
	ack := c.ack[from^1]
	young := o.time-c.first.time < int64(t.cfg.GapTimeout)
	if young || !c.knows(from^1, ackSeen) || seq-ack > plausibleDistance || c.flow.dirs[from].heldBytes > 0 {
		return false
	}
	c.next[from] = ack
	c.sender[from].known |= baseKnown
	return true
}

// holdSegment keeps the first octets of a direction until its SYN is captured late, or is waited for no longer.
func (t *Table) holdSegment(f *flow, from uint8, seq uint32, p []byte, cut uint32, o *origin) {
	d := &f.dirs[from]
	c := d.conn
	t.dismissPendingEnd(d, seq+uint32(len(p))+cut)
	t.markWaiting(d)
	f.held = append(f.held, heldSegment{
		side: from, seq: seq, p: append([]byte(nil), p...), cut: cut, origin: *o,
		ackedBefore: c.knows(from^1, ackSeen) && !before(c.ack[from^1], seq+uint32(len(p))),
	})
	t.buffered += f.held[len(f.held)-1].memory()
	d.heldBytes += int32(max(len(p), 1))
	t.updateTimer(d)
	if d.heldBytes >= maxHeld || int(d.heldBytes)*128 > t.cfg.MaxBufferedConn {
		t.beginAtLowest(f)
	}
}

// markWaiting notes the time from which d waits for its base.
func (t *Table) markWaiting(d *direction) {
	if d.timer == 0 {
		d.waitsSince = t.clock.now
	}
}

// beginAtLowest stops waiting for a SYN: directions that hold segments begin with the lowest octet held.
func (t *Table) beginAtLowest(f *flow) {
	for i := range f.dirs {
		d := &f.dirs[i]
		if c := d.conn; !c.knows(d.side, baseKnown) && (d.heldBytes > 0 || d.ends != 0) {
			c.next[i] = f.lowestHeld(d)
			c.sender[i].known |= baseKnown
		}
	}
	t.replayHeld(f)
}

// lowestHeld is where a direction without a SYN begins.
func (f *flow) lowestHeld(d *direction) uint32 {
	var first *heldSegment
	lowest := d.pendingEnd.seq
	for i := range f.held {
		seg := &f.held[i]
		if seg.side == d.side && (first == nil || before(seg.seq, lowest)) {
			first, lowest = seg, seg.seq
		}
	}
	c := d.conn
	switch {
	case first == nil:
	case c.knows(d.side^1, synSeen) && c.knows(d.side, lowestAckKnown) && lowest-c.next[d.side] <= plausibleDistance:
		return c.next[d.side] // the other side was seen from its beginning, so this is where it began to receive
	case first.ackedBefore && len(first.p) == 1 && d.heldBytes > 1:
		return lowest + 1 // a keep-alive, whose octet is arbitrary (RFC 9293 §3.8.4)
	}
	return lowest
}

// replayHeld handles the held segments of directions whose base is now known, in the order of capture.
func (t *Table) replayHeld(f *flow) {
	c := f.dirs[0].conn
	for i := range f.dirs {
		if c.knows(uint8(i), baseKnown) && f.dirs[i].reorder == nil {
			t.stopTimer(&f.dirs[i])
		}
	}
	all := f.held
	f.held = nil
	var still []heldSegment
	for i := range all {
		seg := &all[i]
		if !c.knows(seg.side, baseKnown) {
			still = append(still, *seg)
			continue
		}
		t.buffered -= seg.memory()
		f.dirs[seg.side].heldBytes -= int32(max(len(seg.p), 1))
		switch {
		case c.is(flagRejected): // by an earlier one of them: it is counted, and what follows it is not taken for a hole
			t.stats.Octets += uint64(len(seg.p))
			if end := seg.seq + uint32(len(seg.p)); int32(end-c.next[seg.side]) > 0 {
				c.next[seg.side] = end
			}
		case c.sender[seg.side].ended == 0:
			t.receive(&f.dirs[seg.side], seg.seq, seg.p, seg.cut, &seg.origin)
		default:
			t.stats.AfterEnd++
			t.countBehind(c, seg.side, seg.seq, uint32(len(seg.p))+seg.cut, &seg.origin)
		}
	}
	f.held = still
	for i := range f.dirs {
		if c.knows(uint8(i), baseKnown) {
			t.drain(&f.dirs[i])
		}
	}
}

// freeHeld drops what is held for a side.
func (t *Table) freeHeld(f *flow, side uint8) {
	f.dirs[side].heldBytes = 0
	kept := f.held[:0]
	for _, seg := range f.held {
		if seg.side == side {
			t.buffered -= seg.memory()
		} else {
			kept = append(kept, seg)
		}
	}
	clear(f.held[len(kept):])
	f.held = kept
}
