package reassembly

import (
	"container/heap"
)

// class is the list a connection is in. At Config.MaxConnections the oldest connection of the first list that has any
// is removed.
type class uint8

const (
	classEnded     class = iota // both directions have ended
	classRejected               // Conn.Reject
	classEmbryonic              // no payload yet
	classOpen
	classKept     // Conn.Keep
	classKeptLast // Conn.KeepLast
	classes
)

func (c *Conn) classify() class {
	switch {
	case c.bothEnded():
		return classEnded
	case c.is(flagRejected):
		return classRejected
	case c.flow == nil:
		return classEmbryonic
	case c.is(flagKeptLast):
		return classKeptLast
	case c.is(flagKept):
		return classKept
	}
	return classOpen
}

// ageList holds the connections of one class, linked through the slab in the order of their last packet; ended
// ones in the order of their end. A connection moves at most once per tick, or less often (see timeouts), so the
// order is about that of ticks.
type ageList struct {
	oldest, newest uint32
	n              int
}

func (l *ageList) append(conns *slab, c *Conn, tick uint32) {
	l.n++
	c.touched, c.older, c.newer = tick, l.newest, 0
	if last := conns.at(l.newest); last != nil {
		last.newer = c.self
	} else {
		l.oldest = c.self
	}
	l.newest = c.self
}

func (l *ageList) remove(conns *slab, c *Conn) {
	l.n--
	if older := conns.at(c.older); older != nil {
		older.newer = c.newer
	} else {
		l.oldest = c.newer
	}
	if newer := conns.at(c.newer); newer != nil {
		newer.older = c.older
	} else {
		l.newest = c.older
	}
}

// tickBits makes a tick of 2^30 ns, a little more than a second.
const tickBits = 30

// Advance tells the capture's clock, in nanoseconds since the Unix epoch: holes that were waited for long enough
// become gaps, idle connections end. Segments bring their own time along; Advance is for when none come. A clock
// that goes back expires nothing.
func (t *Table) Advance(now int64) {
	t.clock.advance(now)
	for len(t.timers) > 0 && t.timers[0].deadline <= t.clock.now {
		t.giveUp(t.timers[0])
	}
	if tick := uint32(t.clock.now >> tickBits); tick != t.tick {
		t.tick = tick
		t.expire()
	}
}

// timeouts says, in ticks, after how long the connections of a class are removed, and how far the place of one in
// its list may lag behind its last packet: to move it for every packet would touch two other connections that are
// not in the cache.
type timeouts struct{ limit, lag uint32 }

func (c *Config) timeouts() (all [classes]timeouts) {
	for i := range all {
		limit := c.IdleTimeout
		switch class(i) {
		case classEnded:
			limit = lingerTime
		case classEmbryonic:
			limit = c.EmbryonicTimeout
		case classKept, classKeptLast:
			limit = c.KeptTimeout
		}
		ticks := uint32(min(int64(limit)>>tickBits+1, 1<<30))
		all[i] = timeouts{limit: ticks, lag: min(ticks/64, 16)}
	}
	return all
}

// expire removes the connections that were silent for too long.
func (t *Table) expire() {
	for i := range t.lists {
		for {
			c := t.conns.at(t.lists[i].oldest)
			if c == nil || t.tick-c.touched <= t.timeouts[i].limit+t.timeouts[i].lag {
				break
			}
			if c.class > classRejected {
				t.stats.Expired++
				t.endBoth(c, EndTimeout, c.Last())
			}
			t.removeConn(c)
		}
	}
}

// evict makes room for one connection.
func (t *Table) evict() {
	for i := range t.lists {
		c := t.conns.at(t.lists[i].oldest)
		if c == nil {
			continue
		}
		t.evictConn(c)
		return
	}
}

func (t *Table) evictConn(c *Conn) {
	if c.class > classRejected {
		t.stats.Evicted++
		t.endBoth(c, EndEvicted, c.Last())
	}
	t.removeConn(c)
}

// timers orders the directions that wait for missing octets by when they stop waiting.
type timers []*direction

func (q timers) Len() int { return len(q) }

func (q timers) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case a.deadline != b.deadline:
		return a.deadline < b.deadline
	case a.conn != b.conn:
		return a.conn.first.ordinal < b.conn.first.ordinal
	}
	return a.side < b.side
}

func (q timers) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].timer, q[j].timer = int32(i+1), int32(j+1)
}

func (q *timers) Push(h any) {
	*q = append(*q, h.(*direction))
	(*q)[len(*q)-1].timer = int32(len(*q))
	h.(*direction).conn.flags |= flagTimer0 << h.(*direction).side
}

func (q *timers) Pop() any {
	last := len(*q) - 1
	d := (*q)[last]
	(*q)[last], d.timer, *q = nil, 0, (*q)[:last]
	d.conn.flags &^= flagTimer0 << d.side
	return d
}

// startTimer sets the timer of d.
func (t *Table) startTimer(d *direction, deadline int64) {
	switch {
	case d.timer == 0:
		d.deadline = deadline
		heap.Push(&t.timers, d)
	case d.deadline != deadline:
		d.deadline = deadline
		heap.Fix(&t.timers, int(d.timer)-1)
	}
}

// stopTimer removes the timer of d.
func (t *Table) stopTimer(d *direction) {
	if d.timer != 0 {
		heap.Remove(&t.timers, int(d.timer)-1)
	}
}
