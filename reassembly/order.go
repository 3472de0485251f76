package reassembly

import "math"

// flow is the ordering state of a connection. It exists from the first payload octet (or a FIN that has to wait)
// to the end.
type flow struct {
	dirs   [2]direction  // by side
	held   []heldSegment // in the order of their capture
	closed counted       // when the last FIN came; here seven lines of cache end
}

// direction is one direction: where its stream is, and what waits ahead of that.
type direction struct {
	// octets in order need only these fields: one cache line
	conn      *Conn
	offset    uint64 // stream offset of the next expected octet
	reorder   *reorderQueue
	history   history
	side      uint8
	ends      End    // why the direction will end at pendingEnd; 0: no end is pending
	largest   uint16 // payload octets of the largest segment
	holeAcked bool   // the deadline already takes into account that the receiver has the missing octets

	pendingEnd   pendingEnd
	lastGap      span   // the last gap that was named
	hole         uint32 // the sequence number waited for
	doubtEnd     uint32 // the end of the hole that doubted is about
	timer        int32  // position in Table.timers plus one, 0 while nothing is waited for
	heldBytes    int32  // how many octets are held
	deadline     int64  // of the timer
	lastProgress int64  // when octets last arrived in order, of those that were missing
	waitsSince   int64  // when the first held octets, or a FIN, arrived
	peerMisses   bool   // the receiver has said that it misses the hole, too
	largestAcked uint16 // payload octets of the largest segment before that which was acknowledged
	largestEnd   uint32 // where the first segment of that size ends
	doubted      bool   // a hole was reported though peerMisses: see Conn.Confirmed
	cut          uint64 // octets beyond the snap length: see Conn.Cut; here three cache lines end
}

// pendingEnd is a FIN or RST that waits until the stream reaches it.
type pendingEnd struct {
	seq      uint32 // behind the last octet; has no meaning for EndPeerReset, which waits until nothing is queued
	from     uint8  // the side that sent the packet
	believed bool   // a FIN: nothing more is waited for that proves it
	origin
	arrived int64
}

// span is n octets from seq on.
type span struct{ seq, n uint32 }

// plausibleDistance is how far apart two sequence numbers of one connection may be when nothing better is known,
// for example for a SYN that was captured late.
const plausibleDistance = 1 << 20

// before reports whether a precedes b in the circle of sequence numbers (RFC 9293 §3.4).
func before(a, b uint32) bool { return int32(a-b) < 0 }

// maxFreeFlows bounds how many unused flows are kept for reuse.
const maxFreeFlows = 256

func (t *Table) flowOf(c *Conn) *flow {
	if c.flow != nil {
		return c.flow
	}
	var f *flow
	if n := len(t.freeFlows); n > 0 {
		f, t.freeFlows = t.freeFlows[n-1], t.freeFlows[:n-1]
		*f = flow{}
	} else {
		f = new(flow)
	}
	f.dirs[1].side = 1
	f.dirs[0].conn, f.dirs[1].conn = c, c
	c.flow = f
	t.flows++
	return f
}

// acknowledge notes that a side has received everything before ack.
func (t *Table) acknowledge(c *Conn, from uint8, ack uint32, o *origin) {
	if !c.knows(from, ackSeen) || before(c.ack[from], ack) {
		if c.isAhead(from, ack, o) {
			t.noteAhead(c, from^1, ack, o)
		}
		c.ack[from] = ack
		c.sender[from].known |= ackSeen
	}
	peer := from ^ 1
	if c.evidence != nil && len(c.evidence.doubts) > 0 {
		t.acknowledgeDoubts(c, peer, ack)
	}
	if !c.knows(peer, baseKnown) {
		if !c.knows(peer, lowestAckKnown) || before(ack, c.next[peer]) {
			c.next[peer] = ack
			c.sender[peer].known |= lowestAckKnown
		}
		return
	}
	if !c.hasTimer(peer) {
		return
	}
	d := &c.flow.dirs[peer]
	if d.finPlaced() {
		t.acknowledgeFIN(d, ack)
		return
	}
	end, _, ahead := d.holeEnd()
	if ahead != nil && !d.holeAcked && ack-c.next[peer] < end-c.next[peer] {
		// The receiver misses some of it, too: the network lost that, not the capture.
		d.peerMisses = true
		t.startTimer(d, t.clock.now+int64(t.cfg.LossTimeout))
	} else {
		t.updateTimer(d)
	}
}

// payload takes the octets p from seq on, and cut more that were not captured.
func (t *Table) payload(c *Conn, from uint8, seq uint32, p []byte, cut uint32, o *origin) {
	if c.sender[from].ended != 0 {
		t.stats.AfterEnd++
		t.countBehind(c, from, seq, uint32(len(p))+cut, o)
		return
	}
	f := t.flowOf(c)
	if !c.knows(from, baseKnown) && !t.learnBaseFromAck(c, from, seq, o) {
		t.holdSegment(f, from, seq, p, cut, o)
		return
	}
	t.receive(&f.dirs[from], seq, p, cut, o)
}

// receive takes octets of a direction whose base is known. Those that are next go straight up: this is the
// ordered path.
func (t *Table) receive(d *direction, seq uint32, p []byte, cut uint32, o *origin) {
	if seq != d.conn.next[d.side] || d.reorder != nil || d.ends != 0 {
		t.receiveOutOfOrder(d, seq, p, cut, o)
		return
	}
	t.deliver(d, p, o)
	if cut > 0 {
		t.reportCut(d, uint64(cut), d.conn.at(d.side, o))
	}
}

func (t *Table) receiveOutOfOrder(d *direction, seq uint32, p []byte, cut uint32, o *origin) {
	if d.finPlaced() && seq == d.pendingEnd.seq+1 { // its sender counts the FIN
		t.believeFIN(d.conn, d.side)
		t.payload(d.conn, d.side, seq, p, cut, o)
		return
	}
	t.dismissPendingEnd(d, seq+uint32(len(p))+cut)
	next := d.conn.next[d.side]
	if before(seq, next) {
		old := min(next-seq, uint32(len(p)))
		t.retransmitted(d, seq, p[:old], o)
		p, seq = p[old:], seq+old
		old = min(next-seq, cut)
		cut, seq = cut-old, seq+old
	}
	switch {
	case len(p) == 0 && cut == 0:
	case before(seq+uint32(len(p))+cut, next): // begins ahead and ends before: more than 2^31 away
		t.stats.Unplaced++
	case seq == next && d.reorder == nil:
		t.deliver(d, p, o)
		t.reportCut(d, uint64(cut), d.conn.at(d.side, o))
	default:
		t.enqueue(d, seq, p, cut, o)
	}
	t.drain(d)
	t.enforceLimits(d)
}

// enforceLimits gives up holes while the reorder queue of d is over its limits.
func (t *Table) enforceLimits(d *direction) {
	for d.reorder != nil && d.reorder.overLimit(t.cfg.MaxBufferedConn) && !d.conn.is(flagRejected) {
		t.stats.GivenUp++
		t.skipHole(d)
	}
}

// dismissPendingEnd drops a FIN or RST when octets behind it arrive: its sender went on, so it was not sent by it.
func (t *Table) dismissPendingEnd(d *direction, end uint32) {
	switch d.ends {
	case EndFIN, EndReset:
		if before(d.pendingEnd.seq, end) {
			if d.ends == EndReset {
				t.stats.RefusedRST++
			} else if d.finPlaced() {
				t.revokeFIN(d)
			}
			d.ends, d.pendingEnd = 0, pendingEnd{}
		}
	}
}

// retransmitted handles octets that all precede the next expected one.
func (t *Table) retransmitted(d *direction, seq uint32, p []byte, o *origin) {
	next := d.conn.next[d.side]
	switch {
	case len(p) == 0:
		return
	case len(p) == 1 && seq+1 == next:
		return // a keep-alive, whose octet is arbitrary: see observe
	}
	t.stats.Retransmitted++
	if d.lastGap.n > 0 && before(d.lastGap.seq, seq+uint32(len(p))) && before(seq, d.lastGap.seq+d.lastGap.n) {
		t.stats.LateFills++
	}
	t.noteResent(d, seq, len(p), o)
	t.compareHistory(d, seq, p, o)
}

// enqueue handles octets that are ahead of a hole, or that fill a part of it.
func (t *Table) enqueue(d *direction, seq uint32, p []byte, cut uint32, o *origin) {
	c := d.conn
	if seq != c.next[d.side] {
		t.stats.OutOfOrder++
	}
	q := d.reorder
	if q == nil {
		q = t.openQueue(d)
	}
	t.spans = q.notQueued(t.spans[:0], seq, p, o)
	for _, s := range t.spans {
		part := p[s.seq-seq:][:s.n]
		if s.seq == c.next[d.side] {
			d.lastProgress = t.clock.now
			t.deliver(d, part, o)
		} else {
			q.add(s.seq, part, o)
		}
	}
	if cut > 0 {
		q.addUncaptured(span{seq + uint32(len(p)), cut}, o)
	}
}

// deliver gives the next octets to the Sink.
func (t *Table) deliver(d *direction, p []byte, o *origin) {
	c := d.conn
	if len(p) == 0 || !t.openSink(c) {
		return
	}
	if len(p) > int(d.largest) {
		d.grow(len(p), c.next[d.side]+uint32(len(p)))
	}
	var at At
	c.locate(&at, d.side, o)
	t.stats.Octets += uint64(len(p))
	limit := t.cfg.HistoryBytes
	if c.is(flagKept|flagKeptLast) && t.history < t.cfg.MaxHistory/4 {
		limit = t.cfg.KeptHistoryBytes
	}
	t.history += d.history.add(c.next[d.side], p, limit, t.cfg.MaxHistory-t.history, &t.rings)
	c.next[d.side] += uint32(len(p))
	d.offset += uint64(len(p))
	c.sink.Data(c.dir(d.side), at, p)
}

// reportGap tells the Sink that the next n octets are missing.
func (t *Table) reportGap(d *direction, n uint64, at At) {
	c := d.conn
	if n == 0 || !t.openSink(c) {
		return
	}
	d.history.forget()
	d.lastGap = span{c.next[d.side], uint32(n)}
	t.stats.Gaps++
	t.stats.GapBytes += n
	t.stats.Missing += n
	c.next[d.side] += uint32(n)
	d.offset += n
	c.sink.Gap(c.dir(d.side), at, n)
}

// reportCut is reportGap for octets that were on the wire, but beyond the snap length.
func (t *Table) reportCut(d *direction, n uint64, at At) {
	missing, next := t.stats.Missing, d.conn.next[d.side]
	d.cut += n
	t.reportGap(d, n, at)
	t.stats.Missing = missing
	t.stats.CutOctets += n
	if d.conn.next[d.side] == next { // nobody wants it any more: it is not missing all the same
		d.conn.next[d.side] += uint32(n)
		d.offset += n
	}
}

// openSink makes the Sink of c if it has none, and reports whether the Sink wants more octets.
func (t *Table) openSink(c *Conn) bool {
	if !c.is(flagSinkOpened | flagRejected) {
		c.flags |= flagSinkOpened
		t.stats.Sinks++
		c.sink = t.handler.Open(c)
		if c.sink == nil {
			c.Reject()
		}
		for i := range c.sender { // directions that ended without an octet
			if d := &c.flow.dirs[i]; c.sender[i].ended != 0 && !c.is(flagRejected) {
				c.sink.End(c.dir(uint8(i)), c.at(d.pendingEnd.from, &d.pendingEnd.origin), d.ends)
			}
		}
	}
	return !c.is(flagRejected)
}

// drain delivers what is queued and in order, ends d if it has reached its FIN or RST, and updates its timer.
func (t *Table) drain(d *direction) {
	c := d.conn
	for d.reorder != nil && !c.is(flagRejected) && t.drainStep(d) {
	}
	switch {
	case c.is(flagRejected) || c.sender[d.side].ended != 0:
		t.stopTimer(d) // one that is due would be due for ever: a pending RST may have ended d meanwhile
	case d.atPendingEnd():
		why, s := d.ends, d.pendingEnd
		at := c.at(s.from, &s.origin)
		if why == EndPeerReset {
			t.reportTail(c, d.side, at)
		}
		if why == EndFIN {
			t.endByFIN(d, at)
			return
		}
		t.endDirection(c, d.side, why, at)
		if why == EndReset {
			t.resetPeer(c, s.from, &s.origin)
		}
	default:
		t.updateTimer(d)
	}
}

// drainStep delivers one run of octets or one gap of the reorder queue, and reports whether there was one.
func (t *Table) drainStep(d *direction) bool {
	q, next := d.reorder, d.conn.next[d.side]
	if len(q.segments) > 0 && q.segments[0].seq == next {
		q.deliverFirst()
		return true
	}
	if m := q.uncapturedAt(next); m != nil {
		n := m.seq + m.n - next
		if len(q.segments) > 0 {
			n = min(n, q.segments[0].seq-next)
		}
		t.reportCut(d, uint64(n), d.conn.at(d.side, &m.origin))
		return true
	}
	if !q.discardBefore(next) {
		t.closeQueue(d)
	}
	return false
}

func (d *direction) atPendingEnd() bool {
	switch d.ends {
	case 0:
		return false
	case EndPeerReset:
		return d.reorder == nil && d.heldBytes == 0
	}
	c := d.conn
	if !c.knows(d.side, baseKnown) || before(c.next[d.side], d.pendingEnd.seq) {
		return false
	}
	return d.ends != EndFIN || d.finProven()
}

// holeEnd describes the hole that d waits for: the sequence number where it ends, and when and with which packet the
// first thing behind it arrived. The packet is nil if d waits for nothing.
func (d *direction) holeEnd() (end uint32, since int64, o *origin) {
	if q := d.reorder; q != nil {
		return q.firstAhead()
	}
	if d.ends == EndFIN || d.ends == EndReset {
		return d.pendingEnd.seq, d.pendingEnd.arrived, &d.pendingEnd.origin
	}
	return 0, 0, nil
}

// updateTimer sets the timer of d for what it waits for.
func (t *Table) updateTimer(d *direction) {
	c := d.conn
	if !c.knows(d.side, baseKnown) {
		if d.heldBytes > 0 || d.ends != 0 {
			t.startTimer(d, d.waitsSince+int64(t.cfg.GapTimeout))
		}
		return
	}
	end, since, o := d.holeEnd()
	if o == nil {
		if !c.hasDoubts(d.side) {
			t.stopTimer(d)
		}
		return
	}
	if d.finPlaced() {
		t.startTimer(d, d.pendingEnd.arrived+int64(t.cfg.GapTimeout))
		return
	}
	deadline, now := d.deadline, t.clock.now
	if next := c.next[d.side]; d.timer == 0 || d.hole != next { // a new hole
		d.hole, d.holeAcked, d.peerMisses = next, false, false
		now = max(since, d.lastProgress)
		deadline = now + int64(t.cfg.GapTimeout)
	}
	if peer := d.side ^ 1; !d.holeAcked && c.knows(peer, ackSeen) && !before(c.ack[peer], end) {
		d.holeAcked = true
		deadline = min(deadline, now+int64(t.cfg.AckTimeout))
	}
	t.startTimer(d, deadline)
}

// giveUp stops waiting for what d waits for, because its time is over or a limit was reached.
func (t *Table) giveUp(d *direction) {
	c := d.conn
	t.skipHole(d)
	t.enforceLimits(d)
	t.reclassify(c)
}

// skipHole reports the hole in front of d as a gap and goes on behind it.
func (t *Table) skipHole(d *direction) {
	c := d.conn
	switch {
	case c.is(flagResetPending):
		t.finishReset(c)
		return
	case c.sender[d.side].ended != 0: // meanwhile: what it waited for does not matter any more
		t.stopTimer(d)
		return
	case !c.knows(d.side, baseKnown):
		t.beginAtLowest(c.flow)
		return
	case c.hasDoubts(d.side):
		t.believeDoubts(c, d.side)
		t.drain(d)
		return
	case d.finPlaced():
		t.believeFIN(c, d.side)
		return
	}
	end, _, o := d.holeEnd()
	if o == nil {
		t.stopTimer(d)
		return
	}
	d.lastProgress = math.MinInt64
	if !t.believes(d, end) {
		t.discardAhead(d)
		return
	}
	if d.peerMisses && !d.holeAcked {
		d.doubted, d.doubtEnd = true, end
	}
	t.reportGap(d, uint64(end-c.next[d.side]), c.at(d.side, o))
	t.drain(d)
}

// believes reports whether what lies behind the hole that ends at end belongs to the stream. A large hole is
// believed if the receiver has acknowledged it; without any acknowledgements, if more than one segment lies
// behind it.
func (t *Table) believes(d *direction, end uint32) bool {
	c, peer := d.conn, d.side^1
	switch {
	case end-c.next[d.side] <= plausibleDistance:
		return true
	case c.knows(peer, ackSeen):
		return !before(c.ack[peer], end)
	}
	return d.reorder != nil && len(d.reorder.segments) > 1
}

// discardAhead drops what lies behind a hole: it does not belong to the stream.
func (t *Table) discardAhead(d *direction) {
	t.stats.Unplaced++
	if q := d.reorder; q != nil {
		t.stats.Unplaced += uint64(max(len(q.segments)+len(q.uncaptured)-1, 0))
		t.closeQueue(d)
	}
	if d.ends == EndFIN || d.ends == EndReset {
		d.ends, d.pendingEnd = 0, pendingEnd{}
	}
	t.drain(d)
}

// Confirmed reports whether the receiver of d may have taken the octets that are being delivered. It has not if
// they lie behind a hole and all its acknowledgements so far say that it misses the hole, too: what it made of
// the stream ends there.
func (c *Conn) Confirmed(d Dir) bool {
	side := uint8(d) ^ c.opener
	return c.flow == nil || !c.flow.dirs[side].doubted || !before(c.ack[side^1], c.flow.dirs[side].doubtEnd)
}

// flush delivers everything that is queued for a side, and reports the gaps in it.
func (t *Table) flush(c *Conn, side uint8) {
	for c.flow != nil && c.flow.dirs[side].timer != 0 && c.sender[side].ended == 0 && !c.is(flagRejected) {
		t.skipHole(&c.flow.dirs[side])
	}
}
