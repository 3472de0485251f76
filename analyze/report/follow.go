package report

import (
	"fmt"
	"io"
	"strings"

	"wshake/analyze/event"
)

// Follow prints one connection like a transcript: the heads of its handshake as sent, then messages, pings, pongs and
// closes with their payload, findings and caveats where they belong. It reads handshakes, frames, messages, findings,
// caveats and the connection's end, and needs all of them; Show has no meaning here.
type Follow struct {
	output
	options Options
	conn    uint64
	stream  event.Opt[uint64]
	start   int64 // of the first octet, ns since the epoch
	found   bool
	layout  prettiness
}

// NewFollow follows the connection of that number, or a stream of it.
func NewFollow(w io.Writer, conn uint64, stream event.Opt[uint64], o Options) *Follow {
	f := &Follow{output: newOutput(w, &o), options: o, conn: conn, stream: stream}
	if o.Pretty {
		f.layout = indented
	}
	return f
}

// follows reports whether an event belongs to the conversation. The first that does opens the transcript: since is
// when it began, ns since the epoch.
func (f *Follow) follows(c *event.Conn, since int64) bool {
	if c == nil || c.Ordinal != f.conn || c.Stream.Known && f.stream.Known && c.Stream != f.stream {
		return false
	}
	if !f.found {
		f.found, f.start = true, since
		f.paragraph(paragraph{text: fmt.Sprintf("connection %s  %s  %s", c, between(c), c.CommunityID())})
	}
	return true
}

// transcriptIndent is where the text of a transcript begins: behind time and arrow.
const transcriptIndent = 16

// entry prints a line of the transcript.
func (f *Follow) entry(ns int64, way string, p paragraph) {
	p.head = fmt.Sprintf("%11.6f  %s  ", float64(ns-f.start)/1e9, way)
	p.indent = columns(p.head)
	f.output.paragraph(p)
}

func (f *Follow) Handshake(h *event.Handshake) {
	if !f.follows(h.Conn, began(h)) {
		return
	}
	if q := h.Request; q != nil {
		f.head(q, arrow(event.Client))
	}
	if r := h.Response; r != nil {
		f.head(r, arrow(event.Server))
	}
	key, _ := keyAccept(h)
	if key != "" {
		key = ", key and accept " + key
	}
	f.entry(h.At.Time, "-", paragraph{word: answer(h), tint: verdictTint(h.Verdict), text: key})
}

// head prints a message head.
func (f *Follow) head(h *event.Head, way string) {
	f.entry(h.Last.Time, way, paragraph{text: Sanitise(h.StartLine)})
	margin := strings.Repeat(" ", transcriptIndent)
	for i := range h.Fields {
		line := h.Fields[i].Name
		if h.Fields[i].Anomalies&event.NoColon == 0 {
			line += ": " + h.Fields[i].Value
		}
		f.output.paragraph(paragraph{head: margin, text: Sanitise(line), indent: transcriptIndent + 2})
	}
}

// Frame prints what is not part of a message.
func (f *Follow) Frame(e *event.Frame) {
	if !f.follows(e.Conn, e.First.Time) || !e.Header.Opcode.Control() && !e.Header.Opcode.Reserved() {
		return
	}
	f.entry(e.At.Time, arrow(e.From), paragraph{text: framePhrase(e)})
	if !e.Code.Known { // else the phrase has said it all
		f.payload(&e.Payload, transcriptIndent, f.layout)
	}
}

func (f *Follow) Message(e *event.Message) {
	if !f.follows(e.Conn, e.First.Time) {
		return
	}
	f.entry(e.At.Time, arrow(e.From), paragraph{text: messagePhrase(e)})
	f.payload(&e.Payload, transcriptIndent, f.layout)
}

func (f *Follow) Connection(e *event.Connection) {
	if f.follows(e.Conn, e.At.Time-e.Duration) {
		f.entry(e.At.Time, "-", paragraph{text: "ended: " + connectionPhrase(e)})
	}
}

func (f *Follow) Finding(e *event.Finding) {
	if f.follows(e.Conn, e.At.Time) {
		f.entry(e.At.Time, "-", findingParagraph(e))
	}
}

func (f *Follow) Caveat(e *event.Caveat) {
	if f.follows(e.Conn, e.At.Time) {
		f.entry(e.At.Time, "-", caveatParagraph(e))
	}
}

// Summary says so where there is no such conversation.
func (f *Follow) Summary(s *event.Summary) {
	if !f.found {
		f.phrases(append([]string{fmt.Sprintf("no WebSocket handshake on a connection %d", f.conn)}, totals(s)...))
	}
}

// Pause shows what has been seen so far: a live capture calls it when no packet waits.
func (f *Follow) Pause() error { return f.write() }

// Flush writes what was gathered and returns the first error of any write.
func (f *Follow) Flush() error { return f.write() }
