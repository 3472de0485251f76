package analyze

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"testing"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/testdata/speed/traffic"
)

// unread takes events and does nothing.
type unread struct{}

func (unread) Handshake(*event.Handshake)   {}
func (unread) Frame(*event.Frame)           {}
func (unread) Message(*event.Message)       {}
func (unread) Connection(*event.Connection) {}
func (unread) Finding(*event.Finding)       {}
func (unread) Caveat(*event.Caveat)         {}
func (unread) Summary(*event.Summary)       {}

// generated is a capture of about so many packets.
func generated(t testing.TB, kind string, packets int) []byte {
	return generatedWith(t, kind, packets, io.Discard)
}

// generatedWith writes its secrets into keyLog, too.
func generatedWith(t testing.TB, kind string, packets int, keyLog io.Writer) []byte {
	t.Helper()
	k, err := traffic.Named(kind)
	if err != nil {
		t.Fatal(err)
	}
	k.Packets, k.Open = packets, min(k.Open, packets/500)
	var file bytes.Buffer
	if err := k.Write(&file, keyLog); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func runGenerated(t testing.TB, file []byte, cfg Config) {
	t.Helper()
	src, err := capture.Open([]string{"-"}, capture.Options{Stdin: bytes.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if err := Run(context.Background(), src, cfg, unread{}); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkRun is the whole run without its output: from the octets of a file to events.
func BenchmarkRun(b *testing.B) {
	const packets = 50_000
	for _, k := range traffic.Kinds {
		var keyLog bytes.Buffer
		file := generatedWith(b, k.Name, packets, &keyLog)
		keys := new(keylog.Log)
		keys.Add(&keyLog)
		for _, want := range []struct {
			name string
			want event.Kinds
		}{{"default", event.AllKinds &^ (event.KindFrame | event.KindMessage)}, {"all", event.AllKinds}} {
			b.Run(k.Name+"/"+want.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(file)))
				for b.Loop() {
					runGenerated(b, file, Config{Want: want.want, Keys: Keys{Log: keys}})
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packets, "ns/packet")
			})
		}
	}
}

// BenchmarkUndecryptable compares TLS without its secrets with the same packets of a protocol that is not known.
func BenchmarkUndecryptable(b *testing.B) {
	const packets = 50_000
	file := generated(b, "tls", packets)
	for _, c := range []struct {
		name string
		file []byte
		cfg  Config
	}{
		{"tls", file, Config{}},
		{"other", bytes.ReplaceAll(file, []byte{22, 3, 1, 0}, []byte{0xd5, 3, 1, 0}), Config{}}, // no hello
		{"http", generated(b, "http", packets), Config{}},
		{"awaited", file, Config{Keys: Keys{Wait: time.Hour}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			c.cfg.Want = event.AllKinds &^ (event.KindFrame | event.KindMessage)
			for b.Loop() {
				runGenerated(b, c.file, c.cfg)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packets, "ns/packet")
		})
	}
}

// A connection may cost allocations, a packet and a frame may not: a capture of twice the length has twice the
// connections, each of some 760 packets.
func TestFramesCostNoAllocation(t *testing.T) {
	allocations := func(packets int) uint64 {
		file := generated(t, "chat", packets)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		runGenerated(t, file, Config{Want: event.AllKinds, Workers: 1})
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	short := allocations(20_000)
	if more := allocations(40_000) - short; more > 20_000/4 {
		t.Errorf("20,000 packets more cost %d allocations more", more)
	}
}
