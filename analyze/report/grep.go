package report

import (
	"encoding/hex"
	"fmt"
	"io"
	"unicode/utf8"

	"wshake/analyze/event"
)

// Grep prints what was found in messages, as ripgrep does: the conversation once, below it a line for each match. It
// reads messages and the handshakes before them; Show has no meaning here.
type Grep struct {
	event.Ignore
	output
	timer
	options  Options
	how      GrepOptions
	places   map[grepped]string // host and path of the conversations that go on
	now      *grepped           // the conversation of the last line
	found    uint64
	messages uint64
}

// GrepOptions say how matches are printed.
type GrepOptions struct {
	Context int // octets before and after a match
	Hex     bool
}

// grepped names a connection, or a stream of one.
type grepped struct {
	conn   uint64
	stream event.Opt[uint64]
}

// NewGrep writes to w.
func NewGrep(w io.Writer, how GrepOptions, o Options) *Grep {
	return &Grep{output: newOutput(w, &o), timer: newTimer(&o), options: o, how: how, places: make(map[grepped]string)}
}

func (g *Grep) Handshake(e *event.Handshake) {
	if q := e.Request; q != nil {
		g.places[grepped{e.Conn.Ordinal, e.Conn.Stream}] = fit(Sanitise(q.Authority()+q.Target), 200)
	}
}

func (g *Grep) Connection(e *event.Connection) {
	delete(g.places, grepped{e.Conn.Ordinal, e.Conn.Stream})
}

const (
	headingTint = "\x1b[35m" // as ripgrep paints the name of a file
	placeTint   = "\x1b[32m" // a line placeTint
	matchTint   = "\x1b[1;31m"
)

func (g *Grep) coloured(b []byte, color, s string) []byte {
	if !g.color {
		return append(b, s...)
	}
	return append(append(append(b, color...), s...), reset...)
}

func (g *Grep) Message(e *event.Message) {
	if len(e.Matches) == 0 {
		return
	}
	g.messages++
	g.found += uint64(len(e.Matches)) + e.MoreFound
	id := grepped{e.Conn.Ordinal, e.Conn.Stream}
	if g.now == nil || *g.now != id {
		g.section()
		head := fmt.Sprintf("connection %s  %s", e.Conn, between(e.Conn))
		if place := g.places[id]; place != "" {
			head += "  " + place
		}
		g.keep(append(g.coloured(g.buf, headingTint, head), '\n'))
		g.now = &id
	}
	for i := range e.Matches {
		m := &e.Matches[i]
		b := g.coloured(g.buf, placeTint, g.options.place(&m.At))
		b = append(b, "  "+g.when(m.At.Time)+"  "+arrow(e.From)+"  "...)
		before, after := m.Before[max(0, len(m.Before)-g.how.Context):], m.After[:min(len(m.After), g.how.Context)]
		if len(before) < len(m.Before) || m.Offset > uint64(len(m.Before)) {
			b = append(b, "…"...)
		}
		b = append(b, g.shown(before, cutFront)...)
		b = g.coloured(b, matchTint, g.shown(m.Text, cutNone))
		b = append(b, g.shown(after, cutBack)...)
		if len(after) < len(m.After) {
			b = append(b, "…"...)
		}
		g.keep(append(b, '\n'))
	}
	if e.MoreFound > 0 {
		g.line(fmt.Sprintf("  and %s more in this message", matches(e.MoreFound)))
	}
}

// when is the time of a match, with the date where times are absolute: each line stands for itself.
func (g *Grep) when(ns int64) string {
	if g.clock == Absolute && ns != event.NoTime {
		return RFC3339(ns)
	}
	return g.exact(ns)
}

// cutSide says where a piece of text may begin or end inside a character.
type cutSide uint8

const (
	cutNone cutSide = iota
	cutFront
	cutBack
)

// shown is a piece of a message for people.
func (g *Grep) shown(p []byte, cut cutSide) string {
	if g.how.Hex {
		s := ""
		if len(p) > 0 {
			s = hex.EncodeToString(p)
		}
		switch {
		case s == "":
			return ""
		case cut == cutFront:
			return s + " "
		case cut == cutBack:
			return " " + s
		}
		return s
	}
	switch cut {
	case cutFront:
		for n := 0; n < utf8.UTFMax-1 && len(p) > 0 && !utf8.RuneStart(p[0]); n++ {
			p = p[1:]
		}
	case cutBack:
		p = wholeText(&event.Payload{Data: p, Truncated: true})
	}
	return Sanitise(string(p))
}

// Summary says how much was found.
func (g *Grep) Summary(*event.Summary) {
	if g.found == 0 {
		g.line("no match")
		return
	}
	g.section()
	g.line(matches(g.found) + " in " + count(g.messages, "message"))
}

func matches(n uint64) string {
	if n == 1 {
		return "1 match"
	}
	return number(n) + " matches"
}

// Pause shows what has been found so far.
func (g *Grep) Pause() error { return g.write() }

// Flush writes what was gathered and returns the first error of any write.
func (g *Grep) Flush() error { return g.write() }

// appendMatches appends what was found in a message.
func appendMatches(b []byte, e *event.Message) []byte {
	b = append(appendKey(b, "matches"), '[')
	for i := range e.Matches {
		if i > 0 {
			b = append(b, ',')
		}
		m := &e.Matches[i]
		b = appendUint(append(b, '{'), "offset", m.Offset)
		b = appendUint(b, "packet", m.At.Number)
		if utf8.Valid(m.Text) {
			b = appendString(appendKey(b, "text"), m.Text)
		} else {
			b = appendBase64(b, "base64", m.Text)
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if e.MoreFound > 0 {
		b = appendUint(b, "more_matches", e.MoreFound)
	}
	return b
}
