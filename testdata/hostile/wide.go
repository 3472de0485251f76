package hostile

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
)

// Wide are n conversations as Conversations makes them, of which some go through tunnels and some speak HTTP/2.
func Wide(seed uint64, n int) iter.Seq[Packet] {
	return packets(func(out func(Packet)) {
		for i := range n {
			g := newGrammar(seed, i, out)
			g.wrap = one(g, plain, plain, plain, plain, ipInIP, gre, vxlan)
			switch g.IntN(8) {
			case 0, 1:
				g.http2()
			case 2, 3:
				back := NewFlow(1<<20+i, g.flow.Out)
				back.Now, back.Step = g.flow.Now, g.flow.Step
				g.legs(back)
			default:
				g.conversation()
			}
		}
	})
}

func newGrammar(seed uint64, i int, out func(Packet)) *grammar {
	g := &grammar{Rand: rand.New(rand.NewPCG(seed, uint64(i))), wrap: plain}
	g.talk, g.deflate = &talks[g.IntN(len(talks))], g.rarely(3)
	g.flow = NewFlow(i, func(p Packet) {
		g.damage(p, func(p Packet) { out(Packet{p.Time, g.wrap(p.Data)}) })
	})
	g.flow.Now = Start + int64(i)*1e9
	g.flow.Step = 1e6
	return g
}

// Ways to carry a packet of IP in another.

func plain(p []byte) []byte { return p }

// outer is a header of IPv4 in front of n octets, between two tunnel ends.
func outer(protocol byte, n int) []byte {
	b := make([]byte, 20, 20+n)
	b[0], b[8], b[9] = 4<<4|5, 64, protocol
	binary.BigEndian.PutUint16(b[2:], uint16(20+n))
	copy(b[12:], []byte{198, 51, 100, 1, 198, 51, 100, 2})
	binary.BigEndian.PutUint16(b[10:], checksum(0, b))
	return b
}

func ipInIP(p []byte) []byte { return append(outer(4, len(p)), p...) }

func gre(p []byte) []byte { return append(append(outer(47, 4+len(p)), 0, 0, 8, 0), p...) }

func vxlan(p []byte) []byte {
	n := 8 + 8 + 14 + len(p)
	b := outer(17, n)
	b = binary.BigEndian.AppendUint16(b, 51000)
	b = binary.BigEndian.AppendUint16(b, 4789)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0)
	b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)
	return append(b, p...)
}

// http2 is a connection of HTTP/2 on which WebSockets are asked for, mostly against the rules.
func (g *grammar) http2() {
	f := g.flow
	f.Open()
	f.Say(0, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2Frame(4, 0, 0, "")))
	f.Say(1, []byte(h2Frame(4, 0, 0, one(g, "\x00\x08\x00\x00\x00\x01", "", "\x00\x01\x00\x00\x00\x00", "\x00\x05\x00\x00\x00\x01", "\x00\x08\x00"))))
	for i := range 1 + g.IntN(4) {
		id := uint32(2*i + 1)
		if g.rarely(12) {
			id = one(g, uint32(0), 2, 1, 1<<31-1)
		}
		f.Say(0, []byte(h2Frame(1, one(g, byte(4), 4, 4, 0, 5, 0x24), id, g.h2Block([][2]string{{":method", one(g, "CONNECT", "CONNECT", "GET")},
			{":protocol", "websocket"}, {":scheme", "https"}, {":path", one(g, "/chat", "/x?access_token="+Secret)},
			{":authority", one(g, "a", "u:"+Secret+"@a")}, {"sec-websocket-version", "13"}, {"cookie", "session=" + Secret},
			{"authorization", "Bearer " + Secret}}))))
		f.Say(1, []byte(h2Frame(1, 4, id, g.h2Block([][2]string{{":status", one(g, "200", "200", "200", "403", "101", "1")}, {"set-cookie", "sid=" + Secret}}))))
		for range g.IntN(5) {
			side := g.IntN(2)
			frames := g.frames(side)
			f.Say(side, []byte(h2Frame(0, one(g, byte(0), 0, 0, 1, 8), id, string(frames[:min(len(frames), 16000)]))))
			if g.rarely(4) {
				f.Say(side, []byte(h2Frame(byte(g.IntN(12)), byte(g.IntN(256)), uint32(g.IntN(6)), strings.Repeat("\x7f", g.IntN(40)))))
			}
		}
	}
	f.Close()
}

// h2Block is a header block of literals without a table (RFC 7541 §6.2.2), rarely damaged.
func (g *grammar) h2Block(fields [][2]string) string {
	var b strings.Builder
	for _, f := range fields {
		if g.rarely(15) {
			continue
		}
		if g.rarely(20) {
			b.WriteString(one(g, "\xff\xff\xff\xff\x7f", "\x82", "\xbe", "\x20", "\x00\x7f\x80"))
		}
		fmt.Fprintf(&b, "\x00%c%s%c%s", len(f[0]), f[0], len(f[1]), f[1])
	}
	return b.String()
}

// Truth is what both sides of a conversation know that was said behind the handshake.
type Truth struct {
	Client string    // address and port
	Front  [2]uint64 // octets by side before the request and the answer
	Told   [2]uint64 // octets by side from the first on that a packet which was captured acknowledges
	Asked  int       // requests
}

// Truths are those of the conversations that Conversations makes of the same arguments. Of those that were captured
// from the middle octets are counted from the first that was captured of the side.
func Truths(seed uint64, n int) (truths []Truth) {
	for i := range n {
		var acked, first [2]uint32
		g := newGrammar(seed, i, nil)
		f := g.flow
		var captured [2]bool // octets of the side
		f.Out = func(p Packet) {
			g.damage(p, func(p Packet) {
				if len(p.Data) < 40 || p.Data[33]&ACK == 0 || p.Data[33]&(SYN|RST) != 0 {
					return
				}
				side := 0 // that is acknowledged
				if binary.BigEndian.Uint16(p.Data[20:]) == f.Ends[0].Port {
					side = 1
				}
				if from := side ^ 1; len(p.Data) > 40 && !captured[from] {
					captured[from] = true
					if !g.opened {
						first[from] = binary.BigEndian.Uint32(p.Data[24:])
					}
				}
				if n := binary.BigEndian.Uint32(p.Data[28:]) - first[side]; n < 1<<30 {
					acked[side] = max(acked[side], n)
				}
			})
		}
		begin := f.Next
		first = [2]uint32{f.Next[0] + 1, f.Next[1] + 1}
		g.conversation()
		a := f.Ends[0]
		t := Truth{Asked: g.asked, Client: fmt.Sprintf("%d.%d.%d.%d:%d", a.Addr[0], a.Addr[1], a.Addr[2], a.Addr[3],
			a.Port)}
		for side := range 2 {
			t.Front[side] = uint64(g.fronts[side])
			said := f.Said[side]
			if !g.opened {
				said -= min(said, first[side]-begin[side])
				t.Front[side] -= min(t.Front[side], uint64(first[side]-begin[side]))
			}
			t.Told[side] = uint64(min(acked[side], said)) // a FIN is acknowledged, too
		}
		truths = append(truths, t)
	}
	return truths
}
