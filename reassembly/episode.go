package reassembly

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

// episode is a time of disorder in one direction: from the first segment that arrives ahead of its turn until nothing is queued. The
// queued octets are in a stream of gopacket's assembler; which packet carried which of them is here.
type episode struct {
	table *Table
	half  *half
	flow  [2]gopacket.Flow // made up, one for each direction, different for every episode
	base  uint32           // what gopacket is told as 0
	queue []queued         // by sequence number, without overlap; each is a page of gopacket's
	due   []queued         // taken off the queue, about to come out of gopacket
	again []again          // by arrival
	cuts  []cut            // by arrival
	size  int              // memory all this counts for
	over  bool             // nothing more is delivered
}

// queued tells where the octets of a page come from.
type queued struct {
	span
	origin
	arrived int64
}

// again is a later copy of queued octets, kept until the first copy comes out to be compared with.
type again struct {
	seq uint32
	p   []byte
	origin
}

// cut is octets that a packet carried, but that were not captured. Another copy of them is welcome as long as it comes in time.
type cut struct {
	span
	origin
	arrived int64
}

func (s span) end() uint32 { return s.seq + s.n }

const (
	// pageSize is how many octets a page of gopacket's holds. No segment is fed that would need two: its CaptureInfo panics in the second.
	pageSize = 1900
	// pageMemory is what a queued segment counts for.
	pageMemory = 2 << 10
	// reach is how far behind its beginning an episode takes octets to be next. Together with the 2^31 that octets may be
	// ahead of that it keeps gopacket's sequence numbers below 3/4 of their range, where its Difference does not see a wrap.
	reach = 1 << 29
)

// context is the same for all packets: gopacket's own flushing by time is not used.
type context struct{}

func (context) GetCaptureInfo() gopacket.CaptureInfo { return gopacket.CaptureInfo{} }

// join begins an episode for h.
func (t *Table) join(h *half) *episode {
	if t.assembler == nil {
		t.assembler = reassembly.NewAssembler(reassembly.NewStreamPool(factory{t}))
	}
	t.episodes++
	t.streams++
	name := binary.BigEndian.AppendUint64(nil, t.episodes)
	e := &episode{table: t, half: h, base: h.conn.next[h.side] - 1}
	e.flow[0] = gopacket.NewFlow(gopacket.EndpointInvalid, name, nil)
	e.flow[1] = e.flow[0].Reverse()
	h.episode, h.progress = e, t.clock.now
	t.joining = e
	e.feed(0, layers.TCP{SYN: true})
	return e
}

// leave ends what h waits for. Octets that are still queued are lost.
func (t *Table) leave(h *half) {
	t.rest(h)
	e := h.episode
	if e == nil {
		return
	}
	// gopacket gives back only the first page of a stream that is closed with several, so none is left to it.
	for e.over = true; len(e.queue) > 0; {
		e.take()
	}
	// A RST closes only its own direction. The other has nothing to place one by before its SYN.
	e.feed(0, layers.TCP{RST: true, Seq: 1})
	e.feed(1, layers.TCP{RST: true, SYN: true})
	t.buffered -= e.size
	h.episode = nil
}

// feed gives gopacket a segment.
func (e *episode) feed(direction int, s layers.TCP) {
	t := e.table
	t.tcp = s
	t.assembler.AssembleWithContext(e.flow[direction], &t.tcp, context{})
}

func (e *episode) account(n int) {
	e.size += n
	e.table.buffered += n
}

// fresh appends to list which of the octets p from seq on are not queued yet. Copies of those that are queued are kept, as far as they
// fit: gopacket, which would take the last copy for good, never sees them.
func (e *episode) fresh(list []span, seq uint32, p []byte, o *origin) []span {
	t := e.table
	first, _ := slices.BinarySearchFunc(e.queue, seq, func(q queued, seq uint32) int { return int(int32(q.end() - 1 - seq)) })
	repeated := false
	for _, q := range e.queue[first:] {
		if ahead := q.seq - seq; int32(ahead) > 0 { // octets before q
			n := min(ahead, uint32(len(p)))
			if n > 0 {
				list = append(list, span{seq, n})
			}
			seq, p = seq+n, p[n:]
		}
		if len(p) == 0 {
			break
		}
		n := min(q.end()-seq, uint32(len(p)))
		repeated = true
		if e.size+pageMemory > t.cfg.MaxBufferedConn/2 {
			t.stats.Uncompared++
		} else {
			e.again = append(e.again, again{seq: seq, p: slices.Clone(p[:n]), origin: *o})
			e.account(max(pageMemory, len(p)))
		}
		seq, p = seq+n, p[n:]
	}
	if len(p) > 0 {
		list = append(list, span{seq, uint32(len(p))})
	}
	if repeated {
		t.stats.Retransmitted++
	}
	return list
}

// add queues octets that nothing queued overlaps.
func (e *episode) add(seq uint32, p []byte, o *origin) {
	for len(p) > 0 {
		n := min(len(p), pageSize)
		q := queued{span: span{seq, uint32(n)}, origin: *o, arrived: e.table.clock.now}
		at, _ := slices.BinarySearchFunc(e.queue, seq, func(q queued, seq uint32) int { return int(int32(q.seq - seq)) })
		e.queue = slices.Insert(e.queue, at, q)
		e.account(pageMemory)
		s := layers.TCP{Seq: seq - e.base}
		s.Payload = p[:n]
		e.feed(0, s)
		p, seq = p[n:], seq+uint32(n)
	}
}

// lack notes that octets were on the wire, but not captured.
func (e *episode) lack(s span, o *origin) {
	if last := len(e.cuts) - 1; last >= 0 && e.cuts[last].end() == s.seq && e.cuts[last].n < near {
		e.cuts[last].n += s.n
		return
	}
	e.cuts = append(e.cuts, cut{span: s, origin: *o, arrived: e.table.clock.now})
	e.account(pageMemory)
}

// missing is the cut that says that the octet at next was not captured, nil if there is none.
func (e *episode) missing(next uint32) *cut {
	for i := range e.cuts {
		if c := &e.cuts[i]; !before(next, c.seq) && before(next, c.end()) {
			return c
		}
	}
	return nil
}

// front is where the hole ends: the first of what is known to follow it, when that arrived and with which packet.
func (e *episode) front() (uint32, int64, *origin) {
	var seq uint32
	var since int64
	var o *origin
	if len(e.queue) > 0 {
		q := &e.queue[0]
		seq, since, o = q.seq, q.arrived, &q.origin
	}
	for i := range e.cuts {
		if c := &e.cuts[i]; o == nil || before(c.seq, seq) {
			seq, since, o = c.seq, c.arrived, &c.origin
		}
	}
	return seq, since, o
}

// exceeds reports whether e has to give up its first hole.
func (e *episode) exceeds(limit int) bool {
	return e.size > limit || e.half.conn.next[e.half.side]-e.base > reach
}

// forget drops what the stream has left behind, and reports whether anything is still ahead of it.
func (e *episode) forget(next uint32) bool {
	e.again = slices.DeleteFunc(e.again, func(a again) bool {
		past := !before(next, a.seq+uint32(len(a.p)))
		if past {
			e.account(-max(pageMemory, len(a.p)))
		}
		return past
	})
	e.cuts = slices.DeleteFunc(e.cuts, func(c cut) bool {
		past := !before(next, c.end())
		if past {
			e.account(-pageMemory)
		}
		return past
	})
	return len(e.queue) > 0 || len(e.cuts) > 0
}

// release delivers the first queued octets, which are next, and those that follow without a hole.
func (e *episode) release() {
	e.take()
	h := e.half
	for _, q := range e.due { // none, as long as gopacket gives back what it took
		e.table.gap(h, uint64(q.n), h.conn.at(h.side, &q.origin))
	}
	e.due = nil
}

// take makes gopacket let go of the first queued octets and those that follow without a hole: it does when a segment comes
// while its limit of pages is reached. The segment is empty and stands behind all others, so that it is not queued itself.
func (e *episode) take() {
	run := 1
	for run < len(e.queue) && e.queue[run].seq == e.queue[run-1].end() {
		run++
	}
	behind := e.queue[len(e.queue)-1].end()
	e.due, e.queue = e.queue[:run:run], e.queue[run:]
	e.account(-run * pageMemory)
	assembler := e.table.assembler
	assembler.MaxBufferedPagesPerConnection = 1
	e.feed(0, layers.TCP{Seq: behind - e.base})
	assembler.MaxBufferedPagesPerConnection = 0
}

// ReassembledSG takes octets back from gopacket: those that are due, one packet's after the other.
func (e *episode) ReassembledSG(sg reassembly.ScatterGather, _ reassembly.AssemblerContext) {
	n, _ := sg.Lengths()
	if n == 0 || e.over {
		return
	}
	for b := sg.Fetch(n); len(e.due) > 0 && uint32(len(b)) >= e.due[0].n; {
		q := e.due[0]
		e.due = e.due[1:]
		e.table.deliver(e.half, b[:q.n], &q.origin)
		e.compare(q.span, b)
		b = b[q.n:]
	}
}

// compare looks for differences between the octets p of s, just delivered, and their later copies.
func (e *episode) compare(s span, p []byte) {
	for i := range e.again {
		a := &e.again[i]
		from, to := s.seq, s.end()
		if before(from, a.seq) {
			from = a.seq
		}
		if end := a.seq + uint32(len(a.p)); before(end, to) {
			to = end
		}
		if !before(from, to) {
			continue
		}
		first, second := p[from-s.seq:to-s.seq], a.p[from-a.seq:to-a.seq]
		if !bytes.Equal(first, second) {
			e.table.conflict(e.half, from, first, second, &a.origin)
		}
	}
}

// Accept takes every segment: what gopacket is fed was chosen before.
func (e *episode) Accept(*layers.TCP, gopacket.CaptureInfo, reassembly.TCPFlowDirection, reassembly.Sequence, *bool, reassembly.AssemblerContext) bool {
	return true
}

// ReassemblyComplete lets gopacket forget the stream, both of whose directions are closed.
func (e *episode) ReassemblyComplete(reassembly.AssemblerContext) bool {
	e.table.streams--
	return true
}

// factory makes the episode that is joining the Stream of what is fed next.
type factory struct{ table *Table }

func (f factory) New(_, _ gopacket.Flow, _ *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	return f.table.joining
}
