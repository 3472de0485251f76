package report

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"wshake/analyze/event"
)

// Follow prints conversations like a transcript: the heads of its handshake as sent, then messages, pings, pongs and
// closes with their payload, findings and caveats where they belong. It reads handshakes, frames, messages, findings,
// caveats and the connection's end, and needs all of them; Show has no meaning here.
type Follow struct {
	output
	options Options
	targets []Target
	met     []bool // by target: something of it came
	timer
	found bool
	last  string // the conversation that spoke last
	// legs has the texts of the other legs: conversations that --follow does not name, of attempts that it names.
	legs   map[string]string
	layout prettiness
}

// Target names conversations to follow: a connection, a stream of it, or all that have an end at Peer.
type Target struct {
	Conn   uint64
	Stream event.Opt[uint64]
	Peer   netip.AddrPort // valid: instead of Conn
}

func (t Target) String() string {
	if t.Peer.IsValid() {
		return t.Peer.String()
	}
	return (&event.Conn{Ordinal: t.Conn, Stream: t.Stream}).String()
}

// covers reports whether a conversation is meant.
func (t *Target) covers(c *event.Conn) bool {
	if t.Peer.IsValid() {
		return c.Peer[event.Client] == t.Peer || c.Peer[event.Server] == t.Peer
	}
	return c.Ordinal == t.Conn && !(c.Stream.Known && t.Stream.Known && c.Stream != t.Stream)
}

// NewFollow follows conversations, on both legs where a proxy stands between and both were captured. Where there are several, a line names the one whose turn it is.
func NewFollow(w io.Writer, targets []Target, o Options) *Follow {
	f := &Follow{output: newOutput(w, &o), options: o, timer: newTimer(&o), targets: targets, met: make([]bool, len(targets))}
	if o.Pretty {
		f.layout = indented
	}
	return f
}

// follows reports whether an event belongs to the conversation. The first that does opens the transcript: since is
// when it began, ns since the epoch.
func (f *Follow) follows(c *event.Conn, since int64) bool {
	if c == nil {
		return false
	}
	leg, followed := f.legs[c.String()]
	for i := range f.targets {
		if f.targets[i].covers(c) {
			f.met[i], followed = true, true
		}
	}
	if !followed {
		return false
	}
	if !f.found {
		f.found = true
		f.since(since)
	}
	if name := c.String(); name != f.last {
		if f.last != "" {
			f.section()
		}
		f.last = name
		if leg != "" {
			leg = "  " + leg
		}
		f.paragraph(paragraph{text: fmt.Sprintf("connection %s  %s  %s%s", c, between(c), c.CommunityID(), leg)})
	}
	return true
}

// Missing lists the targets of which nothing came.
func (f *Follow) Missing() []string {
	var missing []string
	for i := range f.targets {
		if !f.met[i] {
			missing = append(missing, f.targets[i].String())
		}
	}
	return missing
}

// indent is where the text of a transcript begins: behind time and arrow.
func (f *Follow) indent() int { return len(f.exact(event.NoTime)) + 5 }

// entry prints a line of the transcript.
func (f *Follow) entry(ns int64, way string, p paragraph) {
	p.head = fmt.Sprintf("%s  %s  ", f.exact(ns), way)
	p.indent = columns(p.head)
	f.output.paragraph(p)
}

// joinLegs takes the other leg of a conversation that is followed for followed, too.
func (f *Follow) joinLegs(h *event.Handshake) {
	o := h.OtherLeg
	if o == nil || o.Conn == nil || o.Role == event.CopyLeg {
		return
	}
	own, other := f.meant(h.Conn), f.meant(o.Conn)
	if own == other {
		return
	}
	if f.legs == nil {
		f.legs = make(map[string]string)
	}
	if own {
		f.legs[o.Conn.String()] = legOf(o.Role, h.Conn)
		return
	}
	role := event.DownstreamLeg
	if o.Role == event.DownstreamLeg {
		role = event.UpstreamLeg
	}
	f.legs[h.Conn.String()] = legOf(role, o.Conn)
}

// legOf says what a leg is to the conversation c.
func legOf(role event.LegRole, c *event.Conn) string {
	if role == event.UpstreamLeg {
		return fmt.Sprintf("the leg of connection %s to the backend", c)
	}
	return fmt.Sprintf("the leg of connection %s to the client", c)
}

// meant says whether a conversation is followed.
func (f *Follow) meant(c *event.Conn) bool {
	if _, is := f.legs[c.String()]; is {
		return true
	}
	for i := range f.targets {
		if f.targets[i].covers(c) {
			return true
		}
	}
	return false
}

func (f *Follow) Handshake(h *event.Handshake) {
	f.joinLegs(h)
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
	margin := strings.Repeat(" ", f.indent())
	for i := range h.Fields {
		line := h.Fields[i].Name
		if h.Fields[i].Anomalies&event.NoColon == 0 {
			line += ": " + h.Fields[i].Value
		}
		f.output.paragraph(paragraph{head: margin, text: Sanitise(line), indent: f.indent() + 2})
	}
}

// Frame prints what is not part of a message.
func (f *Follow) Frame(e *event.Frame) {
	if !f.follows(e.Conn, e.First.Time) || !e.Header.Opcode.Control() && !e.Header.Opcode.Reserved() {
		return
	}
	f.entry(e.At.Time, arrow(e.From), paragraph{text: framePhrase(e)})
	if !e.Code.Known { // else the phrase has said it all
		f.payload(&e.Payload, f.indent(), f.layout)
	}
}

func (f *Follow) Message(e *event.Message) {
	if !f.follows(e.Conn, e.First.Time) {
		return
	}
	f.entry(e.At.Time, arrow(e.From), paragraph{text: messagePhrase(e)})
	if e.App != nil {
		f.output.paragraph(paragraph{head: strings.Repeat(" ", f.indent()), text: appPhrase(e.App), indent: f.indent() + 2})
	}
	f.payload(&e.Payload, f.indent(), f.layout)
}

func (f *Follow) Connection(e *event.Connection) {
	if f.follows(e.Conn, e.At.Time-e.Duration) {
		f.entry(e.At.Time, "-", paragraph{text: "ended: " + connectionPhrase(e)})
	}
	f.over(e.Conn)
}

// legsKept is how many legs are remembered beyond their end, since findings may come behind it.
const legsKept = 1024

// over forgets a leg whose conversation is over, where very many are followed.
func (f *Follow) over(c *event.Conn) {
	if len(f.legs) > legsKept {
		delete(f.legs, c.String())
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
		f.phrases(append([]string{"no WebSocket conversation on " + strings.Join(f.Missing(), ", ")}, totals(s)...))
	}
}

// Pause shows what has been seen so far: a live capture calls it when no packet waits.
func (f *Follow) Pause() error { return f.write() }

// Flush writes what was gathered and returns the first error of any write.
func (f *Follow) Flush() error { return f.write() }
