package check

import (
	"fmt"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
)

// The rules for the client's opening handshake: RFC 6455 §4.1 and §4.2.1.

func methodNotGet(x *Exchange, report Report) {
	if x.asked() && x.Request.Method != "GET" {
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the upgrade request uses method %s", quote(x.Request.Method)),
			Seen: x.Request.Method, Wanted: "GET"})
	}
}

func requestHTTPVersion(x *Exchange, report Report) {
	if x.asked() && below11(x.Request.Version) {
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the upgrade request is %s, and a server must ignore Upgrade below HTTP/1.1", x.Request.Version),
			Seen: x.Request.Version, Wanted: "HTTP/1.1"})
	}
}

// below11 says that version, "HTTP/" DIGIT "." DIGIT, is less than HTTP/1.1.
func below11(version string) bool {
	return strings.HasPrefix(version, "HTTP/0") || version == "HTTP/1.0"
}

func hostMissing(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	switch hosts := x.Request.Values("Host"); len(hosts) {
	case 1:
	case 0:
		report(Detail{At: x.Request.Last, Text: "the request has no Host field", Wanted: "exactly one Host field"})
	default:
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the request has %d Host fields: %s", len(hosts), quoteAll(hosts)),
			Seen: strings.Join(hosts, ", "), Wanted: "exactly one Host field"})
	}
}

func requestTarget(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	t := x.Request.Target
	d := Detail{At: x.Request.Last, Seen: t, Wanted: "a path such as /chat, or an absolute http: or https: URI, without a fragment"}
	lower := strings.ToLower(t)
	switch {
	case strings.Contains(t, "#"):
		d.Text = fmt.Sprintf("the request target %s has a fragment", quote(t))
	case strings.HasPrefix(t, "/"), strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return
	case x.Request.Method == "CONNECT" || x.Request.Method == "OPTIONS":
		return // other forms of target belong to these methods; REQ-01 speaks
	case strings.HasPrefix(lower, "ws://"), strings.HasPrefix(lower, "wss://"):
		d.Text = fmt.Sprintf("the request target %s is a WebSocket URL, whose scheme is never sent", quote(t))
		d.Advice = "send the path alone, or, to a proxy, the absolute URI with http: or https:"
	default:
		d.Text = fmt.Sprintf("the request target %s is neither a path nor an absolute http URI", quote(t))
	}
	report(d)
}

func upgradeMissing(x *Exchange, report Report) {
	if !x.asked() || handshake.AnyWebSocket(x.Request.Values("Upgrade")) {
		return
	}
	d := Detail{At: x.Request.Last, Wanted: "Upgrade: websocket"}
	if v := x.Request.Values("Upgrade"); len(v) > 0 {
		d.Seen = strings.Join(v, ", ")
		d.Text = fmt.Sprintf("the request has Sec-WebSocket fields, but its Upgrade field is %s", quote(d.Seen))
		if event.EqualFold(d.Seen, "upgrade") {
			d.Advice = "this is the value of Connection in the wrong place; in nginx: proxy_set_header Upgrade $http_upgrade;"
		}
	} else {
		d.Text = "the request has Sec-WebSocket fields, but no Upgrade field"
	}
	report(d)
}

func connectionMissing(x *Exchange, report Report) {
	if !x.asked() || handshake.HasToken(x.Request, "Connection", "upgrade") {
		return
	}
	d := Detail{At: x.Request.Last, Wanted: "Connection: Upgrade"}
	if v := x.Request.Values("Connection"); len(v) > 0 {
		d.Seen = strings.Join(v, ", ")
		d.Text = fmt.Sprintf("the request's Connection field %s does not name the option Upgrade", quote(d.Seen))
	} else {
		d.Text = "the request has no Connection field that names the option Upgrade"
	}
	report(d)
}

func keyMissing(x *Exchange, report Report) {
	if x.asked() && !x.Draft() && len(x.Request.Values("Sec-WebSocket-Key")) == 0 {
		report(Detail{At: x.Request.Last, Text: "the request has no Sec-WebSocket-Key", Wanted: "one Sec-WebSocket-Key, base64 of 16 random octets"})
	}
}

func keyRepeated(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	if keys := x.Request.Values("Sec-WebSocket-Key"); len(keys) > 1 {
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the request has %d Sec-WebSocket-Key fields: %s", len(keys), quoteAll(keys)),
			Seen: strings.Join(keys, ", "), Wanted: "exactly one Sec-WebSocket-Key"})
	}
}

func keyMalformed(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for _, key := range x.Request.Values("Sec-WebSocket-Key") {
		if ws.ValidKey(key) == ws.KeyMalformed {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Key %s is not base64 of exactly 16 octets", quote(key)),
				Seen: key, Wanted: "24 characters of base64 that decode to 16 octets"})
		}
	}
}

func keyNoncanonical(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for _, key := range x.Request.Values("Sec-WebSocket-Key") {
		if ws.ValidKey(key) == ws.KeyNoncanonical {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Key %s decodes to 16 octets, but its last bits are not zero", quote(key)),
				Seen: key, Wanted: "a 22nd character among A, Q, g, w"})
		}
	}
}

// wellKnownKeys are keys that stand in documents and are copied into programs.
var wellKnownKeys = map[string]string{
	"dGhlIHNhbXBsZSBub25jZQ==": "the sample of RFC 6455 §1.3",
	"x3JJHMbDL1EzLkh9GBhXDw==": "the example of an encyclopaedia's article",
	"AAAAAAAAAAAAAAAAAAAAAA==": "16 zero octets",
	"AQIDBAUGBwgJCgsMDQ4PEA==": "the octets 1 to 16",
}

func keyWellKnown(x *Exchange, report Report) {
	if !x.asked() || !x.Key.Known {
		return
	}
	if what, known := wellKnownKeys[x.Key.Value]; known {
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Key %s is not random: it is %s", quote(x.Key.Value), what),
			Seen: x.Key.Value, Wanted: "16 octets chosen at random for this connection"})
	}
}

func versionMissing(x *Exchange, report Report) {
	if x.asked() && !x.Draft() && len(x.Request.Values("Sec-WebSocket-Version")) == 0 {
		report(Detail{At: x.Request.Last, Text: "the request has no Sec-WebSocket-Version", Wanted: "Sec-WebSocket-Version: 13"})
	}
}

func versionMalformed(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	versions := x.Request.Values("Sec-WebSocket-Version")
	switch {
	case len(versions) > 1:
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the request has %d Sec-WebSocket-Version fields: %s", len(versions), quoteAll(versions)),
			Seen: strings.Join(versions, ", "), Wanted: "exactly one"})
	case len(versions) == 1:
		if _, ok := versionNumber(versions[0]); !ok {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Version %s is not a number from 0 to 255 without leading zero", quote(versions[0])),
				Seen: versions[0], Wanted: "13"})
		}
	}
}

// versionNumber reads the version of RFC 6455 §4.3.
func versionNumber(v string) (int, bool) {
	n, err := strconv.ParseUint(v, 10, 8)
	if err != nil || v != strconv.FormatUint(n, 10) {
		return 0, false
	}
	return int(n), true
}

func versionUnsupported(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for _, v := range x.Request.Values("Sec-WebSocket-Version") {
		if n, ok := versionNumber(v); ok && n != 13 {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the request asks for WebSocket version %d", n), Seen: v, Wanted: "13"})
		}
	}
}

func subprotocolOfferMalformed(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	values := x.Request.Values("Sec-WebSocket-Protocol")
	if len(values) == 0 {
		return
	}
	offered := http1.SplitElements(values)
	if len(offered) == 0 {
		report(Detail{At: x.Request.Last, Text: "the request's Sec-WebSocket-Protocol names no subprotocol", Seen: strings.Join(values, ", "), Wanted: "at least one subprotocol, or no such field"})
	}
	for _, p := range offered {
		if !http1.IsToken(p) {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the subprotocol %s is not a token", quote(p)), Seen: p,
				Wanted: "characters U+0021 to U+007E without separators such as / = @ ( ) or blanks"})
		}
	}
}

func subprotocolOfferDuplicate(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	seen := make(map[string]int)
	for _, p := range x.ProtocolsOffered.Value {
		if seen[p]++; seen[p] == 2 {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the subprotocol %s is offered more than once", quote(p)), Seen: p, Wanted: "every subprotocol once"})
		}
	}
}

func extensionOfferMalformed(x *Exchange, report Report) {
	if !x.asked() || x.OfferErr == nil {
		return
	}
	v := strings.Join(x.Request.Values("Sec-WebSocket-Extensions"), ", ")
	d := Detail{At: x.Request.Last, Text: fmt.Sprintf("the request's Sec-WebSocket-Extensions %s does not parse: %v", quote(v), x.OfferErr), Seen: v,
		Wanted: "a list such as permessage-deflate; client_max_window_bits"}
	if len(x.ExtensionsOffered.Value) == 0 {
		d.Text = "the request's Sec-WebSocket-Extensions names no extension"
		d.Wanted = "at least one extension, or no such field"
	}
	report(d)
}

func dataBeforeAnswer(x *Exchange, report Report) {
	e := &x.Evidence
	if !x.asked() || len(e.Early) == 0 || x.Draft() || draftKeys(x.Request) {
		return
	}
	report(Detail{At: e.EarlyAt, Text: fmt.Sprintf("the client sent %s behind its request before the server answered: %s", early(e), show(e.Early)),
		Seen: show(e.Early), Wanted: "nothing until the answer has come"})
}

// early counts what came too early, as far as it was kept.
func early(e *event.Evidence) string {
	if len(e.Early) == event.EarlyKept {
		return "at least " + octets(len(e.Early))
	}
	return octets(len(e.Early))
}

func requestBody(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	if v := x.Request.Values("Transfer-Encoding"); len(v) > 0 {
		report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the upgrade request announces a body: Transfer-Encoding %s", quote(v[0])), Seen: v[0], Wanted: "no body"})
	}
	for _, v := range x.Request.Values("Content-Length") {
		if strings.Trim(v, "0") != "" {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the upgrade request announces a body: Content-Length %s", quote(v)), Seen: v, Wanted: "no body"})
		}
	}
}

// draftKeys says that the request has the two keys of hixie-76, which are followed by eight octets that belong to the handshake.
func draftKeys(q *event.Head) bool { return q.Has("Sec-WebSocket-Key1") || q.Has("Sec-WebSocket-Key2") }

func draftHandshake(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	q := x.Request
	for _, name := range []string{"Sec-WebSocket-Key1", "Sec-WebSocket-Key2", "Sec-WebSocket-Draft", "Sec-WebSocket-Origin"} {
		if q.Has(name) {
			what := "a draft of 2010 or 2011"
			if draftKeys(q) {
				what = "the draft hixie-76 of 2010"
			}
			report(Detail{At: q.Last, Text: fmt.Sprintf("the request has %s, a field of %s", name, what), Seen: name, Wanted: "the fields of RFC 6455"})
			return
		}
	}
	if n, ok := versionNumber(x.Version.Value); ok && x.Version.Known && n < 13 {
		report(Detail{At: q.Last, Text: fmt.Sprintf("Sec-WebSocket-Version %d is a draft of RFC 6455", n), Seen: x.Version.Value, Wanted: "13"})
	} else if x.Draft() {
		report(Detail{At: q.Last, Text: "the handshake is the draft hixie-75 of 2010: no key, no version", Wanted: "the fields of RFC 6455"})
	}
}

func headLineEndings(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		if h.BareLF > 0 {
			report(Detail{At: h.Last, Fault: fault, Text: fmt.Sprintf("%s of the %s's head %s in a bare LF", lines(h.BareLF), who, verb(h.BareLF, "end")), Seen: "LF", Wanted: "CR LF"})
		}
	})
}

func headFolded(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		if h.Folded > 0 {
			report(Detail{At: h.Last, Fault: fault, Text: fmt.Sprintf("%s of the %s's head %s the field before, a folding that HTTP has given up", lines(h.Folded), who, verb(h.Folded, "continue")),
				Seen: "a line that begins with a blank", Wanted: "every field on one line"})
		}
	})
}

// eachHead visits the captured heads of a WebSocket attempt.
func eachHead(x *Exchange, visit func(h *event.Head, fault event.Fault, who string)) {
	if !x.WebSocket() {
		return
	}
	if x.Request != nil {
		visit(x.Request, event.ClientFault, "request")
	}
	if x.Response != nil {
		visit(x.Response, event.ServerFault, "answer")
	}
}
