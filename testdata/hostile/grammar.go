package hostile

import (
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"strings"
)

// Secret stands in every credential of the conversations that Conversations makes.
const Secret = "planted-5ecret-value"

// Conversations are n conversations that a grammar makes at random: heads, extensions, frames, endings, overlaps and
// forged segments, mostly against the rules. The same seed makes the same packets.
func Conversations(seed uint64, n int) iter.Seq[Packet] {
	return packets(func(out func(Packet)) {
		for i := range n {
			newGrammar(seed, i, out).conversation()
		}
	})
}

// grammar makes one conversation.
type grammar struct {
	*rand.Rand
	flow *Flow
	wrap func([]byte) []byte // what the packets are carried in

	// What the conversation is about, and whether both heads agree on permessage-deflate.
	talk    *talk
	deflate bool

	// What the conversation was: whether it was opened, its requests, and the octets by side before the first of them
	// and its answer.
	opened bool
	asked  int
	fronts [2]uint32
}

// one picks one of several.
func one[T any](g *grammar, of ...T) T { return of[g.IntN(len(of))] }

// rarely is true in one of n cases.
func (g *grammar) rarely(n int) bool { return g.IntN(n) == 0 }

func (g *grammar) conversation() {
	f := g.flow
	if g.opened = !g.rarely(8); g.opened {
		f.Open()
	}
	g.front()
	for round := 0; round == 0 || g.rarely(4); round++ {
		preface := g.preface()
		f.Say(0, []byte(preface+g.request()))
		if g.asked++; round == 0 {
			g.fronts[0] += uint32(len(preface))
		}
		if g.rarely(6) {
			f.Say(0, g.frames(0))
		}
		f.Say(1, []byte(g.answer()))
	}
	for range g.IntN(12) {
		side := g.IntN(2)
		f.Say(side, g.frames(side))
		if g.rarely(4) {
			g.forge(side)
		}
	}
	switch g.IntN(4) {
	case 0:
		f.Close()
	case 1:
		f.Send(g.IntN(2), RST|ACK, f.Next[0], nil)
	case 2:
		f.Say(0, []byte("\x88\x82\x00\x00\x00\x00\x03\xe8"))
		f.Say(1, []byte("\x88\x02\x03\xe8"))
		f.Close()
	}
}

func (g *grammar) preface() string {
	if !g.rarely(8) {
		return ""
	}
	return one(g, "PROXY TCP4 10.0.0.9 10.0.0.8 1 2\r\n", "PROXY UNKNOWN\r\n", "\r\n\r\nCONNECT", "\x05\x01\x00", "\x16\x03\x01\x00\x05hello")
}

func (g *grammar) request() string {
	target := one(g, g.talk.target, g.talk.target, g.talk.target+"&token="+Secret, "/chat", "/", "*", "", "/"+strings.Repeat("a", 3000), "http://u:"+Secret+"@h/p", "/x?access_token="+Secret+"&a=b", "/\x01\x7f", "//\xff")
	line := one(g, "GET ", "GET\t", " GET ", "get ", "POST ", "CONNECT ", "M-SEARCH ", "GET  ") + target +
		one(g, " HTTP/1.1", " HTTP/1.1", " HTTP/1.1", " HTTP/1.0", " HTTP/2.0", " http/1.1", "", " HTTP/1.1 x", "\tHTTP/1.1")
	return line + g.end() + g.fields([]string{"Host: a", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==", "Sec-WebSocket-Version: 13", "Cookie: session=" + Secret,
		"Authorization: Bearer " + Secret, "Sec-WebSocket-Protocol: " + g.offer(), "Origin: http://u:" + Secret + "@evil.example"}) + g.end()
}

func (g *grammar) answer() string {
	line := one(g, "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 200 OK",
		"HTTP/1.1 100 Continue", "HTTP/1.1 403 no", "HTTP/1.0 101", "http/1.1 101 x", "HTTP/1.1 1o1 x", "ICY 200 OK", "\x00\xff")
	return line + g.end() + g.fields([]string{"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: bfZvZEUxrcvx24jZGbEvfYLzZqg=", g.choice(),
		"Set-Cookie: sid=" + Secret + "; Path=/", "Location: https://h/?token=" + Secret}) + g.end()
}

// offer is what the request says of subprotocols.
func (g *grammar) offer() string {
	if g.talk.subprotocol == "" {
		return one(g, "chat, bearer."+Secret, "access_token, "+Secret, "chat")
	}
	return one(g, g.talk.subprotocol, g.talk.subprotocol+", access_token."+Secret)
}

// choice is the field of the answer that chooses a subprotocol.
func (g *grammar) choice() string {
	if g.talk.subprotocol == "" || g.rarely(5) {
		return one(g, "Sec-WebSocket-Protocol: bearer."+Secret, "Sec-WebSocket-Protocol: chat", "X-None: 1", "X-None: 1")
	}
	return "Sec-WebSocket-Protocol: " + g.talk.subprotocol
}

// fields are some of the usual fields and some others, in a changed order.
func (g *grammar) fields(usual []string) string {
	var b strings.Builder
	if g.deflate {
		usual = append(usual, "Sec-WebSocket-Extensions: permessage-deflate")
	}
	g.Shuffle(len(usual), func(i, j int) { usual[i], usual[j] = usual[j], usual[i] })
	for _, f := range usual {
		if g.rarely(12) {
			continue
		}
		switch g.IntN(20) {
		case 0:
			f = strings.Replace(f, ": ", " : ", 1)
		case 1:
			f = strings.Replace(f, ": ", ":\v", 1)
		case 2:
			f = strings.Replace(f, ": ", ":\r\n ", 1)
		case 3:
			f += g.end() + f
		case 4:
			f = strings.ToUpper(f)
			if strings.Contains(f, strings.ToUpper(Secret)) {
				continue // its spelling is another now
			}
		}
		b.WriteString(f + g.end())
	}
	for range g.IntN(3) {
		b.WriteString(one(g, "Content-Length: 0", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5\r\nContent-Length: 6",
			"Transfer-Encoding: chunked", "Transfer-Encoding: xchunked", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9",
			"Sec-WebSocket-Extensions: permessage-deflate, x-unknown; a=\"b\\\"c\"", "Sec-WebSocket-Extensions: "+strings.Repeat("permessage-deflate; a, ", 200),
			"X: "+strings.Repeat("y", 5000), ": no name", "no colon", "\x1b[2J: \u202e", "X-Auth-Token: "+Secret) + g.end())
	}
	return b.String()
}

func (g *grammar) end() string {
	if g.rarely(40) {
		return one(g, "\n", "\r\r\n", "\r")
	}
	return "\r\n"
}

// frames are some frames of a side.
func (g *grammar) frames(side int) (b []byte) {
	for range 1 + g.IntN(5) {
		first := one(g, byte(0x81), 0x82, 0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x8a, 0x88, 0xc1, 0xc2, 0x41, 0x83, 0x8b, 0xf1)
		payload := make([]byte, one(g, 0, 1, 5, 125, 126, 1000, 5000))
		for i := range payload {
			payload[i] = byte('a' + g.IntN(26))
			if g.rarely(50) {
				payload[i] = byte(g.IntN(256))
			}
		}
		if len(payload) > 60 {
			copy(payload, `{"password":"`+PayloadSecret+`"}`)
		}
		if g.rarely(3) {
			payload = g.word(side)
			if g.talk.binary && first&0xf == 1 {
				first++
			}
		}
		if first&0x40 != 0 && first&8 == 0 && !g.rarely(3) {
			payload = deflated(payload)
		}
		n := len(payload)
		if g.rarely(30) {
			n = one(g, 1<<20, 1<<31, 7)
		}
		mask := byte(0)
		if side == 0 != g.rarely(15) {
			mask = 0x80
		}
		switch {
		case n < 126:
			b = append(b, first, mask|byte(n))
		case n < 1<<16 && !g.rarely(20):
			b = binary.BigEndian.AppendUint16(append(b, first, mask|126), uint16(n))
		default:
			b = binary.BigEndian.AppendUint64(append(b, first, mask|127), uint64(n))
		}
		if mask != 0 {
			key := [4]byte{byte(g.IntN(256)), byte(g.IntN(256)), 3, 4}
			b = append(b, key[:]...)
			for i := range payload {
				payload[i] ^= key[i&3]
			}
		}
		b = append(b, payload...)
	}
	return b
}

// forge sends what the side did not send itself, or sends it again with other octets.
func (g *grammar) forge(side int) {
	f := g.flow
	ttl := f.TTL
	f.TTL[side] = one(g, byte(1), 33, 128)
	next := f.Next[side]
	switch g.IntN(6) {
	case 0:
		f.Send(side, RST, next+uint32(one(g, 0, 0, 10, 1<<20)), nil)
	case 1:
		f.Send(side, FIN|ACK, next+uint32(one(g, 0, 5)), nil)
	case 2:
		f.Send(side, SYN, uint32(g.Uint32()), nil)
	case 3:
		f.Send(side, ACK, next-uint32(g.IntN(200)), []byte(strings.Repeat("z", 1+g.IntN(100))))
	case 4:
		f.Send(side, ACK, next+uint32(g.IntN(5000)), []byte("ahead"))
	case 5:
		f.Send(side, ACK, uint32(g.Uint32()), []byte("far away"))
	}
	f.TTL = ttl
}

// damage passes a packet on, or does to it what networks and captures do.
func (g *grammar) damage(p Packet, out func(Packet)) {
	switch g.IntN(200) {
	case 0: // lost
	case 1:
		out(p)
		out(p)
	case 2:
		p.Data = p.Data[:20+g.IntN(len(p.Data)-19)]
		out(p)
	case 3:
		p.Time -= int64(g.IntN(1e9))
		out(p)
	default:
		out(p)
	}
}
