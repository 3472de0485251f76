package deflate

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	kflate "github.com/klauspost/compress/flate"
)

// jsonMessages makes n messages of about size octets that look like what applications send.
func jsonMessages(n, size int) [][]byte {
	r := rand.New(rand.NewPCG(1, uint64(size)))
	words := []string{"alpha", "orders", "price", "update", "market", "hello there", "notification", "Zürich", "connected"}
	msgs := make([][]byte, n)
	for i := range msgs {
		var b bytes.Buffer
		fmt.Fprintf(&b, `{"type":"event","seq":%d,"channel":"C%08X","items":[`, i, r.Uint32())
		for b.Len() < size-60 {
			fmt.Fprintf(&b, `{"id":"%08x","name":"%s","value":%.4f,"time":17%08d},`, r.Uint32(), words[r.IntN(len(words))], r.Float64()*1000, r.IntN(1e8))
		}
		fmt.Fprintf(&b, `{"id":null}]}`)
		msgs[i] = b.Bytes()
	}
	return msgs
}

// deflated compresses messages as a sender with context takeover does.
func deflated(tb testing.TB, msgs [][]byte, level int) [][]byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	sent := make([][]byte, len(msgs))
	for i, m := range msgs {
		b.Reset()
		w.Write(m)
		w.Flush()
		sent[i] = bytes.Clone(b.Bytes()[:b.Len()-4])
	}
	return sent
}

// The competitors get the easiest task there is for them: one endless stream and the exact length of each message.
func BenchmarkTakeover(b *testing.B) {
	for _, size := range []int{200, 1 << 10, 4 << 10, 16 << 10} {
		n := 4 << 20 / size
		msgs := jsonMessages(n, size)
		sent := deflated(b, msgs, 6)
		total := 0
		var stream []byte
		for i := range msgs {
			total += len(msgs[i])
			stream = append(append(stream, sent[i]...), 0, 0, 0xff, 0xff)
		}
		b.Run(fmt.Sprintf("%d/wshake", size), func(b *testing.B) {
			b.SetBytes(int64(total / n))
			b.ReportAllocs()
			var z *Inflater
			pool := NewPool(0)
			got := 0
			out := take(func(p []byte) { got += len(p) })
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					z = New(Config{Pool: pool})
				}
				if z.Write(sent[i%n], out) != nil || z.End(out) != nil {
					b.Fatal("failed")
				}
				if i%n == n-1 {
					z.Release()
				}
			}
		})
		readers := map[string]func(io.Reader) io.ReadCloser{"std": flate.NewReader, "klauspost": kflate.NewReader}
		for _, name := range []string{"std", "klauspost"} {
			b.Run(fmt.Sprintf("%d/%s", size, name), func(b *testing.B) {
				b.SetBytes(int64(total / n))
				b.ReportAllocs()
				var z io.Reader
				buf := make([]byte, 2*size)
				for i := 0; b.Loop(); i++ {
					if i%n == 0 {
						z = readers[name](bytes.NewReader(stream))
					}
					if _, err := io.ReadFull(z, buf[:len(msgs[i%n])]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkBomb(b *testing.B) {
	const size = 16 << 20
	sent := deflated(b, [][]byte{make([]byte, size)}, 6)[0]
	b.SetBytes(size)
	b.ReportAllocs()
	z := New(Config{})
	out := take(func([]byte) {})
	for b.Loop() {
		if z.Write(sent, out) != nil || z.End(out) != nil {
			b.Fatal("failed")
		}
	}
}
