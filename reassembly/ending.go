package reassembly

// finish takes a FIN that stands behind the last octet, at seq. It takes effect when the stream gets there.
func (t *Table) finish(c *Conn, from uint8, seq uint32, o *origin) {
	switch {
	case c.side[from].done != 0:
		return
	case c.flow == nil && c.side[from^1].done != 0 && c.knows(from, knowsBase) && seq == c.next[from]:
		t.end(c, from, EndFIN, c.at(from, o))
		return
	case c.knows(from, knowsBase) && before(seq, c.next[from]):
		return // its sender went on behind it
	}
	h := &t.flowOf(c).half[from]
	if h.why == 0 || h.why == EndPeerReset {
		h.why, h.stop = EndFIN, stop{seq: seq, from: from, origin: *o, arrived: t.clock.now}
	}
	t.since(h)
	t.settle(h)
}

// reset takes a RST, if its receiver would.
func (t *Table) reset(c *Conn, from uint8, s *Segment, o *origin) {
	switch c.accepts(from, s) {
	case takeNow:
		t.abort(c, from, o)
	case takeLater:
		h := &t.flowOf(c).half[from]
		if h.why == 0 {
			h.why, h.stop = EndReset, stop{seq: s.Seq, from: from, origin: *o, arrived: t.clock.now}
		}
		t.since(h)
		t.settle(h)
	default:
		t.stats.RefusedRST++
	}
}

// verdict is what becomes of a RST.
type verdict uint8

const (
	refuse verdict = iota
	takeNow
	takeLater // octets before it are missing
)

// windowUnscaled is how far ahead of the stream a RST is believed without other evidence that octets are missing there: the largest window without
// scaling (RFC 9293 §3.1).
const windowUnscaled = 1 << 16

// accepts judges a RST by what its receiver would do (RFC 5961 §3.2, RFC 9293 §3.10.7.3), as far as can be known from outside.
func (c *Conn) accepts(from uint8, s *Segment) verdict {
	peer := from ^ 1
	got := c.knows(peer, knowsAck) && s.Seq == c.ack[peer] // exactly what the receiver said it expects
	if !c.knows(from, knowsBase) {
		switch {
		case c.flow != nil && c.flow.half[from].heldSize > 0:
			return takeLater
		case got, s.Flags&ACK != 0 && c.knows(peer, knowsBase) && s.Ack-c.next[peer] <= 1: // refuses the connection
			return takeNow
		}
		return refuse
	}
	ahead := int32(s.Seq - c.next[from])
	switch {
	case ahead == 0, ahead == 1 && c.side[from].done == EndFIN, got && ahead < 0 && ahead > -near:
		return takeNow
	case ahead < 0 || c.side[from].done != 0:
		return refuse
	case ahead <= windowUnscaled, c.knows(peer, knowsAck) && !before(c.ack[peer], s.Seq),
		c.flow != nil && c.flow.half[from].reaches(s.Seq):
		return takeLater
	}
	return refuse
}

// reaches reports whether octets up to seq, but none behind, are queued.
func (h *half) reaches(seq uint32) bool {
	e := h.episode
	return e != nil && len(e.queue) > 0 && e.queue[len(e.queue)-1].end() == seq
}

// abort ends c for a RST that takes effect at once.
func (t *Table) abort(c *Conn, from uint8, o *origin) {
	t.flush(c, from)
	if c.flow != nil && c.side[from].done == 0 {
		h := &c.flow.half[from]
		h.why, h.stop = EndReset, stop{from: from, origin: *o}
	}
	t.end(c, from, EndReset, c.at(from, o))
	t.resetPeer(c, from, o)
}

// resetPeer ends the direction towards the sender of a RST, once nothing is queued there.
func (t *Table) resetPeer(c *Conn, from uint8, o *origin) {
	peer := from ^ 1
	if c.flow == nil {
		t.end(c, peer, EndPeerReset, c.at(from, o))
		return
	}
	h := &c.flow.half[peer]
	if h.why == 0 {
		h.why, h.stop = EndPeerReset, stop{from: from, origin: *o, arrived: t.clock.now}
	}
	t.settle(h)
}

// end closes a direction. As long as there is no Sink to be told, half.why and stop keep what to tell it.
func (t *Table) end(c *Conn, side uint8, why End, at At) {
	if c.side[side].done != 0 || c.is(markRejected) {
		return
	}
	c.side[side].done = why
	if f := c.flow; f != nil {
		t.leave(&f.half[side])
		t.unhold(f, side)
		if c.is(markSink) {
			c.sink.End(c.dir(side), at, why)
		}
	}
}

// tail names what the receiver acknowledged at the end of a direction and was never captured. One octet more than was captured is
// no evidence: a FIN is acknowledged like an octet.
func (t *Table) tail(c *Conn, side uint8, at At) {
	peer := side ^ 1
	if !c.is(markSink) || c.side[side].done != 0 || !c.knows(side, knowsBase) || !c.knows(peer, knowsAck) {
		return
	}
	if n := int32(c.ack[peer] - c.next[side]); n > 1 && n <= near {
		t.gap(&c.flow.half[side], uint64(n), at)
	}
}
