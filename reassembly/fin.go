package reassembly

// A FIN ends its direction when its receiver acknowledges it: a forged one may never have reached it. Until then it
// waits, for Config.GapTimeout at most, and if its sender goes on with octets in its place it is revoked. Where
// nothing of the receiver was captured, nothing would prove it, and it is believed at once.

// counted is what was counted of a connection up to a packet.
type counted struct {
	packets, bytes uint64
	last           stamp
}

// finPlaced reports whether a FIN waits for its acknowledgement, and for nothing else.
func (d *direction) finPlaced() bool {
	return d.ends == EndFIN && d.reorder == nil && d.conn.next[d.side] == d.pendingEnd.seq && d.conn.knows(d.side, baseKnown)
}

// closed reports whether a side has sent a FIN behind all its octets, or has ended otherwise.
func (c *Conn) closed(side uint8) bool {
	return c.sender[side].ended != 0 || c.flow != nil && c.flow.dirs[side].finPlaced()
}

// finProven reports whether nothing more is waited for that proves the pending FIN.
func (d *direction) finProven() bool {
	c, peer := d.conn, d.side^1
	if d.pendingEnd.believed || c.sender[peer].ended != 0 || !c.knows(peer, synSeen|ackSeen) {
		return true
	}
	return c.knows(peer, ackSeen) && c.ack[peer] == d.pendingEnd.seq+1
}

// acknowledgeFIN judges the FIN that waits by an acknowledgement.
func (t *Table) acknowledgeFIN(d *direction, ack uint32) {
	switch ahead := int32(ack - d.pendingEnd.seq); {
	case ahead == 1:
		t.drain(d)
	case ahead > 1 && ahead <= plausibleDistance: // of octets in its place
		t.revokeFIN(d)
		d.ends, d.pendingEnd = 0, pendingEnd{}
		t.updateTimer(d)
	}
}

// believeFIN ends a side by the FIN that waits.
func (t *Table) believeFIN(c *Conn, side uint8) {
	if c.flow == nil || c.sender[side].ended != 0 || !c.flow.dirs[side].finPlaced() {
		return
	}
	d := &c.flow.dirs[side]
	d.pendingEnd.believed = true
	t.drain(d)
}

// endByFIN ends d by its FIN. What is told of the connection at its end is what was counted up to the last FIN.
func (t *Table) endByFIN(d *direction, at At) {
	c := d.conn
	t.stopTimer(d)
	own, peer := &d.pendingEnd, &c.flow.dirs[d.side^1]
	if their := &peer.pendingEnd; peer.ends == EndFIN && own.ordinal < their.ordinal && own.acks && own.ack == their.seq+1 {
		at.Acked++ // it answers a FIN that was captured later
	}
	now := counted{c.packets, c.bytes, c.last}
	if f := c.flow; f.closed.packets > 0 && c.sender[d.side^1].ended != 0 {
		c.packets, c.bytes, c.last = f.closed.packets, f.closed.bytes, f.closed.last
	}
	t.endDirection(c, d.side, EndFIN, at)
	if !c.is(flagRejected) {
		c.packets, c.bytes, c.last = now.packets, now.bytes, now.last
	}
}

// revokeFIN notes that the FIN of d that waits did not end it.
func (t *Table) revokeFIN(d *direction) {
	t.stats.RevokedFIN++
	e := t.evidenceOf(d.conn)
	e.revoked, e.revokedFIN = d.pendingEnd.origin, true
	e.revocations++
}
