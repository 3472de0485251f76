package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
)

// The rules for the server's opening handshake: RFC 6455 §4.1 (what the client must verify) and §4.2.2.

func answerMissing(x *Exchange, report Report) {
	s := x.Evidence.Silent
	if !x.asked() || x.Response != nil || s == nil || len(x.Evidence.NotHTTP) > 0 {
		return
	}
	how := "closed the connection (FIN)"
	if s.Reset {
		how = "reset the connection (RST)"
	}
	waited := span(s.At.Time - x.Request.Last.Time)
	d := Detail{At: s.At, Fault: event.ServerFault, Text: fmt.Sprintf("the %s %s %s after the upgrade request, before any answer", s.By, how, waited), Wanted: "an HTTP answer"}
	if s.By == event.Client { // whether it was impatient or the server too slow cannot be told
		d.Fault = event.NoFault
		d.Advice = fmt.Sprintf("the client gave up after %s; see why the server did not answer by then", waited)
	}
	report(d)
}

func answerNotHTTP(x *Exchange, report Report) {
	if !x.asked() || len(x.Evidence.NotHTTP) == 0 {
		return
	}
	what := "is not HTTP"
	switch known := ws.WhatIsThis(x.Evidence.NotHTTP); known {
	case "":
	case "HTTP response":
		what = "begins with a broken status line"
	default:
		what = "is not HTTP but " + withArticle(known)
	}
	report(Detail{At: x.Evidence.NotHTTPAt, Text: fmt.Sprintf("the answer to the upgrade request %s: %s", what, show(x.Evidence.NotHTTP)),
		Seen: show(x.Evidence.NotHTTP), Wanted: "HTTP/1.1 101"})
}

func responseHTTPVersion(x *Exchange, report Report) {
	if x.answered() && x.Response.Version != "HTTP/1.1" {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the status line of the 101 says %s", x.Response.Version), Seen: x.Response.Version, Wanted: "HTTP/1.1"})
	}
}

func responseUpgrade(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	values := x.Response.Values("Upgrade")
	if len(values) == 1 && event.EqualFold(values[0], "websocket") {
		return
	}
	d := Detail{At: x.Response.Last, Seen: strings.Join(values, ", "), Wanted: "Upgrade: websocket"}
	switch {
	case len(values) == 0:
		d.Text = "the 101 has no Upgrade field"
		d.Advice = "if a proxy is between, it dropped the hop-by-hop fields of the answer: let it relay Upgrade and Connection on a 101"
	default:
		d.Text = fmt.Sprintf("the 101's Upgrade field is %s, where websocket alone may stand", quote(d.Seen))
	}
	report(d)
}

func responseConnection(x *Exchange, report Report) {
	if !x.answered() || handshake.HasToken(x.Response, "Connection", "upgrade") {
		return
	}
	d := Detail{At: x.Response.Last, Wanted: "Connection: Upgrade"}
	if v := x.Response.Values("Connection"); len(v) > 0 {
		d.Seen = strings.Join(v, ", ")
		d.Text = fmt.Sprintf("the 101's Connection field %s does not name the option Upgrade", quote(d.Seen))
	} else {
		d.Text = "the 101 has no Connection field that names the option Upgrade"
	}
	report(d)
}

func acceptMissing(x *Exchange, report Report) {
	if x.answered() && !x.Draft() && !x.Accept.Known {
		report(Detail{At: x.Response.Last, Text: "the 101 has no Sec-WebSocket-Accept", Wanted: wantedAccept(x)})
	}
}

func acceptRepeated(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	if v := x.Response.Values("Sec-WebSocket-Accept"); len(v) > 1 {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the 101 has %d Sec-WebSocket-Accept fields: %s", len(v), quoteAll(v)),
			Seen: strings.Join(v, ", "), Wanted: wantedAccept(x)})
	}
}

func wantedAccept(x *Exchange) string {
	if x.AcceptExpected.Known {
		return x.AcceptExpected.Value
	}
	return "exactly one Sec-WebSocket-Accept"
}

func acceptMismatch(x *Exchange, report Report) {
	if !x.answered() || !x.AcceptExpected.Known {
		return
	}
	keys := x.Request.Values("Sec-WebSocket-Key")
	for _, accept := range x.Response.Values("Sec-WebSocket-Accept") {
		if accept == x.AcceptExpected.Value {
			continue
		}
		d := Detail{At: x.Response.Last, Seen: accept, Wanted: x.AcceptExpected.Value,
			Text: fmt.Sprintf("Sec-WebSocket-Accept %s does not answer key %s", quote(accept), quote(keys[0]))}
		if why := explainAccept(keys, accept); why != "" {
			d.Text += ": it " + why
		}
		report(d)
	}
}

func extensionNotOffered(x *Exchange, report Report) {
	if !x.answered() || x.Request == nil || x.OfferErr != nil {
		return
	}
	for _, a := range x.Answer {
		if !offers(x.Offer, a.Name) {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted the extension %s, which was not offered", quote(a.Name)), Seen: a.Text,
				Wanted: "an extension among those offered: " + orNone(x.ExtensionsOffered.Value)})
		}
	}
}

func offers(list []http1.Extension, name string) bool {
	for _, e := range list {
		if e.Name == name {
			return true
		}
	}
	return false
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func extensionAcceptedTwice(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	seen := make(map[string]int)
	for _, a := range x.Answer {
		if seen[a.Name]++; seen[a.Name] == 2 {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted the extension %s more than once", quote(a.Name)),
				Seen: strings.Join(x.Extensions.Value, ", "), Wanted: "every extension at most once"})
		}
	}
}

func extensionAnswerMalformed(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	values := x.Response.Values("Sec-WebSocket-Extensions")
	switch {
	case len(values) > 0 && len(x.Extensions.Value) == 0:
		report(Detail{At: x.Response.Last, Text: "the answer's Sec-WebSocket-Extensions names no extension", Seen: strings.Join(values, ", "), Wanted: "no such field where no extension is accepted"})
	case x.AnswerErr != nil:
		v := strings.Join(values, ", ")
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the answer's Sec-WebSocket-Extensions %s does not parse: %v", quote(v), x.AnswerErr), Seen: v,
			Wanted: "a list of the extensions accepted"})
	}
}

func extensionAnswerRepeated(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	if v := x.Response.Values("Sec-WebSocket-Extensions"); len(v) > 1 {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the 101 has %d Sec-WebSocket-Extensions fields", len(v)), Seen: quoteAll(v), Wanted: "one field"})
	}
}

func subprotocolNotOffered(x *Exchange, report Report) {
	if !x.answered() || x.Request == nil {
		return
	}
	for _, p := range x.Response.Values("Sec-WebSocket-Protocol") {
		if !http1.IsToken(p) {
			continue // subprotocol-answer-malformed speaks
		}
		if !contains(x.ProtocolsOffered.Value, p) {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server selected the subprotocol %s, which was not offered", quote(p)), Seen: p,
				Wanted: "one of those offered: " + orNone(x.ProtocolsOffered.Value)})
		}
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func subprotocolAnswerMalformed(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	values := x.Response.Values("Sec-WebSocket-Protocol")
	d := Detail{At: x.Response.Last, Seen: strings.Join(values, ", "), Wanted: "one subprotocol in one field, or no field"}
	switch {
	case len(values) > 1:
		d.Text = fmt.Sprintf("the 101 has %d Sec-WebSocket-Protocol fields: %s", len(values), quoteAll(values))
	case len(values) == 0 || http1.IsToken(values[0]):
		return
	case values[0] == "":
		d.Text = "the answer's Sec-WebSocket-Protocol is empty"
		d.Wanted = "no such field where no subprotocol is selected"
	case strings.Contains(values[0], ","):
		d.Text = fmt.Sprintf("the server answers with a list of subprotocols: %s", quote(values[0]))
	default:
		d.Text = fmt.Sprintf("the subprotocol %s is not a token", quote(values[0]))
	}
	report(d)
}

func subprotocolUnanswered(x *Exchange, report Report) {
	if x.answered() && len(x.ProtocolsOffered.Value) > 0 && !x.Response.Has("Sec-WebSocket-Protocol") {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the client offered %s and the server selected none: legal, but browsers fail the connection",
			quoteAll(x.ProtocolsOffered.Value)), Wanted: "Sec-WebSocket-Protocol with one of them"})
	}
}

func responseBodyFields(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		for _, v := range x.Response.Values(name) {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the 101 has %s: %s, though everything behind its head is WebSocket", name, quote(v)),
				Seen: name + ": " + v, Wanted: "neither Content-Length nor Transfer-Encoding"})
		}
	}
}

func invalidRequestAccepted(x *Exchange, report Report) {
	if x.answered() && len(x.broken) > 0 {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server answered 101 to a request that breaks the standard (%s)", strings.Join(x.broken, ", ")),
			Seen: "101", Wanted: "400 Bad Request"})
	}
}

func versionListMissing(x *Exchange, report Report) {
	r := x.Response
	if !x.asked() || r == nil || r.Status != 400 && r.Status != 426 || r.Cut != event.Whole || r.Has("Sec-WebSocket-Version") {
		return
	}
	// A 426 may also ask for the upgrade itself, of a request that lost it, or for another one, such as TLS.
	aboutVersion := !stripped(x) && !below11(x.Request.Version) && (!r.Has("Upgrade") || handshake.AnyWebSocket(r.Values("Upgrade")))
	if r.Status == 426 && aboutVersion || unsupportedVersion(x) {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the %d does not say which WebSocket versions the server speaks", x.Response.Status),
			Wanted: "Sec-WebSocket-Version: 13"})
	}
}

func upgradeRequiredBare(x *Exchange, report Report) {
	if x.asked() && x.Response != nil && x.Response.Cut == event.Whole && x.Response.Status == 426 && strings.Trim(strings.Join(x.Response.Values("Upgrade"), ""), ", \t") == "" {
		report(Detail{At: x.Response.Last, Text: "the 426 does not say in an Upgrade field what to upgrade to", Wanted: "Upgrade: websocket"})
	}
}

func unsolicited101(x *Exchange, report Report) {
	if x.Switched() && x.Request != nil && x.Request.Cut == event.Whole && x.Attempt == handshake.NoAttempt {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server answered 101 to %s, which asked for no upgrade", quote(x.Request.StartLine)),
			Seen: "101", Wanted: "an answer to the request"})
	}
}

func otherUpgrade(x *Exchange, report Report) {
	if !x.Switched() || x.WebSocket() || x.Request != nil && x.Attempt == handshake.NoAttempt || x.Request == nil && x.Response.Cut != event.Whole {
		return
	}
	to := strings.Join(x.Response.Values("Upgrade"), ", ")
	if to == "" && x.Request != nil {
		to = strings.Join(x.Request.Values("Upgrade"), ", ")
	}
	report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the connection was upgraded to %s, not to websocket; what follows is not decoded", quote(to)), Seen: to})
}
