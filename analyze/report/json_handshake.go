package report

import (
	"encoding/base64"
	"slices"

	"wshake/analyze/event"
)

func (j *JSON) Handshake(e *event.Handshake) {
	if !j.options.shows(event.KindHandshake) {
		return
	}
	q, r := e.Request, e.Response
	b := j.begin("handshake", e.Conn, &e.At)
	b = appendText(b, "transport", e.Transport)
	b = appendBool(b, "tls", e.TLS)
	b = appendOptText(b, "sni", e.SNI)
	b = appendOptText(b, "alpn", e.ALPN)
	b = appendRequest(b, q)
	b = appendStatus(b, r)
	b = appendPacket(b, "request_packet", q)
	b = appendPacket(b, "response_packet", r)
	if latency, known := e.Latency(); known {
		b = appendDuration(b, "latency_us", latency)
	} else {
		b = appendNull(b, "latency_us")
	}
	b = appendOptText(b, "version", e.Version)
	b = appendOptText(b, "key", e.Key)
	b = appendOptBool(b, "key_valid", e.KeyValid)
	b = appendOptText(b, "accept", e.Accept)
	b = appendOptText(b, "accept_expected", e.AcceptExpected)
	b = appendOptBool(b, "accept_valid", e.AcceptValid)
	b = appendOptList(b, "protocols_offered", e.ProtocolsOffered)
	b = appendOptText(b, "protocol", e.Protocol)
	b = appendOptList(b, "extensions_offered", e.ExtensionsOffered)
	b = appendOptList(b, "extensions", e.Extensions)
	b = appendDeflate(b, e.Deflate)
	b = appendFields(b, "request_headers", q)
	b = appendFields(b, "response_headers", r)
	b = appendBody(b, e.ResponseBody)
	b = appendForwarded(b, e.Forwarded)
	b = appendOtherLeg(b, e.OtherLeg)
	b = appendText(b, "verdict", e.Verdict.String())
	j.end(appendNames(b, "findings", e.Findings))
}

func appendForwarded(b []byte, f *event.Forwarded) []byte {
	if f == nil {
		return appendNull(b, "forwarded")
	}
	b = appendObject(b, "forwarded")
	b = appendText(b, "protocol", f.Protocol)
	b = appendOptText(b, "client", f.Client)
	return append(appendOptText(b, "server", f.Server), '}')
}

// appendRequest appends what the request says.
func appendRequest(b []byte, q *event.Head) []byte {
	if q == nil {
		return append(b, `,"method":null,"uri":null,"http_version":null,"host":null,"origin":null,"user_agent":null`...)
	}
	b = appendWord(b, "method", q.Method)
	b = appendWord(b, "uri", q.Target)
	b = appendWord(b, "http_version", q.Version)
	host := "Host"
	if q.Has(":authority") {
		host = ":authority"
	}
	b = appendField(b, "host", q, host)
	b = appendField(b, "origin", q, "Origin")
	return appendField(b, "user_agent", q, "User-Agent")
}

func appendStatus(b []byte, r *event.Head) []byte {
	if r == nil || r.Status == 0 {
		return append(b, `,"status":null,"reason":null`...)
	}
	b = appendInt(b, "status", int64(r.Status))
	return appendText(b, "reason", r.Reason)
}

// appendField appends the first value of a field.
func appendField(b []byte, key string, h *event.Head, name string) []byte {
	if !h.Has(name) {
		return appendNull(b, key)
	}
	return appendText(b, key, h.Get(name))
}

func appendPacket(b []byte, key string, h *event.Head) []byte {
	if h == nil {
		return appendNull(b, key)
	}
	return appendUint(b, key, h.Last.Number)
}

func appendFields(b []byte, key string, h *event.Head) []byte {
	if h == nil {
		return appendNull(b, key)
	}
	b = append(appendKey(b, key), '[')
	for i := range h.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, '['), h.Fields[i].Name)
		b = appendString(append(b, ','), h.Fields[i].Value)
		b = append(b, ']')
	}
	return append(b, ']')
}

// appendBody appends what a refusal's body says, as text where it is one.
func appendBody(b []byte, body *event.Body) []byte {
	switch {
	case body == nil:
		return appendNull(b, "response_body")
	case body.IsText:
		return appendText(b, "response_body", body.Text)
	}
	b = appendNull(b, "response_body")
	b = append(appendKey(b, "response_body_base64"), '"')
	return append(base64.StdEncoding.AppendEncode(b, body.Octets), '"')
}

// appendOtherLeg names the other connection of the attempt.
func appendOtherLeg(b []byte, o *event.OtherLeg) []byte {
	if o == nil {
		return appendNull(b, "other_leg")
	}
	b = appendObject(b, "other_leg")
	b = appendUint(b, "conn", o.Conn.Ordinal)
	b = appendOptUint(b, "stream", o.Conn.Stream)
	return append(appendText(b, "role", o.Role.String()), '}')
}

func appendDeflate(b []byte, d *event.Deflate) []byte {
	if d == nil {
		return appendNull(b, "deflate")
	}
	b = appendObject(b, "deflate")
	b = appendInt(b, "server_max_window_bits", int64(d.WindowBits[event.Server]))
	b = appendInt(b, "client_max_window_bits", int64(d.WindowBits[event.Client]))
	b = appendBool(b, "server_no_context_takeover", d.NoContextTakeover[event.Server])
	b = appendBool(b, "client_no_context_takeover", d.NoContextTakeover[event.Client])
	return append(b, '}')
}

// appendNames gives the name of each finding once, in the order of the findings.
func appendNames(b []byte, key string, found []*event.Finding) []byte {
	b = append(appendKey(b, key), '[')
	for i, f := range found {
		if slices.ContainsFunc(found[:i], func(before *event.Finding) bool { return before.Name == f.Name }) {
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, f.Name)
	}
	return append(b, ']')
}
