// Package ecs prints events as lines in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current), which
// Filebeat and Elasticsearch take without a pipeline.
//
// # Design
//
// What the schema has a field for stands there; the rest is in the object wshake. A finding is an alert whose rule is
// the check. source is who sent what the event is about, client and server are those of the connection. Members of
// objects are written in the order of their names.
package ecs

import (
	"io"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// version is that of the schema.
const version = "8.17.0"

// Lines prints the lines.
type Lines struct {
	event.Ignore
	*report.Sink
	options report.Options
	conns   report.Shared[shared]
}

// New writes to w.
func New(w io.Writer, o report.Options) *Lines { return &Lines{Sink: report.NewSink(w), options: o} }

// shared is what the lines of a connection have in common.
type shared struct {
	peer      [2]string // by side, objects of JSON
	community string
	transport string // members of JSON
	conn      string
}

func share(s *shared, c *event.Conn) {
	var o report.Object
	for side, a := range c.Peer {
		o.Begin(nil)
		o.Text("address", a.Addr().String())
		o.Text("ip", a.Addr().String())
		o.Uint("port", uint64(a.Port()))
		s.peer[side] = string(o.End())
	}
	transport, family := "tcp", "ipv4"
	if c.UDP {
		transport = "udp"
	}
	if c.Peer[event.Client].Addr().Is6() {
		family = "ipv6"
	}
	s.community, s.conn = c.CommunityID(), c.String()
	s.transport = `"protocol":"websocket","transport":"` + transport + `","type":"` + family + `"`
}

// about is the object event. What is empty is left out.
type about struct {
	kind, action string
	types        string // as JSON
	outcome      string
	duration     event.Opt[int64]
	severity     int
	reason       string
}

const info = `["info"]`

// begin writes the members from @timestamp to event. s is nil where the event is of no connection.
func (l *Lines) begin(c *event.Conn, at *event.At, from event.Side, a about) (o *report.Object, s *shared) {
	o = l.Object()
	if at.Time != event.NoTime {
		o.Time("@timestamp", at.Time)
	}
	if c != nil {
		s = l.conns.Of(c, share)
		o.Raw("client", s.peer[event.Client])
		o.Raw("destination", s.peer[from.Other()])
	}
	o.Raw("ecs", `{"version":"`+version+`"}`)
	o.Open("event")
	o.Name("action", a.action)
	o.Raw("category", `["network"]`)
	o.Name("dataset", "wshake."+a.action)
	if a.duration.Known {
		o.Int("duration", a.duration.Value)
	}
	o.Name("kind", a.kind)
	o.Name("module", "wshake")
	o.TextUnlessEmpty("outcome", a.outcome)
	o.TextUnlessEmpty("reason", a.reason)
	o.Uint("sequence", at.Number)
	if a.severity > 0 {
		o.Int("severity", int64(a.severity))
	}
	o.Raw("type", a.types)
	o.Close()
	return o, s
}

// log writes the member log.
func (l *Lines) log(o *report.Object, at *event.At, level string) {
	name := l.options.File(at)
	if name == "" && level == "" {
		return
	}
	o.Open("log")
	if name != "" {
		o.Open("file")
		o.Text("path", name)
		o.Close()
	}
	o.TextUnlessEmpty("level", level)
	o.Close()
}

// network writes the member network.
func network(o *report.Object, s *shared, octets, packets event.Opt[uint64]) {
	if s == nil {
		return
	}
	o.Open("network")
	if octets.Known {
		o.Uint("bytes", octets.Value)
	}
	o.Name("community_id", s.community)
	if packets.Known {
		o.Uint("packets", packets.Value)
	}
	o.Members(s.transport)
	o.Close()
}

// ends writes the members server and source.
func ends(o *report.Object, s *shared, from event.Side) {
	if s != nil {
		o.Raw("server", s.peer[event.Server])
		o.Raw("source", s.peer[from])
	}
}

// conn writes the member conn.
func conn(o *report.Object, s *shared) {
	if s != nil {
		o.Name("conn", s.conn)
	}
}

// unknown is a number that is not told.
var unknown event.Opt[uint64]

func (l *Lines) Handshake(e *event.Handshake) {
	if !l.options.Shows(event.KindHandshake) {
		return
	}
	a := about{kind: "event", action: "handshake", types: `["connection","start"]`}
	switch e.Verdict {
	case event.Established:
		a.outcome = "success"
	case event.Refused, event.Invalid:
		a.outcome, a.types = "failure", `["connection","denied"]`
	default:
		a.outcome = "unknown"
	}
	if latency, known := e.Latency(); known && report.Plausible(latency) {
		a.duration = event.Some(latency)
	}
	o, s := l.begin(e.Conn, &e.At, event.Client, a)
	q := e.Request
	o.Open("http")
	if q != nil {
		o.Open("request")
		o.Text("method", q.Method)
		o.Close()
	}
	if r := e.Response; r != nil && r.Status > 0 {
		o.Open("response")
		o.Int("status_code", int64(r.Status))
		o.Close()
	}
	if q != nil {
		o.Text("version", strings.TrimPrefix(q.Version, "HTTP/"))
	}
	o.Close()
	l.log(o, &e.At, "")
	network(o, s, unknown, unknown)
	ends(o, s, event.Client)
	if e.TLS {
		o.Open("tls")
		if e.SNI.Known {
			o.Open("client")
			o.Text("server_name", e.SNI.Value)
			o.Close()
		}
		o.Bool("established", true)
		o.Close()
	}
	if q != nil {
		url(o, q, e.TLS)
		if v, sent := q.Lookup("User-Agent"); sent {
			o.Open("user_agent")
			o.Text("original", v)
			o.Close()
		}
	}
	o.Open("wshake")
	conn(o, s)
	names := []string{}
	for _, f := range e.Findings {
		names = append(names, f.Name)
	}
	o.List("findings", names)
	if q != nil {
		if v, sent := q.Lookup("Origin"); sent {
			o.Text("origin", v)
		}
	}
	o.Uint("packet", e.At.Number)
	o.TextIfKnown("protocol", e.Protocol)
	o.Text("transport", e.Transport)
	o.Name("verdict", e.Verdict.String())
	o.Close()
	l.EndLine()
}

// url writes the member url.
func url(o *report.Object, q *event.Head, tls bool) {
	path, query, has := strings.Cut(q.Target, "?")
	host, port := report.HostPort(q.Authority())
	scheme := "ws"
	if tls {
		scheme = "wss"
	}
	o.Open("url")
	o.TextUnlessEmpty("domain", host)
	o.Text("original", q.Target)
	o.Text("path", path)
	if port > 0 {
		o.Int("port", int64(port))
	}
	if has {
		o.Text("query", query)
	}
	o.Name("scheme", scheme)
	o.Close()
}

func (l *Lines) Frame(e *event.Frame) {
	if !l.options.Shows(event.KindFrame) {
		return
	}
	o, s := l.begin(e.Conn, &e.At, e.From, about{kind: "event", action: "frame", types: info})
	l.log(o, &e.At, "")
	network(o, s, unknown, unknown)
	ends(o, s, e.From)
	o.Open("wshake")
	o.Code("close_code", e.Code)
	o.TextIfKnown("close_reason", e.Reason)
	o.Bool("complete", e.Complete)
	conn(o, s)
	o.Bool("fin", e.Header.FIN)
	o.Name("from", e.From.String())
	o.Uint("length", e.Header.Length)
	o.Name("opcode", e.Header.Opcode.String())
	o.Uint("packet", e.At.Number)
	o.Close()
	l.EndLine()
}

func (l *Lines) Message(e *event.Message) {
	if !l.options.Shows(event.KindMessage) {
		return
	}
	o, s := l.begin(e.Conn, &e.At, e.From, about{kind: "event", action: "message", types: info})
	l.log(o, &e.At, "")
	if text, is := report.PayloadText(&e.Payload); is {
		o.Octets("message", text)
	}
	network(o, s, event.Some(e.WireLength), unknown)
	ends(o, s, e.From)
	o.Open("wshake")
	o.Bool("complete", e.Complete)
	o.Bool("compressed", e.Compressed)
	conn(o, s)
	o.Int("frames", int64(e.Frames))
	o.Name("from", e.From.String())
	o.TextUnlessEmpty("kind", e.Kind)
	if e.Length.Known {
		o.Uint("length", e.Length.Value)
	}
	o.Name("opcode", e.Opcode.String())
	o.Uint("packet", e.At.Number)
	o.Uint("wire_length", e.WireLength)
	o.Close()
	l.EndLine()
}

func (l *Lines) Connection(e *event.Connection) {
	if !l.options.Shows(event.KindConnection) {
		return
	}
	a := about{kind: "event", action: "connection", types: `["connection","end"]`}
	if e.At.Time != event.NoTime && report.Plausible(e.Duration) {
		a.duration = event.Some(e.Duration)
	}
	o, s := l.begin(e.Conn, &e.At, event.Client, a)
	l.log(o, &e.At, "")
	network(o, s, event.Some(e.Bytes), event.Some(e.Packets))
	ends(o, s, event.Client)
	o.Open("wshake")
	o.List("caveats", e.Caveats)
	if c := e.Close; c != nil {
		o.Code("close_code", c.Code)
	}
	conn(o, s)
	o.Name("ended", e.Ended.String())
	if e.EndedBy.Known {
		o.Name("ended_by", e.EndedBy.Value.String())
	}
	o.List("findings", e.Findings)
	o.Uint("packet", e.At.Number)
	o.Close()
	l.EndLine()
}

// severities are event.severity by level, higher is worse.
var severities = [event.Levels]int{event.Note: 1, event.Warning: 2, event.Error: 3}

func (l *Lines) Finding(e *event.Finding) {
	if !l.options.Shows(event.KindFinding) {
		return
	}
	from := event.Client
	if e.Fault == event.ServerFault {
		from = event.Server
	}
	o, s := l.begin(e.Conn, &e.At, from, about{kind: "alert", action: "finding", types: info,
		severity: severities[e.Level], reason: e.Text})
	l.log(o, &e.At, e.Level.String())
	o.Text("message", e.Text)
	network(o, s, unknown, unknown)
	o.Open("rule")
	o.Text("id", e.ID)
	o.Text("name", e.Name)
	o.TextUnlessEmpty("reference", e.Section)
	o.Name("ruleset", "wshake")
	o.Close()
	ends(o, s, from)
	o.Open("wshake")
	o.TextUnlessEmpty("advice", e.Advice)
	conn(o, s)
	o.TextUnlessEmpty("fault", e.Fault.String())
	o.Uint("packet", e.At.Number)
	o.TextUnlessEmpty("seen", e.Seen)
	o.TextUnlessEmpty("wanted", e.Wanted)
	o.Close()
	l.EndLine()
}

func (l *Lines) Caveat(e *event.Caveat) {
	if !l.options.Shows(event.KindCaveat) {
		return
	}
	o, s := l.begin(e.Conn, &e.At, event.Client, about{kind: "event", action: "caveat", types: info})
	l.log(o, &e.At, "")
	o.Text("message", e.Text)
	network(o, s, unknown, unknown)
	ends(o, s, event.Client)
	o.Open("wshake")
	if e.Bytes.Known {
		o.Uint("bytes", e.Bytes.Value)
	}
	o.Text("caveat", e.Name)
	conn(o, s)
	o.Uint("packet", e.At.Number)
	o.Close()
	l.EndLine()
}
