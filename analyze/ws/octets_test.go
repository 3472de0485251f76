package ws

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"wshake/analyze/event"
)

// octets reads a fixture: hexadecimal octets, Go strings, # and the rest of its line as a comment, and N*X for X
// repeated.
//
//	81 05 "Hello"      # text
//	89 00              # an empty ping
//	82 7e 0100 256*00  # binary of 256 zeros
func octets(t testing.TB, fixture string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(fixture) {
		line, _, _ = strings.Cut(line, "#")
		for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
			times := 1
			if n, rest, ok := strings.Cut(line, "*"); ok && !strings.ContainsAny(n, ` "`) {
				times, _ = strconv.Atoi(n)
				line = rest
			}
			var word []byte
			if line[0] == '"' {
				quoted, err := strconv.QuotedPrefix(line)
				if err != nil {
					t.Fatalf("fixture: %v in %q", err, line)
				}
				text, _ := strconv.Unquote(quoted)
				word, line = []byte(text), line[len(quoted):]
			} else {
				token, rest, _ := strings.Cut(line, " ")
				b, err := hex.DecodeString(token)
				if err != nil {
					t.Fatalf("fixture: %v in %q", err, token)
				}
				word, line = b, rest
			}
			for range times {
				out = append(out, word...)
			}
		}
	}
	return out
}

// ruled reads a header drawn in bits; blanks and the ruler are for the reader.
func ruled(t testing.TB, drawing string) []byte {
	t.Helper()
	bits := strings.Join(strings.Fields(drawing), "")
	if len(bits)%8 != 0 {
		t.Fatalf("%d bits are no octets: %s", len(bits), drawing)
	}
	out := make([]byte, len(bits)/8)
	for i, c := range bits {
		out[i/8] = out[i/8]<<1 | byte(c-'0')
	}
	return out
}

// frame writes a frame in the shortest form; a nil key leaves it unmasked.
func frame(first byte, key []byte, payload []byte) []byte {
	b := []byte{first}
	bit := byte(0)
	if key != nil {
		bit = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = append(b, bit|126, byte(n>>8), byte(n))
	default:
		b = append(b, bit|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	b = append(b, key...)
	for i, c := range payload {
		if key != nil {
			c ^= key[i%4]
		}
		b = append(b, c)
	}
	return b
}

// packet is the packet of ordinal n.
func packet(n int) At { return At{Ordinal: uint64(n), Number: uint64(n), Acked: -1} }

// log is a Visitor that writes down what it is told. Payload is joined, so that a log does not depend on its pieces.
type log struct {
	lines   []string
	payload []byte // of the frame at hand
	message []byte // delivered of the message at hand
	packets bool   // write down packets, too
}

func (l *log) note(format string, args ...any) {
	l.lines = append(l.lines, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (l *log) at(first, last At) string {
	if !l.packets {
		return ""
	}
	return fmt.Sprintf("@%d-%d ", first.Ordinal, last.Ordinal)
}

func (l *log) FrameStart(f *Frame) {
	l.payload = l.payload[:0]
}

func (l *log) FramePayload(f *Frame, p []byte) { l.payload = append(l.payload, p...) }

func (l *log) FrameEnd(f *Frame) {
	s := fmt.Sprintf("+%d %s%s %s", f.Offset, l.at(f.First, f.Last), f.Header, show(l.payload))
	if f.MessageOpen {
		s += " open"
	}
	if !f.Complete {
		s += fmt.Sprintf(" captured=%d missing=%d", f.Captured, f.Missing)
	}
	if f.Opcode.Control() && len(f.Control) != len(l.payload) {
		s += fmt.Sprintf(" kept=%d", len(f.Control))
	}
	if f.Opcode == event.OpClose {
		s += fmt.Sprintf(" close(%t %d %q %s)", f.Close.HasCode, f.Close.Code, f.Close.Reason, f.Close.ReasonUTF8)
	}
	if f.Odd != 0 {
		s += " ODD " + f.Odd.String()
	}
	l.note("%s", s)
}

func (l *log) MessagePayload(m *Message, p []byte) { l.message = append(l.message, p...) }

// MessageKept keeps up to six octets.
func (l *log) MessageKept(m *Message, n int) ([]byte, bool) {
	return l.message, len(l.message)+n <= 6
}

func (l *log) MessageUnknown(m *Message, n uint64) {
	l.message = append(l.message, bytes.Repeat([]byte{'?'}, int(n))...)
}

func (l *log) BadText(m *Message, at At) { l.note("  bad text at %d %s", m.BadText, l.at(at, at)) }

func (l *log) MessageEnd(m *Message) {
	s := fmt.Sprintf("  %smessage %s frames=%d tiny=%d length=%d/%d %s utf8=%s", l.at(m.First, m.Last), m.Opcode, m.Frames,
		m.Tiny, m.Length, m.WireLength, show(l.message), m.UTF8)
	for _, x := range []struct {
		word string
		says bool
	}{{"unfinished", !m.Finished}, {"incomplete", m.Finished && !m.Complete}, {"interrupted", m.Interrupted},
		{"opaque", m.Opaque}} {
		if x.says {
			s += " " + x.word
		}
	}
	if m.Missing > 0 {
		s += fmt.Sprintf(" missing=%d", m.Missing)
	}
	if m.Compressed {
		s += " " + m.Inflate.State.String()
		if m.Inflate.UnknownBytes > 0 {
			s += fmt.Sprintf(" unknown=%d", m.Inflate.UnknownBytes)
		}
		if m.Inflate.Err != nil {
			s += fmt.Sprintf(" (%v)", m.Inflate.Err)
		}
	}
	if m.Withheld > 0 {
		s += fmt.Sprintf(" withheld=%d", m.Withheld)
	}
	if m.Kept {
		m.Hashed, m.Digest = true, sha256.Sum256(l.message)
	}
	if m.Hashed {
		s += fmt.Sprintf(" sha256=%x", m.Digest[:4])
	}
	if string(m.Prefix) != string(l.message[:min(len(l.message), MaxPrefix)]) {
		s += " prefix=" + show(m.Prefix)
	}
	l.message = l.message[:0]
	l.note("%s", s)
}

func (l *log) Lost(x Loss) {
	l.note("lost %s +%d bytes=%d %s", x.Kind, x.Offset, x.Bytes, x.What)
}

func show(p []byte) string {
	if len(p) > 40 {
		return fmt.Sprintf("%q..", p[:10])
	}
	return strconv.Quote(string(p))
}

func (l *log) String() string { return strings.Join(l.lines, "\n") + "\n" }
