package reassembly

import (
	"container/heap"
	"time"
)

// class says in which list a connection waits to be forgotten. At Config.MaxConnections the first class that has any gives up its oldest.
type class uint8

const (
	ended     class = iota // both directions have ended
	rejected               // Conn.Reject
	embryonic              // no payload yet
	plain
	kept     // Conn.Keep
	keptLast // Conn.KeepLast
	classes
)

func (c *Conn) belongs() class {
	switch {
	case c.over():
		return ended
	case c.is(markRejected):
		return rejected
	case c.flow == nil:
		return embryonic
	case c.is(markKeptLast):
		return keptLast
	case c.is(markKept):
		return kept
	}
	return plain
}

// ageList holds the connections of one class, linked through the slab in the order of their last packet; ended ones in the order of their end.
// A connection moves at most once per tick, or less often (see ages), so the order is about that of ticks.
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

// clock is capture time that never goes back, in nanoseconds. Captures are slightly out of order where several queues or
// interfaces were recorded: those steps back are ignored. After a larger one, a clock that was set, time goes on from where it was.
type clock struct {
	now, shift int64
	running    bool
}

const (
	stepBack  = int64(time.Minute)
	clockEdge = 1 << 61 // keeps hostile times from overflowing
)

func (c *clock) advance(time int64) {
	time = min(max(time, -clockEdge), clockEdge) + c.shift
	switch back := c.now - time; {
	case !c.running || back < 0:
		c.now, c.running = time, true
	case back > stepBack && c.shift < clockEdge:
		c.shift += back
	}
}

// tickBits makes a tick of 2^30 ns, a little more than a second.
const tickBits = 30

// Advance tells the capture's clock, in nanoseconds since the Unix epoch: holes that were waited for long enough become gaps, idle
// connections end. Segments bring their own time along; Advance is for when none come. A clock that goes back expires nothing.
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

// ages says in ticks when the connections of a class are forgotten, and how far the place of one in its list may lag behind its
// last packet: moving it for each would touch two others that are in nobody's cache.
type ages struct{ limit, lag uint32 }

func (c *Config) ages() (all [classes]ages) {
	for i := range all {
		limit := c.IdleTimeout
		switch class(i) {
		case ended:
			limit = lingerTime
		case embryonic:
			limit = c.EmbryonicTimeout
		case kept, keptLast:
			limit = c.KeptTimeout
		}
		ticks := uint32(min(int64(limit)>>tickBits+1, 1<<30))
		all[i] = ages{limit: ticks, lag: min(ticks/64, 16)}
	}
	return all
}

// expire forgets the connections that were silent for too long.
func (t *Table) expire() {
	for i := range t.lists {
		for {
			c := t.conns.at(t.lists[i].oldest)
			if c == nil || t.tick-c.touched <= t.ages[i].limit+t.ages[i].lag {
				break
			}
			if c.class > rejected {
				t.stats.Expired++
				t.conclude(c, EndTimeout, c.Last())
			}
			t.drop(c)
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
		if c.class > rejected {
			t.stats.Evicted++
			t.conclude(c, EndEvicted, c.Last())
		}
		t.drop(c)
		return
	}
}

// timers orders the directions that wait for missing octets by when they stop waiting.
type timers []*half

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
	q[i].timer, q[j].timer = i+1, j+1
}

func (q *timers) Push(h any) {
	*q = append(*q, h.(*half))
	(*q)[len(*q)-1].timer = len(*q)
	h.(*half).conn.marks |= markWaits << h.(*half).side
}

func (q *timers) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	(*q)[last], h.timer, *q = nil, 0, (*q)[:last]
	h.conn.marks &^= markWaits << h.side
	return h
}

// wait sets the timer of h, which waits for something.
func (t *Table) wait(h *half, deadline int64) {
	switch {
	case h.timer == 0:
		h.deadline = deadline
		heap.Push(&t.timers, h)
	case h.deadline != deadline:
		h.deadline = deadline
		heap.Fix(&t.timers, h.timer-1)
	}
}

// rest takes the timer of h back.
func (t *Table) rest(h *half) {
	if h.timer != 0 {
		heap.Remove(&t.timers, h.timer-1)
	}
}
