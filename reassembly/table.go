package reassembly

import (
	"math/rand/v2"
	"slices"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

// Table is the TCP connections of one partition. It is used from one goroutine; its Handler and Sinks are called
// on it and must not call the Table.
type Table struct {
	cfg       Config
	handler   Handler
	conns     slab
	index     index
	lists     [classes]ageList
	timeouts  [classes]timeouts
	clock     clock
	tick      uint32
	timers    timers
	jump      ClockJump // the first
	stats     Stats
	buffered  int
	history   int
	flows     int // flows in use
	evidences int // likewise
	rings     ringPool
	freeFlows []*flow // unused, for reuse
	scratch   []byte  // the first copy of a conflict, joined
	spans     []span

	assembler    *reassembly.Assembler // made for the first reorder queue
	opening      *reorderQueue         // the queue that the stream factory returns next
	queuesOpened uint64                // opened so far
	queuesOpen   int                   // streams that gopacket has now
	tcp          layers.TCP
}

// NewTable makes a Table that opens its connections to h.
func NewTable(cfg Config, h Handler) *Table {
	cfg = cfg.defaults()
	return &Table{cfg: cfg, timeouts: cfg.timeouts(), handler: h, index: index{seed: rand.Uint64()}}
}

// Stats is what was counted so far.
func (t *Table) Stats() Stats {
	s := t.stats
	s.Remembered = uint64(t.conns.live)
	s.Buffered, s.History = uint64(t.buffered), uint64(t.history)
	return s
}

// Segment takes the next captured segment, in capture order. Sinks are called before it returns; nothing of s is
// kept but copies.
func (t *Table) Segment(s *Segment) {
	t.Advance(s.At.Time)
	t.stats.Segments++
	from := s.From & 1
	syn := s.Flags&(SYN|RST) == SYN
	var o origin
	o.set(s)

	c, placed := t.findConn(s)
	if !placed {
		t.stats.Unplaced++
		return
	}
	if c != nil && syn && c.isReplacedBy(s) {
		t.replace(c, from, &o)
		c = nil
	}
	if c == nil {
		if s.Flags&RST != 0 {
			t.stats.Strays++
			return
		}
		c = t.addConn(s, &o)
	}
	if c.class == classRejected { // of which nothing is kept that could grow
		t.handle(c, from, s, &o)
		return
	}
	t.handle(c, from, s, &o)
	for t.buffered > t.cfg.MaxBuffered && len(t.timers) > 0 {
		t.stats.GivenUp++
		t.giveUp(t.timers[0])
	}
	t.KeepToBudget()
}

// handle handles a segment of a known connection.
func (t *Table) handle(c *Conn, from uint8, s *Segment, o *origin) {
	if step := o.time - c.last.time; step > clockPause || step < -clockJitter {
		t.noticeStep(c, s, step)
	}
	c.last.set(&o.stamp)
	c.files[1] = o.file
	if !c.is(flagCounted) && (s.Flags&(SYN|RST) == SYN || len(s.Payload) > 0 || s.Cut > 0) {
		c.flags |= flagCounted
		t.stats.Connections++
	}
	switch c.class {
	case classEnded:
		t.afterEnd(c, from, s, o)
		return
	case classRejected:
		t.stats.Dropped++
		t.handleRejected(c, from, s)
	default:
		c.packets++
		c.bytes += uint64(s.Wire)
		if c.is(flagSiblings | flagContested) {
			t.meetSiblings(c, s)
		}
		if c.is(flagResetPending) {
			if t.behindReset(c, from, s, o) {
				t.revoke(c)
			}
		} else {
			t.handleOpen(c, from, s, o)
		}
	}
	t.reclassify(c)
}

// handleOpen handles a segment of an open connection.
func (t *Table) handleOpen(c *Conn, from uint8, s *Segment, o *origin) {
	seq := s.Seq
	switch {
	case s.Flags&RST != 0:
		t.receiveRST(c, from, s, o)
		return
	case s.Flags&SYN != 0:
		t.synchronize(c, from, s)
		if seq++; seq != c.base(from) {
			t.stats.RefusedSYN++
			return
		}
	}
	if o.acks {
		t.acknowledge(c, from, s.Ack, o)
	}
	if c.evidence != nil || s.Window == 0 || len(s.Payload) <= 1 && seq+1 == c.next[from] {
		t.observe(c, from, s, o)
	}
	// No real segment is longer; a larger Cut comes from a wrong length field.
	cut := min(s.Cut, maxSegment)
	doubted := s.Raw != nil && s.Cut == 0 && !c.is(flagUnchecked0<<from) && t.doubts(c, from, seq, s, o)
	if (len(s.Payload) > 0 || cut > 0) && !doubted {
		t.payload(c, from, seq, s.Payload, cut, o)
		if c.evidence != nil && len(c.evidence.doubts) > 0 {
			t.settleDoubts(c, from)
		}
	}
	if s.Flags&FIN != 0 && !c.is(flagRejected) {
		t.receiveFIN(c, from, seq+uint32(len(s.Payload))+cut, o)
	}
}

const maxSegment = 1 << 20

// addConn adds a new connection, of which s is the first segment.
func (t *Table) addConn(s *Segment, o *origin) *Conn {
	siblings := t.evictSameEnds(&s.Key)
	if t.conns.live >= t.cfg.MaxConnections {
		t.evict()
	}
	c := t.conns.alloc()
	c.key, c.first, c.last, c.files[0], c.opener = s.Key, o.stamp, o.stamp, o.file, s.From&1
	if siblings {
		c.flags |= flagSiblings
	}
	t.index.insert(&c.key, c.self)
	t.lists[classEmbryonic].append(&t.conns, c, t.tick)
	c.class = classEmbryonic
	return c
}

// removeConn removes a connection. Its directions have ended or it was rejected.
func (t *Table) removeConn(c *Conn) {
	if c.class > classRejected && c.flow == nil {
		t.countUnseen(c)
	}
	t.tellBehind(c)
	t.freeOrdering(c)
	if c.is(flagRejected) {
		t.settleRejected(c)
	}
	if c.evidence != nil {
		t.evidences--
	}
	t.index.delete(&c.key, c.self)
	t.lists[c.class].remove(&t.conns, c)
	t.conns.free(c)
}

// freeOrdering frees the ordering state of c.
func (t *Table) freeOrdering(c *Conn) {
	f := c.flow
	if f == nil {
		return
	}
	if c.is(flagRejected) {
		c.packets, c.bytes = 0, 0
		t.countAbandoned(c)
	}
	if c.evidence != nil {
		t.dropDoubts(c, func(*doubt) bool { return true })
	}
	for i := range f.dirs {
		d := &f.dirs[i]
		t.closeQueue(d)
		t.history -= d.history.free(&t.rings)
	}
	t.freeHeld(f, 0)
	t.freeHeld(f, 1)
	c.flow, c.sink = nil, nil
	t.flows--
	if len(t.freeFlows) < maxFreeFlows {
		t.freeFlows = append(t.freeFlows, f)
	}
}

// reclassify moves c to the list of its class, after anything that may have changed the class.
func (t *Table) reclassify(c *Conn) {
	class := c.classify()
	if class == c.class && (class == classEnded || t.tick-c.touched <= t.timeouts[class].lag) {
		return
	}
	if class != c.class && class <= classRejected {
		if class == classRejected {
			t.stats.Rejected++
		}
		base := [2]uint32{c.base(0), c.base(1)}
		t.freeOrdering(c)
		c.ack = base
		if class == classEnded {
			if c.is(flagRejected) {
				t.settleRejected(c)
			}
			c.packets, c.bytes = 0, 0
		}
	}
	t.lists[c.class].remove(&t.conns, c)
	t.lists[class].append(&t.conns, c, t.tick)
	c.class = class
	if over := &t.lists[classEnded]; over.n > t.cfg.MaxEnded {
		t.removeConn(t.conns.at(over.oldest))
	}
}

// replace ends c, whose addresses and ports a new connection took with the packet o.
func (t *Table) replace(c *Conn, from uint8, o *origin) {
	if c.class > classRejected {
		if c.is(flagResetPending) {
			t.finishReset(c)
		} else {
			t.stats.Replaced++
		}
		t.endBoth(c, EndReplaced, o.packet())
	}
	t.removeConn(c)
}

// Close ends what is open, in order of Conn.Ordinal: the capture is over, and at was its last packet. What waits
// for missing octets is delivered with the Gap named. The Table is empty afterwards.
func (t *Table) Close(at At) {
	t.Advance(at.Time)
	var open []*Conn
	for i := range t.lists {
		for c := t.conns.at(t.lists[i].oldest); c != nil; c = t.conns.at(c.newer) {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *Conn) int {
		if a.first.ordinal < b.first.ordinal {
			return -1
		}
		return 1
	})
	for _, c := range open {
		if c.class > classRejected {
			t.endBoth(c, EndCaptureEnds, c.Last())
		}
		t.removeConn(c)
	}
}

// endBoth ends both directions of c for a reason that is not in its packets, after delivering what is queued.
func (t *Table) endBoth(c *Conn, why End, at At) {
	if c.is(flagResetPending) {
		t.finishReset(c)
	}
	for side := range uint8(2) {
		if c.hasDoubts(side) {
			t.believeDoubts(c, side)
		}
	}
	if f := c.flow; f != nil {
		t.beginAtLowest(f)
	}
	sides := [2]uint8{c.opener, c.opener ^ 1}
	for _, side := range sides {
		t.flush(c, side)
	}
	for _, side := range sides {
		t.reportTail(c, side, at)
		t.endDirection(c, side, why, at)
	}
}
