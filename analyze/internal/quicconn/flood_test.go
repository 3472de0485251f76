package quicconn

import (
	"encoding/binary"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/merge"
	"wshake/analyze/internal/shard"
	"wshake/analyze/quic"
	"wshake/analyze/quic/quictest"
	"wshake/reassembly"
)

type none struct{}

func (none) HTTP3(layer.Transport) layer.Streams { return nil }

// newTable makes a Table that may take half of so many octets; 0 means that there is no limit.
func newTable(limit int) *Table {
	return NewTable(&shard.Shard{Config: &shard.Config{Want: event.AllKinds}, Buffer: new(merge.Buffer),
		Budget: reassembly.NewBudget(limit)}, none{})
}

// datagram has a datagram taken as the decoder hands it out.
func datagram(t *Table, s *reassembly.Segment) {
	s.Long = quic.IsLong(s.Payload)
	t.Datagram(s)
}

// A flood of Initials that open, of datagrams that look like Initials, and of holes in handshakes: connections and what
// they hold stay within the limits, and that some were given up is told.
func TestFloodOfInitials(t *testing.T) {
	const limit = 1 << 20
	table := newTable(limit)
	var s reassembly.Segment
	for n := range uint32(2000) {
		id := binary.BigEndian.AppendUint32([]byte("flood"), n)
		s.At.Ordinal, s.At.Number, s.At.Time = uint64(n+1), uint64(n+1), int64(n)*1000
		s.From = s.Key.Set(reassembly.ProtocolUDP, &[16]byte{15: byte(n % 7)}, &[16]byte{15: 9}, uint16(n%50000), 443)
		s.Payload = quictest.Initial(id, []byte("source"), 0, quictest.Crypto(100, make([]byte, 900)))
		switch n % 4 {
		case 1:
			s.Payload[len(s.Payload)-1] ^= 1
		case 2:
			s.Payload = append([]byte{0x40}, id...)
		}
		s.Wire = uint32(len(s.Payload) + 28)
		datagram(table, &s)
		if open := len(table.all()); table.Budget.Charged() > limit/share || open > limit/connMemory ||
			len(table.flows) > open || len(table.early) > reorder {
			t.Fatalf("datagram %d: %d connections on %d paths, %d octets, %d early", n, open, len(table.flows),
				table.Budget.Charged(), len(table.early))
		}
	}
	if g := table.Counts().Dropped; g.Count == 0 || g.First.Ordinal == 0 {
		t.Error("that connections were given up is not told")
	}
	table.Close(s.At)
	if len(table.all()) != 0 || len(table.flows) != 0 || len(table.ids) != 0 || table.Budget.Charged() != 0 {
		t.Errorf("at the end: %d connections, %d paths, %d ids, %d octets", len(table.all()), len(table.flows),
			len(table.ids), table.Budget.Charged())
	}
}

// A flood of connection ids: a connection is found by the newest of its own and forgets the others.
func TestFloodOfIDs(t *testing.T) {
	table := newTable(0)
	c := &Conn{table: table}
	for n := range uint32(10_000) {
		(*handler)(c).Issued(event.Server, binary.BigEndian.AppendUint32(nil, n))
		(*handler)(c).Issued(event.Server, binary.BigEndian.AppendUint32(nil, n)) // again
		if len(table.ids) > idsKept || len(c.ids) > idsKept || table.sizes[4] != len(table.ids) {
			t.Fatalf("%d ids: %d lead to it, it knows %d, %d are counted", n+1, len(table.ids), len(c.ids), table.sizes[4])
		}
	}
	if table.ids[makeID(binary.BigEndian.AppendUint32(nil, 9_999))].conn != c {
		t.Error("the newest id does not lead to it")
	}
}

// Thousands of connections between the same two ends: the oldest are given up.
func TestFloodOnOnePairOfEnds(t *testing.T) {
	table := newTable(0)
	var s reassembly.Segment
	s.From = s.Key.Set(reassembly.ProtocolUDP, &[16]byte{15: 1}, &[16]byte{15: 9}, 50000, 443)
	for n := range uint32(300) {
		s.At.Ordinal, s.At.Time = uint64(n+1), int64(n)
		id := binary.BigEndian.AppendUint32([]byte("flood"), n)
		s.Payload = quictest.Initial(id, id[1:], 0, quictest.Crypto(0, make([]byte, 9)))
		datagram(table, &s)
		if f := table.flow(&ends{s.Key.Addr, s.Key.Port}); f == nil || len(f.before) > perEnds ||
			len(table.all()) > perEnds+1 {
			t.Fatalf("datagram %d: %d connections", n, len(table.all()))
		}
	}
	if n := table.Counts().Crowded.Count; n != 300-perEnds-1 {
		t.Errorf("%d connections were given up", n)
	}
	table.Close(s.At)
	if len(table.flows) != 0 {
		t.Errorf("%d ends at the end", len(table.flows))
	}
}

// Datagrams from anywhere that carry a connection's id and do not open move nothing.
func TestForgedMigration(t *testing.T) {
	table := newTable(0)
	var s reassembly.Segment
	s.From = s.Key.Set(reassembly.ProtocolUDP, &[16]byte{15: 1}, &[16]byte{15: 9}, 50000, 443)
	s.At.Ordinal = 1
	s.Payload = quictest.Initial([]byte("12345678"), []byte("source"), 0, quictest.Crypto(0, make([]byte, 9)))
	datagram(table, &s)
	c := table.all()[0]
	(*handler)(c).Issued(event.Server, []byte("12345678"))
	for n := range uint16(5000) {
		s.From = s.Key.Set(reassembly.ProtocolUDP, &[16]byte{14: byte(n), 15: 2}, &[16]byte{15: 9}, n, 443)
		s.At.Ordinal = uint64(n) + 2
		s.Payload = append([]byte("\x4012345678"), make([]byte, 40)...)
		datagram(table, &s)
	}
	if len(c.ends) != 1 || len(table.flows) != 1 || c.now.IsValid() || len(c.changes) != 0 {
		t.Errorf("%d ends, %d flows, moved to %s", len(c.ends), len(table.flows), c.now)
	}
}
