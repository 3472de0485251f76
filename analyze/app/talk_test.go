package app

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"wshake/analyze/event"
)

// FuzzRead: whatever messages hold, words are bounded, of one line's length, and failures do not depend on whether
// words are wanted.
func FuzzRead(f *testing.F) {
	for _, path := range sampleFiles(f) {
		readSamples(f, path, func(_ string, _ *Talk, m *Message) string {
			for i, p := range protocols {
				if strings.HasSuffix(path, "/"+p.name+".txt") {
					f.Add(uint8(i), m.First, m.First, uint16(m.From)|uint16(m.Opcode)<<4)
				}
			}
			f.Add(uint8(255), m.First, m.First, uint16(m.From)|uint16(m.Opcode)<<4)
			return ""
		})
	}
	f.Fuzz(func(t *testing.T, p uint8, first, second []byte, how uint16) {
		var talk, quiet Talk
		if int(p) < len(protocols) {
			talk.protocol, talk.agreed = protocols[p], true
		}
		quiet = talk
		for i, octets := range [][]byte{first, second} {
			m := &Message{From: event.Side(how >> i & 1), Opcode: event.OpText, First: octets[:min(len(octets), MaxFirst)],
				Length: uint64(len(octets)), Lost: how>>8&1 == 1}
			if how>>4&3 == 2 {
				m.Opcode = event.OpBinary
			}
			a, b := talk.Read(m, true), quiet.Read(m, false)
			if (a != nil && a.Failed) != (b != nil) {
				t.Fatalf("%+v and %+v", a, b)
			}
			if a == nil {
				continue
			}
			if a.Protocol == "" || a.Type == "" || a.Text == "" {
				t.Fatalf("no words: %+v", a)
			}
			for _, s := range []string{a.ID, a.Name, a.Error} {
				if len(s) > longest+len("…") {
					t.Fatalf("%d octets: %q", len(s), s)
				}
			}
			if len(a.Text) > 8*longest {
				t.Fatalf("%d octets: %q", len(a.Text), a.Text)
			}
			if utf8.Valid(octets) && m.Opcode == event.OpText && !utf8.ValidString(a.Text) {
				t.Fatalf("text was cut inside a character: %q", a.Text)
			}
		}
	})
}

// A stream of MQTT packets says the same however it is cut into messages.
func TestPacketsInPieces(t *testing.T) {
	stream := "\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc" + "\x82\x08\x00\x01\x00\x03a/b\x00" +
		"\x32\x99\x06\x00\x03a/b\x00\x05" + strings.Repeat("x", 786) + "\xc0\x00" + "\xe0\x00"
	want := "CONNECT SUBSCRIBE PUBLISH PINGREQ DISCONNECT"
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var k packets
		var types []string
		for p := stream; p != ""; {
			n := 1 + r.IntN(min(len(p), 1+r.IntN(900)))
			k.take(&Message{From: event.Client, Opcode: event.OpBinary, First: []byte(p[:min(n, MaxFirst)]), Length: uint64(n)},
				func(packet []byte, length uint64) {
					if a := mqttPacket(packet, length); a != nil {
						types = append(types, a.Type)
					}
				})
			p = p[n:]
			if k.lost {
				break // a packet began in what was not at hand
			}
		}
		if got := strings.Join(types, " "); got != want && !(k.lost && strings.HasPrefix(want, got)) {
			t.Fatalf("got %s", got)
		}
	}
}

// Messages that nobody wants in words cost no memory.
func TestQuietReadingAllocatesNothing(t *testing.T) {
	for _, c := range []struct{ subprotocol, text string }{
		{"", "hello"}, {"mqtt", "\x30\x05\x00\x03a/b"}, {"graphql-transport-ws", `{"type":"next","id":"1","payload":{}}`},
		{"v12.stomp", "MESSAGE\ndestination:/a\n\n\x00"}, {"wamp.2.json", `[36,1,2,{}]`}, {"ocpp1.6", `[3,"1",{}]`},
	} {
		var talk Talk
		talk.Agree(&event.Handshake{Protocol: event.Some(c.subprotocol)})
		m := &Message{From: event.Server, Opcode: event.OpText, First: []byte(c.text), Length: uint64(len(c.text))}
		if c.subprotocol == "mqtt" {
			m.Opcode = event.OpBinary
		}
		talk.Read(m, false)
		if n := testing.AllocsPerRun(100, func() { talk.Read(m, false) }); n > 0 {
			t.Errorf("%s: %v allocations", c.subprotocol, n)
		}
	}
}
