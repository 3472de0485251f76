package hostile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"wshake/analyze/quic/quictest"
)

// All connections of QUIC here have one random and one secret of their client, so that one key log opens them.
var (
	quicRandom = bytes.Repeat([]byte{0x51}, 32)
	quicSecret = bytes.Repeat([]byte{0x52}, 32)
	quicHello  = quictest.Crypto(0, quictest.ClientHello(quicRandom))
	quicSealer = quictest.NewSealer(quicSecret)
)

// KeyLog has the secrets of what Attacks send over QUIC.
var KeyLog = fmt.Sprintf("CLIENT_TRAFFIC_SECRET_0 %x %x\n", quicRandom, quicSecret)

// quicFlow writes the datagrams of a client of QUIC.
type quicFlow struct {
	n      int
	id     []byte // of the server
	number uint32
	out    func(Packet)
}

func newQUIC(n int, out func(Packet)) *quicFlow {
	return &quicFlow{n: n, id: binary.BigEndian.AppendUint64(nil, uint64(n)), out: out}
}

// begin sends the first Initial, with more frames behind the ClientHello.
func (f *quicFlow) begin(more ...byte) *quicFlow {
	f.initial(append(bytes.Clone(quicHello), more...))
	return f
}

func (f *quicFlow) initial(frames []byte) {
	f.send(443, quictest.Initial(f.id, nil, f.number, frames))
	f.number++
}

// say sends frames in a packet of 1-RTT.
func (f *quicFlow) say(frames []byte) {
	f.send(443, quicSealer.Short(f.id, f.number, frames))
	f.number++
}

func (f *quicFlow) send(port uint16, p []byte) {
	const headers = 28 // of IP and UDP
	b := make([]byte, headers, headers+len(p))
	b[0], b[8], b[9] = 4<<4|5, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(headers+len(p)))
	copy(b[12:], []byte{10, byte(f.n >> 16), byte(f.n >> 8), byte(f.n), 192, 0, 2, 1})
	binary.BigEndian.PutUint16(b[20:], uint16(20000+f.n%40000))
	binary.BigEndian.PutUint16(b[22:], port)
	binary.BigEndian.PutUint16(b[24:], uint16(8+len(p)))
	b = append(b, p...)
	binary.BigEndian.PutUint16(b[10:], checksum(0, b[:20]))
	f.out(Packet{Start + int64(f.number)*1e3, b})
}

// stream makes a STREAM frame (RFC 9000 §19.8).
func stream(id, offset uint32, p []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0x0e}, id|0x80000000)
	b = binary.BigEndian.AppendUint32(b, offset|0x80000000)
	return append(binary.BigEndian.AppendUint16(b, 0x4000|uint16(len(p))), p...)
}

// h3Connect is a HEADERS frame that asks for a WebSocket (RFC 9220 §3), without a table.
var h3Connect = func() []byte {
	block := []byte{0, 0}
	for _, f := range [][2]string{{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"},
		{":path", "/chat"},
		{":authority", "example.com"}, {"sec-websocket-version", "13"}} {
		if n := len(f[0]); n < 7 { // RFC 9204 §4.5.6
			block = append(block, 0x20|byte(n))
		} else {
			block = append(block, 0x27, byte(n-7))
		}
		block = append(block, f[0]...)
		block = append(append(block, byte(len(f[1]))), f[1]...)
	}
	return append([]byte{1, 0x40, byte(len(block))}, block...)
}()

// quicAttacks are those over QUIC.
var quicAttacks = []Attack{
	{"quic-initials", func(n int, out func(Packet)) { // every other connection is closed at once (RFC 9000 §19.19)
		for i := range 1000 * n {
			f := newQUIC(i, out)
			if i%2 == 0 {
				f.begin()
			} else {
				f.begin(0x1c, 0, 0, 0)
			}
		}
	}},
	{"quic-ports", func(n int, out func(Packet)) { // long headers of a version that is not read
		for i := range 5000 * n {
			newQUIC(i, out).send(uint16(i), append([]byte("\xc0\xfa\xce\xb0\x02\x08"), make([]byte, 40)...))
		}
	}},
	{"quic-crypto-gaps", func(n int, out func(Packet)) {
		for i := range 50 * n {
			f := newQUIC(i, out)
			for j := range uint32(40) {
				f.initial(quictest.Crypto(1+1001*j, make([]byte, 1000)))
			}
		}
	}},
	{"quic-ids", func(n int, out func(Packet)) { // NEW_CONNECTION_ID (RFC 9000 §19.15)
		for i := range 100 * n {
			f := newQUIC(i, out).begin()
			for j := range uint32(5) {
				var frames []byte
				for k := range uint32(40) {
					frames = binary.BigEndian.AppendUint32(append(frames, 0x18), 0x80000000|(40*j+k))
					frames = binary.BigEndian.AppendUint64(append(frames, 0, 8), uint64(i)<<32|uint64(40*j+k))
					frames = append(frames, make([]byte, 16)...)
				}
				f.say(frames)
			}
		}
	}},
	{"quic-streams", func(n int, out func(Packet)) { // each asks for a WebSocket and holds what follows
		held := append([]byte{0, 0x53, 0x88}, bytes.Repeat([]byte{0xff}, 5000)...)
		for i := range 20 * n {
			f := newQUIC(i, out).begin()
			for j := range uint32(40) {
				p := append(bytes.Clone(h3Connect), held...)
				for at := 0; at < len(p); at += 1000 {
					f.say(stream(4*j, uint32(at), p[at:min(at+1000, len(p))]))
				}
			}
		}
	}},
	{"quic-stream-gaps", func(n int, out func(Packet)) { // each stream waits for its first octet
		for i := range 20 * n {
			f := newQUIC(i, out).begin()
			for j := range uint32(100) {
				f.say(stream(4*j, 1, []byte(strings.Repeat("x", 1000))))
			}
		}
	}},
}
