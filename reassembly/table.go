package reassembly

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

// Config bounds a Table. The zero value stands for the defaults; Share divides it among partitions.
type Config struct {
	// MaxConnections is how many connections are remembered at once, open or not; 0 means 1,048,576. Each takes about 200 octets,
	// and about 450 more from its first payload octet to its end, MaxHistory not counted.
	MaxConnections int
	// MaxEnded is how many of them may be over: each is remembered for a minute, so that late and repeated packets do not open
	// it again, or until so many others have ended. 0 means 16,384.
	MaxEnded int
	// MaxBuffered bounds the memory of segments that wait for earlier ones, over all connections, in octets; 0 means 128 MiB.
	// A queued segment counts for at least 2 KiB, the page gopacket takes for it.
	MaxBuffered int
	// MaxBufferedConn is the same for one direction of one connection; 0 means 4 MiB.
	MaxBufferedConn int
	// HistoryBytes is how many octets of each direction are kept after delivery, to compare retransmissions with; rounded up to a power of two.
	// 0 means 4 KiB.
	HistoryBytes int
	// MaxHistory bounds that memory over all connections; 0 means 64 MiB. Directions that come too late are not compared.
	MaxHistory int
	// GapTimeout is how long, in capture time, a missing octet is waited for once something behind it was captured; 0 means 2 s.
	// It is also how long the first octets of a connection without a SYN are held, should the SYN or earlier octets still come.
	GapTimeout time.Duration
	// AckTimeout is the same once the receiver has acknowledged the missing octets, so that they will not be sent again
	// and only a capture that reorders packets can still bring them; 0 means 200 ms.
	AckTimeout time.Duration
	// LossTimeout is the same once the receiver has said that it misses them, or some of them, too: those will be sent again.
	// 0 means 1 minute, which a retransmission may take (RFC 6298 §2.5).
	LossTimeout time.Duration
	// IdleTimeout is after how long without packets a connection that carried payload is dropped; 0 means 1 hour.
	// Like the next ones it is kept to about a second, and long ones to a 64th of it or to 16 seconds, whichever is less.
	IdleTimeout time.Duration
	// KeptTimeout is the same for a connection that Keep or KeepLast was called for; 0 means 24 hours.
	KeptTimeout time.Duration
	// EmbryonicTimeout is the same before the first payload octet; 0 means 5 minutes.
	EmbryonicTimeout time.Duration
}

// lingerTime is how long an ended connection is remembered at most (RFC 9293 §3.3.2, TIME-WAIT).
const lingerTime = time.Minute

// Share is one of n equal parts of c, with the defaults filled in: what one of n partitions gets. Times and limits of one
// connection are not divided.
func (c Config) Share(n int) Config {
	part := func(limit, otherwise int) int {
		if limit <= 0 {
			limit = otherwise
		}
		return (limit + n - 1) / n
	}
	c = c.defaults()
	c.MaxConnections = part(c.MaxConnections, 0)
	c.MaxEnded = part(c.MaxEnded, 0)
	c.MaxBuffered = part(c.MaxBuffered, 0)
	c.MaxHistory = part(c.MaxHistory, 0)
	return c
}

// LetIdle makes d the time after which any silent connection is dropped, before its first payload octet the default if that is less.
func (c *Config) LetIdle(d time.Duration) {
	c.IdleTimeout, c.KeptTimeout = d, d
	c.EmbryonicTimeout = min(d, Config{}.defaults().EmbryonicTimeout)
}

func (c Config) defaults() Config {
	fill(&c.MaxConnections, 1<<20)
	fill(&c.MaxEnded, 1<<14)
	fill(&c.MaxBuffered, 128<<20)
	fill(&c.MaxBufferedConn, 4<<20)
	fill(&c.HistoryBytes, 4<<10)
	fill(&c.MaxHistory, 64<<20)
	fill(&c.GapTimeout, 2*time.Second)
	fill(&c.AckTimeout, 200*time.Millisecond)
	fill(&c.LossTimeout, time.Minute)
	fill(&c.IdleTimeout, time.Hour)
	fill(&c.KeptTimeout, 24*time.Hour)
	fill(&c.EmbryonicTimeout, 5*time.Minute)
	return c
}

func fill[T int | time.Duration](limit *T, otherwise T) {
	if *limit <= 0 {
		*limit = otherwise
	}
}

// Stats counts what a Table met, in segments where no unit is given.
type Stats struct {
	Segments      uint64
	Connections   uint64 // connections of which a SYN or payload was captured
	Remembered    uint64 // connections in the table now, ended ones included
	Sinks         uint64 // connections that were opened to the Handler
	Rejected      uint64 // connections
	Evicted       uint64 // connections dropped because MaxConnections was reached
	Expired       uint64 // open connections dropped for being idle
	Replaced      uint64 // open connections whose addresses and ports a new one took
	Dropped       uint64 // segments of rejected connections
	AfterEnd      uint64 // with something to say after their direction had ended
	Retransmitted uint64
	KeepAlives    uint64 // RFC 9293 §3.8.4
	OutOfOrder    uint64
	Unplaced      uint64 // neither before nor behind what is expected, 2^31 octets away
	Gaps          uint64
	GapBytes      uint64 // octets
	LateFills     uint64 // brought octets of a gap after it was named
	GivenUp       uint64 // gaps named early because MaxBuffered or MaxBufferedConn was reached
	Conflicts     uint64 // retransmissions that differ from the first copy
	Uncompared    uint64 // retransmissions of queued octets that found no room to be kept for comparison
	RefusedRST    uint64 // whose sequence number their receiver would not take
	RefusedSYN    uint64 // inside the window of an open connection
	Strays        uint64 // RST of no known connection
	Buffered      uint64 // memory of the queued segments now, octets
	History       uint64 // memory of the kept tails now, octets
}

// Add adds o to s, field by field.
func (s *Stats) Add(o Stats) {
	s.Segments += o.Segments
	s.Connections += o.Connections
	s.Remembered += o.Remembered
	s.Sinks += o.Sinks
	s.Rejected += o.Rejected
	s.Evicted += o.Evicted
	s.Expired += o.Expired
	s.Replaced += o.Replaced
	s.Dropped += o.Dropped
	s.AfterEnd += o.AfterEnd
	s.Retransmitted += o.Retransmitted
	s.KeepAlives += o.KeepAlives
	s.OutOfOrder += o.OutOfOrder
	s.Unplaced += o.Unplaced
	s.Gaps += o.Gaps
	s.GapBytes += o.GapBytes
	s.LateFills += o.LateFills
	s.GivenUp += o.GivenUp
	s.Conflicts += o.Conflicts
	s.Uncompared += o.Uncompared
	s.RefusedRST += o.RefusedRST
	s.RefusedSYN += o.RefusedSYN
	s.Strays += o.Strays
	s.Buffered += o.Buffered
	s.History += o.History
}

// Table is the TCP connections of one partition. It is used from one goroutine; its Handler and Sinks are called on it and
// must not call the Table.
type Table struct {
	cfg      Config
	handler  Handler
	conns    slab
	index    index
	lists    [classes]ageList
	ages     [classes]ages
	clock    clock
	tick     uint32
	timers   timers
	stats    Stats
	buffered int
	history  int
	rings    rings
	flows    []*flow // given up, to be used again
	scratch  []byte  // the first copy of a conflict, where the ring has it in two parts
	fresh    []span

	assembler *reassembly.Assembler // made for the first episode
	joining   *episode              // the one its StreamFactory is asked for
	episodes  uint64                // begun
	streams   int                   // that gopacket has
	tcp       layers.TCP
}

// NewTable makes a Table that opens its connections to h.
func NewTable(cfg Config, h Handler) *Table {
	cfg = cfg.defaults()
	return &Table{cfg: cfg, ages: cfg.ages(), handler: h, index: index{seed: rand.Uint64()}}
}

// Stats is what was counted so far.
func (t *Table) Stats() Stats {
	s := t.stats
	s.Remembered = uint64(t.conns.live)
	s.Buffered, s.History = uint64(t.buffered), uint64(t.history)
	return s
}

// Segment takes the next captured segment, in capture order. Sinks are called before it returns; nothing of s is kept but copies.
func (t *Table) Segment(s *Segment) {
	t.Advance(s.At.Time)
	t.stats.Segments++
	from := s.From & 1
	syn := s.Flags&(SYN|RST) == SYN
	var o origin
	o.set(s)

	c := t.conns.at(t.index.find(&s.Key, &t.conns))
	if c != nil && syn && c.succeededBy(s) {
		t.replace(c, from, &o)
		c = nil
	}
	if c == nil {
		if s.Flags&RST != 0 {
			t.stats.Strays++
			return
		}
		c = t.open(s, &o)
	}
	c.packets++
	c.bytes += uint64(s.Wire)
	c.last.set(&o.stamp)
	if !c.is(markCounted) && (syn || len(s.Payload) > 0 || s.Cut > 0) {
		c.marks |= markCounted
		t.stats.Connections++
	}
	switch c.class {
	case ended:
		if len(s.Payload) > 0 || s.Cut > 0 {
			t.stats.AfterEnd++
		}
		return
	case rejected:
		t.stats.Dropped++
		t.forgetful(c, from, s.Flags)
	default:
		t.speak(c, from, s, &o)
	}
	t.tidy(c)
	for t.buffered > t.cfg.MaxBuffered && len(t.timers) > 0 {
		t.stats.GivenUp++
		t.giveUp(t.timers[0])
	}
}

// speak takes a segment of an open connection in the order of RFC 9293 §3.10.7.4, except that a RST comes last: what
// came with it was sent before it.
func (t *Table) speak(c *Conn, from uint8, s *Segment, o *origin) {
	seq := s.Seq
	switch {
	case s.Flags&RST != 0:
		t.reset(c, from, s, o)
		return
	case s.Flags&SYN != 0:
		t.synchronize(c, from, s)
		if seq++; seq != c.base(from) {
			t.stats.RefusedSYN++
			return
		}
	}
	if o.acks {
		t.acknowledge(c, from, s.Ack)
	}
	// No segment is longer than a jumbogram in use; a Cut beyond that is a lie in a length field.
	cut := min(s.Cut, longest)
	if len(s.Payload) > 0 || cut > 0 {
		t.payload(c, from, seq, s.Payload, cut, o)
	}
	if s.Flags&FIN != 0 && !c.is(markRejected) {
		t.finish(c, from, seq+uint32(len(s.Payload))+cut, o)
	}
}

const longest = 1 << 20

// forgetful watches a rejected connection for its end, without looking at sequence numbers, which it no longer counts.
func (t *Table) forgetful(c *Conn, from, flags uint8) {
	if flags&FIN != 0 {
		c.side[from].done = EndFIN
	}
	if flags&RST != 0 {
		c.side[from].done, c.side[from^1].done = EndReset, EndPeerReset
	}
}

// open remembers a new connection, which s begins.
func (t *Table) open(s *Segment, o *origin) *Conn {
	if t.conns.live >= t.cfg.MaxConnections {
		t.evict()
	}
	c := t.conns.take()
	c.key, c.first, c.opener = s.Key, o.stamp, s.From&1
	t.index.insert(&c.key, c.self)
	t.lists[embryonic].append(&t.conns, c, t.tick)
	c.class = embryonic
	return c
}

// drop forgets a connection. Its directions have ended or it was rejected.
func (t *Table) drop(c *Conn) {
	t.release(c)
	t.index.delete(&c.key, &t.conns)
	t.lists[c.class].remove(&t.conns, c)
	t.conns.give(c)
}

// release frees the ordering state of c, keeping the base of each side, by which its SYN is known again.
func (t *Table) release(c *Conn) {
	f := c.flow
	if f == nil {
		return
	}
	for i := range f.half {
		h := &f.half[i]
		c.next[i] -= uint32(h.offset)
		t.leave(h)
		t.history -= h.history.free(&t.rings)
	}
	t.unhold(f, 0)
	t.unhold(f, 1)
	c.flow, c.sink = nil, nil
	if len(t.flows) < flowsKept {
		t.flows = append(t.flows, f)
	}
}

// tidy moves c to the list where it now belongs, after anything that may have changed it.
func (t *Table) tidy(c *Conn) {
	class := c.belongs()
	if class == c.class && (class == ended || t.tick-c.touched <= t.ages[class].lag) {
		return
	}
	if class != c.class && class <= rejected {
		if class == rejected {
			t.stats.Rejected++
		}
		t.release(c)
	}
	t.lists[c.class].remove(&t.conns, c)
	t.lists[class].append(&t.conns, c, t.tick)
	c.class = class
	if over := &t.lists[ended]; over.n > t.cfg.MaxEnded {
		t.drop(t.conns.at(over.oldest))
	}
}

// replace ends c, whose addresses and ports a new connection took with the packet o.
func (t *Table) replace(c *Conn, from uint8, o *origin) {
	if c.class > rejected {
		t.stats.Replaced++
		t.conclude(c, EndReplaced, o.stamp.at())
	}
	t.drop(c)
}

// Close ends what is open, in order of Conn.Ordinal: the capture is over, and at was its last packet. What waits for missing octets is
// delivered with the Gap named. The Table is empty afterwards.
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
		if c.class > rejected {
			t.conclude(c, EndCaptureEnds, c.Last())
		}
		t.drop(c)
	}
}

// conclude ends both directions of c for a reason outside of it, after delivering what can be.
func (t *Table) conclude(c *Conn, why End, at At) {
	if f := c.flow; f != nil {
		t.begin(f)
	}
	sides := [2]uint8{c.opener, c.opener ^ 1}
	for _, side := range sides {
		t.flush(c, side)
	}
	for _, side := range sides {
		t.tail(c, side, at)
		t.end(c, side, why, at)
	}
}
