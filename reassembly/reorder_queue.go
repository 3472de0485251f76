package reassembly

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

// reorderQueue holds the octets of one direction that arrived ahead of a hole. It exists from the first such
// segment until nothing is queued. The octets are in a stream of gopacket's assembler; the queue knows which
// packet carried which of them.
type reorderQueue struct {
	table      *Table
	dir        *direction
	endpoints  [2]gopacket.Flow // made up, one for each direction, different for every queue
	base       uint32           // the sequence number that gopacket gets as 0
	segments   []queuedSegment  // by sequence number, without overlap; each takes one page of gopacket
	leaving    []queuedSegment  // removed from segments, about to come out of gopacket
	duplicates []duplicate      // by arrival
	uncaptured []uncapturedSpan // by arrival
	size       int              // memory that all this counts for, in octets
	discards   bool             // true: nothing more is delivered
}

// queuedSegment says which packet carried the octets of a page.
type queuedSegment struct {
	span
	origin
	arrived int64
}

// duplicate is a later copy of queued octets, kept until it can be compared with the first copy.
type duplicate struct {
	seq uint32
	p   []byte
	origin
}

// uncapturedSpan is octets that a packet carried beyond the snap length. Another copy of them is used if it comes
// in time.
type uncapturedSpan struct {
	span
	origin
	arrived int64
}

func (s span) end() uint32 { return s.seq + s.n }

const (
	// pageSize is how many octets a page of gopacket holds. Longer segments are split: CaptureInfo panics in a
	// second page.
	pageSize = 1900
	// pageMemory is what a queued segment counts for.
	pageMemory = 2 << 10
	// maxQueueSpan is how far the stream may move on during the life of one queue. With the 2^31 that octets may
	// be ahead of that, gopacket's sequence numbers stay below 3/4 of their range, where its Difference sees no
	// wrap.
	maxQueueSpan = 1 << 29
)

// context is the same for all packets: gopacket's own flushing by time is not used.
type context struct{}

func (context) GetCaptureInfo() gopacket.CaptureInfo { return gopacket.CaptureInfo{} }

// openQueue begins a reorder queue for d.
func (t *Table) openQueue(d *direction) *reorderQueue {
	if t.assembler == nil {
		t.assembler = reassembly.NewAssembler(reassembly.NewStreamPool(factory{t}))
	}
	t.queuesOpened++
	t.queuesOpen++
	name := binary.BigEndian.AppendUint64(nil, t.queuesOpened)
	q := &reorderQueue{table: t, dir: d, base: d.conn.next[d.side] - 1}
	q.endpoints[0] = gopacket.NewFlow(gopacket.EndpointInvalid, name, nil)
	q.endpoints[1] = q.endpoints[0].Reverse()
	d.reorder, d.lastProgress = q, t.clock.now
	t.opening = q
	q.feed(0, layers.TCP{SYN: true})
	return q
}

// closeQueue ends the reorder queue and the timer of d. Octets that are still queued are dropped.
func (t *Table) closeQueue(d *direction) {
	t.stopTimer(d)
	q := d.reorder
	if q == nil {
		return
	}
	// gopacket gives back only the first page of a stream that is closed with several, so none is left to it.
	for q.discards = true; len(q.segments) > 0; {
		q.removeFirst()
	}
	// A RST closes only its own direction. The other has nothing to place one by before its SYN.
	q.feed(0, layers.TCP{RST: true, Seq: 1})
	q.feed(1, layers.TCP{RST: true, SYN: true})
	t.buffered -= q.size
	d.reorder = nil
}

// feed gives gopacket a segment.
func (q *reorderQueue) feed(direction int, s layers.TCP) {
	t := q.table
	t.tcp = s
	t.assembler.AssembleWithContext(q.endpoints[direction], &t.tcp, context{})
}

func (q *reorderQueue) charge(n int) {
	q.size += n
	q.table.buffered += n
}

// notQueued appends to list which of the octets p from seq on are not queued yet. Copies of queued octets are
// kept for comparison, as far as they fit. gopacket never sees them, because it would use the last copy.
func (q *reorderQueue) notQueued(list []span, seq uint32, p []byte, o *origin) []span {
	t := q.table
	first, _ := slices.BinarySearchFunc(q.segments, seq, func(seg queuedSegment, seq uint32) int {
		return int(int32(seg.end() - 1 - seq))
	})
	repeated := false
	for _, seg := range q.segments[first:] {
		if ahead := seg.seq - seq; int32(ahead) > 0 { // octets before seg
			n := min(ahead, uint32(len(p)))
			if n > 0 {
				list = append(list, span{seq, n})
			}
			seq, p = seq+n, p[n:]
		}
		if len(p) == 0 {
			break
		}
		n := min(seg.end()-seq, uint32(len(p)))
		repeated = true
		if q.size+pageMemory > t.cfg.MaxBufferedConn/2 {
			t.stats.Uncompared++
		} else {
			q.duplicates = append(q.duplicates, duplicate{seq: seq, p: slices.Clone(p[:n]), origin: *o})
			q.charge(max(pageMemory, len(p)))
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
func (q *reorderQueue) add(seq uint32, p []byte, o *origin) {
	for len(p) > 0 {
		n := min(len(p), pageSize)
		seg := queuedSegment{span: span{seq, uint32(n)}, origin: *o, arrived: q.table.clock.now}
		at, _ := slices.BinarySearchFunc(q.segments, seq, func(seg queuedSegment, seq uint32) int {
			return int(int32(seg.seq - seq))
		})
		q.segments = slices.Insert(q.segments, at, seg)
		q.charge(pageMemory)
		s := layers.TCP{Seq: seq - q.base}
		s.Payload = p[:n]
		q.feed(0, s)
		p, seq = p[n:], seq+uint32(n)
	}
}

// addUncaptured notes that octets were on the wire, but not captured.
func (q *reorderQueue) addUncaptured(s span, o *origin) {
	if last := len(q.uncaptured) - 1; last >= 0 {
		if u := &q.uncaptured[last]; u.end() == s.seq && u.n < plausibleDistance {
			u.n += s.n
			return
		}
	}
	q.uncaptured = append(q.uncaptured, uncapturedSpan{span: s, origin: *o, arrived: q.table.clock.now})
	q.charge(pageMemory)
}

// uncapturedAt is the span that says that the octet at next was not captured, nil if there is none.
func (q *reorderQueue) uncapturedAt(next uint32) *uncapturedSpan {
	for i := range q.uncaptured {
		if c := &q.uncaptured[i]; !before(next, c.seq) && before(next, c.end()) {
			return c
		}
	}
	return nil
}

// firstAhead is the end of the hole: the first sequence number known behind it, and when and with which packet it
// arrived.
func (q *reorderQueue) firstAhead() (uint32, int64, *origin) {
	var seq uint32
	var since int64
	var o *origin
	if len(q.segments) > 0 {
		seg := &q.segments[0]
		seq, since, o = seg.seq, seg.arrived, &seg.origin
	}
	for i := range q.uncaptured {
		if c := &q.uncaptured[i]; o == nil || before(c.seq, seq) {
			seq, since, o = c.seq, c.arrived, &c.origin
		}
	}
	return seq, since, o
}

// overLimit reports whether q has to give up its first hole.
func (q *reorderQueue) overLimit(limit int) bool {
	return q.size > limit || q.dir.conn.next[q.dir.side]-q.base > maxQueueSpan
}

// discardBefore drops what lies before next, and reports whether anything is still ahead of it.
func (q *reorderQueue) discardBefore(next uint32) bool {
	q.duplicates = slices.DeleteFunc(q.duplicates, func(a duplicate) bool {
		past := !before(next, a.seq+uint32(len(a.p)))
		if past {
			q.charge(-max(pageMemory, len(a.p)))
		}
		return past
	})
	q.uncaptured = slices.DeleteFunc(q.uncaptured, func(c uncapturedSpan) bool {
		past := !before(next, c.end())
		if past {
			q.charge(-pageMemory)
		}
		return past
	})
	return len(q.segments) > 0 || len(q.uncaptured) > 0
}

// deliverFirst delivers the first queued octets, which are next, and those that follow without a hole.
func (q *reorderQueue) deliverFirst() {
	q.removeFirst()
	d := q.dir
	for _, seg := range q.leaving { // none, as long as gopacket gives back what it took
		q.table.reportGap(d, uint64(seg.n), d.conn.at(d.side, &seg.origin))
	}
	q.leaving = nil
}

// removeFirst makes gopacket return the first queued octets and those that follow without a hole: it does so when
// a segment comes while its limit of pages is reached. That segment is empty and behind all others, so it is not
// queued itself.
func (q *reorderQueue) removeFirst() {
	run := 1
	for run < len(q.segments) && q.segments[run].seq == q.segments[run-1].end() {
		run++
	}
	behind := q.segments[len(q.segments)-1].end()
	q.leaving, q.segments = q.segments[:run:run], q.segments[run:]
	q.charge(-run * pageMemory)
	assembler := q.table.assembler
	assembler.MaxBufferedPagesPerConnection = 1
	q.feed(0, layers.TCP{Seq: behind - q.base})
	assembler.MaxBufferedPagesPerConnection = 0
}

// ReassembledSG takes octets back from gopacket: those that are due, one packet's after the other.
func (q *reorderQueue) ReassembledSG(sg reassembly.ScatterGather, _ reassembly.AssemblerContext) {
	n, _ := sg.Lengths()
	if n == 0 || q.discards {
		return
	}
	for b := sg.Fetch(n); len(q.leaving) > 0 && uint32(len(b)) >= q.leaving[0].n; {
		seg := q.leaving[0]
		q.leaving = q.leaving[1:]
		q.table.deliver(q.dir, b[:seg.n], &seg.origin)
		q.compareDuplicates(seg.span, b)
		b = b[seg.n:]
	}
}

// compareDuplicates looks for differences between the octets p of s, just delivered, and their later copies.
func (q *reorderQueue) compareDuplicates(s span, p []byte) {
	for i := range q.duplicates {
		a := &q.duplicates[i]
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
			q.table.reportConflict(q.dir, from, first, second, &a.origin)
		}
	}
}

// Accept takes every segment: what gopacket is fed was chosen before.
func (q *reorderQueue) Accept(
	*layers.TCP, gopacket.CaptureInfo, reassembly.TCPFlowDirection, reassembly.Sequence, *bool,
	reassembly.AssemblerContext,
) bool {
	return true
}

// ReassemblyComplete lets gopacket forget the stream, both of whose directions are closed.
func (q *reorderQueue) ReassemblyComplete(reassembly.AssemblerContext) bool {
	q.table.queuesOpen--
	return true
}

// factory gives gopacket the queue that is being opened as its Stream.
type factory struct{ table *Table }

func (f factory) New(_, _ gopacket.Flow, _ *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	return f.table.opening
}
