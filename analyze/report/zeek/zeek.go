// Package zeek prints handshakes as Zeek's websocket.log, with its header lines, so that zeek-cut and what reads logs
// of Zeek take it.
//
// # Design
//
// The columns of Zeek come first, in its order and with its types (scripts/base/protocols/websocket/main.zeek); ours
// stand behind them. Zeek logs a line when a connection has switched; here refused and incomplete attempts have one
// too, told apart by verdict. What was not seen is "-", as Zeek's unset fields are. The uid is made of what names the
// connection in the capture, so that it is the same in every run. The line #open has the time of the first event, not
// that of the clock.
package zeek

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Log prints the log.
type Log struct {
	event.Ignore
	*report.Sink
	headed bool
	last   int64
}

// New writes to w.
func New(w io.Writer, _ report.Options) *Log {
	return &Log{Sink: report.NewSink(w), last: event.NoTime}
}

// columns are the names and types of the fields.
var columns = []struct{ name, kind string }{
	{"ts", "time"}, {"uid", "string"}, {"id.orig_h", "addr"}, {"id.orig_p", "port"}, {"id.resp_h", "addr"}, {"id.resp_p", "port"},
	{"host", "string"}, {"uri", "string"}, {"user_agent", "string"}, {"subprotocol", "string"}, {"client_protocols", "vector[string]"},
	{"server_extensions", "vector[string]"}, {"client_extensions", "vector[string]"},
	// ours
	{"verdict", "string"}, {"status", "count"}, {"latency", "interval"}, {"tls", "bool"}, {"sni", "string"}, {"conn", "count"}, {"packet", "count"},
	{"community_id", "string"}, {"findings", "vector[string]"},
}

func (l *Log) header(at int64) {
	if l.headed {
		return
	}
	l.headed = true
	var names, kinds strings.Builder
	for _, c := range columns {
		names.WriteString("\t" + c.name)
		kinds.WriteString("\t" + c.kind)
	}
	for _, line := range []string{`#separator \x09`, "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\twebsocket",
		"#open\t" + stamp(at), "#fields" + names.String(), "#types" + kinds.String()} {
		l.Line([]byte(line))
	}
}

// Again has the header printed once more: another file begins.
func (l *Log) Again() { l.headed = false }

// stamp is a time as Zeek writes it into header lines.
func stamp(ns int64) string {
	if ns == event.NoTime {
		ns = 0
	}
	return time.Unix(0, ns).UTC().Format("2006-01-02-15-04-05")
}

const unset = "-"

func (l *Log) Handshake(e *event.Handshake) {
	l.header(e.At.Time)
	l.last = e.At.Time
	q, a := e.Request, e.Response
	host, uri, agent, status, latency := unset, unset, unset, unset, unset
	if q != nil {
		uri = text(q.Target)
		if q.Has("Host") || q.Has(":authority") {
			host = text(q.Authority())
		}
		if v, sent := q.Lookup("User-Agent"); sent {
			agent = text(v)
		}
	}
	if a != nil && a.Status > 0 {
		status = strconv.Itoa(a.Status)
	}
	if d, known := e.Latency(); known && report.Plausible(d) {
		latency = fmt.Sprintf("%d.%06d", d/1e9, d%1e9/1e3)
	}
	ts := unset
	if at := e.At.Time; at != event.NoTime {
		ts = ""
		if at < 0 {
			ts, at = "-", -at
		}
		ts += fmt.Sprintf("%d.%06d", at/1e9, at%1e9/1e3)
	}
	tls := "F"
	if e.TLS {
		tls = "T"
	}
	var names []string
	for _, f := range e.Findings {
		names = append(names, f.Name)
	}
	c := e.Conn
	client, server := c.Peer[event.Client], c.Peer[event.Server]
	l.Line([]byte(strings.Join([]string{ts, UID(c),
		client.Addr().String(), strconv.Itoa(int(client.Port())), server.Addr().String(), strconv.Itoa(int(server.Port())),
		host, uri, agent, opt(e.Protocol), list(e.ProtocolsOffered), list(e.Extensions), list(e.ExtensionsOffered),
		e.Verdict.String(), status, latency, tls, opt(e.SNI), strconv.FormatUint(c.Ordinal, 10), strconv.FormatUint(e.At.Number, 10),
		c.CommunityID(), list(event.Some(names))}, "\t")))
}

// Summary ends the log.
func (l *Log) Summary(s *event.Summary) {
	l.header(s.FirstTime.Value)
	last := l.last
	if s.LastTime.Known {
		last = s.LastTime.Value
	}
	l.Line([]byte("#close\t" + stamp(last)))
}

// UID names a connection as Zeek's identifiers look: C and 17 letters and digits.
func UID(c *event.Conn) string {
	sum := sha256.Sum256([]byte(c.CommunityID() + " " + c.String()))
	digits := new(big.Int).SetBytes(sum[:16]).Text(62)
	return "C" + (digits + strings.Repeat("0", 17))[:17]
}

func opt(o event.Opt[string]) string {
	if !o.Known {
		return unset
	}
	return text(o.Value)
}

func list(o event.Opt[[]string]) string {
	switch {
	case !o.Known:
		return unset
	case len(o.Value) == 0:
		return "(empty)"
	}
	escaped := make([]string, len(o.Value))
	for i, s := range o.Value {
		escaped[i] = strings.ReplaceAll(text(s), ",", `\x2c`)
	}
	return strings.Join(escaped, ",")
}

// text escapes a value as Zeek does: octets that do not show, and what would be taken for a separator or a mark.
func text(s string) string {
	switch s {
	case "":
		return "(empty)"
	case unset:
		return `\x2d`
	case "(empty)":
		return `\x28empty)`
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r < ' ' || r == 0x7f || r == utf8.RuneError && n == 1 || report.Sanitise(s[i:i+n]) != s[i:i+n]:
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
