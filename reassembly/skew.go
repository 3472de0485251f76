package reassembly

import "time"

// Two clocks: a capture that was merged of those of two hosts has the packets of one side later than those of the
// other. What proves it is order that TCP does not allow: a SYN behind its answer, and octets that were acknowledged
// before they were captured.

const (
	// skewLeast is the least difference that counts, nanoseconds: queues of one capture differ by less.
	skewLeast = int64(time.Millisecond)
	// aheadKept is how many acknowledgements are remembered of octets that were not captured yet.
	aheadKept = 8
)

// ahead is the acknowledgements of octets of a sender that were not captured yet, and what became of them.
type ahead struct {
	acks     [aheadKept]ackedAt // the oldest first
	n        int
	octets   uint64 // that came later than their acknowledgement
	segments int
	late     int64 // by how much at most, nanoseconds
	first    origin
}

// ackedAt is an acknowledgement and when it was captured.
type ackedAt struct {
	ack  uint32
	time int64
}

// isAhead reports whether an acknowledgement by a side tells of octets that were not captured yet. ack is one that
// the side has not sent before.
func (c *Conn) isAhead(from uint8, ack uint32, o *origin) bool {
	peer := from ^ 1
	if c.knows(peer, baseKnown) {
		return !c.closed(peer) && before(c.next[peer], ack)
	}
	return !c.knows(peer, synSeen|ackSeen) && o.time-c.first.time > skewLeast
}

// noteAhead remembers an acknowledgement of octets of a side that were not captured yet.
func (t *Table) noteAhead(c *Conn, side uint8, ack uint32, o *origin) {
	a := &t.evidenceOf(c).sides[side].ahead
	if a.n < aheadKept && o.time != NoTime {
		a.acks[a.n] = ackedAt{ack, o.time}
		a.n++
	}
}

// arrived looks whether n octets of a side, up to end, were acknowledged before.
func (a *ahead) arrived(end uint32, n int, o *origin) {
	old := 0
	for old < a.n && before(a.acks[old].ack, end) {
		old++
	}
	if old > 0 {
		a.n = copy(a.acks[:], a.acks[old:a.n])
	}
	if a.n == 0 || o.time == NoTime {
		return
	}
	if late := o.time - a.acks[0].time; late >= skewLeast && late <= longestSilence {
		a.count(late, n, o)
	}
}

func (a *ahead) count(late int64, n int, o *origin) {
	if a.segments == 0 {
		a.first = *o
	}
	a.segments++
	a.octets += uint64(n)
	a.late = max(a.late, late)
}

// Skew is a difference of two clocks that captured the two directions of a connection.
type Skew struct {
	At   At    // the first packet that shows it
	Late int64 // by how much the packets of Dir come too late at least, nanoseconds
	Dir  Dir
	SYN  bool // a SYN was captured later than its answer; otherwise octets later than their acknowledgements
}

// Skew tells whether the two directions of the connection were captured with two clocks.
func (c *Conn) Skew() (s Skew, known bool) {
	e := c.evidence
	switch {
	case e == nil:
		return s, false
	case e.skew != 0:
		return Skew{At: e.skewed.packet(), Late: e.skew, Dir: c.dir(e.skewedSide), SYN: true}, true
	}
	if c.is(flagSiblings) {
		return s, false // packets of another connection may have been taken for its own
	}
	for side := range uint8(2) {
		// A retransmission may come behind an acknowledgement, too, where the first copy was not captured.
		a := &e.sides[side].ahead
		if c.flow != nil && a.segments >= 2 && a.octets*2 > c.flow.dirs[side].offset {
			return Skew{At: a.first.packet(), Late: a.late, Dir: c.dir(side)}, true
		}
	}
	return s, false
}

// noticeSkew judges a SYN that comes behind its answer.
func (t *Table) noticeSkew(c *Conn, from uint8, s *Segment) {
	late := s.At.Time - c.first.time
	if late < skewLeast || late > longestSilence || c.knows(from, synSeen) {
		return
	}
	var o origin
	o.set(s)
	switch peer := from ^ 1; {
	case s.Flags&ACK == 0 && c.knows(peer, synSeen):
		e := t.evidenceOf(c)
		e.skew, e.skewed, e.skewedSide = late, o, from
	case s.Flags&ACK != 0 && c.knows(peer, ackSeen) && !before(c.ack[peer], s.Seq+1):
		t.evidenceOf(c).sides[from].ahead.count(0, 1, &o)
	}
}
