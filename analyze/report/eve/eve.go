// Package eve prints events as lines of Suricata's EVE JSON, which many collectors read: frames or messages as
// event_type "websocket", handshakes as "http", findings as "anomaly".
//
// # Design
//
// Members that Suricata has too have its names and forms (etc/schema.json); what it has not stands in an object of our
// own name. For frames and messages src_ip is the sender, for handshakes the client, as in Suricata. flow_id is made of
// what names the connection in the capture and stays below 2^53, so that every JSON reader keeps it exact.
package eve

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Lines prints the lines.
type Lines struct {
	event.Ignore
	*report.Sink
	options report.Options
}

// New writes to w.
func New(w io.Writer, o report.Options) *Lines { return &Lines{Sink: report.NewSink(w), options: o} }

type line struct {
	Timestamp *string    `json:"timestamp"`
	FlowID    uint64     `json:"flow_id,omitempty"`
	Packet    uint64     `json:"pcap_cnt"`
	File      string     `json:"pcap_filename,omitempty"`
	EventType string     `json:"event_type"`
	SrcIP     string     `json:"src_ip,omitempty"`
	SrcPort   *uint16    `json:"src_port,omitempty"`
	DestIP    string     `json:"dest_ip,omitempty"`
	DestPort  *uint16    `json:"dest_port,omitempty"`
	Proto     string     `json:"proto,omitempty"`
	Community string     `json:"community_id,omitempty"`
	HTTP      *http      `json:"http,omitempty"`
	WebSocket *webSocket `json:"websocket,omitempty"`
	Anomaly   *anomaly   `json:"anomaly,omitempty"`
	Ours      any        `json:"wshake,omitempty"`
}

type http struct {
	Hostname string `json:"hostname,omitempty"`
	Port     int    `json:"http_port,omitempty"` // where the Host field names one
	URL      string `json:"url,omitempty"`
	Agent    string `json:"http_user_agent,omitempty"`
	Method   string `json:"http_method,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Status   int    `json:"status,omitempty"`
	Redirect string `json:"redirect,omitempty"`
}

type webSocket struct {
	FIN     bool    `json:"fin"`
	Mask    *uint32 `json:"mask,omitempty"`
	Opcode  string  `json:"opcode"`
	Text    *string `json:"payload_printable,omitempty"`
	Payload []byte  `json:"payload_base64,omitempty"`
}

type anomaly struct {
	Type     string `json:"type"`
	Event    string `json:"event"`
	Protocol string `json:"app_proto"`
	Layer    string `json:"layer"`
}

type handshake struct {
	Conn     string   `json:"conn"`
	Verdict  string   `json:"verdict"`
	Protocol string   `json:"protocol,omitempty"`
	Latency  *int64   `json:"latency_us,omitempty"`
	TLS      bool     `json:"tls"`
	SNI      string   `json:"sni,omitempty"`
	Findings []string `json:"findings"`
}

type frame struct {
	Conn     string  `json:"conn"`
	Length   uint64  `json:"length"`
	First    uint64  `json:"first_packet"`
	Complete bool    `json:"complete"`
	Code     *uint16 `json:"close_code,omitempty"`
	Reason   *string `json:"close_reason,omitempty"`
}

type message struct {
	Conn       string  `json:"conn"`
	Length     *uint64 `json:"length"`
	WireLength uint64  `json:"wire_length"`
	Frames     int     `json:"frames"`
	Compressed bool    `json:"compressed"`
	Complete   bool    `json:"complete"`
	Truncated  bool    `json:"truncated,omitempty"`
	First      uint64  `json:"first_packet"`
	Kind       string  `json:"kind,omitempty"`
}

type finding struct {
	Conn    string `json:"conn,omitempty"`
	ID      string `json:"id"`
	Level   string `json:"level"`
	Fault   string `json:"fault,omitempty"`
	Text    string `json:"text"`
	Seen    string `json:"seen,omitempty"`
	Wanted  string `json:"wanted,omitempty"`
	Section string `json:"section,omitempty"`
	Advice  string `json:"advice,omitempty"`
}

func (l *Lines) begin(kind string, c *event.Conn, at *event.At, from event.Side) *line {
	e := &line{EventType: kind, Packet: at.Number, File: l.options.File(at)}
	if at.Time != event.NoTime {
		stamp := time.Unix(0, at.Time).UTC().Format("2006-01-02T15:04:05.000000-0700")
		e.Timestamp = &stamp
	}
	if c != nil {
		src, dest := c.Peer[from], c.Peer[from.Other()]
		srcPort, destPort := src.Port(), dest.Port()
		e.SrcIP, e.SrcPort, e.DestIP, e.DestPort = src.Addr().String(), &srcPort, dest.Addr().String(), &destPort
		e.Proto, e.Community, e.FlowID = "TCP", c.CommunityID(), flow(c)
		if c.UDP {
			e.Proto = "UDP"
		}
	}
	return e
}

// flow is a number below 2^53 that names a connection.
func flow(c *event.Conn) uint64 {
	sum := sha256.Sum256([]byte(c.CommunityID() + " " + c.String()))
	return binary.BigEndian.Uint64(sum[:])>>11 | 1
}

func (l *Lines) Handshake(e *event.Handshake) {
	if !l.options.Shows(event.KindHandshake) {
		return
	}
	out := l.begin("http", e.Conn, &e.At, event.Client)
	out.HTTP = new(http)
	q, a := e.Request, e.Response
	if q != nil {
		host, port := report.HostPort(q.Authority())
		*out.HTTP = http{Hostname: host, Port: port, URL: q.Target, Agent: q.Get("User-Agent"), Method: q.Method, Protocol: q.Version}
	}
	ours := &handshake{Conn: e.Conn.String(), Verdict: e.Verdict.String(), Protocol: e.Protocol.Value, TLS: e.TLS, SNI: e.SNI.Value, Findings: []string{}}
	if a != nil {
		out.HTTP.Status, out.HTTP.Redirect = a.Status, a.Get("Location")
		if latency, known := e.Latency(); known && report.Plausible(latency) {
			us := latency / 1000
			ours.Latency = &us
		}
	}
	for _, f := range e.Findings {
		ours.Findings = append(ours.Findings, f.Name)
	}
	out.Ours = ours
	l.JSON(out)
}

func (l *Lines) payload(w *webSocket, p *event.Payload) {
	if !p.Kept {
		return
	}
	if text, is := report.PayloadText(p); is {
		w.Text = &text
	}
	w.Payload = p.Data
}

func (l *Lines) Frame(e *event.Frame) {
	if !l.options.Shows(event.KindFrame) {
		return
	}
	out := l.begin("websocket", e.Conn, &e.At, e.From)
	out.WebSocket = &webSocket{FIN: e.Header.FIN, Opcode: e.Header.Opcode.String()}
	if e.Header.Masked {
		key := binary.BigEndian.Uint32(e.Header.Key[:])
		out.WebSocket.Mask = &key
	}
	l.payload(out.WebSocket, &e.Payload)
	ours := &frame{Conn: e.Conn.String(), Length: e.Header.Length, First: e.First.Number, Complete: e.Complete}
	if e.Code.Known {
		ours.Code = &e.Code.Value
	}
	if e.Reason.Known {
		ours.Reason = &e.Reason.Value
	}
	out.Ours = ours
	l.JSON(out)
}

func (l *Lines) Message(e *event.Message) {
	if !l.options.Shows(event.KindMessage) {
		return
	}
	out := l.begin("websocket", e.Conn, &e.At, e.From)
	out.WebSocket = &webSocket{FIN: true, Opcode: e.Opcode.String()}
	l.payload(out.WebSocket, &e.Payload)
	ours := &message{Conn: e.Conn.String(), WireLength: e.WireLength, Frames: e.Frames, Compressed: e.Compressed, Complete: e.Complete,
		Truncated: e.Payload.Kept && e.Payload.Truncated, First: e.First.Number, Kind: e.Kind}
	if e.Length.Known {
		ours.Length = &e.Length.Value
	}
	out.Ours = ours
	l.JSON(out)
}

func (l *Lines) Finding(e *event.Finding) {
	if !l.options.Shows(event.KindFinding) {
		return
	}
	from := event.Client
	if e.Fault == event.ServerFault {
		from = event.Server
	}
	out := l.begin("anomaly", e.Conn, &e.At, from)
	out.Anomaly = &anomaly{Type: "applayer", Event: e.Name, Protocol: "websocket", Layer: "proto_parser"}
	ours := &finding{ID: e.ID, Level: e.Level.String(), Fault: e.Fault.String(), Text: e.Text, Seen: e.Seen, Wanted: e.Wanted, Section: e.Section, Advice: e.Advice}
	if e.Conn != nil {
		ours.Conn = e.Conn.String()
	}
	out.Ours = ours
	l.JSON(out)
}
