package query

import (
	"encoding/hex"
	"slices"
	"time"
	"unsafe"

	"wshake/analyze/event"
)

// facts are what an expression is about: one event, and the last handshake of its conversation.
type facts struct {
	kind       event.Kinds
	conn       *event.Conn
	at         event.At
	handshake  *event.Handshake // nil where none was seen
	frame      *event.Frame     // of the others one is not nil
	message    *event.Message
	connection *event.Connection
	finding    *event.Finding
	caveat     *event.Caveat
	file       func(*event.At) string
}

// field is a name that an expression may use.
type field struct {
	name  string
	zero  any                // a value of its type
	of    func(f *facts) any // nil where the value was not seen
	words func() []string    // all that it can be, nil where it can be anything
}

// Values that are objects in the JSON output.
type (
	closing struct {
		From     string  `expr:"from"`
		Code     *int    `expr:"code"`
		Reason   *string `expr:"reason"`
		Answered bool    `expr:"answered"`
	}
	compression struct {
		ServerBits      int  `expr:"server_max_window_bits"`
		ClientBits      int  `expr:"client_max_window_bits"`
		ServerForgetful bool `expr:"server_no_context_takeover"`
		ClientForgetful bool `expr:"client_no_context_takeover"`
	}
	forwarding struct {
		Protocol string  `expr:"protocol"`
		Client   *string `expr:"client"`
		Server   *string `expr:"server"`
	}
	leg struct {
		Conn   int    `expr:"conn"`
		Stream *int   `expr:"stream"`
		Role   string `expr:"role"`
	}
	cause struct {
		Conn   int    `expr:"conn"`
		Stream *int   `expr:"stream"`
		Name   string `expr:"name"`
	}
	roundTrips struct {
		Min    int `expr:"min"`
		Median int `expr:"median"`
		Max    int `expr:"max"`
	}
	sent struct {
		Frames   int `expr:"frames"`
		Messages int `expr:"messages"`
		Payload  int `expr:"payload_bytes"`
		Wire     int `expr:"wire_bytes"`
		Gap      int `expr:"gap_bytes"`
	}
	bothSides struct {
		Client sent `expr:"client"`
		Server sent `expr:"server"`
	}
	words struct {
		Protocol string  `expr:"protocol"`
		Type     string  `expr:"type"`
		ID       *string `expr:"id"`
		Name     *string `expr:"name"`
		Error    *string `expr:"error"`
		Text     string  `expr:"text"`
	}
)

// fields are all names, in the order of the JSON output.
var fields = []field{
	{"type", "", func(f *facts) any { return kindWords[f.kind] }, func() []string {
		return []string{"handshake", "frame", "message", "connection", "finding", "caveat"}
	}},
	{"time", time.Time{}, func(f *facts) any {
		if f.at.Time == event.NoTime {
			return nil
		}
		return time.Unix(0, f.at.Time).UTC()
	}, nil},
	{"conn", 0, ofConn(func(c *event.Conn) any { return int(c.Ordinal) }), nil},
	{"community_id", "", ofConn(func(c *event.Conn) any { return c.CommunityID() }), nil},
	{"client", "", ofConn(func(c *event.Conn) any { return c.Peer[event.Client].String() }), nil},
	{"server", "", ofConn(func(c *event.Conn) any { return c.Peer[event.Server].String() }), nil},
	{"file", "", func(f *facts) any { return word(f.file(&f.at)) }, nil},
	{"packet", 0, func(f *facts) any { return int(f.at.Number) }, nil},
	{"stream", 0, ofConn(func(c *event.Conn) any { return opt(c.Stream, toInt[uint64]) }), nil},

	{"transport", "", ofHandshake(func(h *event.Handshake) any { return word(h.Transport) }), func() []string {
		return []string{"http/1.1", "h2", "h3"}
	}},
	{"tls", false, func(f *facts) any {
		if f.connection != nil {
			return f.connection.TLS != nil
		}
		return ofHandshake(func(h *event.Handshake) any { return h.TLS })(f)
	}, nil},
	{"sni", "", func(f *facts) any {
		if c := f.connection; c != nil && c.TLS != nil {
			return word(c.TLS.SNI)
		}
		return ofHandshake(func(h *event.Handshake) any { return opt(h.SNI, same) })(f)
	}, nil},
	{"alpn", "", func(f *facts) any {
		if c := f.connection; c != nil && c.TLS != nil {
			return word(c.TLS.ALPN)
		}
		return ofHandshake(func(h *event.Handshake) any { return opt(h.ALPN, same) })(f)
	}, nil},
	{"method", "", ofRequest(func(q *event.Head) any { return word(q.Method) }), nil},
	{"uri", "", ofRequest(func(q *event.Head) any { return word(q.Target) }), nil},
	{"http_version", "", ofRequest(func(q *event.Head) any { return word(q.Version) }), nil},
	{"host", "", ofRequest(func(q *event.Head) any {
		if q.Has(":authority") || q.Has("Host") {
			return q.Authority()
		}
		return nil
	}), nil},
	{"origin", "", ofRequest(headField("Origin")), nil},
	{"user_agent", "", ofRequest(headField("User-Agent")), nil},
	{"status", 0, ofResponse(func(r *event.Head) any {
		if r.Status == 0 {
			return nil
		}
		return r.Status
	}), nil},
	{"reason", "", ofResponse(func(r *event.Head) any { return r.Reason }), nil},
	{"request_packet", 0, ofRequest(func(q *event.Head) any { return int(q.Last.Number) }), nil},
	{"response_packet", 0, ofResponse(func(r *event.Head) any { return int(r.Last.Number) }), nil},
	{"latency_us", 0, ofHandshake(func(h *event.Handshake) any {
		latency, known := h.Latency()
		if !known {
			return nil
		}
		return microseconds(latency)
	}), nil},
	{"version", "", ofHandshake(func(h *event.Handshake) any { return opt(h.Version, same) }), nil},
	{"key", "", ofHandshake(func(h *event.Handshake) any { return opt(h.Key, same) }), nil},
	{"key_valid", false, ofHandshake(func(h *event.Handshake) any { return opt(h.KeyValid, same) }), nil},
	{"accept", "", ofHandshake(func(h *event.Handshake) any { return opt(h.Accept, same) }), nil},
	{"accept_expected", "", ofHandshake(func(h *event.Handshake) any { return opt(h.AcceptExpected, same) }), nil},
	{"accept_valid", false, ofHandshake(func(h *event.Handshake) any { return opt(h.AcceptValid, same) }), nil},
	{"protocols_offered", []string{}, ofHandshake(func(h *event.Handshake) any { return list(h.ProtocolsOffered) }),
		nil},
	{"protocol", "", ofHandshake(func(h *event.Handshake) any { return opt(h.Protocol, same) }), nil},
	{"extensions_offered", []string{}, ofHandshake(func(h *event.Handshake) any { return list(h.ExtensionsOffered) }),
		nil},
	{"extensions", []string{}, ofHandshake(func(h *event.Handshake) any { return list(h.Extensions) }), nil},
	{"deflate", &compression{}, ofHandshake(func(h *event.Handshake) any {
		d := h.Deflate
		if d == nil {
			return nil
		}
		return &compression{d.WindowBits[event.Server], d.WindowBits[event.Client],
			d.NoContextTakeover[event.Server], d.NoContextTakeover[event.Client]}
	}), nil},
	{"request_headers", [][]string{}, ofRequest(headFields), nil},
	{"response_headers", [][]string{}, ofResponse(headFields), nil},
	{"response_body", "", ofHandshake(func(h *event.Handshake) any {
		if h.ResponseBody == nil || !h.ResponseBody.IsText {
			return nil
		}
		return h.ResponseBody.Text
	}), nil},
	{"forwarded", &forwarding{}, ofHandshake(func(h *event.Handshake) any {
		if h.Forwarded == nil {
			return nil
		}
		return &forwarding{h.Forwarded.Protocol, pointer(h.Forwarded.Client, same), pointer(h.Forwarded.Server, same)}
	}), nil},
	{"other_leg", &leg{}, ofHandshake(func(h *event.Handshake) any {
		if h.OtherLeg == nil {
			return nil
		}
		return &leg{int(h.OtherLeg.Conn.Ordinal), streamOf(h.OtherLeg.Conn), h.OtherLeg.Role.String()}
	}), nil},
	{"verdict", "", ofHandshake(func(h *event.Handshake) any { return h.Verdict.String() }), func() []string {
		var list []string
		for v := range event.Verdict(event.Verdicts) {
			list = append(list, v.String())
		}
		return list
	}},
	{"findings", []string{}, findings, checkNames},

	{"from", "", func(f *facts) any {
		switch {
		case f.frame != nil:
			return f.frame.From.String()
		case f.message != nil:
			return f.message.From.String()
		}
		return nil
	}, sides},
	{"opcode", "", func(f *facts) any {
		switch {
		case f.frame != nil:
			return f.frame.Header.Opcode.String()
		case f.message != nil:
			return f.message.Opcode.String()
		}
		return nil
	}, opcodes},
	{"fin", false, ofFrame(func(e *event.Frame) any { return e.Header.FIN }), nil},
	{"rsv1", false, ofFrame(func(e *event.Frame) any { return e.Header.RSV&event.RSV1 != 0 }), nil},
	{"rsv2", false, ofFrame(func(e *event.Frame) any { return e.Header.RSV&event.RSV2 != 0 }), nil},
	{"rsv3", false, ofFrame(func(e *event.Frame) any { return e.Header.RSV&event.RSV3 != 0 }), nil},
	{"masked", false, ofFrame(func(e *event.Frame) any { return e.Header.Masked }), nil},
	{"mask", "", ofFrame(func(e *event.Frame) any {
		if !e.Header.Masked {
			return nil
		}
		return hex.EncodeToString(e.Header.Key[:])
	}), nil},
	{"length", 0, func(f *facts) any {
		switch {
		case f.frame != nil:
			return int(f.frame.Header.Length)
		case f.message != nil:
			return opt(f.message.Length, toInt[uint64])
		}
		return nil
	}, nil},
	{"header_length", 0, ofFrame(func(e *event.Frame) any { return int(e.Header.Size) }), nil},
	{"first_packet", 0, func(f *facts) any {
		switch {
		case f.frame != nil:
			return int(f.frame.First.Number)
		case f.message != nil:
			return int(f.message.First.Number)
		}
		return nil
	}, nil},
	{"offset", 0, ofFrame(func(e *event.Frame) any { return int(e.Offset) }), nil},
	{"complete", false, func(f *facts) any {
		switch {
		case f.frame != nil:
			return f.frame.Complete
		case f.message != nil:
			return f.message.Complete
		}
		return nil
	}, nil},
	{"close_code", 0, closeCode, nil},
	{"code", 0, closeCode, nil}, // of a close, for short
	{"close_reason", "", func(f *facts) any {
		switch {
		case f.frame != nil:
			return opt(f.frame.Reason, same)
		case f.connection != nil && f.connection.Close != nil:
			return opt(f.connection.Close.Reason, same)
		}
		return nil
	}, nil},

	{"wire_length", 0, ofMessage(func(e *event.Message) any { return int(e.WireLength) }), nil},
	{"frames", 0, ofMessage(func(e *event.Message) any { return e.Frames }), nil},
	{"compressed", false, ofMessage(func(e *event.Message) any { return e.Compressed }), nil},
	{"sha256", "", ofMessage(func(e *event.Message) any {
		if !e.SHA256.Known {
			return nil
		}
		return hex.EncodeToString(e.SHA256.Value[:])
	}), nil},
	{"kind", "", ofMessage(func(e *event.Message) any { return word(e.Kind) }), nil},
	{"app", &words{}, ofMessage(func(e *event.Message) any {
		if a := e.App; a != nil {
			return &words{a.Protocol, a.Type, nonEmpty(a.ID), nonEmpty(a.Name), nonEmpty(a.Error), a.Text}
		}
		return nil
	}), nil},
	{"unknown_bytes", 0, ofMessage(func(e *event.Message) any { return int(e.Unknown) }), nil},

	{"opened", "", ofConn(func(c *event.Conn) any {
		switch {
		case c.UDP: // QUIC has no SYN
			return nil
		case c.Midstream:
			return "midstream"
		}
		return "syn"
	}), func() []string { return []string{"syn", "midstream"} }},
	{"packets", 0, ofConnection(func(c *event.Connection) any { return int(c.Packets) }), nil},
	{"bytes", 0, func(f *facts) any {
		switch {
		case f.connection != nil:
			return int(f.connection.Bytes)
		case f.caveat != nil:
			return opt(f.caveat.Bytes, toInt[uint64])
		}
		return nil
	}, nil},
	{"duration_us", 0, ofConnection(func(c *event.Connection) any {
		if c.At.Time == event.NoTime {
			return nil
		}
		return microseconds(c.Duration)
	}), nil},
	{"ended", "", ofConnection(func(c *event.Connection) any { return c.Ended.String() }), func() []string {
		var list []string
		for e := event.EndedClose; e <= event.EndedStreamReset; e++ {
			list = append(list, e.String())
		}
		return list
	}},
	{"ended_by", "", ofConnection(func(c *event.Connection) any { return opt(c.EndedBy, event.Side.String) }), sides},
	{"reset_code", "", ofConnection(func(c *event.Connection) any { return opt(c.ResetCode, same) }), nil},
	{"close", &closing{}, ofConnection(func(c *event.Connection) any {
		if c.Close == nil {
			return nil
		}
		return &closing{c.Close.From.String(), pointer(c.Close.Code, toInt[uint16]), pointer(c.Close.Reason, same),
			c.Close.Answered}
	}), nil},
	{"longest_idle_us", 0, ofConnection(func(c *event.Connection) any { return opt(c.LongestIdle, microseconds) }), nil},
	{"pings", 0, ofConnection(func(c *event.Connection) any { return int(c.Pings) }), nil},
	{"ping_rtt_us", &roundTrips{}, ofConnection(func(c *event.Connection) any {
		if r := c.PingRTT; r != nil {
			return &roundTrips{int(r.Min), int(r.Median), int(r.Max)} // they are in microseconds
		}
		return nil
	}), nil},
	{"sides", &bothSides{}, ofConnection(func(c *event.Connection) any {
		return &bothSides{sentBy(&c.Sides[event.Client]), sentBy(&c.Sides[event.Server])}
	}), nil},
	{"caveats", []string{}, func(f *facts) any {
		switch {
		case f.connection != nil:
			return append([]string{}, f.connection.Caveats...)
		case f.caveat != nil:
			return []string{f.caveat.Name}
		}
		return nil
	}, nil},

	{"follows", &cause{}, ofFinding(func(e *event.Finding) any {
		if e.Follows == nil {
			return nil
		}
		return &cause{int(e.Follows.Conn.Ordinal), streamOf(e.Follows.Conn), e.Follows.Name}
	}), nil},
	{"id", "", ofFinding(func(e *event.Finding) any { return e.ID }), nil},
	{"name", "", func(f *facts) any {
		switch {
		case f.finding != nil:
			return f.finding.Name
		case f.caveat != nil:
			return f.caveat.Name
		}
		return nil
	}, nil},
	{"finding", "", ofFinding(func(e *event.Finding) any { return e.Name }), checkNames}, // see withFindings
	{"level", "", ofFinding(func(e *event.Finding) any { return e.Level.String() }), func() []string {
		var list []string
		for l := range event.Level(event.Levels) {
			list = append(list, l.String())
		}
		return list
	}},
	{"fault", "", ofFinding(func(e *event.Finding) any { return word(e.Fault.String()) }), func() []string {
		return []string{"client", "server", "middlebox"}
	}},
	{"text", "", func(f *facts) any {
		switch {
		case f.finding != nil:
			return f.finding.Text
		case f.caveat != nil:
			return f.caveat.Text
		case f.message != nil && f.message.Payload.Kept && f.message.Payload.Text:
			return borrowed(f.message.Payload.Data)
		case f.frame != nil && f.frame.Payload.Kept && f.frame.Payload.Text:
			return borrowed(f.frame.Payload.Data)
		}
		return nil
	}, nil},
	{"seen", "", ofFinding(func(e *event.Finding) any { return word(e.Seen) }), nil},
	{"wanted", "", ofFinding(func(e *event.Finding) any { return word(e.Wanted) }), nil},
	{"section", "", ofFinding(func(e *event.Finding) any { return word(e.Section) }), nil},
	{"advice", "", ofFinding(func(e *event.Finding) any { return word(e.Advice) }), nil},
}

// borrowed is p as a string without a copy of it. An expression is given it, as its event, until it has answered, and
// nothing that it may call keeps what it is given.
func borrowed(p []byte) string { return unsafe.String(unsafe.SliceData(p), len(p)) }

var kindWords = map[event.Kinds]string{event.KindHandshake: "handshake", event.KindFrame: "frame", event.KindMessage: "message",
	event.KindConnection: "connection", event.KindFinding: "finding", event.KindCaveat: "caveat"}

func sides() []string { return []string{event.Client.String(), event.Server.String()} }

func opcodes() []string {
	var list []string
	for o := range event.Opcode(16) {
		list = append(list, o.String())
	}
	return list
}

// findings are those of a handshake or a connection, the one that a finding is, and of other events those of the
// handshake before them.
func findings(f *facts) any {
	switch {
	case f.finding != nil:
		return []string{f.finding.Name}
	case f.connection != nil:
		return append([]string{}, f.connection.Findings...)
	case f.handshake != nil:
		names := []string{}
		for _, found := range f.handshake.Findings {
			if !slices.Contains(names, found.Name) {
				names = append(names, found.Name)
			}
		}
		return names
	}
	return nil
}

func closeCode(f *facts) any {
	switch {
	case f.frame != nil:
		return opt(f.frame.Code, toInt[uint16])
	case f.connection != nil && f.connection.Close != nil:
		return opt(f.connection.Close.Code, toInt[uint16])
	}
	return nil
}

func ofConn(of func(*event.Conn) any) func(*facts) any {
	return part(func(f *facts) *event.Conn { return f.conn }, of)
}

func ofHandshake(of func(*event.Handshake) any) func(*facts) any {
	return part(func(f *facts) *event.Handshake { return f.handshake }, of)
}

func ofRequest(of func(*event.Head) any) func(*facts) any {
	return ofHandshake(func(h *event.Handshake) any {
		if h.Request == nil {
			return nil
		}
		return of(h.Request)
	})
}

func ofResponse(of func(*event.Head) any) func(*facts) any {
	return ofHandshake(func(h *event.Handshake) any {
		if h.Response == nil {
			return nil
		}
		return of(h.Response)
	})
}

func ofFrame(of func(*event.Frame) any) func(*facts) any {
	return part(func(f *facts) *event.Frame { return f.frame }, of)
}

func ofMessage(of func(*event.Message) any) func(*facts) any {
	return part(func(f *facts) *event.Message { return f.message }, of)
}

func ofConnection(of func(*event.Connection) any) func(*facts) any {
	return part(func(f *facts) *event.Connection { return f.connection }, of)
}

func ofFinding(of func(*event.Finding) any) func(*facts) any {
	return part(func(f *facts) *event.Finding { return f.finding }, of)
}

// part is a value of one of the facts, nil where there is none.
func part[T any](get func(*facts) *T, of func(*T) any) func(*facts) any {
	return func(f *facts) any {
		if p := get(f); p != nil {
			return of(p)
		}
		return nil
	}
}

func headField(name string) func(*event.Head) any {
	return func(h *event.Head) any {
		if v, sent := h.Lookup(name); sent {
			return v
		}
		return nil
	}
}

// opt is what was seen, nil where it was not.
func opt[T, V any](o event.Opt[T], to func(T) V) any {
	if !o.Known {
		return nil
	}
	return to(o.Value)
}

func same[T any](v T) T { return v }

func toInt[T uint16 | uint64](v T) int { return int(v) }

// pointer is a value in an object, nil where it was not seen.
func pointer[T, V any](o event.Opt[T], to func(T) V) *V {
	if !o.Known {
		return nil
	}
	v := to(o.Value)
	return &v
}

// list is a list that was seen, which may be empty, or nil.
func list(o event.Opt[[]string]) any {
	if !o.Known {
		return nil
	}
	return append([]string{}, o.Value...)
}

// nonEmpty is s, nil where that is "".
func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func streamOf(c *event.Conn) *int { return pointer(c.Stream, toInt[uint64]) }

func sentBy(s *event.SideCount) sent {
	return sent{int(s.Frames), int(s.Messages), int(s.PayloadBytes), int(s.WireBytes), int(s.GapBytes)}
}

// headFields are the fields of a head as sent, each a name and a value.
func headFields(h *event.Head) any {
	pairs := make([][]string, len(h.Fields))
	for i, f := range h.Fields {
		pairs[i] = []string{f.Name, f.Value}
	}
	return pairs
}

func microseconds(ns int64) int { return int(ns / 1000) }

// word is s, nil where that is "": such words are null in the JSON output.
func word(s string) any {
	if s == "" {
		return nil
	}
	return s
}
