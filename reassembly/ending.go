package reassembly

// receiveFIN handles a FIN at seq, behind the last octet. It takes effect when the stream reaches seq.
func (t *Table) receiveFIN(c *Conn, from uint8, seq uint32, o *origin) {
	switch {
	case c.sender[from].ended != 0:
		return
	case c.flow == nil && c.sender[from^1].ended != 0 && c.knows(from, baseKnown) && seq == c.next[from]:
		t.endDirection(c, from, EndFIN, c.at(from, o))
		return
	case c.knows(from, baseKnown) && before(seq, c.next[from]):
		return // its sender went on behind it
	}
	d := &t.flowOf(c).dirs[from]
	if d.ends == 0 || d.ends == EndPeerReset {
		d.ends, d.pendingEnd = EndFIN, pendingEnd{seq: seq, from: from, origin: *o, arrived: t.clock.now}
		c.flow.closed = counted{c.packets, c.bytes, c.last}
	}
	t.markWaiting(d)
	t.drain(d)
}

// receiveRST handles a RST. It is refused if its receiver would refuse it.
func (t *Table) receiveRST(c *Conn, from uint8, s *Segment, o *origin) {
	switch c.judgeRST(from, s) {
	case rstNow:
		t.suspend(c, from, o)
	case rstLater:
		d := &t.flowOf(c).dirs[from]
		if d.ends == 0 {
			d.ends, d.pendingEnd = EndReset, pendingEnd{seq: s.Seq, from: from, origin: *o, arrived: t.clock.now}
		}
		t.markWaiting(d)
		t.drain(d)
	default:
		t.noteRefused(c, from, o)
	}
}

// rstVerdict says what becomes of a RST.
type rstVerdict uint8

const (
	rstRefused rstVerdict = iota
	rstNow
	rstLater // octets before it are missing
)

// windowUnscaled is how far ahead of the stream a RST is believed without other evidence that octets are missing
// there: the largest window without scaling (RFC 9293 §3.1).
const windowUnscaled = 1 << 16

// judgeRST judges a RST as its receiver would (RFC 5961 §3.2, RFC 9293 §3.10.7.3), as far as an observer can know.
func (c *Conn) judgeRST(from uint8, s *Segment) rstVerdict {
	peer := from ^ 1
	got := c.knows(peer, ackSeen) && s.Seq == c.ack[peer] // exactly what the receiver said it expects
	if !c.knows(from, baseKnown) {
		switch {
		case c.flow != nil && c.flow.dirs[from].heldBytes > 0:
			return rstLater
		case got, s.Flags&ACK != 0 && c.knows(peer, baseKnown) && s.Ack-c.next[peer] <= 1: // refuses the connection
			return rstNow
		}
		return rstRefused
	}
	ahead := int32(s.Seq - c.next[from])
	switch {
	case ahead == 0, ahead == 1 && c.closed(from), got && ahead < 0 && ahead > -plausibleDistance:
		return rstNow
	case ahead < 0 || c.closed(from):
		return rstRefused
	case ahead <= windowUnscaled, c.knows(peer, ackSeen) && !before(c.ack[peer], s.Seq),
		c.flow != nil && c.flow.dirs[from].queuedUpTo(s.Seq):
		return rstLater
	}
	return rstRefused
}

// queuedUpTo reports whether the queued octets end exactly at seq.
func (d *direction) queuedUpTo(seq uint32) bool {
	q := d.reorder
	return q != nil && len(q.segments) > 0 && q.segments[len(q.segments)-1].end() == seq
}

// resetNow ends c for a RST that takes effect at once.
func (t *Table) resetNow(c *Conn, from uint8, o *origin) {
	t.flush(c, from)
	if c.flow != nil && c.sender[from].ended == 0 {
		d := &c.flow.dirs[from]
		d.ends, d.pendingEnd = EndReset, pendingEnd{from: from, origin: *o}
	}
	t.endDirection(c, from, EndReset, c.at(from, o))
	t.resetPeer(c, from, o)
}

// resetPeer ends the direction towards the sender of a RST, once nothing is queued there.
func (t *Table) resetPeer(c *Conn, from uint8, o *origin) {
	peer := from ^ 1
	if c.flow == nil {
		t.endDirection(c, peer, EndPeerReset, c.at(from, o))
		return
	}
	d := &c.flow.dirs[peer]
	d.pendingEnd.believed = true
	if d.ends == 0 {
		d.ends, d.pendingEnd = EndPeerReset, pendingEnd{from: from, origin: *o, arrived: t.clock.now}
	}
	t.drain(d)
}

// endDirection ends a direction. If there is no Sink yet, direction.ends and pendingEnd keep what to tell it later.
func (t *Table) endDirection(c *Conn, side uint8, why End, at At) {
	if c.sender[side].ended != 0 || c.is(flagRejected) {
		return
	}
	c.sender[side].ended = why
	if f := c.flow; f != nil {
		t.closeQueue(&f.dirs[side])
		t.freeHeld(f, side)
		if c.is(flagSinkOpened) {
			c.sink.End(c.dir(side), at, why)
		}
	}
}

// reportTail reports octets at the end of a direction that the receiver acknowledged but that were not captured.
// One octet more than was captured is no evidence: a FIN is acknowledged like an octet.
func (t *Table) reportTail(c *Conn, side uint8, at At) {
	peer := side ^ 1
	if !c.is(flagSinkOpened) || c.sender[side].ended != 0 || !c.knows(side, baseKnown) || !c.knows(peer, ackSeen) {
		return
	}
	if n := int32(c.ack[peer] - c.next[side]); n > 1 && n <= plausibleDistance {
		t.reportGap(&c.flow.dirs[side], uint64(n), at)
	}
}
