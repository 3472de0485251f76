package quicconn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// memory is what a Table takes. It counts in the Budget of the shard, which it shares with TCP: of that QUIC has a share,
// however much TCP takes, and TCP has the rest.
type memory struct {
	limit int    // octets that may be taken
	taken int    // by connections and by datagrams that are kept
	kept  int    // by datagrams alone
	step  uint64 // see Table.touch
}

// share is the part of the Budget that is for QUIC, keptShare the part of it for datagrams that no connection is known of.
const (
	share     = 2
	keptShare = 8
)

// What is taken besides what package quic and the layers above count, octets.
const (
	connMemory    = 1536 // a Conn and its place in the table
	endsMemory    = 256  // two ends that it is known at
	idMemory      = 128  // an id that leads to it
	toldMemory    = 768  // its identity, and what is counted of its findings and caveats, where it has some
	joinMemory    = 64   // an entry of Table.joins
	segmentMemory = 256  // a datagram that is kept
)

// charge counts n octets more, or fewer where n is negative.
func (t *Table) charge(n int) {
	t.memory.taken += n
	t.Budget.Charge(n)
}

// weigh counts what a connection takes now.
func (t *Table) weigh(c *Conn) {
	if c.place == nil {
		return // it was not taken in, or is gone
	}
	size := connMemory + c.quic.Memory() + c.helloMemory + len(c.ends)*endsMemory + len(c.ids)*idMemory
	if c.id != nil {
		size += toldMemory
	}
	if c.streams != nil {
		size += c.streams.Size()
	}
	t.charge(size - c.charged)
	c.charged = size
}

// keepToMemory gives up connections until the limit is kept to: first those that nothing is asked of, of them the one
// that was silent longest.
func (t *Table) keepToMemory(at event.At) {
	for i := range t.order {
		for e := t.order[i].Front(); e != nil && t.memory.taken > t.memory.limit; e = t.order[i].Front() {
			t.counts.Dropped.add(at)
			t.giveUp(e.Value.(*Conn))
		}
	}
}

// fits reports whether a datagram may be kept.
func (m *memory) fits(s *reassembly.Segment) bool {
	return m.kept+len(s.Payload)+segmentMemory <= m.limit/keptShare
}

// keep makes a copy of a datagram that outlasts the call.
func (t *Table) keep(s *reassembly.Segment) reassembly.Segment {
	kept := *s
	kept.Payload = append([]byte(nil), s.Payload...)
	kept.Raw = nil
	t.memory.kept += len(s.Payload) + segmentMemory
	t.charge(len(s.Payload) + segmentMemory)
	return kept
}

// release takes note that a datagram is kept no more, drop that nothing of it was opened.
func (t *Table) release(s *reassembly.Segment) {
	t.memory.kept -= len(s.Payload) + segmentMemory
	t.charge(-len(s.Payload) - segmentMemory)
}

func (t *Table) drop(s *reassembly.Segment) {
	t.release(s)
	t.missed(s, false)
}

// worths is how many kinds of connections there are by how late they are given up: those that nothing is asked of, and
// as layer.Worth says.
const worths = layer.Used + 1

// Keep has the connection given up later than others.
func (c *Conn) Keep(worth layer.Worth) {
	if worth <= c.worth || c.place == nil {
		return
	}
	t := c.table
	t.order[c.worth].Remove(c.place)
	c.worth = worth
	c.place = t.order[worth].PushBack(c)
}
