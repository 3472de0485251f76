package check

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http2"
	"wshake/analyze/ws"
)

// The rules for the server's opening handshake: RFC 6455 §4.1 (what the client must verify) and §4.2.2.

var checkAnswerMissing = Check{
	ID: "RSP-00", Name: "answer-missing", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 9112 §9.6",
	When: "the connection ended without an answer to the upgrade request; the text says whether by FIN or RST",
	Description: "The connection ended without an HTTP answer; the text says from which side, and whether by " +
		`FIN or RST. Chrome prints "Connection closed before receiving a handshake response". Usual causes are a ` +
		"TLS port spoken to without TLS, a server process that crashed, a server that hangs up on a request it " +
		"dislikes (gorilla/websocket does on data sent too early, some servers do on Connection: keep-alive, " +
		"Upgrade), and a proxy or filter that holds the 101 back until the client gives up. Where the client " +
		"ended the connection, it may not have waited long enough.",
	Advice: "see the server's log for this time, and whether the port expects TLS; if a proxy is between, " +
		"look at its leg to the backend",
	Follows: []string{"status-not-101", "h2-connection-fields", "connect-pseudo-headers", "connect-protocol-unannounced", "connect-protocol-unknown",
		"goaway", "peer-silent", "receiver-stalled", "proxy-protocol"},
	Needs:    Asked,
	Exchange: answerMissing,
}

func answerMissing(x *Exchange, report Report) {
	s := x.Evidence.Silent
	if x.Response != nil || s == nil || len(x.Evidence.NotHTTP) > 0 {
		return
	}
	how := "closed the connection (FIN)"
	if s.Reset {
		how = "reset the connection (RST)"
	}
	request := "upgrade request"
	if x.Multiplexed() {
		how, request = howStreamEnded(x, s), "request"
	}
	waited := span(s.At.Time - x.Request.Last.Time)
	d := Detail{
		At: s.At, Fault: event.ServerFault,
		Text:   fmt.Sprintf("the %s %s %s after the %s, before any answer", s.By, how, waited, request),
		Wanted: "an HTTP answer",
	}
	if x.Multiplexed() {
		d.Citation = "RFC 9113 §8.1"
		d.Advice = resetAdvice(x.Evidence.ResetCode.Value)
	}
	if s.By == event.Client { // whether it was impatient or the server too slow cannot be told
		d.Fault = event.NoFault
		if !s.Reset && !x.Multiplexed() && s.At.Time-x.Request.Last.Time < int64(time.Second) {
			d.Text += "; many servers drop a request whose client has ended its side"
			d.Advice = "let the client keep its side of TCP open after the request: no shutdown of writing, no input " +
				"that ends (nc -N, a pipe)"
			report(d)
			return
		}
		d.Advice = fmt.Sprintf("the client gave up after %s; see why the server did not answer by then", waited)
	}
	report(d)
}

var checkAnswerNotHTTP = Check{
	ID: "RSP-00", Name: "answer-not-http", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 9112 §2",
	When: "the answer to the upgrade request is not HTTP",
	Description: "The server's octets do not begin with an HTTP status line, and the client can only give up. The " +
		"port may belong to another service. It may expect TLS: then its answer is a TLS alert, which begins 15 03. " +
		"The server may speak only HTTP/2. Or it sends WebSocket frames before its 101: then the 101 and the " +
		"frames after it are read and judged as well.",
	Advice:   "check host and port: it seems that another service listens there",
	Follows:  []string{"proxy-protocol", "status-not-101"},
	Needs:    Asked | HTTP1,
	Exchange: answerNotHTTP,
}

func answerNotHTTP(x *Exchange, report Report) {
	octets := x.Evidence.NotHTTP
	if len(octets) == 0 {
		return
	}
	d := Detail{At: x.Evidence.NotHTTPAt, Seen: show(octets), Wanted: "HTTP/1.1 101"}
	what := "is not HTTP"
	switch known := ws.WhatIsThis(octets); {
	case x.Evidence.FramesBefore > 0:
		d.Text = fmt.Sprintf("the server sent %s before its answer", framesWord(x.Evidence.FramesBefore, octets))
		if x.Response != nil {
			d.Text += fmt.Sprintf(" %s, which begins in packet %d", statusText(x.Response), x.Response.First.Number)
		}
		if _, n := ws.ParseHeader(octets); n < len(octets) {
			d.Text += ": " + show(octets[n:])
		}
		d.Advice = sendLater
		report(d)
		return
	case known == "HTTP response", statusLineLike(octets):
		what = "begins with a broken status line"
		d.Advice = "write the status line as HTTP/1.1 101 Switching Protocols: the version, a blank, three digits, a blank, a reason"
	case bytes.HasPrefix(octets, []byte(byteOrderMark)):
		what = "begins with a byte order mark, which must not stand before a status line"
		d.Advice = "remove the byte order mark (EF BB BF) from the beginning of the file or the text that the server sends"
	case http2.LooksLikeServer(octets) == http2.Yes:
		what = "is not HTTP/1.1 but frames of HTTP/2"
		d.Advice = "offer only http/1.1 by ALPN where the request is sent as HTTP/1.1, and speak HTTP/2 where h2 was " +
			"chosen; a port " +
			"that takes HTTP/2 alone (gRPC, h2c) has no upgrade of HTTP/1.1"
	case known != "":
		what = "is not HTTP but " + withArticle(known)
		if known == "TLS record" {
			d.Advice = "this port expects TLS: use wss: in place of ws:, or the port of the server that takes ws:"
		}
	case http2Settings(octets):
		what = "is not HTTP/1.1 but a SETTINGS frame of HTTP/2"
		d.Advice = "this port takes HTTP/2 alone: let the server take HTTP/1.1 there as well, or, in a proxy, set " +
			"the backend's protocol to HTTP/1.1 " +
			"(Envoy: no http2_protocol_options on the cluster; Kubernetes: another appProtocol than kubernetes.io/h2c)"
	case wholeFrame(octets):
		what = fmt.Sprintf("is not HTTP but %s: no status line came", framesWord(1, octets))
		d.Advice = sendLater
	}
	d.Text = fmt.Sprintf("the answer to the upgrade request %s: %s", what, show(octets))
	report(d)
}

// http2Settings says that octets begin with a SETTINGS frame on stream 0, the first that an HTTP/2 server sends (RFC 9113 §3.4, §6.5).
func http2Settings(octets []byte) bool {
	return len(octets) >= 9 && octets[0] == 0 && octets[1] == 0 && octets[2]%6 == 0 && octets[3] == 4 &&
		octets[4]&^1 == 0 &&
		octets[5] == 0 && octets[6] == 0 && octets[7] == 0 && octets[8] == 0
}

const (
	byteOrderMark = "\xef\xbb\xbf"
	sendLater     = "let the server send its first frame after the 101, for example from the library's open or " +
		"connection event"
)

// framesWord describes so many frames, of which octets begin the first.
func framesWord(frames int, octets []byte) string {
	h, _ := ws.ParseHeader(octets)
	first := fmt.Sprintf("a %s frame of %s", h.Opcode, count(int(h.Length), "octet"))
	if frames > 1 {
		return fmt.Sprintf("%d frames (the first is %s)", frames, first)
	}
	return first
}

// wholeFrame says that octets begin with a frame as servers send it, of which nothing is wrong.
func wholeFrame(octets []byte) bool {
	h, n := ws.ParseHeader(octets)
	return n > 0 && !h.Masked && h.RSV == 0 && !h.Opcode.Reserved() && h.Opcode != event.OpContinuation &&
		(len(octets) == n+int(min(h.Length, 1<<20)) || h.Length > uint64(len(octets)) && h.Length < 1<<20)
}

// statusLineLike says that octets begin with a status line that is wrong in its version or in the letters of it.
func statusLineLike(octets []byte) bool {
	line, _, _ := bytes.Cut(octets, []byte("\n"))
	words := bytes.Fields(line)
	return len(words) > 1 && bytes.HasPrefix(bytes.ToUpper(words[0]), []byte("HTTP")) && len(words[0]) <= len("HTTP/1.1")+2 &&
		len(words[1]) >= 3 && len(bytes.Trim(words[1], "0123456789")) == 0
}

var checkResponseHTTPVersion = Check{
	ID: "RSP-02", Name: "response-http-version", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.2.2, RFC 9110 §15.2",
	When:     "the 101 has another version than HTTP/1.1",
	Description: "The status 101 exists since HTTP/1.1, and RFC 6455 wants the status line HTTP/1.1 101. " +
		"Clients differ in whether they look at the version, so that such a server works with some of them. The " +
		"usual cause is a server built on an HTTP library that answers as HTTP/1.0 unless told otherwise, as " +
		"Python's http.server does.",
	Advice:   `answer HTTP/1.1 101; Python http.server: protocol_version = "HTTP/1.1" in the handler class`,
	Needs:    Switched | HTTP1,
	Exchange: responseHTTPVersion,
}

func responseHTTPVersion(x *Exchange, report Report) {
	if x.Response.Version != "HTTP/1.1" {
		report(Detail{
			At: x.Response.Last, Text: fmt.Sprintf("the status line of the 101 says %s", x.Response.Version),
			Seen: x.Response.Version, Wanted: "HTTP/1.1",
		})
	}
}

var checkResponseUpgrade = Check{
	ID: "RSP-03", Name: "response-upgrade", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When:     "the 101 has no Upgrade field, or its whole value is not websocket",
	Description: "The 101 must say Upgrade: websocket and nothing else; other than in the request, a list is " +
		`wrong here. Browsers fail the connection, Chrome with "'Upgrade' header is missing" or "'Upgrade' ` +
		`header value is not 'WebSocket'". Where the backend did send the field, a proxy took it for a ` +
		"hop-by-hop field of its own leg and dropped it from the answer. Upgrade: WebSocket is legal: the value " +
		"has no case.",
	Advice: "answer Upgrade: websocket, in one field and with nothing beside it; if the backend did, let " +
		"the proxy relay Upgrade and Connection on a 101",
	Needs:    Switched | HTTP1,
	Exchange: responseUpgrade,
}

func responseUpgrade(x *Exchange, report Report) {
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

var checkResponseConnection = Check{
	ID: "RSP-05", Name: "response-connection", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When:     "the Connection field of the 101 does not name Upgrade",
	Description: "The 101 must name Upgrade in Connection. Browsers fail the connection, Chrome with " +
		`"'Connection' header is missing" or "'Connection' header value must contain 'Upgrade'"; some libraries ` +
		"do not look. The usual causes are a hand-written server and a proxy that drops the field from the " +
		"answer or replaces it by keep-alive. A list such as keep-alive, Upgrade is legal, in any case of " +
		"letters.",
	Advice: "answer Connection: Upgrade; if the backend did, let the proxy relay Upgrade and Connection on " +
		"a 101",
	Needs:    Switched | HTTP1,
	Exchange: responseConnection,
}

func responseConnection(x *Exchange, report Report) {
	if handshake.HasToken(x.Response, "Connection", "upgrade") {
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

var checkResponseBodyFields = Check{
	ID: "RSP-11", Name: "response-body-fields", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 9110 §8.6, RFC 9112 §6.1",
	When:     "the 101 has Content-Length or Transfer-Encoding",
	Description: "A 101 has no body: the octet after its empty line is WebSocket. Some clients wait for the " +
		"body that is announced, .NET until it gave up after about 100 s; others stall. With Transfer-Encoding: " +
		"chunked the server often sends the end of a chunked body too, and its octets 30 0d 0a 0d 0a arrive as a " +
		"first, impossible frame. The cause is a framework that adds these fields to every answer, as Drogon, " +
		"Suave and ocaml-cohttp have done.",
	Advice: "leave Content-Length and Transfer-Encoding out of every 1xx answer, and write nothing after " +
		"its empty line but frames",
	Needs:    Switched | HTTP1,
	Exchange: responseBodyFields,
}

func responseBodyFields(x *Exchange, report Report) {
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		for _, v := range x.Response.Values(name) {
			report(Detail{
				At: x.Response.Last,
				Text: fmt.Sprintf("the 101 has %s: %s, though everything after its head is WebSocket",
					name, quote(v)),
				Seen: name + ": " + v, Wanted: "neither Content-Length nor Transfer-Encoding",
			})
		}
	}
}

var checkInvalidRequestAccepted = Check{
	ID: "RSP-13", Name: "invalid-request-accepted", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.2.1, §4.2.2",
	When:     "a server answers 101 to a request that breaks a MUST",
	Description: "A server must stop at a request that breaks the rules for the client, and answer with an " +
		"error such as 400. If it answers 101 all the same the connection may well work, but the client's fault " +
		"stays hidden until a stricter server or proxy stands in its place. And where a proxy and its backend " +
		"judge the same request differently, one of them holds the connection for upgraded and the other does " +
		"not. The text names the rules that the request broke.",
	Advice: "before the 101 check the method, HTTP/1.1, Host, Upgrade, Connection, a key of 16 octets and " +
		"version 13; answer 400, or 426 for the version",
	Needs:    Switched | HTTP1,
	Exchange: invalidRequestAccepted,
}

func invalidRequestAccepted(x *Exchange, report Report) {
	broken := slices.DeleteFunc(slices.Clone(x.broken), func(name string) bool { return name == "head-malformed" }) // a server may take it
	if len(broken) > 0 {
		report(Detail{
			At: x.Response.Last,
			Text: fmt.Sprintf("the server answered 101 to a request that breaks the standard (%s)",
				strings.Join(broken, ", ")),
			Seen: "101", Wanted: "400 Bad Request", Follows: broken,
		})
	}
}

var checkStatusNot101 = Check{
	ID: "RSP-22", Name: "status-not-101", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 6455 §4.2.2",
	When: "an answer has the handshake's fields and a right Accept, but another status than 101; or such an interim " +
		"answer (1xx) has no 101 after it",
	Description: "The server did the whole handshake: the Accept answers the key. But its status is another than 101, and a " +
		"client must take that for a refusal. The usual cause is a framework or a gateway interface (CGI, PHP) that writes " +
		"the fields which the program sets and a status of its own, mostly 200.",
	Advice:   "answer with the status 101 Switching Protocols; in CGI and PHP set the status itself (Status: 101, http_response_code(101))",
	Needs:    Asked | HTTP1,
	Exchange: statusNot101,
}

func statusNot101(x *Exchange, report Report) {
	if x.Switched() {
		return
	}
	answer := x.Response
	if answer == nil || answer.Cut != event.Whole || !x.AcceptValid.Known || !x.AcceptValid.Value {
		answer = nil
		for _, h := range x.Evidence.Interim { // hints of what never came
			if x.AcceptExpected.Known && h.Cut == event.Whole && h.Get("Sec-WebSocket-Accept") == x.AcceptExpected.Value {
				answer = h
			}
		}
	}
	if answer == nil {
		return
	}
	text := "the server did the handshake, with the right Sec-WebSocket-Accept, but its status is " + statusText(answer)
	if answer.Status < 200 {
		text += ", an interim answer, after which a client goes on waiting for the final one"
	}
	report(Detail{At: answer.Last, Text: text, Seen: answer.StartLine, Wanted: "HTTP/1.1 101 Switching Protocols"})
}

var checkUnsolicited101 = Check{
	ID: "RSP-16", Name: "unsolicited-101", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 9110 §7.8, §15.2.2",
	When:     "a server answers 101 to a request that asked for no upgrade",
	Description: "A server may switch only to what the client asked for. A client that asked for nothing takes " +
		"a 101 for an interim answer and waits for the final one, which never comes, or fails. Causes are a " +
		"server that answers 101 to everything on its path, health checks included, and a proxy that dropped all " +
		"fields of the handshake from the request.",
	Advice: "answer 101 only to a request with Upgrade and Connection: Upgrade, and 426 with Upgrade: " +
		"websocket to others",
	Needs:    HTTP1,
	Exchange: unsolicited101,
}

func unsolicited101(x *Exchange, report Report) {
	if x.Switched() && x.Request != nil && x.Request.Cut == event.Whole && x.Attempt == handshake.NoAttempt {
		report(Detail{
			At:   x.Response.Last,
			Text: fmt.Sprintf("the server answered 101 to %s, which asked for no upgrade", quote(x.Request.StartLine)),
			Seen: "101", Wanted: "an answer to the request",
		})
	}
}

var checkOtherUpgrade = Check{
	ID: "UPG-02", Name: "other-upgrade", Level: event.Note, Fault: event.NoFault, Citation: "RFC 9110 §7.8",
	When: "the connection was upgraded to something else (h2c, tcp, TLS, SPDY): labelled, never decoded " +
		"as frames",
	Description: "Upgrade is not WebSocket's alone: there are h2c (HTTP/2 without TLS), TLS/1.2, Docker's tcp " +
		"and Kubernetes' SPDY/3.1. Such a connection is labelled, and its octets are never decoded as frames, " +
		"which would give nonsense. Nothing is wrong with it as such. An h2c upgrade that a proxy forwards " +
		"without understanding it is a known way around the proxy's access rules.",
	Advice: "nothing to fix where this protocol is expected; where it is not, let the proxy drop Upgrade " +
		"fields that it does not know",
	Exchange: otherUpgrade,
}

func otherUpgrade(x *Exchange, report Report) {
	if !x.Switched() || x.WebSocket() || x.Request != nil && x.Attempt == handshake.NoAttempt || x.Request == nil && x.Response.Cut != event.Whole {
		return
	}
	to := strings.Join(x.Response.Values("Upgrade"), ", ")
	if x.Multiplexed() {
		to = x.Request.Get(":protocol")
	}
	if x.Multiplexed() {
		to = x.Request.Get(":protocol")
	}
	if to == "" && x.Request != nil {
		to = strings.Join(x.Request.Values("Upgrade"), ", ")
	}
	d := Detail{
		At: x.Response.Last,
		Text: fmt.Sprintf("the connection was upgraded to %s, not to websocket; what follows is not decoded",
			quote(to)),
		Seen: to,
	}
	switch {
	case x.Multiplexed():
		d.Text = fmt.Sprintf("stream %d was opened for %s, not for websocket; what it carries is not decoded", x.Conn.Stream.Value, quote(to))
	case event.EqualFold(to, "h2c"):
		d.Text = "the connection was upgraded to HTTP/2 (h2c); WebSockets are looked for on its streams"
	}
	report(d)
}
