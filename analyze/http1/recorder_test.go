package http1

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// recorder writes down the calls of a parser, one line each. Pieces of a body that follow one another are one line.
type recorder struct {
	answer func(*event.Head) Next
	calls  []string

	inBody bool
	bodyAt uint64 // where a piece must begin to belong to the last line
	heads  []*event.Head
	body   []byte
}

func (r *recorder) call(format string, args ...any) {
	r.inBody = false
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

func (r *recorder) Head(h *event.Head) Next {
	r.heads = append(r.heads, h)
	r.call("%s", describe(h))
	return r.answer(h)
}

func (r *recorder) Body(at reassembly.At, offset uint64, p []byte) {
	r.body = append(r.body, p...)
	if !r.inBody || offset != r.bodyAt {
		r.call("body %d ", offset)
	}
	r.inBody, r.bodyAt = true, offset+uint64(len(p))
	r.calls[len(r.calls)-1] += string(p)
}

func (r *recorder) Complete(at reassembly.At) { r.call("complete #%d", at.Ordinal) }
func (r *recorder) Bad(at reassembly.At, err *event.SyntaxError) {
	r.call("bad #%d %v", at.Ordinal, err)
}
func (r *recorder) Lost(at reassembly.At, offset uint64) { r.call("lost #%d %d", at.Ordinal, offset) }

// describe gives all of a head; what is usual is left out.
func describe(h *event.Head) string {
	var b strings.Builder
	fmt.Fprintf(&b, "head %d+%d #%d-%d %q", h.Offset, h.Length, h.First.Ordinal, h.Last.Ordinal, h.StartLine)
	if h.Status == 0 && !strings.HasPrefix(h.StartLine, "HTTP/") {
		fmt.Fprintf(&b, " %s|%s|%s", h.Method, h.Target, h.Version)
	} else {
		fmt.Fprintf(&b, " %s|%d|%s", h.Version, h.Status, h.Reason)
	}
	for _, f := range h.Fields {
		fmt.Fprintf(&b, " (%s:%s", f.Name, f.Value)
		for i, odd := range []string{"folded", "space-before-colon", "no-colon", "bad-name"} {
			if f.Anomalies&(1<<i) != 0 {
				b.WriteString(" " + odd)
			}
		}
		b.WriteString(")")
	}
	for _, count := range []struct {
		name string
		n    int
	}{{"empty-lines", h.EmptyLines}, {"bare-lf", h.BareLF}, {"bare-cr", h.BareCR}, {"folded", h.Folded}} {
		if count.n > 0 {
			fmt.Fprintf(&b, " %s=%d", count.name, count.n)
		}
	}
	if h.Cut != event.Whole {
		b.WriteString(" cut=" + [...]string{"", "octets", "fields", "gap", "end"}[h.Cut])
	}
	if h.Bad != nil {
		fmt.Fprintf(&b, " {%v}", h.Bad)
	}
	return b.String()
}

// piece is some octets of a stream, or a gap.
type piece struct {
	packet uint64
	data   []byte
	gap    uint64
}

// play pushes pieces and the end into a parser and returns the calls, with how much was taken as the last line.
func play(kind Kind, limits Limits, answer func(*event.Head) Next, pieces []piece) []string {
	r := &recorder{answer: answer}
	p := New(kind, limits, r)
	var at reassembly.At
	var pushed, taken uint64
	for _, piece := range pieces {
		at = reassembly.At{Ordinal: piece.packet, Number: piece.packet}
		if piece.gap > 0 {
			pushed += piece.gap
			taken += p.Gap(at, piece.gap)
		} else {
			pushed += uint64(len(piece.data))
			taken += uint64(p.Data(at, piece.data))
		}
		if p.Offset() != taken {
			panic(fmt.Sprintf("Offset is %d after %d octets were taken", p.Offset(), taken))
		}
	}
	p.End(at)
	if taken != pushed {
		r.call("left %d", pushed-taken)
	}
	return r.calls
}

// answers is the handler of most tests: it switches as a session would.
func answers(h *event.Head) Next {
	switch {
	case h.Method != "" && h.Has("Upgrade"):
		return SwitchAfterBody
	case h.Status == 101:
		return Switch
	case h.Has("X-Answers-HEAD"):
		return NoBody
	case h.Has("X-Until-Close"):
		return UntilClose
	}
	return ByFields
}

// packets makes pieces of strings, each a packet, numbered from 1. "<gap 12>" is a gap.
func packets(texts ...string) []piece {
	var pieces []piece
	for i, text := range texts {
		next := piece{packet: uint64(i + 1), data: []byte(text)}
		fmt.Sscanf(text, "<gap %d>", &next.gap)
		pieces = append(pieces, next)
	}
	return pieces
}

// cut cuts the data of pieces further, wherever at says so.
func cut(pieces []piece, at func(offset int) bool) []piece {
	var parts []piece
	offset := 0
	for _, whole := range pieces {
		if whole.gap > 0 {
			parts = append(parts, whole)
			continue
		}
		begin := 0
		for i := range whole.data {
			if i > 0 && at(offset+i) {
				parts = append(parts, piece{packet: whole.packet, data: whole.data[begin:i]})
				begin = i
			}
		}
		parts = append(parts, piece{packet: whole.packet, data: whole.data[begin:]})
		offset += len(whole.data)
	}
	return parts
}
