package http2

import (
	"math/rand/v2"
	"testing"
)

// Every proper prefix of a frame header is more; a payload that is cut is a fault of its size or padding.
func TestPrefixes(t *testing.T) {
	header := []byte{0, 0, 4, 3, 0, 0x80, 0, 0, 5}
	for n := range header {
		if _, size := parseHeader(header[:n]); size != 0 {
			t.Errorf("%d octets are a header", n)
		}
	}
	if h, _ := parseHeader(header); h != (Header{4, TypeRSTStream, 0, 5}) {
		t.Errorf("%+v", h)
	}
	for _, c := range []struct {
		name    string
		payload []byte
		least   int // octets that are a payload
		parse   func(p []byte) FaultKind
	}{
		{"rstStream", make([]byte, 4), 4, func(p []byte) FaultKind { _, f := parseRSTStream(p); return f }},
		{"goAway", make([]byte, 12), 8, func(p []byte) FaultKind { _, f := parseGoAway(p); return f }},
		{"windowUpdate", []byte{0, 0, 0, 1}, 4, func(p []byte) FaultKind { _, f := parseWindowUpdate(p); return f }},
		{"headers", make([]byte, 9), 5, func(p []byte) FaultKind { _, f := parseHeaders(FlagPriority, p); return f }},
		{"headersPadded", []byte{3, 'a', 0, 0, 0}, 4, func(p []byte) FaultKind { _, f := parseHeaders(FlagPadded, p); return f }},
		{"pushPromise", make([]byte, 6), 4, func(p []byte) FaultKind { _, _, f := parsePushPromise(0, p); return f }},
	} {
		for n := range len(c.payload) + 1 {
			if fault := c.parse(c.payload[:n]); (fault == FaultNone) != (n >= c.least) {
				t.Errorf("%s, %d octets: %v", c.name, n, fault)
			}
		}
	}
	if _, fault := parseSettings(nil, make([]byte, 7)); fault != FaultFrameSize {
		t.Error("settings of 7 octets")
	}
}

func TestSniff(t *testing.T) {
	for n := range len(preface) {
		if v := LooksLikePreface([]byte(preface[:n])); v != More {
			t.Errorf("%d octets of the preface: %d", n, v)
		}
	}
	for text, want := range map[string]Verdict{preface: Yes, preface + "x": Yes, "PRI * HTTP/2.0\r\n\r\nSN": No, "GET / HTTP/1.1": No, "\x16\x03\x01": No} {
		if v := LooksLikePreface([]byte(text)); v != want {
			t.Errorf("%q: %d, want %d", text, v, want)
		}
	}
	var f framer
	f.settings(Setting{1, 2}, Setting{8, 1})
	for n := range headerSize {
		if v := LooksLikeServer(f.wire.Bytes()[:n]); v != More {
			t.Errorf("%d octets of SETTINGS: %d", n, v)
		}
	}
	if LooksLikeServer(f.wire.Bytes()) != Yes {
		t.Error("SETTINGS are no server")
	}
	for _, text := range []string{"HTTP/1.1 200", "H", "\x16\x03\x03\x00\x7a", "\x00\x00\x08\x06\x00\x00\x00\x00\x00", "\x00\x00\x00\x04\x01\x00\x00\x00\x00", "\x00\x00\x05\x04"} {
		if v := LooksLikeServer([]byte(text)); v != No {
			t.Errorf("%q: %d", text, v)
		}
	}
}

// Nothing but frames is taken for frames.
func TestSearchInNonsense(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, octet := range map[string]func(i int) byte{
		"noise":  func(int) byte { return byte(random.Uint32()) },
		"zeros":  func(int) byte { return 0 },
		"small":  func(int) byte { return byte(random.Uint32N(10)) * byte(random.Uint32N(2)) },
		"text":   func(i int) byte { return "the quick brown fox\tjumps\nover\x00"[i%31] },
		"counts": func(i int) byte { return byte(i >> 10 >> (8 * (3 - i%4))) },
	} {
		p := make([]byte, 1<<18)
		for i := range p {
			p[i] = octet(i)
		}
		calls := []call{{side: Client, octets: p[:1<<17]}, {side: Client, octets: p[1<<17:]}, {side: Client, end: true}}
		if lines := play(Options{Midstream: [2]bool{true, true}}, new(recorder), calls); len(lines) != 2 || lines[0] != "client lost rest [3] DATA 0 262144" {
			t.Errorf("%s: %.300q", name, lines)
		}
	}
}
