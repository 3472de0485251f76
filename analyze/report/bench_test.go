package report

import (
	"io"
	"testing"

	"wshake/analyze/event"
)

// events of each kind, as an output is given them.
var kinds = []struct {
	name string
	give func(event.Receiver)
}{
	{"handshake", func() func(event.Receiver) { h := established(); return func(to event.Receiver) { to.Handshake(h) } }()},
	{"frame", func(to event.Receiver) { to.Frame(&frames[0]) }},
	{"close", func(to event.Receiver) { to.Frame(&frames[2]) }},
	{"message", func(to event.Receiver) { to.Message(&messages[0]) }},
	{"connection", func(to event.Receiver) { to.Connection(&over) }},
	{"finding", func(to event.Receiver) { to.Finding(mismatch) }},
	{"caveat", func(to event.Receiver) { to.Caveat(&gap) }},
}

func TestJSONAllocatesNothing(t *testing.T) {
	j := NewJSON(io.Discard, Options{Show: event.AllKinds, ManyFiles: true, Names: files})
	for _, kind := range kinds {
		if n := testing.AllocsPerRun(1000, func() { kind.give(j) }); n != 0 {
			t.Errorf("a %s costs %v allocations", kind.name, n)
		}
	}
}

func BenchmarkJSON(b *testing.B) { benchmark(b, jsonOutput(Options{Show: event.AllKinds})) }

func BenchmarkOverview(b *testing.B) {
	benchmark(b, textOutputs(Options{Show: event.AllKinds})["overview"])
}

func BenchmarkOverview120(b *testing.B) {
	benchmark(b, textOutputs(Options{Show: event.AllKinds, Width: 120, Color: true})["overview"])
}

func BenchmarkLog(b *testing.B) { benchmark(b, textOutputs(Options{Show: event.AllKinds})["log"]) }

func benchmark(b *testing.B, make func(io.Writer) writer) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			var octets written
			w := make(&octets)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				kind.give(w)
				n++
			}
			w.Flush()
			b.SetBytes(int64(octets) / int64(n))
		})
	}
}

// written counts octets.
type written int64

func (n *written) Write(p []byte) (int, error) {
	*n += written(len(p))
	return len(p), nil
}

// BenchmarkBlock is tablewriter's share: the head and the rows that the widths are learnt from.
func BenchmarkBlock(b *testing.B) {
	h := established()
	b.ReportAllocs()
	for b.Loop() {
		v := newOverview(io.Discard, Options{Show: event.KindHandshake})
		for range learnt {
			v.Handshake(h)
		}
	}
}
