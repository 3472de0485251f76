package ws

import (
	"bytes"
	"compress/flate"
	"fmt"
	"math/rand/v2"
	"testing"
	"wshake/analyze/event"
)

// silent is a Visitor that does nothing.
type silent struct{}

func (silent) FrameStart(*Frame)                        {}
func (silent) FramePayload(*Frame, []byte)              {}
func (silent) FrameEnd(*Frame)                          {}
func (silent) MessagePayload(*Message, []byte)          {}
func (silent) MessageUnknown(*Message, uint64)          {}
func (silent) MessageKept(*Message, int) ([]byte, bool) { return nil, false }
func (silent) BadText(*Message, At)                     {}
func (silent) MessageEnd(*Message)                      {}
func (silent) Lost(Loss)                                {}

func json(n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, `{"id":%d,"type":"quote","price":%d.%02d,"side":"%s"},`, r.IntN(1e6), r.IntN(1000), r.IntN(100),
			[]string{"buy", "sell"}[r.IntN(2)])
	}
	return b.Bytes()[:n]
}

var benchKey = []byte{0x37, 0xfa, 0x21, 0x3d}

// compressed are n frames of a client with permessage-deflate and context takeover.
func compressed(t testing.TB, n, size int) [][]byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		t.Fatal(err)
	}
	text := json(n * size)
	frames := make([][]byte, n)
	for i := range frames {
		b.Reset()
		w.Write(text[i*size : (i+1)*size])
		w.Flush()
		frames[i] = frame(0xc1, benchKey, bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff}))
	}
	return frames
}

// The plain paths allocate nothing once a stream is under way.
func TestNoAllocations(t *testing.T) {
	text := json(1000)
	for _, c := range []struct {
		name  string
		side  event.Side
		o     Options
		frame []byte
	}{
		{"binary", event.Server, Options{}, frame(0x82, nil, text)},
		{"binaryMasked", event.Client, Options{}, frame(0x82, benchKey, text)},
		{"text", event.Server, Options{}, frame(0x81, nil, text)},
		{"textMasked", event.Client, Options{}, frame(0x81, benchKey, text)},
		{"everything", event.Client, Options{Want: WantFramePayload | WantMessagePayload | WantDigest}, frame(0x81, benchKey, text)},
		{"ping", event.Client, Options{}, frame(0x89, benchKey, text[:8])},
		{"unmaskedByClient", event.Client, Options{}, frame(0x81, nil, text)},
		{"deflate", event.Client, Options{Extensions: ExtensionsDeflate, Want: WantMessagePayload}, compressed(t, 1, 1000)[0]},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewStream(c.side, c.o, silent{})
			feed := func() {
				s.Data(packet(1), c.frame[:3])
				s.Data(packet(2), c.frame[3:])
				s.Data(packet(3), c.frame)
			}
			for range 200 { // the deflate window grows to its size
				feed()
			}
			if n := testing.AllocsPerRun(100, feed); n != 0 {
				t.Errorf("%v allocations for two frames", n)
			}
		})
	}
}

// benchmark feeds frames of count, in segments, again and again.
func benchmark(b *testing.B, side event.Side, o Options, count int, segments ...[]byte) {
	s := NewStream(side, o, silent{})
	at := packet(1)
	total := 0
	for _, p := range segments {
		total += len(p)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range segments {
			s.Data(at, p)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*count), "ns/frame")
}

func BenchmarkFrames100BMasked(b *testing.B) {
	benchmark(b, event.Client, Options{}, 13, bytes.Repeat(frame(0x81, benchKey, json(100)), 13))
}

func BenchmarkFrames100BBinaryMasked(b *testing.B) {
	benchmark(b, event.Client, Options{}, 13, bytes.Repeat(frame(0x82, benchKey, json(100)), 13))
}

func BenchmarkFrames100B(b *testing.B) {
	benchmark(b, event.Server, Options{}, 13, bytes.Repeat(frame(0x81, nil, json(100)), 13))
}

func BenchmarkFrames8B(b *testing.B) {
	benchmark(b, event.Server, Options{}, 100, bytes.Repeat(frame(0x81, nil, json(8)), 100))
}

// segmented cuts p as an Ethernet path does.
func segmented(p []byte) (list [][]byte) {
	for len(p) > 0 {
		n := min(1448, len(p))
		list, p = append(list, p[:n]), p[n:]
	}
	return list
}

func BenchmarkFrames64KiBMaskedText(b *testing.B) {
	benchmark(b, event.Client, Options{}, 1, segmented(frame(0x81, benchKey, json(64<<10)))...)
}

func BenchmarkFrames64KiBMaskedBinary(b *testing.B) {
	benchmark(b, event.Client, Options{}, 1, segmented(frame(0x82, benchKey, json(64<<10)))...)
}

func BenchmarkFrames64KiBText(b *testing.B) {
	benchmark(b, event.Server, Options{}, 1, segmented(frame(0x81, nil, json(64<<10)))...)
}

func BenchmarkFrames64KiBDigest(b *testing.B) {
	benchmark(b, event.Client, Options{Want: WantDigest}, 1, segmented(frame(0x82, benchKey, json(64<<10)))...)
}

// BenchmarkDeflate reads 64 messages of 4 KiB with context takeover; MB/s are of what they inflate to.
func BenchmarkDeflate(b *testing.B) {
	frames := compressed(b, 64, 4096)
	s := NewStream(event.Client, Options{Extensions: ExtensionsDeflate}, silent{})
	b.SetBytes(64 * 4096)
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range frames {
			s.Data(packet(1), f)
		}
	}
}

func BenchmarkUnmask(b *testing.B) {
	p, dst := make([]byte, 1448), make([]byte, 1448)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		unmask(dst, p, [4]byte(benchKey), 3)
	}
}

func BenchmarkUTF8(b *testing.B) {
	for name, p := range map[string][]byte{"ASCII": json(1448), "Greek": bytes.Repeat([]byte("κόσμε "), 130), "French": bytes.Repeat([]byte("la réponse du serveur naïf "), 50)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				var v validator
				v.write(p)
			}
		})
	}
}
