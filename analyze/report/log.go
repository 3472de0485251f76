package report

import (
	"fmt"
	"io"

	"wshake/analyze/event"
)

// log prints one line per event, in order: packet, time, connection, direction, what it was.
type log struct {
	output
	options Options
	timer
	file  int32 // that packets were last counted in
	shown bool  // a line was printed
}

func newLog(w io.Writer, o Options) *log {
	return &log{output: newOutput(w, &o), options: o, timer: newTimer(&o), file: -1}
}

// roomForPackets is the width from which lines begin with the packet and the connection.
const roomForPackets = 72

// entry prints a line; way is an arrow, or "-" for what has no direction.
func (l *log) entry(c *event.Conn, at *event.At, way string, p paragraph) {
	if l.options.ManyFiles && at.File != l.file {
		l.file = at.File
		l.paragraph(paragraph{word: "file", tint: faint, text: " " + Sanitise(l.options.file(at))})
	}
	l.shown = true
	conn := "" // where it is about the run as a whole
	if c != nil {
		conn = "#" + c.String()
	}
	if l.width == 0 || l.width >= roomForPackets {
		p.head = fmt.Sprintf("%7d  %s  %5s  %s  ", at.Number, l.exact(at.Time), conn, way)
	} else {
		p.head = fmt.Sprintf("%s %s ", l.exact(at.Time), way)
	}
	p.indent = columns(p.head)
	l.output.paragraph(p)
}

// payloadIndent is where payloads begin.
const payloadIndent = 12

func (l *log) Handshake(h *event.Handshake) {
	if !l.options.shows(event.KindHandshake) {
		return
	}
	l.since(began(h))
	l.entry(h.Conn, &h.At, "-", paragraph{word: answer(h), tint: verdictTint(h.Verdict), text: "  " + handshakePhrase(h)})
}

func (l *log) Frame(e *event.Frame) {
	if !l.options.shows(event.KindFrame) {
		return
	}
	l.entry(e.Conn, &e.At, arrow(e.From), paragraph{text: "frame " + framePhrase(e)})
	l.payload(&e.Payload, payloadIndent, asSent)
}

func (l *log) Message(e *event.Message) {
	if !l.options.shows(event.KindMessage) {
		return
	}
	l.entry(e.Conn, &e.At, arrow(e.From), paragraph{text: "message " + messagePhrase(e)})
	l.payload(&e.Payload, payloadIndent, asSent)
}

func (l *log) Connection(e *event.Connection) {
	if l.options.shows(event.KindConnection) {
		l.entry(e.Conn, &e.At, "-", paragraph{text: "ended: " + connectionPhrase(e)})
	}
}

func (l *log) Finding(f *event.Finding) {
	if !l.options.shows(event.KindFinding) {
		return
	}
	l.entry(f.Conn, &f.At, "-", findingParagraph(f))
}

func (l *log) Caveat(c *event.Caveat) {
	if l.options.shows(event.KindCaveat) {
		l.entry(c.Conn, &c.At, "-", caveatParagraph(c))
	}
}

func (l *log) Summary(s *event.Summary) {
	if l.options.shows(event.KindSummary) {
		l.section()
		l.phrases(totals(s))
	}
}

func (l *log) Pause() error { return l.write() }

// Flush is the end.
func (l *log) Flush() error {
	if l.options.Selected && !l.shown {
		l.shown = true
		l.paragraph(paragraph{text: "Nothing that --show names fits " + selection(&l.options) + "."})
	}
	return l.write()
}
