package reassembly

import "math"

// flow is the ordering state of a connection. It exists from the first payload octet (or a FIN that has to wait) to the end.
type flow struct {
	half [2]half  // by side
	held []held   // in the order of their capture
	_    [40]byte // seven lines of cache
}

// half is one direction: where its stream is, and what is waiting ahead of that.
type half struct {
	// what octets in order need: one line of cache
	conn    *Conn
	offset  uint64 // stream offset of the next expected octet
	episode *episode
	history history
	side    uint8
	why     End  // what the stop will be, 0: there is none
	acked   bool // the deadline already takes into account that the receiver has the missing octets

	stop     stop
	lost     span   // the last gap that was named
	hole     uint32 // the sequence number waited for
	timer    int    // position in Table.timers plus one, 0 while nothing is waited for
	deadline int64
	progress int64    // when octets last arrived in order, of those that were missing
	heldFrom int64    // when the first held octets, or a FIN, arrived
	heldSize int      // how many are held, in octets
	_        [16]byte // three lines of cache
}

// stop is a FIN or RST that waits for the stream to get there.
type stop struct {
	seq  uint32 // behind the last octet; has no meaning for EndPeerReset, which waits until nothing is queued
	from uint8  // the side that sent the packet
	origin
	arrived int64
}

// span is n octets from seq on.
type span struct{ seq, n uint32 }

// near is how far apart two sequence numbers of one connection may be when nothing better is known, as for a SYN that was captured late.
const near = 1 << 20

// before reports whether a precedes b in the circle of sequence numbers (RFC 9293 §3.4).
func before(a, b uint32) bool { return int32(a-b) < 0 }

// flowsKept bounds how many that were given up are kept.
const flowsKept = 256

func (t *Table) flowOf(c *Conn) *flow {
	if c.flow != nil {
		return c.flow
	}
	var f *flow
	if n := len(t.flows); n > 0 {
		f, t.flows = t.flows[n-1], t.flows[:n-1]
		*f = flow{}
	} else {
		f = new(flow)
	}
	f.half[1].side = 1
	f.half[0].conn, f.half[1].conn = c, c
	c.flow = f
	return f
}

// acknowledge notes that a side has received everything before ack.
func (t *Table) acknowledge(c *Conn, from uint8, ack uint32) {
	if !c.knows(from, knowsAck) || before(c.ack[from], ack) {
		c.ack[from] = ack
		c.side[from].knows |= knowsAck
	}
	peer := from ^ 1
	if !c.knows(peer, knowsBase) {
		if !c.knows(peer, knowsHint) || before(ack, c.next[peer]) {
			c.next[peer] = ack
			c.side[peer].knows |= knowsHint
		}
		return
	}
	if !c.waits(peer) {
		return
	}
	h := &c.flow.half[peer]
	end, _, o := h.awaited()
	if o != nil && !h.acked && ack-c.next[peer] < end-c.next[peer] { // the receiver misses some of it, too: the network lost that, not the capture
		t.wait(h, t.clock.now+int64(t.cfg.LossTimeout))
	} else {
		t.arm(h)
	}
}

// payload takes the octets p from seq on, and cut more that were not captured.
func (t *Table) payload(c *Conn, from uint8, seq uint32, p []byte, cut uint32, o *origin) {
	if c.side[from].done != 0 {
		t.stats.AfterEnd++
		return
	}
	f := t.flowOf(c)
	if !c.knows(from, knowsBase) && !t.joins(c, from, seq, o) {
		t.hold(f, from, seq, p, cut, o)
		return
	}
	t.receive(&f.half[from], seq, p, cut, o)
}

// receive takes octets of a direction whose base is known. Those that are next go straight up: this is the ordered path.
func (t *Table) receive(h *half, seq uint32, p []byte, cut uint32, o *origin) {
	if seq != h.conn.next[h.side] || h.episode != nil || h.why != 0 {
		t.disorder(h, seq, p, cut, o)
		return
	}
	t.deliver(h, p, o)
	if cut > 0 {
		t.gap(h, uint64(cut), h.conn.at(h.side, o))
	}
}

func (t *Table) disorder(h *half, seq uint32, p []byte, cut uint32, o *origin) {
	t.dismiss(h, seq+uint32(len(p))+cut)
	next := h.conn.next[h.side]
	if before(seq, next) {
		old := min(next-seq, uint32(len(p)))
		t.repeated(h, seq, p[:old], o)
		p, seq = p[old:], seq+old
		old = min(next-seq, cut)
		cut, seq = cut-old, seq+old
	}
	switch {
	case len(p) == 0 && cut == 0:
	case before(seq+uint32(len(p))+cut, next): // begins ahead and ends behind: not of this half of the circle
		t.stats.Unplaced++
	case seq == next && h.episode == nil:
		t.deliver(h, p, o)
		t.gap(h, uint64(cut), h.conn.at(h.side, o))
	default:
		t.queue(h, seq, p, cut, o)
	}
	t.settle(h)
	t.restrain(h)
}

// restrain stops waiting for holes while the episode of h is larger, or has gone further, than it may.
func (t *Table) restrain(h *half) {
	for h.episode != nil && h.episode.exceeds(t.cfg.MaxBufferedConn) && !h.conn.is(markRejected) {
		t.stats.GivenUp++
		t.pass(h)
	}
}

// dismiss forgets a FIN or RST that was followed by octets behind it: its sender went on, so it was not the sender's.
func (t *Table) dismiss(h *half, end uint32) {
	switch h.why {
	case EndFIN, EndReset:
		if before(h.stop.seq, end) {
			if h.why == EndReset {
				t.stats.RefusedRST++
			}
			h.why, h.stop = 0, stop{}
		}
	}
}

// repeated takes octets that all precede the next expected one.
func (t *Table) repeated(h *half, seq uint32, p []byte, o *origin) {
	next := h.conn.next[h.side]
	switch {
	case len(p) == 0:
		return
	case len(p) == 1 && seq+1 == next:
		t.stats.KeepAlives++ // its octet is arbitrary
		return
	}
	t.stats.Retransmitted++
	if h.lost.n > 0 && before(h.lost.seq, seq+uint32(len(p))) && before(seq, h.lost.seq+h.lost.n) {
		t.stats.LateFills++
	}
	t.compareTail(h, seq, p, o)
}

// queue takes octets while some before them are missing, or that fill some of what is missing.
func (t *Table) queue(h *half, seq uint32, p []byte, cut uint32, o *origin) {
	c := h.conn
	if seq != c.next[h.side] {
		t.stats.OutOfOrder++
	}
	e := h.episode
	if e == nil {
		e = t.join(h)
	}
	t.fresh = e.fresh(t.fresh[:0], seq, p, o)
	for _, s := range t.fresh {
		part := p[s.seq-seq:][:s.n]
		if s.seq == c.next[h.side] {
			h.progress = t.clock.now
			t.deliver(h, part, o)
		} else {
			e.add(s.seq, part, o)
		}
	}
	if cut > 0 {
		e.lack(span{seq + uint32(len(p)), cut}, o)
	}
}

// deliver hands the next octets up.
func (t *Table) deliver(h *half, p []byte, o *origin) {
	c := h.conn
	if len(p) == 0 || !t.sink(c) {
		return
	}
	var at At
	c.locate(&at, h.side, o)
	t.history += h.history.add(c.next[h.side], p, t.cfg.HistoryBytes, t.cfg.MaxHistory-t.history, &t.rings)
	c.next[h.side] += uint32(len(p))
	h.offset += uint64(len(p))
	c.sink.Data(c.dir(h.side), at, p)
}

// gap names the next n octets as missing.
func (t *Table) gap(h *half, n uint64, at At) {
	c := h.conn
	if n == 0 || !t.sink(c) {
		return
	}
	h.history.forget()
	h.lost = span{c.next[h.side], uint32(n)}
	t.stats.Gaps++
	t.stats.GapBytes += n
	c.next[h.side] += uint32(n)
	h.offset += n
	c.sink.Gap(c.dir(h.side), at, n)
}

// sink sees to it that c has a Sink, and reports whether that wants more.
func (t *Table) sink(c *Conn) bool {
	if !c.is(markSink | markRejected) {
		c.marks |= markSink
		t.stats.Sinks++
		c.sink = t.handler.Open(c)
		if c.sink == nil {
			c.Reject()
		}
		for i := range c.side { // those that ended without an octet
			if h := &c.flow.half[i]; c.side[i].done != 0 && !c.is(markRejected) {
				c.sink.End(c.dir(uint8(i)), c.at(h.stop.from, &h.stop.origin), h.why)
			}
		}
	}
	return !c.is(markRejected)
}

// settle moves h on as far as what is queued allows, ends it if it got to its FIN or RST, and sees to its timer.
func (t *Table) settle(h *half) {
	c := h.conn
	for h.episode != nil && !c.is(markRejected) && t.advance(h) {
	}
	switch {
	case c.is(markRejected) || c.side[h.side].done != 0:
	case h.stopped():
		why, s := h.why, h.stop
		at := c.at(s.from, &s.origin)
		if why == EndPeerReset {
			t.tail(c, h.side, at)
		}
		t.end(c, h.side, why, at)
		if why == EndReset {
			t.resetPeer(c, s.from, &s.origin)
		}
	default:
		t.arm(h)
	}
}

// advance takes one step through the episode of h, if there is one to take.
func (t *Table) advance(h *half) bool {
	e, next := h.episode, h.conn.next[h.side]
	if len(e.queue) > 0 && e.queue[0].seq == next {
		e.release()
		return true
	}
	if m := e.missing(next); m != nil {
		n := m.seq + m.n - next
		if len(e.queue) > 0 {
			n = min(n, e.queue[0].seq-next)
		}
		t.gap(h, uint64(n), h.conn.at(h.side, &m.origin))
		return true
	}
	if !e.forget(next) {
		t.leave(h)
	}
	return false
}

func (h *half) stopped() bool {
	switch h.why {
	case 0:
		return false
	case EndPeerReset:
		return h.episode == nil && h.heldSize == 0
	}
	return h.conn.knows(h.side, knowsBase) && !before(h.conn.next[h.side], h.stop.seq)
}

// awaited is what h waits behind: the sequence number where the hole ends, when the first thing behind it arrived, and with which packet.
func (h *half) awaited() (end uint32, since int64, o *origin) {
	if e := h.episode; e != nil {
		return e.front()
	}
	if h.why == EndFIN || h.why == EndReset {
		return h.stop.seq, h.stop.arrived, &h.stop.origin
	}
	return 0, 0, nil
}

// arm sets the timer of h by what it waits for.
func (t *Table) arm(h *half) {
	c := h.conn
	if !c.knows(h.side, knowsBase) {
		if h.heldSize > 0 || h.why != 0 {
			t.wait(h, h.heldFrom+int64(t.cfg.GapTimeout))
		}
		return
	}
	end, since, o := h.awaited()
	if o == nil {
		t.rest(h)
		return
	}
	deadline, now := h.deadline, t.clock.now
	if next := c.next[h.side]; h.timer == 0 || h.hole != next { // another hole than before
		h.hole, h.acked = next, false
		now = max(since, h.progress)
		deadline = now + int64(t.cfg.GapTimeout)
	}
	if peer := h.side ^ 1; !h.acked && c.knows(peer, knowsAck) && !before(c.ack[peer], end) {
		h.acked = true
		deadline = min(deadline, now+int64(t.cfg.AckTimeout))
	}
	t.wait(h, deadline)
}

// giveUp stops waiting for what h waits for, and tidies up behind it.
func (t *Table) giveUp(h *half) {
	c := h.conn
	t.pass(h)
	t.restrain(h)
	t.tidy(c)
}

// pass names the hole before h as a gap and moves on behind it.
func (t *Table) pass(h *half) {
	c := h.conn
	if !c.knows(h.side, knowsBase) {
		t.begin(c.flow)
		return
	}
	end, _, o := h.awaited()
	if o == nil {
		t.rest(h)
		return
	}
	h.progress = math.MinInt64
	t.gap(h, uint64(end-c.next[h.side]), c.at(h.side, o))
	t.settle(h)
}

// flush delivers what is queued for a side, with the gaps in it named.
func (t *Table) flush(c *Conn, side uint8) {
	for c.flow != nil && c.flow.half[side].timer != 0 && c.side[side].done == 0 && !c.is(markRejected) {
		t.pass(&c.flow.half[side])
	}
}
