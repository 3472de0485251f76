// Package har prints handshakes and the messages behind them as an HTTP Archive 1.2, as Chrome's developer tools
// export and import it.
//
// # Design
//
// One entry for each handshake, refused ones too. The messages stand in _webSocketMessages of the entry that they
// belong to, with the members of Chrome: type ("send", "receive"), time (seconds since the epoch), opcode, data (text,
// or base64 for binary). What Chrome has no member for begins with an underscore, as the format asks. Messages of a
// conversation whose handshake was not captured, or not selected, have an entry with status 0.
//
// An archive has each conversation in one piece, and a capture has them interleaved. So messages go to a spool as they
// come, in pieces, and are put together at the end: memory does not grow with what was said, but by a few octets for
// each piece.
package har

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// DefaultPayload is how many octets of each message an archive holds, unless the user says otherwise.
const DefaultPayload = 1 << 20

// Spool keeps what does not fit into memory.
type Spool interface {
	io.Writer // at the end
	io.ReaderAt
}

// Archive prints the archive when it is flushed.
type Archive struct {
	event.Ignore
	w        io.Writer
	version  string
	spool    Spool
	size     int64 // of the spool, octets
	entries  []*entry
	talks    map[talk]*entry // the conversations that go on
	buffered int             // octets in entries
	object   report.Object   // a message
	spare    []byte          // storage of a piece that was stored, for the next one
	err      error
	written  bool
}

// talk names a connection, or a stream of one.
type talk struct {
	conn   uint64
	stream event.Opt[uint64]
}

// entry is a handshake with what was said behind it.
type entry struct {
	began, ended int64  // ns
	head         []byte // the JSON of what its end does not change, without the closing brace
	messages     uint64
	text         []byte  // of messages that are not in the spool
	pieces       []piece // of those that are
}

type piece struct {
	at     int64
	length int32
}

// Octets of messages in memory: of one entry, and of all.
const (
	pieceSize   = 8 << 10
	mostInStore = 32 << 20
)

// New writes to w. version is that of the program.
func New(w io.Writer, spool Spool, version string, _ report.Options) *Archive {
	return &Archive{w: w, version: version, spool: spool, talks: make(map[talk]*entry)}
}

func talkOf(c *event.Conn) talk { return talk{c.Ordinal, c.Stream} }

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	Version     string `json:"httpVersion"`
	Headers     []pair `json:"headers"`
	Query       []pair `json:"queryString"`
	Cookies     []pair `json:"cookies"`
	HeadersSize int64  `json:"headersSize"`
	BodySize    int64  `json:"bodySize"`
}

type content struct {
	Size     int    `json:"size"`
	MIME     string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

type response struct {
	Status      int     `json:"status"`
	Reason      string  `json:"statusText"`
	Version     string  `json:"httpVersion"`
	Headers     []pair  `json:"headers"`
	Cookies     []pair  `json:"cookies"`
	Content     content `json:"content"`
	Redirect    string  `json:"redirectURL"`
	HeadersSize int64   `json:"headersSize"`
	BodySize    int64   `json:"bodySize"`
}

type timings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
	SSL     float64 `json:"ssl"`
}

// ours is what the format has no member for.
type ours struct {
	Conn           string   `json:"conn"`
	Client         string   `json:"client"`
	Server         string   `json:"server"`
	RequestPacket  *uint64  `json:"request_packet"`
	ResponsePacket *uint64  `json:"response_packet"`
	Verdict        string   `json:"verdict,omitempty"`
	Protocol       *string  `json:"protocol"`
	Findings       []string `json:"findings"`
	TimeUnknown    bool     `json:"time_unknown,omitempty"`
	Midstream      bool     `json:"midstream,omitempty"`
}

type fixed struct {
	Request    request  `json:"request"`
	Response   response `json:"response"`
	Cache      struct{} `json:"cache"`
	Timings    timings  `json:"timings"`
	Address    string   `json:"serverIPAddress"`
	Connection string   `json:"connection"`
	Resource   string   `json:"_resourceType"`
	Ours       ours     `json:"_wshake"`
}

func (a *Archive) Handshake(e *event.Handshake) {
	f := newFixed(e.Conn)
	began := e.At.Time
	if q := e.Request; q != nil {
		began = q.First.Time
		f.Request.Method, f.Request.Version = q.Method, q.Version
		f.Request.URL, f.Request.HeadersSize = address(e), size(q)
		f.Request.Headers, f.Request.Query = headers(q), query(q.Target)
		f.Request.Cookies = cookies(q.Values("Cookie"), ";")
		f.Ours.RequestPacket = &q.Last.Number
	} else {
		f.Request.URL = address(e)
	}
	f.Timings.Receive, f.Timings.Wait = 0, 0
	if r := e.Response; r != nil {
		f.Response.Status, f.Response.Reason, f.Response.Version = r.Status, r.Reason, r.Version
		f.Response.Headers, f.Response.HeadersSize = headers(r), size(r)
		f.Response.Cookies = setCookies(r.Values("Set-Cookie"))
		f.Response.Redirect, f.Response.Content.MIME = r.Get("Location"), r.Get("Content-Type")
		f.Ours.ResponsePacket = &r.Last.Number
		if q := e.Request; q != nil && e.At.Time != event.NoTime {
			f.Timings.Send = milliseconds(q.Last.Time - q.First.Time)
			f.Timings.Wait = milliseconds(r.First.Time - q.Last.Time)
			f.Timings.Receive = milliseconds(r.Last.Time - r.First.Time)
		}
	}
	if b := e.ResponseBody; b != nil {
		f.Response.Content.Size, f.Response.BodySize = len(b.Octets), int64(len(b.Octets))
		if f.Response.Content.Text = b.Text; !b.IsText {
			f.Response.Content.Text, f.Response.Content.Encoding = base64.StdEncoding.EncodeToString(b.Octets), "base64"
		}
	}
	f.Ours.Verdict = e.Verdict.String()
	if e.Protocol.Known {
		f.Ours.Protocol = &e.Protocol.Value
	}
	for _, found := range e.Findings {
		if !slices.Contains(f.Ours.Findings, found.Name) {
			f.Ours.Findings = append(f.Ours.Findings, found.Name)
		}
	}
	a.add(e.Conn, began, e.At.Time, f)
}

func newFixed(c *event.Conn) *fixed {
	peer := c.Peer[event.Server]
	// DevTools takes connection for the server's port, which HAR 1.2 allows it to be; which one it was is in _wshake.
	f := &fixed{Address: peer.Addr().String(), Connection: strconv.Itoa(int(peer.Port())), Resource: "websocket"}
	f.Request = request{Headers: []pair{}, Query: []pair{}, Cookies: []pair{}, HeadersSize: -1}
	f.Response = response{Headers: []pair{}, Cookies: []pair{}, HeadersSize: -1, BodySize: -1}
	f.Timings = timings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1}
	f.Ours = ours{Conn: c.String(), Client: c.Peer[event.Client].String(), Server: c.Peer[event.Server].String(), Findings: []string{}}
	return f
}

// add makes the entry of a conversation.
func (a *Archive) add(c *event.Conn, began, ended int64, f *fixed) *entry {
	f.Ours.TimeUnknown = began == event.NoTime
	b, err := report.MarshalJSON(f)
	if err != nil {
		a.fail(err)
		b = []byte("{}")
	}
	e := &entry{began: began, ended: ended, head: b[:len(b)-1]}
	a.entries = append(a.entries, e)
	a.talks[talkOf(c)] = e
	return e
}

func (a *Archive) Message(e *event.Message) {
	t := a.talks[talkOf(e.Conn)]
	if t == nil { // its handshake was not captured, or not selected
		f := newFixed(e.Conn)
		f.Request.URL = "ws://" + e.Conn.Peer[event.Server].String() + "/"
		f.Ours.Midstream = e.Conn.Midstream
		t = a.add(e.Conn, e.First.Time, e.At.Time, f)
	}
	if t.text == nil {
		t.text, a.spare = a.spare, nil
	}
	before := len(t.text)
	if t.messages > 0 {
		t.text = append(t.text, ',', '\n')
	}
	t.text = a.message(t.text, e)
	a.buffered += len(t.text) - before
	t.messages++
	t.ended = max(t.ended, e.At.Time)
	if len(t.text) >= pieceSize {
		a.store(t)
	}
	if a.buffered > mostInStore {
		for _, t := range a.entries {
			a.store(t)
		}
	}
}

// message appends a message.
func (a *Archive) message(text []byte, e *event.Message) []byte {
	o := &a.object
	o.Begin(text)
	if e.From == event.Client {
		o.Name("type", "send")
	} else {
		o.Name("type", "receive")
	}
	if e.At.Time == event.NoTime {
		o.Int("time", 0)
	} else {
		o.Seconds("time", e.At.Time)
	}
	o.Int("opcode", int64(e.Opcode))
	if text, is := report.PayloadText(&e.Payload); is {
		o.Octets("data", text)
	} else {
		o.Base64("data", e.Payload.Data)
		if e.Opcode == event.OpText && e.Payload.Kept { // it is no text
			o.Name("_encoding", "base64")
		}
	}
	o.UintOrNull("_length", e.Length)
	if !e.Payload.Kept || e.Payload.Truncated {
		o.Bool("_truncated", true)
	}
	if !e.Complete {
		o.Bool("_incomplete", true)
	}
	o.Uint("_packet", e.At.Number)
	return o.End()
}

// store moves the messages of an entry into the spool.
func (a *Archive) store(t *entry) {
	if len(t.text) == 0 || a.err != nil {
		return
	}
	n, err := a.spool.Write(t.text)
	if err != nil {
		a.fail(err)
		return
	}
	t.pieces = append(t.pieces, piece{a.size, int32(n)})
	a.size += int64(n)
	a.buffered -= len(t.text)
	if cap(t.text) <= 4*pieceSize { // else the next entry would hold on to what a large message took
		a.spare = t.text[:0]
	}
	t.text = nil
}

func (a *Archive) Connection(e *event.Connection) {
	if t := a.talks[talkOf(e.Conn)]; t != nil {
		t.ended = max(t.ended, e.At.Time)
		delete(a.talks, talkOf(e.Conn))
	}
}

func (a *Archive) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// Err is the first error so far.
func (a *Archive) Err() error { return a.err }

// Pause does nothing: the archive is written at the end.
func (a *Archive) Pause() error { return nil }

// Flush writes the archive, once.
func (a *Archive) Flush() error {
	if a.written || a.err != nil {
		return a.err
	}
	a.written = true
	creator, err := report.MarshalJSON(pair{"wshake", a.version})
	if err != nil {
		return err
	}
	a.print(`{"log":{"version":"1.2","creator":` + strings.Replace(string(creator), `"value"`, `"version"`, 1) + `,"pages":[],"entries":[`)
	for i, e := range a.entries {
		if i > 0 {
			a.print(",")
		}
		a.entry(e)
	}
	a.print("\n]}}\n")
	return a.err
}

func (a *Archive) entry(e *entry) {
	lasted := 0.0
	if e.began != event.NoTime && e.ended != event.NoTime {
		lasted = milliseconds(e.ended - e.began)
	}
	began := e.began
	if began == event.NoTime {
		began = 0
	}
	a.print("\n" + `{"startedDateTime":"` + report.RFC3339(began) + `","time":` + strconv.FormatFloat(lasted, 'f', -1, 64) + ",")
	a.print(string(e.head[1:]))
	a.print(`,"_webSocketMessages":[`)
	for _, p := range e.pieces {
		if a.err == nil {
			_, err := io.Copy(a.w, io.NewSectionReader(a.spool, p.at, int64(p.length)))
			if err != nil {
				a.fail(err)
			}
		}
	}
	a.print(string(e.text) + "]}")
}

func (a *Archive) print(s string) {
	if a.err == nil {
		_, err := io.WriteString(a.w, s)
		if err != nil {
			a.fail(err)
		}
	}
}

// address is the URL that was asked for. Octets that no URL has are escaped.
func address(e *event.Handshake) string {
	scheme, host, target := "ws", e.Conn.Peer[event.Server].String(), "/"
	if e.TLS {
		scheme = "wss"
	}
	if q := e.Request; q != nil {
		if a := q.Authority(); a != "" && e.Request.Cut == event.Whole {
			host = a
		}
		target = q.Target
		if rest, absolute := strings.CutPrefix(target, "http://"); absolute {
			return scheme + "://" + escaped(rest)
		}
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
	}
	return scheme + "://" + escaped(host+target)
}

// escaped is s with what stands in no URL percent-encoded (RFC 3986 §2).
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c <= ' ', c >= 0x7f, strings.IndexByte("\"<>\\^`{|}", c) >= 0,
			c == '%' && (i+2 >= len(s) || !hex(s[i+1]) || !hex(s[i+2])):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func hex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func headers(h *event.Head) []pair {
	list := make([]pair, 0, len(h.Fields))
	for i := range h.Fields {
		list = append(list, pair{h.Fields[i].Name, h.Fields[i].Value})
	}
	return list
}

func size(h *event.Head) int64 {
	if h.Length == 0 {
		return -1
	}
	return int64(h.Length)
}

func query(target string) []pair {
	list := []pair{}
	_, q, _ := strings.Cut(target, "?")
	q, _, _ = strings.Cut(q, "#")
	for part := range strings.SplitSeq(q, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		list = append(list, pair{unescaped(name), unescaped(value)})
	}
	return list
}

func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

func cookies(values []string, by string) []pair {
	list := []pair{}
	for _, v := range values {
		for part := range strings.SplitSeq(v, by) {
			if name, value, has := strings.Cut(strings.TrimSpace(part), "="); has {
				list = append(list, pair{name, value})
			}
		}
	}
	return list
}

func setCookies(values []string) []pair {
	list := []pair{}
	for _, v := range values {
		first, _, _ := strings.Cut(v, ";")
		list = append(list, cookies([]string{first}, ";")...)
	}
	return list
}

func milliseconds(ns int64) float64 {
	if !report.Plausible(ns) {
		return 0
	}
	return float64(ns/1000) / 1000
}
