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
	"bytes"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	row     []byte
	value   []byte // that is being quoted
	headed  bool
	times   report.Stamps
	conns   report.Shared[[]byte] // columns of the connection
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
	columns := Columns(r.kind)
	r.row = append(r.row[:0], columns[0]...)
	r.add(columns[1:]...)
	r.print()
}

// Again has the header printed once more, in front of what comes next: another file begins.
func (r *Rows) Again() { r.headed = false }

// begin writes the common columns.
func (r *Rows) begin(c *event.Conn, at *event.At) {
	r.Header()
	r.row = r.times.Append(r.row[:0], at.Time)
	if c == nil {
		r.add("", "", "", "", "")
	} else {
		r.row = append(r.row, *r.conns.Of(c, r.share)...)
	}
	r.add(r.options.File(at))
	r.number(at.Number)
}

// share fills in the columns that the rows of a connection have in common, with what stands before each.
func (r *Rows) share(columns *[]byte, c *event.Conn) {
	row := r.row
	r.row = (*columns)[:0]
	r.number(c.Ordinal)
	r.add(known(c.Stream, uinteger), c.CommunityID(), c.Peer[event.Client].String(), c.Peer[event.Server].String())
	*columns, r.row = r.row, row
}

// next begins another column.
func (r *Rows) next() {
	if r.tabs {
		r.row = append(r.row, '\t')
	} else {
		r.row = append(r.row, ',')
	}
}

// add adds columns of text.
func (r *Rows) add(values ...string) {
	for _, v := range values {
		r.next()
		begin := len(r.row)
		r.row = report.AppendSanitised(r.row, v)
		r.guard(begin)
	}
}

// octets adds a column of text that is in octets.
func (r *Rows) octets(v []byte) {
	r.next()
	begin := len(r.row)
	r.row = report.AppendSanitised(r.row, v)
	r.guard(begin)
}

// number adds a column.
func (r *Rows) number(n uint64) {
	r.next()
	r.row = strconv.AppendUint(r.row, n, 10)
}

// flag adds a column.
func (r *Rows) flag(v bool) {
	r.next()
	r.row = strconv.AppendBool(r.row, v)
}

// hex adds a column of octets, empty where there are none.
func (r *Rows) hex(p []byte) {
	r.next()
	r.row = hex.AppendEncode(r.row, p)
}

// guard makes the value that begins at an offset of the row harmless, and quotes it.
func (r *Rows) guard(begin int) {
	v := r.row[begin:]
	quoted := !r.tabs && (bytes.IndexByte(v, '"') >= 0 || bytes.IndexByte(v, ',') >= 0)
	formula := isFormula(v)
	if !quoted && !formula {
		return
	}
	r.value = append(r.value[:0], v...)
	r.row = r.row[:begin]
	if quoted {
		r.row = append(r.row, '"')
	}
	if formula {
		r.row = append(r.row, '\'')
	}
	if !quoted {
		r.row = append(r.row, r.value...)
		return
	}
	for rest := r.value; ; {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			r.row = append(append(r.row, rest...), '"')
			return
		}
		r.row = append(append(r.row, rest[:i]...), '"', '"')
		rest = rest[i+1:]
	}
}

// print prints the row.
func (r *Rows) print() {
	if !r.tabs {
		r.row = append(r.row, '\r')
	}
	r.Line(r.row)
}

// isFormula reports whether a spreadsheet would take v for a formula.
func isFormula(v []byte) bool {
	if r, _ := utf8.DecodeRune(v); len(v) == 0 || !strings.ContainsRune("=+-@＝＋－＠", r) { // some take the wide ones, too
		return false
	}
	_, err := strconv.ParseFloat(string(v), 64)
	return err != nil
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
		r.flag(bit)
	}
	if h.Masked {
		r.hex(h.Key[:])
	} else {
		r.hex(nil)
	}
	r.number(h.Length)
	r.number(uint64(h.Size))
	r.number(e.First.Number)
	r.number(e.Offset)
	r.flag(e.Complete)
	r.add(known(e.Code, func(c uint16) string { return strconv.Itoa(int(c)) }), known(e.Reason, same))
	r.print()
}

func (r *Rows) Message(e *event.Message) {
	if r.kind != event.KindMessage {
		return
	}
	r.begin(e.Conn, &e.At)
	r.add(e.From.String(), e.Opcode.String(), known(e.Length, uinteger))
	r.number(e.WireLength)
	r.number(uint64(e.Frames))
	r.flag(e.Compressed)
	r.flag(e.Complete)
	r.number(e.First.Number)
	if e.SHA256.Known {
		r.hex(e.SHA256.Value[:])
	} else {
		r.hex(nil)
	}
	r.add(e.Kind)
	text, _ := report.PayloadText(&e.Payload)
	r.octets(text)
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
