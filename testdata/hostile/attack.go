package hostile

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Attack is a flood that tries to fill the memory of who reads it.
type Attack struct {
	Name string
	// run plays the attack, n times as large as a small one.
	run func(n int, out func(Packet))
}

// stopped ends a generator whose reader wants no more.
type stopped struct{}

// Packets are those of the attack, n times as many as of a small one.
func (a Attack) Packets(n int) iter.Seq[Packet] {
	return packets(func(out func(Packet)) { a.run(n, out) })
}

func packets(run func(out func(Packet))) iter.Seq[Packet] {
	return func(yield func(Packet) bool) {
		defer func() {
			if r := recover(); r != nil && r != any(stopped{}) {
				panic(r)
			}
		}()
		run(func(p Packet) {
			if !yield(p) {
				panic(stopped{})
			}
		})
	}
}

// Handshake are a request and an answer that agree; extension is added to both, a field or "".
func Handshake(extension string) [2][]byte {
	return [2][]byte{
		[]byte("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\r\nSec-WebSocket-Version: 13\r\n" + extension + "\r\n"),
		[]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: bfZvZEUxrcvx24jZGbEvfYLzZqg=\r\n" + extension + "\r\n"),
	}
}

// Agree opens the connection and shakes hands.
func (f *Flow) Agree(extension string) *Flow {
	f.Open()
	for side, head := range Handshake(extension) {
		f.Say(side, head)
	}
	return f
}

// Attacks are all floods there are, without the mix of them. KeyLog has the secrets of those over QUIC.
var Attacks = slices.Concat(tcpAttacks, quicAttacks)

var tcpAttacks = []Attack{
	{"pipelined-requests", func(n int, out func(Packet)) {
		f := NewFlow(1, out).Open()
		many := bytes.Repeat([]byte("GET / HTTP/1.1\r\n\r\n"), 1000)
		for range 30 * n {
			f.Say(0, many)
		}
	}},
	{"pipelined-kinds", func(n int, out func(Packet)) { // requests that cannot be counted together
		f := NewFlow(1, out).Open()
		many := bytes.Repeat([]byte("GET / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\nX: y\r\n\r\n"), 500)
		for range 30 * n {
			f.Say(0, many)
		}
	}},
	{"endless-heads", func(n int, out func(Packet)) {
		head := []byte("GET /chat HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-More: and more of it\r\n", 2500))
		for i := range 100 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, head)
		}
	}},
	{"held-segments", func(n int, out func(Packet)) { // each waits for one octet before it
		for i := range 1000 * n {
			f := NewFlow(i, out).Open()
			f.Next[0]++
			f.Say(0, bytes.Repeat([]byte("x"), 1400))
		}
	}},
	{"held-early", func(n int, out func(Packet)) { // behind a request whose answer does not come
		request := Handshake("")[0]
		for i := range 100 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, request)
			f.Say(0, bytes.Repeat([]byte{0xff}, 60<<10))
		}
	}},
	{"requests-unanswered", func(n int, out func(Packet)) { // whose heads wait to be compared with other legs
		long := "X-Long: " + strings.Repeat("x", 8<<10) + "\r\n"
		for i := range 300 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, Handshake(long)[0])
			f.Close()
		}
	}},
	{"legs", func(n int, out func(Packet)) { // one key on all
		h := Handshake("")
		for i := range 1000 * n {
			f := NewFlow(i, out).Open()
			f.Ends[1].Port = uint16(1000 + i%3)
			f.Say(0, h[0])
		}
	}},
	{"findings", func(n int, out func(Packet)) {
		f := NewFlow(1, out).Agree("")
		for range 100 * n {
			f.Say(0, bytes.Repeat([]byte{1, 0}, 730))
		}
	}},
	{"findings-everywhere", func(n int, out func(Packet)) {
		for i := range 300 * n {
			f := NewFlow(i, out).Agree("")
			f.Say(0, bytes.Repeat([]byte{1, 0, 0x83, 0, 0x70, 0}, 100))
		}
	}},
	{"caveats", func(n int, out func(Packet)) { // a gap in front of each segment
		f := NewFlow(1, out).Agree("")
		f.Step = 3e9
		for range 2000 * n {
			f.Next[1]++
			f.Say(1, []byte("\x81\x05hello"))
		}
	}},
	{"attempts-refused", func(n int, out func(Packet)) { // on one connection
		f := NewFlow(1, out).Open()
		for range 1000 * n {
			f.Say(0, []byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"))
			f.Say(1, []byte("HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n"))
		}
	}},
	{"windows", func(n int, out func(Packet)) { // inflate windows, 32 KiB each
		const extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
		stored := make([]byte, 4, 40<<10)
		stored[0], stored[1] = 0xc2, 126
		binary.BigEndian.PutUint16(stored[2:], 33000+5)
		stored = append(stored, 0, 0xe8, 0x80, 0x17, 0x7f) // a stored block of 33000 octets
		stored = append(stored, bytes.Repeat([]byte("y"), 33000)...)
		for i := range 100 * n {
			f := NewFlow(i, out).Agree(extension)
			f.Say(1, stored)
		}
	}},
	{"messages", func(n int, out func(Packet)) { // begun and not ended, with payload to keep
		for i := range 500 * n {
			f := NewFlow(i, out).Agree("")
			f.Say(1, append([]byte("\x01\x7e\x05\xdc"), bytes.Repeat([]byte("z"), 1500)...))
		}
	}},
	{"continuations", func(n int, out func(Packet)) {
		f := NewFlow(1, out).Open()
		f.Say(0, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2Frame(4, 0, 0, "")))
		f.Say(0, []byte(h2Frame(1, 0, 1, "\x82")))
		for range 500 * n {
			f.Say(0, []byte(h2Frame(9, 0, 1, strings.Repeat("\x82\x84\x86", 400))))
		}
	}},
	{"continuations-everywhere", func(n int, out func(Packet)) {
		for i := range 100 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2Frame(4, 0, 0, "")))
			f.Say(0, []byte(h2Frame(1, 0, 1, "\x82")))
			f.Say(0, []byte(strings.Repeat(h2Frame(9, 0, 1, strings.Repeat("\x82\x84\x86", 400)), 50)))
		}
	}},
	{"streams", func(n int, out func(Packet)) { // each asks for a WebSocket and holds what follows
		f := NewFlow(1, out).Open()
		f.Say(0, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2Frame(4, 0, 0, "")))
		for i := range 200 * n {
			id := uint32(2*i + 1)
			f.Say(0, []byte(h2Frame(1, 4, id, h2Connect)+h2Frame(0, 0, id, strings.Repeat("\xff", 1000))))
		}
	}},
	{"streams-everywhere", func(n int, out func(Packet)) {
		for i := range 20 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2Frame(4, 0, 0, "")))
			for j := range 40 {
				id := uint32(2*j + 1)
				f.Say(0, []byte(h2Frame(1, 4, id, h2Connect)+h2Frame(0, 0, id, strings.Repeat("\xff", 5000))))
			}
		}
	}},
	{"client-hellos", func(n int, out func(Packet)) { // whose records do not end
		for i := range 500 * n {
			f := NewFlow(i, out).Open()
			f.Say(0, append([]byte("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03"), bytes.Repeat([]byte{1}, 4000)...))
		}
	}},
	{"bombs", func(n int, out func(Packet)) { // messages that inflate to a thousand times their size
		const extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
		var compressed bytes.Buffer
		w, _ := flate.NewWriter(&compressed, flate.BestCompression)
		w.Write(make([]byte, 1<<20))
		w.Flush()
		payload := bytes.TrimSuffix(compressed.Bytes(), []byte{0, 0, 0xff, 0xff})
		message := binary.BigEndian.AppendUint16([]byte{0xc2, 126}, uint16(len(payload)))
		message = append(message, payload...)
		f := NewFlow(1, out).Agree(extension)
		for range 50 * n {
			f.Say(1, message)
		}
	}},
	{"parameters", func(n int, out func(Packet)) { // of one extension, offered and answered
		many := "Sec-WebSocket-Extensions: permessage-deflate" + strings.Repeat("; a", 15000) + "\r\n"
		for i := range 10 * n {
			NewFlow(i, out).Agree(many)
		}
	}},
	{"extensions", func(n int, out func(Packet)) { // that are offered, and as many that are answered
		var many strings.Builder
		many.WriteString("Sec-WebSocket-Extensions: x")
		for i := range 2700 {
			fmt.Fprintf(&many, ", x%d", i)
		}
		many.WriteString("\r\n")
		for i := range 20 * n {
			NewFlow(i, out).Agree(many.String())
		}
	}},
	{"fields", func(n int, out func(Packet)) { // as many as are kept, and folded
		many := strings.Repeat("Upgrade: websocket\r\nConnection: a, b, upgrade\r\nContent-Length: 1\r\nX:\r\n y\r\n", 240)
		for i := range 20 * n {
			NewFlow(i, out).Agree(many)
		}
	}},
	{"fragments", func(n int, out func(Packet)) { // of IP, whose rest does not come
		for i := range 1000 * n {
			f := NewFlow(i, func(p Packet) {
				p.Data[6] = 0x20 // more fragments
				binary.BigEndian.PutUint16(p.Data[4:], uint16(i))
				p.Data[10], p.Data[11] = 0, 0
				binary.BigEndian.PutUint16(p.Data[10:], checksum(0, p.Data[:20]))
				out(p)
			})
			f.Say(0, bytes.Repeat([]byte("x"), 1400))
		}
	}},
}

// h2Connect is a header block that asks for a WebSocket (RFC 8441 §5), without a table.
var h2Connect = func() string {
	var b strings.Builder
	for _, f := range [][2]string{{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"}, {":path", "/chat"},
		{":authority", "example.com"}, {"sec-websocket-version", "13"}} {
		fmt.Fprintf(&b, "\x00%c%s%c%s", len(f[0]), f[0], len(f[1]), f[1])
	}
	return b.String()
}()

// h2Frame is a frame of HTTP/2.
func h2Frame(kind, flags byte, stream uint32, payload string) string {
	n := len(payload)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}) + payload
}

// Mix is all floods at once, one after the other at each turn, each from clients and to a server of its own.
func Mix(n int) iter.Seq[Packet] {
	return func(yield func(Packet) bool) {
		var next []func() (Packet, bool)
		for _, a := range Attacks {
			pull, stop := iter.Pull(a.Packets(n))
			defer stop()
			next = append(next, pull)
		}
		now := Start
		for left := len(next); left > 0; {
			for i, pull := range next {
				if pull == nil {
					continue
				}
				p, ok := pull()
				if !ok {
					next[i] = nil
					left--
					continue
				}
				if p.Data[12] == 192 { // the server, whose address tells the floods apart
					p.Data[14] = byte(3 + i)
				} else {
					p.Data[18] = byte(3 + i)
				}
				readdress(p.Data)
				p.Time = now
				now += 1e3
				if !yield(p) {
					return
				}
			}
		}
	}
}

// readdress makes the checksums right after a change of addresses.
func readdress(b []byte) {
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:], checksum(0, b[:20]))
	if b[9] != 6 {
		return // UDP has no checksum here
	}
	b[36], b[37] = 0, 0
	pseudo := uint32(6 + len(b) - 20)
	for i := 12; i < 20; i += 2 {
		pseudo += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(b[36:], checksum(pseudo, b[20:]))
}
