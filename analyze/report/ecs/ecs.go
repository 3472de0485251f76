// Package ecs prints events as lines in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current), which
// Filebeat and Elasticsearch take without a pipeline.
//
// # Design
//
// What the schema has a field for stands there; the rest is in the object wshake. A finding is an alert whose rule is
// the check. source is who sent what the event is about, client and server are those of the connection.
package ecs

import (
	"io"
	"strconv"
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
}

// New writes to w.
func New(w io.Writer, o report.Options) *Lines { return &Lines{Sink: report.NewSink(w), options: o} }

// object is an object of JSON; its members are printed in the order of their names.
type object = map[string]any

func (l *Lines) begin(action, kind string, c *event.Conn, at *event.At, from event.Side) object {
	e := object{"ecs": object{"version": version}}
	if t := report.RFC3339(at.Time); t != "" {
		e["@timestamp"] = t
	}
	e["event"] = object{"kind": kind, "category": []string{"network"}, "type": []string{"info"}, "action": action,
		"module": "wshake", "dataset": "wshake." + action, "sequence": at.Number}
	ours := object{"packet": at.Number}
	if c != nil {
		end := func(s event.Side) object {
			a := c.Peer[s]
			return object{"ip": a.Addr().String(), "port": a.Port(), "address": a.Addr().String()}
		}
		e["client"], e["server"], e["source"], e["destination"] = end(event.Client), end(event.Server), end(from), end(from.Other())
		family := "ipv4"
		if c.Peer[event.Client].Addr().Is6() {
			family = "ipv6"
		}
		transport := "tcp"
		if c.UDP {
			transport = "udp"
		}
		e["network"] = object{"transport": transport, "protocol": "websocket", "type": family, "community_id": c.CommunityID()}
		ours["conn"] = c.String()
	}
	if name := l.options.File(at); name != "" {
		e["log"] = object{"file": object{"path": name}}
	}
	e["wshake"] = ours
	return e
}

func (l *Lines) Handshake(e *event.Handshake) {
	if !l.options.Shows(event.KindHandshake) {
		return
	}
	out := l.begin("handshake", "event", e.Conn, &e.At, event.Client)
	about := out["event"].(object)
	ours := out["wshake"].(object)
	about["type"] = []string{"connection", "start"}
	switch e.Verdict {
	case event.Established:
		about["outcome"] = "success"
	case event.Refused, event.Invalid:
		about["outcome"] = "failure"
		about["type"] = []string{"connection", "denied"}
	default:
		about["outcome"] = "unknown"
	}
	ours["verdict"], ours["transport"] = e.Verdict.String(), e.Transport
	names := []string{}
	for _, f := range e.Findings {
		names = append(names, f.Name)
	}
	ours["findings"] = names
	if e.Protocol.Known {
		ours["protocol"] = e.Protocol.Value
	}
	http := object{}
	if q := e.Request; q != nil {
		http["request"] = object{"method": q.Method}
		http["version"] = strings.TrimPrefix(q.Version, "HTTP/")
		path, query, has := strings.Cut(q.Target, "?")
		u := object{"original": q.Target, "path": path}
		if has {
			u["query"] = query
		}
		scheme := "ws"
		if e.TLS {
			scheme = "wss"
		}
		u["scheme"] = scheme
		host, port := report.HostPort(q.Authority())
		if host != "" {
			u["domain"] = host
		}
		if port > 0 {
			u["port"] = port
		}
		out["url"] = u
		if v, sent := q.Lookup("User-Agent"); sent {
			out["user_agent"] = object{"original": v}
		}
		if v, sent := q.Lookup("Origin"); sent {
			ours["origin"] = v
		}
	}
	if a := e.Response; a != nil {
		if a.Status > 0 {
			http["response"] = object{"status_code": a.Status}
		}
		if latency, known := e.Latency(); known && report.Plausible(latency) {
			about["duration"] = latency
		}
	}
	out["http"] = http
	if e.TLS {
		tls := object{"established": true}
		if e.SNI.Known {
			tls["client"] = object{"server_name": e.SNI.Value}
		}
		out["tls"] = tls
	}
	l.JSON(out)
}

func (l *Lines) Frame(e *event.Frame) {
	if !l.options.Shows(event.KindFrame) {
		return
	}
	out := l.begin("frame", "event", e.Conn, &e.At, e.From)
	ours := out["wshake"].(object)
	ours["from"], ours["opcode"], ours["length"], ours["fin"], ours["complete"] = e.From.String(), e.Header.Opcode.String(), e.Header.Length, e.Header.FIN, e.Complete
	if e.Code.Known {
		ours["close_code"] = e.Code.Value
	}
	if e.Reason.Known {
		ours["close_reason"] = e.Reason.Value
	}
	l.JSON(out)
}

func (l *Lines) Message(e *event.Message) {
	if !l.options.Shows(event.KindMessage) {
		return
	}
	out := l.begin("message", "event", e.Conn, &e.At, e.From)
	ours := out["wshake"].(object)
	ours["from"], ours["opcode"], ours["wire_length"], ours["frames"] = e.From.String(), e.Opcode.String(), e.WireLength, e.Frames
	ours["compressed"], ours["complete"] = e.Compressed, e.Complete
	if e.Length.Known {
		ours["length"] = e.Length.Value
	}
	if e.Kind != "" {
		ours["kind"] = e.Kind
	}
	if text, is := report.PayloadText(&e.Payload); is {
		out["message"] = text
	}
	out["network"].(object)["bytes"] = e.WireLength
	l.JSON(out)
}

func (l *Lines) Connection(e *event.Connection) {
	if !l.options.Shows(event.KindConnection) {
		return
	}
	out := l.begin("connection", "event", e.Conn, &e.At, event.Client)
	about := out["event"].(object)
	about["type"] = []string{"connection", "end"}
	if e.At.Time != event.NoTime && report.Plausible(e.Duration) {
		about["duration"] = e.Duration
	}
	network := out["network"].(object)
	network["packets"], network["bytes"] = e.Packets, e.Bytes
	ours := out["wshake"].(object)
	ours["ended"], ours["findings"], ours["caveats"] = e.Ended.String(), none(e.Findings), none(e.Caveats)
	if e.EndedBy.Known {
		ours["ended_by"] = e.EndedBy.Value.String()
	}
	if c := e.Close; c != nil && c.Code.Known {
		ours["close_code"] = c.Code.Value
	}
	l.JSON(out)
}

func none(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
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
	out := l.begin("finding", "alert", e.Conn, &e.At, from)
	about := out["event"].(object)
	about["severity"], about["reason"] = severities[e.Level], e.Text
	out["message"] = e.Text
	out["log"] = merged(out["log"], "level", e.Level.String())
	rule := object{"id": e.ID, "name": e.Name, "ruleset": "wshake"}
	if e.Section != "" {
		rule["reference"] = e.Section
	}
	out["rule"] = rule
	ours := out["wshake"].(object)
	for key, value := range map[string]string{"fault": e.Fault.String(), "seen": e.Seen, "wanted": e.Wanted, "advice": e.Advice} {
		if value != "" {
			ours[key] = value
		}
	}
	l.JSON(out)
}

func (l *Lines) Caveat(e *event.Caveat) {
	if !l.options.Shows(event.KindCaveat) {
		return
	}
	out := l.begin("caveat", "event", e.Conn, &e.At, event.Client)
	out["message"] = e.Text
	ours := out["wshake"].(object)
	ours["caveat"] = e.Name
	if e.Bytes.Known {
		ours["bytes"] = strconv.FormatUint(e.Bytes.Value, 10)
	}
	l.JSON(out)
}

// merged is an object with one more member.
func merged(o any, key, value string) object {
	m, _ := o.(object)
	if m == nil {
		m = object{}
	}
	m[key] = value
	return m
}
