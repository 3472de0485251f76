package analyze

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// foreign are protocols that are no WebSocket: each says one turn of a side.
var foreign = []struct {
	name string
	turn func(r *rand.Rand, side int) []byte
}{
	{"http", func(r *rand.Rand, side int) []byte {
		if side == 0 {
			return fmt.Appendf(nil, "POST /a/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n%s", r.IntN(1e6), random(r, 300))
		}
		n := r.IntN(20000)
		return append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", n), random(r, n)...)
	}},
	{"the middle of a download", func(r *rand.Rand, side int) []byte {
		if side == 0 {
			return nil
		}
		return random(r, largestSegment*(1+r.IntN(6)))
	}},
	{"chunked HTTP", func(r *rand.Rand, side int) []byte {
		n := 1 + r.IntN(300)
		return fmt.Appendf(nil, "%x\r\n%s\r\n", n, random(r, n))
	}},
	{"tls", func(r *rand.Rand, side int) []byte {
		var b []byte
		for range 1 + r.IntN(4) {
			n := 20 + r.IntN(2000)
			b = append(binary.BigEndian.AppendUint16(append(b, 0x17, 3, 3), uint16(n)), random(r, n)...)
		}
		return b
	}},
	{"ssh", func(r *rand.Rand, side int) []byte { return random(r, 36+16*r.IntN(20)) }},
	{"random", func(r *rand.Rand, side int) []byte { return random(r, 1+r.IntN(1460)) }},
	{"random, tiny", func(r *rand.Rand, side int) []byte { return random(r, 1+r.IntN(8)) }},
	{"16-bit lengths", func(r *rand.Rand, side int) []byte { // DNS over TCP, and much else
		n := 12 + r.IntN(200)
		return append(binary.BigEndian.AppendUint16(nil, uint16(n)), random(r, n)...)
	}},
	{"types and 8-bit lengths", func(r *rand.Rand, side int) []byte {
		var b []byte
		for range 1 + r.IntN(5) {
			n := r.IntN(120)
			b = append(append(b, byte(r.IntN(16)), byte(n)), random(r, n)...)
		}
		return b
	}},
	{"high types and 8-bit lengths", func(r *rand.Rand, side int) []byte {
		n := r.IntN(256)
		return append([]byte{0x80 | byte(r.IntN(32)), byte(n)}, random(r, n)...)
	}},
	{"32-bit lengths", func(r *rand.Rand, side int) []byte { // SMB, Kafka, PostgreSQL
		n := 8 + r.IntN(1000)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(n)), 0xfe, 'S', 'M', 'B'), random(r, n-4)...)
	}},
	{"rtp in rtsp", func(r *rand.Rand, side int) []byte {
		n := 200 + r.IntN(1000)
		return append(append(binary.BigEndian.AppendUint16([]byte{'$', 0}, uint16(n)), 0x80, 0x60), random(r, n-2)...)
	}},
	{"mqtt", func(r *rand.Rand, side int) []byte {
		n := 2 + r.IntN(100)
		return append([]byte{0x30 | byte(r.IntN(3)<<1), byte(n)}, random(r, n)...)
	}},
	{"msgpack", func(r *rand.Rand, side int) []byte { // maps of one or two begin as text and binary frames do
		var b []byte
		for range 1 + r.IntN(4) {
			n := r.IntN(32)
			b = append(append(b, 0x81, 0xa0|byte(n)), bytes.Repeat([]byte("key"), 11)[:n]...)
			b = append(b, byte(r.IntN(128)))
		}
		return b
	}},
	{"cbor", func(r *rand.Rand, side int) []byte {
		n := r.IntN(24)
		return append([]byte{0x82, 0x40 | byte(n)}, append(random(r, n), 0x01)...)
	}},
	{"asn.1", func(r *rand.Rand, side int) []byte { // LDAP
		n := 5 + r.IntN(120)
		return append([]byte{0x30, byte(n), 2, 1, byte(r.IntN(128)), 0x60 | byte(r.IntN(16))}, random(r, n-4)...)
	}},
	{"zeros", func(r *rand.Rand, side int) []byte { return make([]byte, 1+r.IntN(1460)) }},
	{"one octet", func(r *rand.Rand, side int) []byte {
		return bytes.Repeat([]byte{byte(0x80 + r.IntN(16))}, 1+r.IntN(500))
	}},
	{"samples", func(r *rand.Rand, side int) []byte { // 16-bit audio
		var b []byte
		for i := range 500 {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(float64(i)/float64(3+r.IntN(20))))))
		}
		return b
	}},
	{"floats", func(r *rand.Rand, side int) []byte {
		var b []byte
		for range 50 {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.NormFloat64()))
		}
		return b
	}},
	{"text", func(r *rand.Rand, side int) []byte {
		return fmt.Appendf(nil, "%d PRIVMSG #x :été %d ☃\r\n", r.IntN(1e6), r.IntN(1e6))
	}},
	{"utf-16", func(r *rand.Rand, side int) []byte {
		var b []byte
		for range 100 {
			b = append(b, byte('a'+r.IntN(26)), 0)
		}
		return b
	}},
}

// Nothing of 200 MB of other traffic is called WebSocket, started anywhere or with a gap at its beginning.
func TestOtherTrafficIsNotWebSocket(t *testing.T) {
	total, each := 200<<20, 150<<10
	if need.Brief() || racing {
		total = 3 << 20
	}
	rounds := total / each / len(foreign)
	octets := 0
	for i := range rounds {
		var all tape
		for n, p := range foreign {
			r := rand.New(rand.NewPCG(uint64(i), uint64(n)))
			f := newFlow(n)
			if i%4 == 0 {
				f.opened()
				f.next[0], f.next[1] = f.next[0]+1000, f.next[1]+1000
			}
			for said := 0; said < each; {
				side := r.IntN(2)
				b := p.turn(r, side)
				if len(f.tape) == 0 && len(b) > 1 {
					b = b[r.IntN(len(b)):] // the capture begins anywhere
				}
				f.say(side, b)
				said += len(b) + 1
				octets += len(b)
			}
			all = append(all, f.tape...)
		}
		slices.SortStableFunc(all, func(a, b capture.Packet) int { return int(a.Time - b.Time) })
		got := all.analyse(t)
		for _, c := range got.connections {
			t.Errorf("round %d: %s was called WebSocket", i, foreign[c.Conn.Peer[0].Port()%20000].name)
		}
		if len(got.handshakes)+len(got.frames)+len(got.findings) > 0 {
			t.Fatalf("round %d: %d handshakes, %d frames, %d findings", i, len(got.handshakes), len(got.frames), len(got.findings))
		}
	}
	t.Logf("%d MB of %d protocols", octets>>20, len(foreign))
}

// Neither is any other stream of the captures of others, whole or without the beginning of its connections.
func TestOtherStreamsOfSharedCapturesAreNotWebSocket(t *testing.T) {
	for _, path := range sharedCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			original := loadTape(t, path)
			spoken := testimonies(original.analyse(t))
			for _, n := range []int{1, 2, 3, 5} {
				for key := range testimonies(original.beheaded(n).analyse(t)) {
					if spoken[key] == nil {
						t.Errorf("without its first %d segments %v was called WebSocket", n, key)
					}
				}
			}
		})
	}
}

// beheaded leaves out the SYNs and the first n segments with octets of every connection.
func (t tape) beheaded(n int) tape {
	var kept tape
	passed := make(map[reassembly.Key]int)
	for i, s := range t.segments() {
		if s.Flags&reassembly.SYN != 0 {
			continue
		}
		if len(s.Payload) > 0 && passed[s.Key] < n {
			passed[s.Key]++
			continue
		}
		kept = append(kept, t[i])
	}
	return kept
}
