package reassembly

// A RST that its receiver would accept ends a connection, but not at once: a forged one may never have reached
// it. The RST waits for Config.GapTimeout, and the segments behind it with it. If the one in whose name it was
// sent goes on in sequence and the other acknowledges that, the RST is revoked and nothing was lost. If this
// happens only after the connection has ended, the segments begin a new one. Octets that came behind an end and
// were not read are counted: Behind.

const (
	// maxBehind bounds the segments behind a pending RST, and maxBehindOctets the memory they take.
	maxBehind       = 1024
	maxBehindOctets = 1 << 20
	// keptBehind and keptBehindOctets are the same once the RST has taken effect.
	keptBehind       = 8
	keptBehindOctets = 4 << 10
)

// pendingReset is a RST, and the segments that came behind it.
type pendingReset struct {
	from     uint8
	origin   origin
	next     [2]uint32 // Conn.next when it came
	segments []behindSegment
	octets   int     // their memory
	went     [2]bool // the side goes on behind the RST
	answers  bool    // the receiver sends octets behind it
}

// behindSegment is a copy of a segment that came behind a RST.
type behindSegment struct {
	Segment
	origin origin
}

// Behind is octets that were captured behind the end of their direction and not read.
type Behind struct {
	End    At     // the packet that ended the connection
	Reset  bool   // it was a RST, otherwise a FIN
	First  At     // the first packet that carried such octets
	Octets uint64 // both directions together, without what was sent again
}

// BehindHandler is a Handler that wants to know of octets behind an end. Behind is called once for a connection,
// when it is forgotten; its Sink has got its last End before.
type BehindHandler interface {
	Behind(c *Conn, b Behind)
}

// suspend lets a RST wait that its receiver would accept.
func (t *Table) suspend(c *Conn, from uint8, o *origin) {
	t.flush(c, from)
	t.believeFIN(c, from^1)
	if c.flow == nil && c.knows(0, synSeen) && c.knows(1, synSeen) && c.confirmed(c.opener^1) {
		t.flowOf(c) // it is open, and nothing was said yet
	}
	if c.flow == nil || c.is(flagRejected) || c.sender[0].ended != 0 || c.sender[1].ended != 0 {
		t.tellRefused(c, from, o)
		t.resetNow(c, from, o)
		return
	}
	e := t.evidenceOf(c)
	e.reset = &pendingReset{from: from, origin: *o, next: c.next}
	c.flags |= flagResetPending
	t.startTimer(&c.flow.dirs[from], t.clock.now+int64(t.cfg.GapTimeout))
	if sink, wants := c.sink.(ResetSink); wants {
		sink.Reset(c.dir(from), c.at(from, o))
	}
}

// tellRefused tells the Handler that the RST answers the SYN of the other side.
func (t *Table) tellRefused(c *Conn, from uint8, o *origin) {
	if c.flow != nil || !c.is(flagOpenerKnown) || from == c.opener || c.sender[from].ended != 0 ||
		c.knows(from, synSeen) || !c.knows(c.opener, synSeen) {
		return
	}
	if h, wants := t.handler.(RefusedHandler); wants {
		h.Refused(c, c.at(from, o))
	}
}

// behindReset keeps a segment that came behind a RST, pending or not, and reports whether the RST was wrong: both
// sides go on.
func (t *Table) behindReset(c *Conn, from uint8, s *Segment, o *origin) (revoked bool) {
	r := c.evidence.reset
	if s.Flags&(RST|SYN) != 0 {
		return false
	}
	size, segments, octets := 256+len(s.Payload), maxBehind, maxBehindOctets
	if c.class == classEnded {
		segments, octets = keptBehind, keptBehindOctets
	}
	if len(r.segments) < segments && r.octets+size <= octets {
		b := behindSegment{Segment: *s, origin: *o}
		b.Payload, b.Raw = append([]byte(nil), s.Payload...), nil
		r.segments = append(r.segments, b)
		r.octets += size
		if c.class != classEnded {
			t.buffered += size
		}
	}
	end := s.Seq + uint32(len(s.Payload)) + min(s.Cut, maxSegment)
	// In sequence: no hole between the RST and what follows it.
	inSequence := before(r.next[from], end) && !before(r.next[from], s.Seq)
	if from == r.from {
		if inSequence {
			r.went[from] = true
		}
		if peer := from ^ 1; r.answers && s.Flags&ACK != 0 && before(r.next[peer], s.Ack) && s.Ack-r.next[peer] <= nearDistance {
			return true // it acknowledges what came behind the RST
		}
		return r.went[0] && r.went[1]
	}
	r.answers = r.answers || inSequence
	if s.Flags&ACK != 0 && before(r.next[r.from], s.Ack) && s.Ack-r.next[r.from] <= nearDistance {
		r.went[from] = r.went[r.from] // it acknowledges what came behind the RST
	}
	return r.went[0] && r.went[1] && len(r.segments) > 0
}

// revoke forgets a pending RST and handles the segments that came behind it.
func (t *Table) revoke(c *Conn) {
	e := c.evidence
	r := e.reset
	c.flags &^= flagResetPending
	e.reset = nil
	e.revoked, e.revokedFIN = r.origin, false
	e.revocations++
	t.stats.RevokedRST++
	t.buffered -= r.octets
	t.stopTimer(&c.flow.dirs[r.from])
	for i := range r.segments {
		b := &r.segments[i]
		if c.is(flagRejected) || c.bothEnded() {
			break
		}
		t.handleOpen(c, b.From&1, &b.Segment, &b.origin)
	}
}

// finishReset lets the pending RST take effect.
func (t *Table) finishReset(c *Conn) {
	e := c.evidence
	r := e.reset
	c.flags &^= flagResetPending
	t.stopTimer(&c.flow.dirs[r.from])
	t.buffered -= r.octets
	e.behind.End, e.behind.Reset = r.origin.packet(), true
	t.resetNow(c, r.from, &r.origin)
	for i := range r.segments {
		b := &r.segments[i]
		if n := uint32(len(b.Payload)) + min(b.Cut, maxSegment); n > 0 && !c.is(flagRejected) {
			// It may fill a hole that the other direction waits for; otherwise it is counted.
			t.payload(c, b.From&1, b.Seq, b.Payload, n-uint32(len(b.Payload)), &b.origin)
		}
	}
	r.trim()
}

// trim keeps little of what came behind a RST that has taken effect.
func (r *pendingReset) trim() {
	octets := 0
	for i := range r.segments {
		octets += len(r.segments[i].Payload)
		if i >= keptBehind || octets > keptBehindOctets {
			r.segments = append([]behindSegment(nil), r.segments[:i]...)
			break
		}
	}
	r.octets = 0
}

// afterEnd handles a segment of a connection that has ended.
func (t *Table) afterEnd(c *Conn, from uint8, s *Segment, o *origin) {
	n := uint32(len(s.Payload)) + min(s.Cut, maxSegment)
	if n > 0 {
		t.stats.AfterEnd++
	}
	if c.is(flagRejected) || s.Flags&(RST|SYN) != 0 {
		return
	}
	e := c.evidence
	switch {
	case e != nil && e.reset != nil:
		if t.behindReset(c, from, s, o) {
			t.reopen(c)
			return
		}
	case n > 0 && !c.is(flagSinkOpened) && c.sender[from].ended == EndReset && c.knows(from, baseKnown) && s.Seq == c.next[from]:
		// Its sender goes on behind a RST, and nobody was told of the end.
		c.sender[0].ended, c.sender[1].ended = 0, 0
		c.sender[0].known &^= ackSeen
		c.sender[1].known &^= ackSeen
		t.stats.RevokedRST++
		t.evidenceOf(c).revocations++
		t.reclassify(c)
		t.handle(c, from, s, o)
		return
	}
	if n > 0 {
		t.countBehind(c, from, s.Seq, n, o)
	}
}

// reopen begins a new connection where both sides of c go on behind an end that its Sink was told.
func (t *Table) reopen(c *Conn) {
	r := c.evidence.reset
	c.evidence.reset = nil
	c.evidence.behind = Behind{} // it is read now
	t.stats.RevokedRST++
	c.flags |= flagSiblings
	var s Segment
	s.Key, s.From = c.key, c.opener
	fresh := t.addConn(&s, &r.segments[0].origin)
	fresh.next = r.next
	for side := range fresh.sender {
		fresh.sender[side].known |= baseKnown
	}
	e := t.evidenceOf(fresh)
	e.revoked, e.revocations = r.origin, 1
	for i := range r.segments {
		b := &r.segments[i]
		t.handle(fresh, b.From&1, &b.Segment, &b.origin)
	}
}

// countBehind counts octets behind the end of their direction.
func (t *Table) countBehind(c *Conn, from uint8, seq, n uint32, o *origin) {
	e := t.evidenceOf(c)
	if !e.behindFrom[from].known {
		e.behindFrom[from].seq, e.behindFrom[from].known = c.next[from], true
		if c.sender[from].ended == EndFIN && (seq != c.next[from] || n == 1) {
			e.behindFrom[from].seq++ // the FIN
		}
		if e.behind.End.Ordinal == 0 && c.flow != nil {
			e.behind.End = c.flow.dirs[from].pendingEnd.packet()
		}
	}
	at := &e.behindFrom[from].seq
	fresh := seq + n - *at
	if fresh == 0 || fresh > nearDistance { // sent again
		return
	}
	*at = seq + n
	b := &e.behind
	if b.Octets == 0 {
		b.First = o.packet()
	}
	b.Octets += uint64(min(fresh, n))
}

// tellBehind tells the Handler of octets behind the end of c, which is about to be forgotten.
func (t *Table) tellBehind(c *Conn) {
	if c.evidence == nil || c.evidence.behind.Octets == 0 || c.is(flagRejected) {
		return
	}
	t.stats.BehindEnd += c.evidence.behind.Octets
	if h, wants := t.handler.(BehindHandler); wants && c.is(flagSinkOpened) {
		h.Behind(c, c.evidence.behind)
	}
}

// Revoked is the last RST or FIN of the connection that did not end it, because its sender went on in sequence behind
// it (RFC 5961 §1: a forged RST), and how many there were.
func (c *Conn) Revoked() (last At, fin bool, count int) {
	if c.evidence == nil {
		return At{}, false, 0
	}
	return c.evidence.revoked.packet(), c.evidence.revokedFIN, c.evidence.revocations
}
