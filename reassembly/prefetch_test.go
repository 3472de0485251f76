package reassembly

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// listener is a Handler that writes down what its Sinks are told.
type listener struct {
	heard []string
	steps [2]int
}

type ear struct {
	*listener
	conn uint64
}

func (l *listener) Open(c *Conn) Sink {
	if c.Ordinal()%7 == 0 {
		c.Reject()
	}
	return &ear{l, c.Ordinal()}
}

func (e *ear) note(what string, dir Dir, at At) {
	e.heard = append(e.heard, fmt.Sprint(e.conn, what, dir, at.Ordinal, at.Acked))
}

func (e *ear) Data(dir Dir, at At, p []byte)   { e.note(string(p), dir, at) }
func (e *ear) Gap(dir Dir, at At, n uint64)    { e.note(fmt.Sprint("gap", n), dir, at) }
func (e *ear) End(dir Dir, at At, why End)     { e.note(fmt.Sprint("end", why), dir, at) }
func (e *ear) Prefetch(dir Dir, step int) byte { e.steps[step]++; return byte(dir) }

// coming and going of more connections than reading ahead begins at, with segments out of order, ends, and ends
// taken again.
func commotion(n int) []Segment {
	r := rand.New(rand.NewPCG(6455, 4))
	var all []Segment
	seq := make([][2]uint32, 2*prefetchFrom)
	for i := range n {
		c := r.IntN(len(seq))
		s := Segment{From: uint8(r.IntN(2)), Flags: ACK, Wire: 100}
		s.Key, _ = endpointsKey(fmt.Sprintf("10.0.0.1:%d", 1000+c), "10.0.0.2:80")
		s.At.Ordinal, s.At.Number, s.At.Time = uint64(i+1), uint64(i+1), int64(i)*1e6
		next := &seq[c][s.From]
		switch what := r.IntN(100); {
		case *next == 0 || what == 0:
			*next = r.Uint32()
			s.Flags, s.Seq = SYN, *next
			*next++
		case what == 1:
			s.Flags, s.Seq = FIN|ACK, *next
		case what == 2:
			s.Flags, s.Seq = RST, *next
		case what < 10: // of those before, some are missing now
			*next += 3
			fallthrough
		default:
			s.Seq, s.Ack, s.Payload = *next, seq[c][s.From^1], []byte("abc")
			*next += 3
		}
		all = append(all, s)
	}
	return all
}

// What is read ahead changes nothing that is told.
func TestPrefetcher(t *testing.T) {
	var plain, read listener
	one, two := NewTable(Config{}, &plain), NewTable(Config{}, &read)
	var a Prefetcher
	for batch := range slices.Chunk(commotion(30_000), 256) {
		for i := range batch {
			one.Segment(&batch[i])
		}
		for i := range batch {
			a.Add(two, &batch[i])
		}
		a.Fetch()
		for i := range batch {
			two.Segment(&batch[i])
		}
	}
	one.Close(At{})
	two.Close(At{})
	if !slices.Equal(plain.heard, read.heard) {
		t.Errorf("%d calls, read ahead %d, or others", len(plain.heard), len(read.heard))
	}
	if s := one.Stats(); s.Rejected == 0 || s.Replaced == 0 || s.OutOfOrder == 0 {
		t.Errorf("too little happens: %+v", s)
	}
	if read.steps[0] < 6_000 || read.steps[0] != read.steps[1] || plain.steps != [2]int{} {
		t.Errorf("Prefetch was called %v times", read.steps)
	}
}

// BenchmarkCrowd takes segments of connections too many for the caches, a batch at a time, with and without
// reading ahead.
func BenchmarkCrowd(b *testing.B) {
	const connections, batch = 200_000, 256
	for _, prefetch := range []bool{false, true} {
		b.Run(fmt.Sprintf("prefetch=%t", prefetch), func(b *testing.B) {
			table := NewTable(Config{MaxHistory: 1 << 30}, quiet{})
			segments := crowd(table, connections)
			payload := make([]byte, 100)
			for i := range segments {
				segments[i].Payload = payload
				table.Segment(&segments[i])
				segments[i].Seq += uint32(len(payload))
			}
			r := rand.New(rand.NewPCG(6455, 5))
			var a Prefetcher
			coming := make([]int, batch)
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			b.ResetTimer()
			for n := 0; n < b.N; n += batch {
				for i := range coming {
					coming[i] = r.IntN(connections)
					if prefetch {
						a.Add(table, &segments[coming[i]])
					}
				}
				a.Fetch()
				for _, i := range coming {
					s := &segments[i]
					s.At.Ordinal++
					s.At.Time += 1000
					table.Segment(s)
					s.Seq += uint32(len(payload))
				}
			}
		})
	}
}
