package reassembly

// A rejected connection is not ordered, but its octets are counted: how much of it was captured and how much is
// missing. Nobody asks for Conn.packets and Conn.bytes any more, so they hold how many octets of side 0 and of
// side 1 are missing.

// handleRejected counts the octets of a segment of a rejected connection, and looks for the end.
func (t *Table) handleRejected(c *Conn, from uint8, s *Segment) {
	seq := s.Seq
	if s.Flags&SYN != 0 {
		seq++
	}
	n := uint32(len(s.Payload)) + min(s.Cut, maxSegment)
	t.stats.Octets += uint64(len(s.Payload))
	t.stats.CutOctets += uint64(n) - uint64(len(s.Payload))
	if s.Flags&RST == 0 {
		t.countRejected(c, from, seq, n)
	}
	if s.Flags&ACK != 0 && s.Flags&RST == 0 {
		peer := from ^ 1
		// One octet more than was captured may be a FIN.
		if ahead := int32(s.Ack - c.next[peer]); c.knows(peer, baseKnown) && ahead > 1 && ahead <= maxWindow {
			c.addMissing(peer, ahead)
			c.next[peer] = s.Ack
		}
	}
	if s.Flags&FIN != 0 {
		c.sender[from].ended = EndFIN
	}
	if s.Flags&RST != 0 {
		c.sender[from].ended, c.sender[from^1].ended = EndReset, EndPeerReset
	}
}

// countRejected notes that n octets from seq on were captured, or cut by the snap length.
func (t *Table) countRejected(c *Conn, from uint8, seq, n uint32) {
	if !c.knows(from, baseKnown) {
		c.sender[from].known |= baseKnown
		c.next[from], c.ack[from] = seq, seq
	}
	ahead := int32(seq - c.next[from])
	switch {
	case ahead == 0:
		c.next[from] += n
	case ahead == 1 && n == 0: // behind a FIN
	case ahead > 0 && ahead <= maxWindow:
		c.addMissing(from, ahead)
		c.next[from] = seq + n
	case ahead < 0 && ahead >= -maxWindow:
		// They may fill what was missing, or come again: nothing that may have been captured counts as missing.
		old := min(n, uint32(-ahead))
		if old > 1 { // no keep-alive
			c.addMissing(from, -int32(old))
		}
		c.next[from] += n - old
	}
}

// addMissing changes how many octets of a side are missing.
func (c *Conn) addMissing(side uint8, n int32) {
	count := &c.packets
	if side == 1 {
		count = &c.bytes
	}
	*count = uint64(max(int64(*count)+int64(n), 0))
}

// settleRejected adds what is missing of a connection that was rejected to the Stats.
func (t *Table) settleRejected(c *Conn) {
	t.stats.Missing += c.packets + c.bytes
	c.packets, c.bytes = 0, 0
}

// countUnseen adds octets to the Stats that were acknowledged on a connection of which none was captured.
func (t *Table) countUnseen(c *Conn) {
	for side := range uint8(2) {
		if !c.knows(side, baseKnown) || !c.knows(side^1, ackSeen) {
			continue
		}
		if n := int32(c.ack[side^1] - c.next[side]); n > 1 && n <= maxWindow { // one may be a FIN
			t.stats.Missing += uint64(n)
		}
	}
}

// countAbandoned adds what is queued of a connection that was rejected to the Stats, with the holes in it, and lets
// its counting go on from there.
func (t *Table) countAbandoned(c *Conn) {
	if c.evidence != nil {
		for _, d := range c.evidence.doubts {
			t.stats.Octets += uint64(len(d.p))
			t.countRejected(c, d.side, d.seq, uint32(len(d.p)))
		}
	}
	for side := range uint8(2) {
		q := c.flow.dirs[side].reorder
		if q != nil {
			for _, seg := range q.segments {
				t.skipMissing(c, side, seg.seq)
				t.stats.Octets += uint64(seg.n)
				c.next[side] = seg.end()
			}
		}
		if peer := side ^ 1; c.knows(side, baseKnown) && c.knows(peer, ackSeen) && int32(c.ack[peer]-c.next[side]) > 1 {
			t.skipMissing(c, side, c.ack[peer])
		}
	}
	for i := range c.flow.held {
		t.stats.Octets += uint64(len(c.flow.held[i].p))
	}
}

// skipMissing counts the octets from where a side is to seq as missing.
func (t *Table) skipMissing(c *Conn, side uint8, seq uint32) {
	if n := int32(seq - c.next[side]); n > 0 && n <= maxWindow {
		c.addMissing(side, n)
		c.next[side] = seq
	}
}
