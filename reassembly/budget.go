package reassembly

import "math"

// Budget is the memory that a Table and the Sinks of its connections may take together. Reaching it costs
// connections: those that were silent for longest, of no interest first. It is used from the Table's goroutine.
//
// What it counts is about right, not exact: sizes of values as Go lays them out, without the allocator's rounding.
type Budget struct {
	limit int // octets
	sinks int // octets that Sinks have charged
}

// NewBudget makes a Budget of so many octets; 0 means that there is no limit.
func NewBudget(limit int) *Budget {
	if limit <= 0 {
		limit = math.MaxInt
	}
	return &Budget{limit: limit}
}

// Charge counts n octets more for Sinks, or fewer where n is negative. The Table looks at it behind each segment.
func (b *Budget) Charge(n int) { b.sinks += n }

// Limit is what may be taken, octets.
func (b *Budget) Limit() int { return b.limit }

// Charged is what Sinks have charged, octets.
func (b *Budget) Charged() int { return b.sinks }

// What the parts of a connection count for, octets: the size of the values and of what belongs to them elsewhere.
const (
	connMemory     = 256 // Conn and its place in the index
	flowMemory     = 512
	evidenceMemory = 1792
	queueMemory    = 1024 // a reorder queue and gopacket's stream, without its pages
)

// memory is what the Table takes, octets.
func (t *Table) memory() int {
	return t.conns.live*connMemory + t.flows*flowMemory + t.evidences*evidenceMemory + t.queuesOpen*queueMemory +
		t.buffered + t.history
}

// KeepToBudget drops connections until the Budget is kept to. It is called behind each segment; others that charge
// call it, too.
func (t *Table) KeepToBudget() {
	for b := t.cfg.Budget; t.memory()+b.sinks > b.limit && t.conns.live > 0; {
		t.stats.OverBudget++
		t.evict()
	}
}
