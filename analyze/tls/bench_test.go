package tls

import (
	"bytes"
	"crypto/cipher"
	"testing"
	"wshake/analyze/event"
)

// nowhere is a Plain that forgets.
type nowhere struct{ octets int }

func (*nowhere) Hello(At, *Hello)                     {}
func (n *nowhere) Data(_ event.Side, _ At, p []byte)  { n.octets += len(p) }
func (*nowhere) Gap(event.Side, At, uint64)           {}
func (*nowhere) Alert(event.Side, At, Alert)          {}
func (*nowhere) Undecryptable(event.Side, At, Reason) {}
func (*nowhere) End(event.Side, At, End)              {}

// BenchmarkDecrypt measures TLS 1.3 with AES-128-GCM and records of 16 KiB, in segments of 1448 octets and in whole
// records.
func BenchmarkDecrypt(b *testing.B) {
	for name, size := range map[string]int{"segments": 1448, "records": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			_, server, d := greeting()
			keys := keysOf(b, scriptKeyLog())
			c := New(keys, Config{}, &nowhere{})
			for _, call := range d {
				c.Data(call.side, At{}, call.octets)
			}
			const records = 64
			var stream []byte
			text := bytes.Repeat([]byte("x"), 1<<14)
			for range records {
				stream = append(stream, server.seal(applicationData, text, 0)...)
			}
			h := &c.directions[event.Server]
			seq := h.seq
			b.SetBytes(records << 14)
			b.ReportAllocs()
			for b.Loop() {
				h.seq = seq // the same records again
				for p := stream; len(p) > 0; p = p[min(len(p), size):] {
					c.Data(event.Server, At{Acked: -1}, p[:min(len(p), size)])
				}
			}
			if h.dead || h.misses.any() {
				b.Fatal("not decrypted")
			}
		})
	}
}

// BenchmarkPrimitive is what crypto/cipher alone takes for the same.
func BenchmarkPrimitive(b *testing.B) {
	_, server, _ := greeting()
	record := server.seal(applicationData, make([]byte, 1<<14), 0)
	var aead cipher.AEAD = server.aead.aead
	nonce := xorNonce(server.aead.iv[:], 0)
	dst := make([]byte, 0, 1<<15)
	b.SetBytes(1 << 14)
	for b.Loop() {
		if _, err := aead.Open(dst, nonce[:], record[headerSize:], record[:headerSize]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUndecryptable is what the traffic of a side costs that was given up, if its connection is not rejected.
func BenchmarkUndecryptable(b *testing.B) {
	_, server, d := greeting()
	c := New(nil, Config{}, &nowhere{})
	for _, call := range d {
		c.Data(call.side, At{}, call.octets)
	}
	if !c.Done() {
		b.Fatal("not given up")
	}
	segment := server.say(string(make([]byte, 1400)))
	b.SetBytes(int64(len(segment)))
	b.ReportAllocs()
	for b.Loop() {
		c.Data(event.Server, At{}, segment)
	}
}

// BenchmarkHandshake is what a connection costs besides its records.
func BenchmarkHandshake(b *testing.B) {
	_, _, d := greeting()
	keys := keysOf(b, scriptKeyLog())
	b.ReportAllocs()
	for b.Loop() {
		c := New(keys, Config{}, &nowhere{})
		for _, call := range d {
			c.Data(call.side, At{}, call.octets)
		}
	}
}

// Reading records of application data allocates nothing.
func TestDecryptingAllocatesNothing(t *testing.T) {
	_, server, d := greeting()
	c := New(keysOf(t, scriptKeyLog()), Config{}, &nowhere{})
	for _, call := range d {
		c.Data(call.side, At{}, call.octets)
	}
	record := server.say(string(make([]byte, 5000)))
	h := &c.directions[event.Server]
	if n := testing.AllocsPerRun(100, func() {
		h.seq = 0
		c.Data(event.Server, At{Acked: -1}, record[:2000])
		c.Data(event.Server, At{Acked: -1}, record[2000:])
	}); n > 0 || h.misses.any() {
		t.Errorf("%v allocations", n)
	}
}
