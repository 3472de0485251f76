// Package separated prints events of one kind as rows with fixed columns, separated by commas (RFC 4180) or tabs.
//
// # Design
//
// One table has one kind of event: rows of several kinds would need a column for each name of each, mostly empty. The
// columns are chosen, and in an order that is kept: new ones go behind. A value that was not seen is empty. A list is
// joined by blanks.
//
// In the form with tabs there are no quotes: a tab or line end in a value is written \t, \n, \r, as Sanitise does it.
// In both, what does not show as itself is escaped as in the table.
// A text that a spreadsheet would take for a formula (=, +, -, @ in front) gets an apostrophe before it, as OWASP asks.
package separated

import (
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Rows prints rows. It takes one kind of events.
type Rows struct {
	event.Ignore
	*report.Sink
	options report.Options
	kind    event.Kinds
	tabs    bool
	row     []string
	headed  bool
}

// Separator is what stands between values.
type Separator byte

// The separators.
const (
	Comma Separator = ','
	Tab   Separator = '\t'
)

// New prints events of the kind that o.Show has, which is exactly one.
func New(w io.Writer, by Separator, o report.Options) *Rows {
	r := &Rows{Sink: report.NewSink(w), options: o, kind: o.Show, tabs: by == Tab}
	return r
}

// common stand in front of every row.
var common = []string{"time", "conn", "stream", "community_id", "client", "server", "file", "packet"}

// Columns lists the columns of a kind, nil for one that has none.
func Columns(kind event.Kinds) []string {
	of := map[event.Kinds][]string{
		event.KindHandshake: {"transport", "tls", "sni", "method", "host", "uri", "origin", "user_agent", "status", "reason", "verdict", "latency_us",
			"request_packet", "response_packet", "version", "key", "key_valid", "accept", "accept_valid", "protocols_offered", "protocol",
			"extensions_offered", "extensions", "findings"},
		event.KindFrame: {"from", "opcode", "fin", "rsv1", "rsv2", "rsv3", "masked", "mask", "length", "header_length", "first_packet", "offset", "complete",
			"close_code", "close_reason"},
		event.KindMessage: {"from", "opcode", "length", "wire_length", "frames", "compressed", "complete", "first_packet", "sha256", "kind", "text"},
		event.KindConnection: {"opened", "packets", "bytes", "duration_us", "ended", "ended_by", "close_from", "close_code", "close_reason", "pings",
			"client_frames", "client_messages", "client_payload_bytes", "server_frames", "server_messages", "server_payload_bytes", "caveats", "findings"},
		event.KindFinding: {"id", "name", "level", "fault", "text", "seen", "wanted", "section", "advice", "follows"},
		event.KindCaveat:  {"name", "text", "bytes"},
	}[kind]
	if of == nil {
		return nil
	}
	return slices.Concat(common, of)
}

// Header prints the line of columns, unless it was printed. A file without events has it too.
func (r *Rows) Header() {
	if r.headed {
		return
	}
	r.headed = true
	r.row = append(r.row[:0], Columns(r.kind)...)
	r.print()
}

// Again has the header printed once more, in front of what comes next: another file begins.
func (r *Rows) Again() { r.headed = false }

func (r *Rows) begin(c *event.Conn, at *event.At) {
	r.Header()
	r.row = append(r.row[:0], report.RFC3339(at.Time))
	if c == nil {
		r.row = append(r.row, "", "", "", "", "")
	} else {
		stream := ""
		if c.Stream.Known {
			stream = uinteger(c.Stream.Value)
		}
		r.row = append(r.row, uinteger(c.Ordinal), stream, c.CommunityID(), c.Peer[event.Client].String(), c.Peer[event.Server].String())
	}
	r.row = append(r.row, r.options.File(at), uinteger(at.Number))
}

func (r *Rows) add(values ...string) { r.row = append(r.row, values...) }

// print prints the row.
func (r *Rows) print() {
	var b []byte
	for i, v := range r.row {
		v = harmless(report.Sanitise(v))
		if i > 0 {
			if r.tabs {
				b = append(b, '\t')
			} else {
				b = append(b, ',')
			}
		}
		switch {
		case r.tabs:
			b = append(b, v...)
		case strings.ContainsAny(v, `",`):
			b = append(b, '"')
			b = append(b, strings.ReplaceAll(v, `"`, `""`)...)
			b = append(b, '"')
		default:
			b = append(b, v...)
		}
	}
	if !r.tabs {
		b = append(b, '\r')
	}
	r.Line(b)
}

// harmless is s as no spreadsheet takes it for a formula.
func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

func uinteger(n uint64) string { return strconv.FormatUint(n, 10) }

func known[T any](o event.Opt[T], text func(T) string) string {
	if !o.Known {
		return ""
	}
	return text(o.Value)
}

func same(s string) string { return s }

func list(l []string) string { return strings.Join(l, " ") }

func micro(ns int64) string {
	if !report.Plausible(ns) {
		return ""
	}
	return strconv.FormatInt(ns/1000, 10)
}

func (r *Rows) Handshake(e *event.Handshake) {
	if r.kind != event.KindHandshake {
		return
	}
	r.begin(e.Conn, &e.At)
	r.add(e.Transport, strconv.FormatBool(e.TLS), known(e.SNI, same))
	q, a := e.Request, e.Response
	if q == nil {
		r.add("", "", "", "", "")
	} else {
		r.add(q.Method, q.Authority(), q.Target, q.Get("Origin"), q.Get("User-Agent"))
	}
	if a == nil || a.Status == 0 {
		r.add("", "")
	} else {
		r.add(strconv.Itoa(a.Status), a.Reason)
	}
	r.add(e.Verdict.String())
	latency, asked, answered := "", "", ""
	if q != nil {
		asked = uinteger(q.Last.Number)
	}
	if a != nil {
		answered = uinteger(a.Last.Number)
	}
	if d, known := e.Latency(); known {
		latency = micro(d)
	}
	r.add(latency, asked, answered, known(e.Version, same), known(e.Key, same), known(e.KeyValid, strconv.FormatBool),
		known(e.Accept, same), known(e.AcceptValid, strconv.FormatBool), known(e.ProtocolsOffered, list), known(e.Protocol, same),
		known(e.ExtensionsOffered, list), known(e.Extensions, list))
	var names []string
	for _, f := range e.Findings {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	r.add(list(names))
	r.print()
}

func (r *Rows) Frame(e *event.Frame) {
	if r.kind != event.KindFrame {
		return
	}
	h := &e.Header
	r.begin(e.Conn, &e.At)
	r.add(e.From.String(), h.Opcode.String())
	for _, bit := range []bool{h.FIN, h.RSV&event.RSV1 != 0, h.RSV&event.RSV2 != 0, h.RSV&event.RSV3 != 0, h.Masked} {
		r.add(strconv.FormatBool(bit))
	}
	mask := ""
	if h.Masked {
		mask = hex.EncodeToString(h.Key[:])
	}
	r.add(mask, uinteger(h.Length), strconv.Itoa(int(h.Size)), uinteger(e.First.Number), uinteger(e.Offset), strconv.FormatBool(e.Complete),
		known(e.Code, func(c uint16) string { return strconv.Itoa(int(c)) }), known(e.Reason, same))
	r.print()
}

func (r *Rows) Message(e *event.Message) {
	if r.kind != event.KindMessage {
		return
	}
	r.begin(e.Conn, &e.At)
	text, _ := report.PayloadText(&e.Payload)
	r.add(e.From.String(), e.Opcode.String(), known(e.Length, uinteger), uinteger(e.WireLength), strconv.Itoa(e.Frames),
		strconv.FormatBool(e.Compressed), strconv.FormatBool(e.Complete), uinteger(e.First.Number),
		known(e.SHA256, func(d [32]byte) string { return hex.EncodeToString(d[:]) }), e.Kind, text)
	r.print()
}

func (r *Rows) Connection(e *event.Connection) {
	if r.kind != event.KindConnection {
		return
	}
	r.begin(e.Conn, &e.At)
	opened, lasted := "syn", ""
	switch {
	case e.Conn.UDP: // QUIC has no SYN
		opened = ""
	case e.Conn.Midstream:
		opened = "midstream"
	}
	if e.At.Time != event.NoTime {
		lasted = micro(e.Duration)
	}
	r.add(opened, uinteger(e.Packets), uinteger(e.Bytes), lasted, e.Ended.String(), known(e.EndedBy, event.Side.String))
	if c := e.Close; c != nil {
		r.add(c.From.String(), known(c.Code, func(c uint16) string { return strconv.Itoa(int(c)) }), known(c.Reason, same))
	} else {
		r.add("", "", "")
	}
	r.add(uinteger(e.Pings))
	for _, s := range e.Sides {
		r.add(uinteger(s.Frames), uinteger(s.Messages), uinteger(s.PayloadBytes))
	}
	r.add(list(e.Caveats), list(e.Findings))
	r.print()
}

func (r *Rows) Finding(e *event.Finding) {
	if r.kind != event.KindFinding {
		return
	}
	r.begin(e.Conn, &e.At)
	follows := ""
	if e.Follows != nil {
		follows = e.Follows.Name
	}
	r.add(e.ID, e.Name, e.Level.String(), e.Fault.String(), e.Text, e.Seen, e.Wanted, e.Section, e.Advice, follows)
	r.print()
}

func (r *Rows) Caveat(e *event.Caveat) {
	if r.kind != event.KindCaveat {
		return
	}
	r.begin(e.Conn, &e.At)
	r.add(e.Name, e.Text, known(e.Bytes, uinteger))
	r.print()
}

// Summary prints the header where no event came.
func (r *Rows) Summary(*event.Summary) { r.Header() }
