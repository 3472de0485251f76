package report

import (
	"io"
	"maps"
	"slices"
	"strconv"

	"wshake/analyze/event"
)

// JSON writes one object per event and line, as schema.json describes them.
//
// Text with octets that are not UTF-8 shows U+FFFD for each of them; a payload that is not UTF-8 is given in base64
// instead, so it is always exact.
type JSON struct {
	output
	options    Options
	times      timestamps
	identities Shared[[]byte]
	shapes     shapes
}

// NewJSON writes to w. Width, Color and Pretty have no meaning here.
func NewJSON(w io.Writer, o Options) *JSON {
	return &JSON{output: newOutput(w, &o), options: o}
}

// Flush writes what was gathered and returns the first error of any write.
func (j *JSON) Flush() error { return j.write() }

// Pause shows what has been seen so far: a live capture calls it when no packet waits.
func (j *JSON) Pause() error { return j.write() }

// begin appends what all events but the summary have in common. c is nil where an event is of no connection.
func (j *JSON) begin(kind string, c *event.Conn, at *event.At) []byte {
	b := appendName(append(j.buf, '{'), "type", kind)
	b = j.times.append(b, "time", at.Time)
	if c != nil {
		b = append(b, *j.identities.Of(c, identify)...)
	} else {
		b = append(b, `,"conn":null,"community_id":null,"client":null,"server":null`...)
	}
	if j.options.ManyFiles {
		b = appendWord(b, "file", j.options.file(at))
	}
	b = appendUint(b, "packet", at.Number)
	if c != nil && c.Stream.Known {
		return appendUint(b, "stream", c.Stream.Value)
	}
	return appendNull(b, "stream") // HTTP/1.1 has none
}

func (j *JSON) end(b []byte) { j.keep(append(b, '}', '\n')) }

func (j *JSON) Frame(e *event.Frame) {
	if !j.options.shows(event.KindFrame) {
		return
	}
	h := &e.Header
	b := j.begin("frame", e.Conn, &e.At)
	b = append(b, j.shapes.of(e.From, h)...)
	if h.Masked {
		b = appendHexText(b, "mask", h.Key[:])
	} else {
		b = appendNull(b, "mask")
	}
	b = appendUint(b, "length", h.Length)
	b = appendUint(b, "header_length", uint64(h.Size))
	b = appendUint(b, "first_packet", e.First.Number)
	b = appendUint(b, "offset", e.Offset)
	b = appendBool(b, "complete", e.Complete)
	if h.Opcode == event.OpClose {
		b = appendCode(b, "close_code", e.Code)
		b = appendOptText(b, "close_reason", e.Reason)
	}
	j.end(appendPayload(b, &e.Payload))
}

func (j *JSON) Message(e *event.Message) {
	if !j.options.shows(event.KindMessage) {
		return
	}
	b := j.begin("message", e.Conn, &e.At)
	b = appendName(b, "from", e.From.String())
	b = appendName(b, "opcode", e.Opcode.String())
	b = appendOptUint(b, "length", e.Length)
	b = appendUint(b, "wire_length", e.WireLength)
	b = appendInt(b, "frames", int64(e.Frames))
	b = appendBool(b, "compressed", e.Compressed)
	b = appendBool(b, "complete", e.Complete)
	b = appendUint(b, "first_packet", e.First.Number)
	if e.SHA256.Known {
		b = appendHexText(b, "sha256", e.SHA256.Value[:])
	} else {
		b = appendNull(b, "sha256")
	}
	b = appendWord(b, "kind", e.Kind)
	if e.App != nil {
		b = appendApp(b, e.App)
	}
	if e.Unknown > 0 {
		b = appendUint(b, "unknown_bytes", e.Unknown)
	}
	if e.Matches != nil {
		b = appendMatches(b, e)
	}
	j.end(appendPayload(b, &e.Payload))
}

// appendApp appends what a message says; what it does not say is null.
func appendApp(b []byte, a *event.App) []byte {
	b = appendObject(b, "app")
	b = appendText(b, "protocol", a.Protocol)
	b = appendText(b, "type", a.Type)
	b = appendWord(b, "id", a.ID)
	b = appendWord(b, "name", a.Name)
	b = appendWord(b, "error", a.Error)
	return append(appendText(b, "text", a.Text), '}')
}

func appendCode(b []byte, key string, code event.Opt[uint16]) []byte {
	return appendOptUint(b, key, event.Opt[uint64]{Value: uint64(code.Value), Known: code.Known})
}

func (j *JSON) Connection(e *event.Connection) {
	if !j.options.shows(event.KindConnection) {
		return
	}
	b := j.begin("connection", e.Conn, &e.At)
	if e.Conn.Midstream {
		b = appendName(b, "opened", "midstream")
	} else if e.Conn.UDP { // QUIC has no SYN
		b = appendNull(b, "opened")
	} else {
		b = appendName(b, "opened", "syn")
	}
	b = appendUint(b, "packets", e.Packets)
	b = appendUint(b, "bytes", e.Bytes)
	timed := e.At.Time != event.NoTime
	if timed {
		b = appendDuration(b, "duration_us", e.Duration)
	} else {
		b = appendNull(b, "duration_us")
	}
	b = appendName(b, "ended", e.Ended.String())
	if e.EndedBy.Known {
		b = appendName(b, "ended_by", e.EndedBy.Value.String())
	} else {
		b = appendNull(b, "ended_by")
	}
	if e.Ended == event.EndedStreamReset {
		if e.ResetCode.Known {
			b = appendName(b, "reset_code", e.ResetCode.Value)
		} else {
			b = appendNull(b, "reset_code")
		}
	}
	b = appendClose(b, e.Close)
	if e.LongestIdle.Known && timed {
		b = appendDuration(b, "longest_idle_us", e.LongestIdle.Value)
	} else {
		b = appendNull(b, "longest_idle_us")
	}
	b = appendUint(b, "pings", e.Pings)
	if timed {
		b = appendRTT(b, e.PingRTT)
	} else {
		b = appendRTT(b, nil)
	}
	b = appendObject(b, "sides")
	for side := range e.Sides {
		b = appendSide(b, event.Side(side), &e.Sides[side])
	}
	b = append(b, '}')
	if e.TLS != nil {
		b = appendTLS(b, e.TLS)
	}
	b = appendList(b, "caveats", e.Caveats)
	j.end(appendList(b, "findings", e.Findings))
}

func appendTLS(b []byte, t *event.TLS) []byte {
	b = appendObject(b, "tls")
	b = appendBool(b, "decrypted", t.Decrypted)
	b = appendWord(b, "version", t.Version)
	b = appendWord(b, "suite", t.Suite)
	b = appendWord(b, "sni", t.SNI)
	b = appendWord(b, "alpn", t.ALPN)
	b = appendOptList(b, "alpn_offered", event.Opt[[]string]{Value: t.ALPNOffered, Known: t.Client})
	b = appendOptBool(b, "resumed", t.Resumed)
	b = appendOptList(b, "certificate_names", event.Opt[[]string]{Value: t.Names, Known: t.Names != nil})
	b = appendWord(b, "ja3", t.JA3)
	return append(appendWord(b, "ja4", t.JA4), '}')
}

func appendClose(b []byte, c *event.Close) []byte {
	if c == nil {
		return appendNull(b, "close")
	}
	b = appendObject(b, "close")
	b = appendText(b, "from", c.From.String())
	b = appendCode(b, "code", c.Code)
	b = appendOptText(b, "reason", c.Reason)
	b = appendBool(b, "answered", c.Answered)
	return append(b, '}')
}

func appendRTT(b []byte, r *event.RTT) []byte {
	if r == nil || !plausible(1000*r.Min) || !plausible(1000*r.Max) {
		return appendNull(b, "ping_rtt_us")
	}
	b = appendObject(b, "ping_rtt_us")
	b = appendInt(b, "min", r.Min)
	b = appendInt(b, "median", r.Median)
	b = appendInt(b, "max", r.Max)
	return append(b, '}')
}

func appendSide(b []byte, side event.Side, s *event.SideCount) []byte {
	b = appendObject(b, side.String())
	b = appendUint(b, "frames", s.Frames)
	b = appendUint(b, "messages", s.Messages)
	b = appendUint(b, "payload_bytes", s.PayloadBytes)
	b = appendUint(b, "wire_bytes", s.WireBytes)
	b = appendUint(b, "gap_bytes", s.GapBytes)
	return append(b, '}')
}

func (j *JSON) Finding(e *event.Finding) {
	if !j.options.shows(event.KindFinding) {
		return
	}
	b := j.begin("finding", e.Conn, &e.At)
	if c := e.Follows; c == nil {
		b = appendNull(b, "follows")
	} else {
		b = appendObject(b, "follows")
		b = appendUint(b, "conn", c.Conn.Ordinal)
		b = appendOptUint(b, "stream", c.Conn.Stream)
		b = append(appendText(b, "name", c.Name), '}')
	}
	b = appendText(b, "id", e.ID)
	b = appendText(b, "name", e.Name)
	b = appendText(b, "level", e.Level.String())
	b = appendWord(b, "fault", e.Fault.String())
	b = appendText(b, "text", e.Text)
	b = appendWord(b, "seen", e.Seen)
	b = appendWord(b, "wanted", e.Wanted)
	b = appendWord(b, "section", e.Section)
	j.end(appendWord(b, "advice", e.Advice))
}

func (j *JSON) Caveat(e *event.Caveat) {
	if !j.options.shows(event.KindCaveat) {
		return
	}
	b := j.begin("caveat", e.Conn, &e.At)
	b = appendText(b, "name", e.Name)
	b = appendText(b, "text", e.Text)
	b = appendOptUint(b, "bytes", e.Bytes)
	if o := e.Omitted; o != nil {
		b = appendText(b, "check", o.Check)
		b = appendUint(b, "count", o.Count)
		b = appendUint(b, "first_packet", o.First.Number)
		b = appendUint(b, "last_packet", o.Last.Number)
	}
	j.end(b)
}

func (j *JSON) Summary(e *event.Summary) {
	if !j.options.shows(event.KindSummary) {
		return
	}
	b := appendText(append(j.buf, '{'), "type", "summary")
	b = appendList(b, "files", e.Files)
	b = appendUint(b, "packets", e.Packets)
	b = appendUint(b, "bytes", e.Bytes)
	b = j.optTime(b, "first_time", e.FirstTime)
	b = j.optTime(b, "last_time", e.LastTime)
	b = appendUint(b, "connections", e.Connections)
	b = appendObject(b, "tls_connections")
	b = appendUint(b, "decrypted", e.TLS.Decrypted)
	b = append(appendUint(b, "undecrypted", e.TLS.Undecrypted), '}')
	if q := e.QUIC; q.Decrypted+q.Undecrypted > 0 {
		b = appendObject(b, "quic_connections")
		b = appendUint(b, "decrypted", q.Decrypted)
		b = append(appendUint(b, "undecrypted", q.Undecrypted), '}')
	}
	b = appendUint(b, "websocket_connections", e.WebSocket)
	b = appendObject(b, "handshakes")
	for v, n := range e.Handshakes {
		b = appendUint(b, [event.Verdicts]string{"established", "refused", "invalid", "incomplete", "other_upgrade"}[v], n)
	}
	b = append(b, '}')
	b = appendUint(b, "frames", e.Frames)
	b = appendUint(b, "messages", e.Messages)
	b = appendObject(b, "findings")
	for l, n := range slices.Backward(e.Findings[:]) {
		b = appendUint(b, event.Level(l).String(), n)
	}
	b = append(b, '}')
	b = appendObject(b, "caveats")
	for _, name := range slices.Sorted(maps.Keys(e.Caveats)) {
		b = appendUint(b, name, e.Caveats[name])
	}
	b = append(b, '}')
	b = appendHosts(b, e.Hosts)
	b = appendSpoken(b, e.Spoken)
	b = appendUnread(b, e.Unread)
	b = appendDropped(b, e.Dropped)
	j.end(appendInt(b, "elapsed_us", e.Elapsed/1000))
}

func appendHosts(b []byte, list []event.Host) []byte {
	b = append(appendKey(b, "hosts"), '[')
	for i := range list {
		h := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendText(b, "host", h.Name)
		b = appendUint(b, "attempts", h.Attempts)
		for v, n := range h.Verdicts {
			if event.Verdict(v) != event.Refused {
				b = appendUint(b, [event.Verdicts]string{"established", "", "invalid", "incomplete", "other_upgrade"}[v], n)
			}
		}
		b = appendObject(b, "refused")
		for _, s := range h.Statuses {
			b = appendUint(b, strconv.Itoa(s.Status), s.Count)
		}
		b = append(b, '}')
		if l := h.Latency; l == nil {
			b = appendNull(b, "latency_us")
		} else {
			b = appendObject(b, "latency_us")
			b = appendInt(b, "p50", l.P50)
			b = appendInt(b, "p90", l.P90)
			b = appendInt(b, "p99", l.P99)
			b = append(appendInt(b, "max", l.Max), '}')
		}
		b = appendObject(b, "findings")
		for l, n := range slices.Backward(h.Findings[:]) {
			b = appendUint(b, event.Level(l).String(), n)
		}
		b = append(b, '}', '}')
	}
	return append(b, ']')
}

func appendSpoken(b []byte, list []event.Spoken) []byte {
	b = append(appendKey(b, "spoken"), '[')
	for i, k := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendText(b, "what", k.What)
		b = appendUint(b, "connections", k.Connections)
		b = append(appendBool(b, "read", !k.Unread), '}')
	}
	return append(b, ']')
}

func appendUnread(b []byte, list []event.Unread) []byte {
	b = append(appendKey(b, "unread"), '[')
	for i, u := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendText(b, "what", u.What)
		b = appendUint(b, "packets", u.Packets)
		b = append(appendUint(b, "bytes", u.Bytes), '}')
	}
	return append(b, ']')
}

func appendDropped(b []byte, d *event.Dropped) []byte {
	if d == nil {
		return appendNull(b, "dropped")
	}
	b = appendObject(b, "dropped")
	b = appendUint(b, "kernel", d.Kernel)
	b = appendUint(b, "interface", d.Interface)
	return append(b, '}')
}

func (j *JSON) optTime(b []byte, key string, t event.Opt[int64]) []byte {
	if !t.Known {
		return appendNull(b, key)
	}
	return j.times.append(b, key, t.Value)
}
