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
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

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
	flow uint64
	ends [2]string // members of JSON, by the side that is the source
	conn string
}

func share(s *shared, c *event.Conn) {
	s.flow, s.conn = flow(c), c.String()
	for side := range c.Peer {
		src, dest := c.Peer[side], c.Peer[event.Side(side).Other()]
		var o report.Object
		o.Begin(nil)
		o.Text("src_ip", src.Addr().String())
		o.Uint("src_port", uint64(src.Port()))
		o.Text("dest_ip", dest.Addr().String())
		o.Uint("dest_port", uint64(dest.Port()))
		if c.UDP {
			o.Name("proto", "UDP")
		} else {
			o.Name("proto", "TCP")
		}
		o.Name("community_id", c.CommunityID())
		s.ends[side] = strings.Trim(string(o.End()), "{}")
	}
}

// flow is a number below 2^53 that names a connection.
func flow(c *event.Conn) uint64 {
	sum := sha256.Sum256([]byte(c.CommunityID() + " " + c.String()))
	return binary.BigEndian.Uint64(sum[:])>>11 | 1
}

// begin writes the members that all lines have. conn is what names the connection, "" where the event is of none.
func (l *Lines) begin(kind string, c *event.Conn, at *event.At, from event.Side) (o *report.Object, conn string) {
	o = l.Object()
	o.Micros("timestamp", at.Time)
	var s *shared
	if c != nil {
		s = l.conns.Of(c, share)
		conn = s.conn
		o.Uint("flow_id", s.flow)
	}
	o.Uint("pcap_cnt", at.Number)
	o.TextUnlessEmpty("pcap_filename", l.options.File(at))
	o.Name("event_type", kind)
	if s != nil {
		o.Members(s.ends[from])
	}
	return o, conn
}

func (l *Lines) Handshake(e *event.Handshake) {
	if !l.options.Shows(event.KindHandshake) {
		return
	}
	o, conn := l.begin("http", e.Conn, &e.At, event.Client)
	o.Open("http")
	if q := e.Request; q != nil {
		host, port := report.HostPort(q.Authority())
		o.TextUnlessEmpty("hostname", host)
		if port != 0 { // the Host field names one
			o.Int("http_port", int64(port))
		}
		o.TextUnlessEmpty("url", q.Target)
		o.TextUnlessEmpty("http_user_agent", q.Get("User-Agent"))
		o.TextUnlessEmpty("http_method", q.Method)
		o.TextUnlessEmpty("protocol", q.Version)
	}
	if a := e.Response; a != nil {
		if a.Status != 0 {
			o.Int("status", int64(a.Status))
		}
		o.TextUnlessEmpty("redirect", a.Get("Location"))
	}
	o.Close()
	o.Open("wshake")
	o.Name("conn", conn)
	o.Name("verdict", e.Verdict.String())
	o.TextUnlessEmpty("protocol", e.Protocol.Value)
	if latency, known := e.Latency(); known && report.Plausible(latency) {
		o.Int("latency_us", latency/1000)
	}
	o.Bool("tls", e.TLS)
	o.TextUnlessEmpty("sni", e.SNI.Value)
	names := []string{}
	for _, f := range e.Findings {
		names = append(names, f.Name)
	}
	o.List("findings", names)
	o.Close()
	l.EndLine()
}

// payload writes the members of a payload that was kept.
func payload(o *report.Object, p *event.Payload) {
	if !p.Kept {
		return
	}
	if text, is := report.PayloadText(p); is {
		o.Octets("payload_printable", text)
	}
	if len(p.Data) > 0 {
		o.Base64("payload_base64", p.Data)
	}
}

func (l *Lines) Frame(e *event.Frame) {
	if !l.options.Shows(event.KindFrame) {
		return
	}
	o, conn := l.begin("websocket", e.Conn, &e.At, e.From)
	o.Open("websocket")
	o.Bool("fin", e.Header.FIN)
	if e.Header.Masked {
		o.Uint("mask", uint64(binary.BigEndian.Uint32(e.Header.Key[:])))
	}
	o.Name("opcode", e.Header.Opcode.String())
	payload(o, &e.Payload)
	o.Close()
	o.Open("wshake")
	o.Name("conn", conn)
	o.Uint("length", e.Header.Length)
	o.Uint("first_packet", e.First.Number)
	o.Bool("complete", e.Complete)
	o.Code("close_code", e.Code)
	o.TextIfKnown("close_reason", e.Reason)
	o.Close()
	l.EndLine()
}

func (l *Lines) Message(e *event.Message) {
	if !l.options.Shows(event.KindMessage) {
		return
	}
	o, conn := l.begin("websocket", e.Conn, &e.At, e.From)
	o.Open("websocket")
	o.Bool("fin", true)
	o.Name("opcode", e.Opcode.String())
	payload(o, &e.Payload)
	o.Close()
	o.Open("wshake")
	o.Name("conn", conn)
	o.UintOrNull("length", e.Length)
	o.Uint("wire_length", e.WireLength)
	o.Int("frames", int64(e.Frames))
	o.Bool("compressed", e.Compressed)
	o.Bool("complete", e.Complete)
	if e.Payload.Kept && e.Payload.Truncated {
		o.Bool("truncated", true)
	}
	o.Uint("first_packet", e.First.Number)
	o.TextUnlessEmpty("kind", e.Kind)
	o.Close()
	l.EndLine()
}

func (l *Lines) Finding(e *event.Finding) {
	if !l.options.Shows(event.KindFinding) {
		return
	}
	from := event.Client
	if e.Fault == event.ServerFault {
		from = event.Server
	}
	o, conn := l.begin("anomaly", e.Conn, &e.At, from)
	o.Open("anomaly")
	o.Name("type", "applayer")
	o.Text("event", e.Name)
	o.Name("app_proto", "websocket")
	o.Name("layer", "proto_parser")
	o.Close()
	o.Open("wshake")
	o.TextUnlessEmpty("conn", conn)
	o.Text("id", e.ID)
	o.Name("level", e.Level.String())
	o.TextUnlessEmpty("fault", e.Fault.String())
	o.Text("text", e.Text)
	o.TextUnlessEmpty("seen", e.Seen)
	o.TextUnlessEmpty("wanted", e.Wanted)
	o.TextUnlessEmpty("section", e.Section)
	o.TextUnlessEmpty("advice", e.Advice)
	o.Close()
	l.EndLine()
}
