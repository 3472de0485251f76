package reassembly

// evidence is what is known of a connection on which something unusual happened. Most connections have none, so
// that it costs octets in order nothing.
type evidence struct {
	// The direction of joinedSide was captured in another tunnel than Key.Tunnel.
	joined       bool
	joinedSide   uint8
	joinedTunnel uint64
	jumps        uint8
	manyJumps    bool
	jumped       [maxJumps]uint64 // the ordinals of the first packets behind clock jumps
	skew         int64            // how late the SYN of skewed was, nanoseconds
	skewed       origin
	skewedSide   uint8
	contested    origin          // the SYN of another connection with the same ends: flagContested
	sides        [2]sideEvidence // by side
	reset        *pendingReset   // a RST that has not taken effect yet, or what came behind one that has
	doubts       []doubt         // in the order of capture
	behind       Behind
	behindFrom   [2]struct { // by side: where octets behind the end begin
		seq   uint32
		known bool
	}
	revoked     origin // the last RST or FIN that was revoked
	revokedFIN  bool   // it was a FIN
	revocations int
}

// sideEvidence is what one sender did.
type sideEvidence struct {
	resent  resent
	damaged damaged
	probes  probes // of this sender
	stall   stall  // of this sender as a receiver
	longest stall
	ahead   ahead    // octets of this sender that were acknowledged before they were captured
	refused struct { // RSTs of this sender that its peer would not have accepted
		first origin
		count int
	}
}

// evidenceOf is the evidence of c, made at the first call.
func (t *Table) evidenceOf(c *Conn) *evidence {
	if c.evidence == nil {
		t.evidences++
		c.evidence = new(evidence)
	}
	return c.evidence
}

// resent is octets that were sent again before they were acknowledged.
type resent struct {
	seq, n      uint32
	first, last origin // the packets that repeated them
	count       int
	heard       bool // the other side sent something behind first
}

// noteResent notes that a segment was sent again.
func (t *Table) noteResent(d *direction, seq uint32, n int, o *origin) {
	c, peer := d.conn, d.side^1
	if !c.knows(peer, ackSeen) || before(seq, c.ack[peer]) {
		return
	}
	r := &t.evidenceOf(c).sides[d.side].resent
	switch {
	case r.count > 0 && r.seq == seq:
		r.count++
		r.last = *o
		r.n = max(r.n, uint32(n))
	case r.count == 0, before(r.seq, c.ack[peer]), before(seq, r.seq): // the old ones were acknowledged, or come later
		*r = resent{seq: seq, n: uint32(n), first: *o, last: *o, count: 1}
	}
}

// Unacknowledged is octets of a direction that were sent again and never acknowledged.
type Unacknowledged struct {
	Offset       uint64 // of the first of them in the stream
	Octets       uint64 // octets from there on that were captured and not acknowledged
	First, Last  At     // the first and the last packet that repeated the first of them
	Count        int    // how often they were repeated
	Size         int    // payload octets of the segment that was repeated
	Acknowledged int    // payload octets of the largest segment of the direction that was acknowledged, 0 if none was
	Heard        bool   // the receiver still sent something behind First
}

// Unacknowledged tells of octets of d that were sent again and, as far as was captured until now, never
// acknowledged (RFC 9293 §3.8.1). known is false if there are none, and if no acknowledgement of the receiver was
// captured. If larger segments than Acknowledged are lost each time, the path loses large packets (path MTU, RFC
// 4821).
func (c *Conn) Unacknowledged(d Dir) (u Unacknowledged, known bool) {
	side := uint8(d) ^ c.opener
	peer := side ^ 1
	if c.evidence == nil || c.flow == nil || !c.knows(peer, ackSeen) {
		return u, false
	}
	r, dir := &c.evidence.sides[side].resent, &c.flow.dirs[side]
	if r.count == 0 || before(r.seq, c.ack[peer]) {
		return u, false
	}
	u.Offset = dir.offset - uint64(c.next[side]-r.seq)
	u.Octets = uint64(c.next[side] - r.seq)
	u.First, u.Last, u.Count, u.Size = c.at(side, &r.first), c.at(side, &r.last), r.count, int(r.n)
	u.Heard = r.heard
	u.Acknowledged = int(dir.largestAcked)
	if dir.largest > 0 && !before(c.ack[peer], dir.largestEnd) {
		u.Acknowledged = int(dir.largest)
	}
	return u, true
}

// grow notes that a segment is larger than all before, n octets that end at end.
func (d *direction) grow(n int, end uint32) {
	c, peer := d.conn, d.side^1
	if d.largest > 0 && c.knows(peer, ackSeen) && !before(c.ack[peer], d.largestEnd) {
		d.largestAcked = d.largest
	}
	d.largest, d.largestEnd = uint16(min(n, 1<<16-1)), end
}

// probes is keep-alive probes (RFC 9293 §3.8.4) since the peer was last heard.
type probes struct {
	first, last origin
	count       int
}

// Probes is keep-alive or window probes that were not answered.
type Probes struct {
	First, Last At
	Count       int
}

// UnansweredProbes tells of the probes that the sender of d sent since its peer was last heard. known is false if
// there are none, and if no packet of the peer was captured at all.
func (c *Conn) UnansweredProbes(d Dir) (p Probes, known bool) {
	side := uint8(d) ^ c.opener
	if c.evidence == nil || !c.knows(side^1, synSeen|ackSeen) {
		return p, false
	}
	q := &c.evidence.sides[side].probes
	if q.count == 0 {
		return p, false
	}
	return Probes{First: q.first.packet(), Last: q.last.packet(), Count: q.count}, true
}

// stall is a time in which a receiver said that its window is 0.
type stall struct {
	since, until origin
	open         bool // until is the last packet that said so, not the first that said otherwise
	waiting      bool // its peer had something to send
	packets      int  // that said so
}

// Stall is a time in which a receiver took nothing: its window was 0 (RFC 9293 §3.8.6.1).
type Stall struct {
	Since   At   // the first packet that said so
	Until   At   // the first packet that said otherwise; if Open, the last packet that said so
	Open    bool // the window stayed 0 as far as was captured
	Waiting bool // the peer had octets to send: it probed the window, or octets were not acknowledged
	Packets int  // how many packets said so
}

// Stalled is the longest time in which the receiver of d said that its window is 0, by the clock of the capture.
// known is false if it never did.
func (c *Conn) Stalled(d Dir) (s Stall, known bool) {
	if c.evidence == nil {
		return s, false
	}
	side := uint8(d) ^ c.opener ^ 1
	e := &c.evidence.sides[side]
	longest := &e.longest
	if e.stall.packets > 0 && (longest.packets == 0 || e.stall.length() >= longest.length()) {
		longest = &e.stall
	}
	if longest.packets == 0 {
		return s, false
	}
	s = Stall{Since: longest.since.packet(), Until: longest.until.packet(), Open: longest.open, Packets: longest.packets}
	s.Waiting = longest.waiting
	return s, true
}

func (s *stall) length() int64 { return s.until.time - s.since.time }

// observe notes the unusual in a segment of an open connection: a window of 0, probes, and the end of either. It
// is called for each segment of a connection that has evidence, and for others if there is something to note.
func (t *Table) observe(c *Conn, from uint8, s *Segment, o *origin) {
	e := t.evidenceOf(c)
	own, peer := &e.sides[from], &e.sides[from^1]
	peer.probes = probes{}
	peer.resent.heard = peer.resent.count > 0
	seq := s.Seq
	if n := len(s.Payload); n > 0 && own.ahead.n > 0 && (!c.knows(from, baseKnown) || !before(seq, c.next[from])) {
		own.ahead.arrived(seq+uint32(n), n, o)
	}
	probe := s.Flags&(SYN|FIN) == 0 && len(s.Payload)+int(s.Cut) <= 1 && c.knows(from, baseKnown) && seq+1 == c.next[from]
	if probe {
		t.stats.KeepAlives++
		if own.probes.count == 0 {
			own.probes.first = *o
		}
		own.probes.last = *o
		own.probes.count++
	}
	if peer.stall.open && (probe || len(s.Payload) > 0) {
		peer.stall.waiting = true
	}
	switch {
	case s.Window == 0:
		if !own.stall.open {
			own.stall = stall{since: *o, open: true, waiting: c.knows(from^1, baseKnown) && before(s.Ack, c.next[from^1])}
		}
		own.stall.until = *o
		own.stall.packets++
	case own.stall.open:
		own.stall.until, own.stall.open = *o, false
		if own.longest.packets == 0 || own.stall.length() > own.longest.length() {
			own.longest = own.stall
		}
		own.stall = stall{}
	}
}

// RefusedResets tells how many RSTs in the name of the sender of d its peer would not have accepted (RFC 5961
// §3.2), and which was the first.
func (c *Conn) RefusedResets(d Dir) (first At, count int) {
	if c.evidence == nil {
		return At{}, 0
	}
	r := &c.evidence.sides[uint8(d)^c.opener].refused
	return r.first.packet(), r.count
}

// noteRefused notes a RST that its receiver would refuse.
func (t *Table) noteRefused(c *Conn, from uint8, o *origin) {
	t.stats.RefusedRST++
	r := &t.evidenceOf(c).sides[from].refused
	if r.count == 0 {
		r.first = *o
	}
	r.count++
}
