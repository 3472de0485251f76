package reassembly

import "time"

// clock is capture time in nanoseconds that never goes back, by which the Table waits and expires. It counts only
// time that was observed. Captures of several queues or interfaces are slightly out of order: small steps back
// are ignored. After a large step back the clock goes on from where it was. A very large step forward is not
// counted either: the clock was set, or nothing was captured for so long. Neither says that a connection is over.
type clock struct {
	now, shift int64
	running    bool
	untimed    bool // packets without a time came before any other
}

const (
	clockJitter = int64(time.Minute)      // steps back that are ignored
	clockPause  = int64(90 * time.Minute) // steps forward that count as time
	// longestSilence is a step forward beyond which one connection that goes on proves that the clock is not to
	// be relied on.
	longestSilence = int64(24 * time.Hour)
	maxTime        = 1 << 61 // keeps hostile times from overflowing
)

// NoTime is the time of a packet whose file holds none, as capture.NoTime.
const NoTime = -1 << 62

func (c *clock) advance(time int64) {
	if time == NoTime {
		c.untimed = !c.running
		return
	}
	time = min(max(time, -maxTime), maxTime)
	switch step := time + c.shift - c.now; {
	case !c.running && c.untimed: // no time passed for what came before
		c.shift, c.running = c.now-time, true
	case !c.running:
		c.now, c.running = time, true
	case step > clockPause, step < -clockJitter:
		c.shift = c.now - time
	case step > 0:
		c.now += step
	}
}

// ClockJump is a place in the capture where the clock was set while a connection went on.
type ClockJump struct {
	At     At    // the packet behind the jump; At.Ordinal is 0 if there was no jump
	Before int64 // the time of the connection's packet before it, nanoseconds since the Unix epoch
}

// ClockJump is the first place where the capture's clock jumped while a connection of the Table went on: back by
// more than a minute, or forward by more than 90 minutes while octets were under way, or by more than a day.
func (t *Table) ClockJump() ClockJump { return t.jump }

// maxJumps is how many clock jumps are remembered of a connection.
const maxJumps = 8

// noticeStep judges a step of the capture's clock between two packets of a connection.
func (t *Table) noticeStep(c *Conn, s *Segment, step int64) {
	if step > 0 && step <= longestSilence && !c.underWay(s) {
		return
	}
	e := t.evidenceOf(c) // times with and without a clock are compared no more than those across a jump
	if e.jumps < maxJumps {
		e.jumped[e.jumps] = s.At.Ordinal
		e.jumps++
	} else {
		e.manyJumps = true
	}
	if t.jump.At.Ordinal == 0 && s.At.Time != NoTime && c.last.time != NoTime {
		t.jump = ClockJump{At: s.At, Before: c.last.time}
		t.jump.At.Acked = -1
	}
}

// underWay reports whether s goes on with octets, or answers a SYN, for which TCP would not have waited long
// without sending again (RFC 9293 §3.8.3: connections are given up after minutes).
func (c *Conn) underWay(s *Segment) bool {
	if c.class <= classRejected {
		return false
	}
	from := s.From & 1
	peer := from ^ 1
	if s.Flags&ACK == 0 || !c.knows(peer, baseKnown) {
		return false
	}
	acked := c.base(peer)
	if c.knows(from, ackSeen) {
		acked = c.ack[from]
	}
	return before(acked, c.next[peer]) && before(acked, s.Ack)
}

// Elapsed is the time from a to b, two packets of the connection, in nanoseconds. It is not known if the clock
// jumped between them, or if b is earlier than a by the clock: then two clocks made the capture.
func (c *Conn) Elapsed(a, b At) (ns int64, known bool) {
	if c.JumpedBetween(a, b) || b.Time < a.Time {
		return 0, false
	}
	return b.Time - a.Time, true
}

// JumpedBetween reports whether the capture's clock jumped between two packets of the connection.
func (c *Conn) JumpedBetween(a, b At) bool {
	e := c.evidence
	if e == nil || e.jumps == 0 {
		return false
	}
	from, to := min(a.Ordinal, b.Ordinal), max(a.Ordinal, b.Ordinal)
	for _, at := range e.jumped[:e.jumps] {
		if from < at && at <= to {
			return true
		}
	}
	return e.manyJumps && to > e.jumped[maxJumps-1]
}
