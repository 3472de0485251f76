package reassembly

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
)

// quiet is a Handler and Sink that does nothing.
type quiet struct{}

func (quiet) Open(*Conn) Sink      { return quiet{} }
func (quiet) Data(Dir, At, []byte) {}
func (quiet) Gap(Dir, At, uint64)  {}
func (quiet) End(Dir, At, End)     {}

// crowd makes n connections, each with its handshake captured.
func crowd(table *Table, n int) []Segment {
	segments := make([]Segment, n)
	for i := range segments {
		s := &segments[i]
		s.Key, s.From = endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
		binary.BigEndian.PutUint32(s.Key.Addr[s.From][12:], 0x0a000000+uint32(i))
		s.At.Ordinal, s.At.Time = uint64(i+1), int64(i)
		s.Flags, s.Seq, s.Wire, s.Window = SYN, uint32(i)*7919, 60, 501
		table.Segment(s)
		s.Flags, s.Seq = ACK, s.Seq+1
	}
	return segments
}

func BenchmarkInOrder(b *testing.B) {
	payload := make([]byte, 1448)
	for _, n := range []int{1, 10_000, 200_000} {
		for _, size := range []int{100, 1448} {
			b.Run(fmt.Sprintf("connections=%d/octets=%d", n, size), func(b *testing.B) {
				table := NewTable(Config{MaxHistory: 1 << 30}, quiet{})
				segments := crowd(table, n)
				send := func(i int) {
					s := &segments[i%n]
					s.Payload = payload[:size]
					s.At.Ordinal++
					s.At.Time += 1000
					table.Segment(s)
					s.Seq += uint32(size)
				}
				for i := range n {
					for range 1 + 4096/size { // history is full
						send(i)
					}
				}
				b.ReportAllocs()
				b.SetBytes(int64(size))
				b.ResetTimer()
				for i := range b.N {
					send(i)
				}
			})
		}
	}
}

func BenchmarkRejected(b *testing.B) {
	for _, n := range []int{1, 10_000, 200_000} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) {
			table := NewTable(Config{}, refusal{})
			segments := crowd(table, n)
			for i := range b.N {
				s := &segments[i%n]
				s.Payload = []byte("x")
				table.Segment(s)
			}
		})
	}
}

// refusal is a Handler that wants nothing.
type refusal struct{}

func (refusal) Open(*Conn) Sink { return nil }

// BenchmarkOutOfOrder swaps every second segment with the one before.
func BenchmarkOutOfOrder(b *testing.B) {
	table := NewTable(Config{}, quiet{})
	s := crowd(table, 1)[0]
	s.Payload = make([]byte, 1448)
	base := s.Seq
	b.ReportAllocs()
	b.SetBytes(int64(len(s.Payload)))
	for i := range b.N {
		s.Seq = base + uint32(i^1)*uint32(len(s.Payload))
		table.Segment(&s)
	}
}

// BenchmarkMemory reports what a connection costs, in octets: after a SYN, and with payload in one direction.
func BenchmarkMemory(b *testing.B) {
	const n = 1 << 20
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var s Segment
	s.Key, s.From = endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
	table := NewTable(Config{}, quiet{})
	before := heap()
	all := func(flags uint8, seq uint32, payload []byte) {
		s.Flags, s.Seq, s.Payload = flags, seq, payload
		for i := range n {
			binary.BigEndian.PutUint32(s.Key.Addr[s.From][12:], 0x0a000000+uint32(i))
			table.Segment(&s)
		}
	}
	all(SYN, 0, nil)
	embryonic := heap() - before
	all(ACK, 1, []byte("x"))
	b.ReportMetric(float64(embryonic)/n, "B/embryonic")
	b.ReportMetric(float64(heap()-before)/n, "B/open")
	runtime.KeepAlive(table)
}

// TestInOrderDoesNotAllocate holds the ordered path to its promise.
func TestInOrderDoesNotAllocate(t *testing.T) {
	table := NewTable(Config{}, quiet{})
	s := crowd(table, 1)[0]
	s.Payload = make([]byte, 1448)
	send := func() {
		s.At.Time += 1e6
		table.Segment(&s)
		s.Seq += uint32(len(s.Payload))
	}
	for range 4 {
		send()
	}
	if n := testing.AllocsPerRun(10_000, send); n != 0 {
		t.Errorf("%v allocations per segment", n)
	}
}
