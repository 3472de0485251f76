package check

import (
	"fmt"
	"slices"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
	"wshake/analyze/http2"
)

// WebSocket on a stream of HTTP/2: RFC 8441, and what is tried instead.

var checkConnectProtocolUnannounced = Check{
	ID: "H2-01", Name: "connect-protocol-unannounced", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 8441 §3, §4",
	OverQUIC: "RFC 9220 §3",
	When:     "a request with :protocol was sent before the server had sent SETTINGS_ENABLE_CONNECT_PROTOCOL=1",
	Description: "A client may ask for a WebSocket on a stream of HTTP/2 only when the server's SETTINGS have allowed it. A server that " +
		"does not know the setting takes :protocol for a malformed request and resets the stream with PROTOCOL_ERROR; others close the " +
		"connection. Browsers wait for the setting and, where it does not come, open a second connection with HTTP/1.1. The cause is a " +
		"client that has a server in mind which allows it, or a server or proxy in which the option is off: allow_connect in Envoy, " +
		"enableConnectProtocol in Node, GODEBUG=http2xconnect=1 in Go.",
	Advice: "let the server announce SETTINGS_ENABLE_CONNECT_PROTOCOL=1, or let the client wait for it and use HTTP/1.1 where it " +
		"does not come",
	Needs:    Asked | HTTP2,
	Exchange: connectProtocolUnannounced,
}

func connectProtocolUnannounced(x *Exchange, report Report) {
	settings := x.Evidence.ConnectProtocol
	if !settings.Known || !x.Request.Has(":protocol") {
		return
	}
	d := Detail{At: x.Request.Last, Wanted: "SETTINGS_ENABLE_CONNECT_PROTOCOL=1 of the server before the request"}
	switch enabled := settings.Value; {
	case !enabled.Known:
		d.Text = "the request has :protocol, but the server never sent SETTINGS_ENABLE_CONNECT_PROTOCOL=1"
	case x.Request.Last.Ordinal < enabled.Value.Ordinal:
		d.Text = fmt.Sprintf("the request has :protocol and was sent before the server's SETTINGS_ENABLE_CONNECT_PROTOCOL=1, which came in packet %d",
			enabled.Value.Number)
	default:
		return
	}
	report(d)
}

var checkConnectPseudoHeaders = Check{
	ID: "H2-02", Name: "connect-pseudo-headers", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 8441 §4, §5",
	OverQUIC: "RFC 9220 §3, RFC 8441 §4",
	When:     "an extended CONNECT lacks :scheme, :path or :authority, or :protocol comes with another method",
	Description: "An ordinary CONNECT has neither :scheme nor :path. With :protocol it is another kind of request and needs both, and " +
		":authority, which take the place of the URL. Servers reset the stream with PROTOCOL_ERROR before any program sees the request. " +
		"The cause is a client built for ordinary CONNECT, or a proxy that takes the request for one.",
	Advice:   "send :method CONNECT, :protocol websocket, :scheme, :path and :authority",
	Needs:    Asked | HTTP2,
	Exchange: connectPseudoHeaders,
}

func connectPseudoHeaders(x *Exchange, report Report) {
	q := x.Request
	if !q.Has(":protocol") {
		return
	}
	var missing []string
	for _, name := range []string{":scheme", ":path", ":authority"} {
		if v := q.Values(name); len(v) == 0 || v[0] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		report(Detail{
			At: q.Last, Text: fmt.Sprintf("the extended CONNECT has no %s", strings.Join(missing, " and no ")),
			Wanted: ":scheme, :path and :authority",
		})
	}
	if q.Method != "CONNECT" {
		report(Detail{
			At: q.Last, Text: fmt.Sprintf("the request has :protocol, but its method is %s", quote(q.Method)),
			Seen: q.Method, Wanted: "CONNECT",
		})
	}
}

var checkH2ConnectionFields = Check{
	ID: "H2-03", Name: "h2-connection-fields", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 9113 §8.2.2, RFC 8441 §5",
	OverQUIC: "RFC 9114 §4.2, RFC 9220 §3",
	When:     "the upgrade of RFC 6455 is tried inside HTTP/2, with the fields upgrade, connection and the like",
	Description: "HTTP/2 has no Upgrade. A request or answer with connection, upgrade, keep-alive, proxy-connection or transfer-encoding is " +
		"malformed there, and the stream is reset with PROTOCOL_ERROR, or answered with 400 or HTTP_1_1_REQUIRED. It happens when " +
		"TLS has chosen h2 by ALPN for a client that then writes its HTTP/1.1 handshake as HTTP/2, as some client libraries and proxies do.",
	Advice: "offer only http/1.1 by ALPN for WebSocket connections, or ask by extended CONNECT (RFC 8441); in a proxy, let the " +
		"upstream connection be HTTP/1.1",
	Needs:    HTTP2 | AboutWebSocket,
	Exchange: h2ConnectionFields,
}

func h2ConnectionFields(x *Exchange, report Report) {
	asked := connectionFields(x.Request)
	for _, head := range []struct {
		*event.Head
		side  event.Side
		found []string
	}{{x.Request, event.Client, asked}, {x.Response, event.Server, connectionFields(x.Response)}} {
		found := head.found
		if len(found) == 0 || head.side == event.Server && len(asked) > 0 {
			continue // a server that answers in kind follows the client
		}
		what := "request"
		if head.side == event.Server {
			what = "answer"
		}
		d := Detail{
			At: head.Last, Fault: event.FaultOf(head.side), Seen: strings.Join(found, ", "), Wanted: "extended CONNECT (" + extendedConnect(x) + "), or HTTP/1.1",
			Text: fmt.Sprintf("the %s on stream %d has %s, which is not allowed in %s", what, x.Conn.Stream.Value, quoteAll(found), multiplexedHTTP(x)),
		}
		if head.side == event.Client {
			switch code := x.Evidence.ResetCode; {
			case x.Response != nil:
				d.Text += fmt.Sprintf("; the server answered %s", statusText(x.Response))
				if in := connectionFields(x.Response); len(in) > 0 {
					d.Text += " with " + quoteAll(in)
				}
			case code.Known:
				d.Text += fmt.Sprintf("; the stream was reset with %s", code.Value)
			}
		}
		report(d)
	}
}

// connectionFields are the fields of a head that belong to a connection of HTTP/1.1 (RFC 9113 §8.2.2).
func connectionFields(h *event.Head) (found []string) {
	if h == nil {
		return nil
	}
	for _, f := range h.Fields {
		switch strings.ToLower(f.Name) {
		case "connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding":
			found = append(found, f.Name+": "+f.Value)
		}
	}
	return found
}

var checkH2KeyFields = Check{
	ID: "H2-04", Name: "h2-key-fields", Level: event.Note, Fault: event.NoFault, Citation: "RFC 8441 §5",
	OverQUIC: "RFC 9220 §3",
	When:     "an extended CONNECT or its answer has Sec-WebSocket-Key or Sec-WebSocket-Accept",
	Description: "Over HTTP/2 the key and its answer have no part in the handshake: a stream cannot be taken for something else by an HTTP/1.1 " +
		"cache, which is what they are there for. Nobody looks at them, and the handshake is right. They are mostly left over by a gateway that " +
		"translates, and one that goes back to HTTP/1.1 may then send two keys (dotnet/yarp#2805), which servers refuse.",
	Advice:   "leave both fields out on streams of HTTP/2; a gateway makes its own key towards an HTTP/1.1 backend",
	Needs:    HTTP2 | AboutWebSocket,
	Exchange: h2KeyFields,
}

func h2KeyFields(x *Exchange, report Report) {
	if x.Request == nil || !x.Request.Has(":protocol") {
		return // then upgrade fields are the mistake
	}
	for _, side := range []event.Side{event.Client, event.Server} {
		what, name := x.Request, "Sec-WebSocket-Key"
		if side == event.Server {
			what, name = x.Response, "Sec-WebSocket-Accept"
		}
		if what == nil || !what.Has(name) {
			continue
		}
		report(Detail{
			At: what.Last, Fault: event.FaultOf(side), Seen: what.Get(name), Wanted: "no such field",
			Text: fmt.Sprintf("the %s sent %s on stream %d, which means nothing there", side, name, x.Conn.Stream.Value),
		})
	}
}

var checkH2Status = Check{
	ID: "H2-05", Name: "h2-status", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 8441 §5, RFC 9113 §8.6",
	OverQUIC: "RFC 9220 §3, RFC 9114 §4.5",
	When:     "a server answers 101 inside HTTP/2",
	Description: "HTTP/2 has no 101 (Switching Protocols): a WebSocket on a stream is accepted with 200. Clients take a 101 for a protocol " +
		"error and reset the stream. It comes from a gateway that passes the 101 of its HTTP/1.1 backend on without translating it.",
	Advice:   "answer an extended CONNECT with 200; a gateway must translate the 101 of its backend",
	Follows:  []string{"h2-connection-fields"},
	Needs:    HTTP2,
	Exchange: h2Status,
}

func h2Status(x *Exchange, report Report) {
	if x.Response != nil && x.Response.Status == 101 {
		report(Detail{At: x.Response.Last, Text: "the server answered 101 inside " + multiplexedHTTP(x), Seen: "101", Wanted: "200"})
	}
}

// resetFrame is the name of the frame that ends a stream at once: RFC 9113 §6.4, RFC 9000 §19.4, §19.5.
func resetFrame(quic, stopped bool) string {
	switch {
	case stopped:
		return "STOP_SENDING"
	case quic:
		return "RESET_STREAM"
	}
	return "RST_STREAM"
}

// extendedConnect is where WebSocket on a stream is defined.
func extendedConnect(x *Exchange) string {
	if x.Transport == "h3" {
		return "RFC 9220"
	}
	return "RFC 8441"
}

// multiplexedHTTP is the version of HTTP that carries a stream.
func multiplexedHTTP(x *Exchange) string {
	if x.Transport == "h3" {
		return "HTTP/3"
	}
	return "HTTP/2"
}

var checkConnectProtocolUnknown = Check{
	ID: "H2-10", Name: "connect-protocol-unknown", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 8441 §4, RFC 9220 §3",
	When: "an extended CONNECT for a protocol that is not websocket and that nobody registered was refused or reset, or has Sec-WebSocket fields",
	Description: "What the stream is for stands in :protocol, as a token of the registry of HTTP upgrade tokens, and is compared letter by " +
		"letter: websocket, in lower case and without a version. A server answers one that it does not know with 501 (RFC 9220 §3), " +
		"others with 400 or RST_STREAM. The cause is mostly a spelling (WebSocket, ws, wss) or a protocol that only one side knows.",
	Advice:   "send :protocol websocket",
	Needs:    HTTP2,
	Exchange: connectProtocolUnknown,
}

// connectProtocols are what else extended CONNECT is used for, by the registry of HTTP upgrade tokens.
var connectProtocols = []string{"connect-udp", "connect-ip", "connect-tcp", "connect-ethernet", "webtransport", "webtransport-h3"}

func connectProtocolUnknown(x *Exchange, report Report) {
	if x.Request == nil {
		return
	}
	p, extended := x.Request.Lookup(":protocol")
	if !extended || p == "websocket" || slices.Contains(connectProtocols, p) {
		return
	}
	d := Detail{At: x.Request.Last, Seen: p, Wanted: "websocket",
		Text: fmt.Sprintf("stream %d was asked for with :protocol %s, which is not websocket", x.Conn.Stream.Value, quote(p))}
	switch r, code := x.Response, x.Evidence.ResetCode; {
	case r != nil && r.Status >= 400:
		d.Text += fmt.Sprintf("; the server answered %s", statusText(r))
	case r == nil && code.Known:
		d.Text += fmt.Sprintf("; the stream was reset with %s", code.Value)
	case x.Attempt != handshake.WebSocketAttempt:
		return
	}
	report(d)
}

// howStreamEnded says how a stream ended without an answer.
func howStreamEnded(x *Exchange, s *event.Silence) string {
	switch code := x.Evidence.ResetCode; {
	case code.Known:
		return fmt.Sprintf("reset stream %d (%s %s)", x.Conn.Stream.Value, resetFrame(x.Conn.UDP, x.Evidence.Stopped),
			code.Value)
	case s.Stream:
		return fmt.Sprintf("ended stream %d", x.Conn.Stream.Value)
	case s.Reset:
		return "reset the connection (RST)"
	}
	return "closed the connection (FIN)"
}

// resetAdvice is what to do about a stream that was reset before any answer. HTTP/3 names the same reasons in its own
// way (RFC 9113 §7, RFC 9114 §8.1).
func resetAdvice(code string) string {
	switch code {
	case "":
		return "see the server's log for this time; if a proxy is between, look at its leg to the backend"
	case "PROTOCOL_ERROR", "H3_MESSAGE_ERROR", "H3_GENERAL_PROTOCOL_ERROR":
		return "the server, or a proxy before it, takes the request for malformed: see whether it allows extended " +
			"CONNECT on this route, and " +
			"whether the request has a field that it does not expect"
	case "INTERNAL_ERROR", "H3_INTERNAL_ERROR":
		return "the server failed at this request: see its log for this time"
	case "REFUSED_STREAM", "H3_REQUEST_REJECTED":
		return "the server did nothing for this request: it may be sent again, on another connection where this one " +
			"is being closed; " +
			"if it happens often, look at the server's limits of streams and of connections"
	case "CANCEL", "H3_REQUEST_CANCELLED", "NO_ERROR", "H3_NO_ERROR":
		return "see the server's log for why it does not want the request any more; a proxy cancels a stream when " +
			"its backend fails or is too slow"
	case "ENHANCE_YOUR_CALM", "H3_EXCESSIVE_LOAD":
		return "the server counts too many requests, resets or pings of this client: let it wait longer after each " +
			"attempt"
	case "CONNECT_ERROR", "H3_CONNECT_ERROR":
		return "the server reached no backend for the CONNECT: check that it runs, and that extended CONNECT is not " +
			"taken for an ordinary one"
	case "HTTP_1_1_REQUIRED", "H3_VERSION_FALLBACK":
		return "ask again on a connection of HTTP/1.1 (offer only http/1.1 by ALPN), or let the server allow " +
			"extended CONNECT on this route"
	}
	return "see the server's log for this stream and this code"
}

// Streams is what happened to a connection that carries streams.
type Streams struct {
	Fault *http2.Fault
	Stall *http2.Stall
	// GoAway came from a side in a packet, while a WebSocket was asked for or open on a stream.
	GoAway *http2.GoAway
	// Refused is the first stream that a server's GOAWAY of HTTP/3 refuses.
	Refused event.Opt[uint64]
	From    event.Side
	At      event.At
	Stream  uint64
	// Answered says that the request on the stream had its answer.
	Answered bool
	Last     event.At // the newest packet of the stream that stood still
}

// Streams judges what happened below the streams. conn is called if there is something to say.
func (s *Set) Streams(conn func() *event.Conn, t *Streams) []*event.Finding {
	found := s.selected(s.run(stageStreams, 0, nil, func(c *Check, r Report) { c.Streams(t, r) }))
	for _, f := range found {
		f.Conn = conn()
		if f.Conn.UDP && t.Refused.Known {
			f.Section = checkGoAway.OverQUIC
		}
	}
	return found
}

var checkHTTP1InsideH2 = Check{
	ID: "H2-07", Name: "http1-inside-h2", Level: event.Error, Fault: event.NoFault, Citation: "RFC 9113 §3.4",
	When: "text of HTTP/1.x stands where a frame of HTTP/2 should begin",
	Description: "One side speaks HTTP/2 and the other one HTTP/1.1. A client library may have let TLS choose h2 by ALPN and then " +
		"written its upgrade request as text; or a server that knows only HTTP/1.1 answers the preface of HTTP/2 with 400. Nothing " +
		"can be understood of it, and the connection is closed.",
	Advice:  "offer only http/1.1 by ALPN for WebSocket connections, and speak HTTP/2 only where it was chosen",
	Streams: http1InsideH2,
}

func http1InsideH2(t *Streams, report Report) {
	f := t.Fault
	if f == nil || !f.Kind.Fatal() || http1.LooksLikeRequest(f.Octets) != http1.Yes && http1.LooksLikeResponse(f.Octets) != http1.Yes {
		return
	}
	line, _, _ := strings.Cut(string(f.Octets), "\r\n")
	report(Detail{
		At: f.At, Fault: event.FaultOf(f.From), Seen: line, Wanted: "frames of HTTP/2",
		Text: fmt.Sprintf("the %s writes %s into a connection of HTTP/2", f.From, quote(line)),
	})
}

var checkGoAway = Check{
	ID: "H2-08", Name: "goaway", Level: event.Note, Fault: event.NoFault, Citation: "RFC 9113 §6.8",
	OverQUIC: "RFC 9114 §5.2",
	When:     "GOAWAY with an error code, or one that leaves a WebSocket out, came while WebSockets were asked for or open",
	Description: "GOAWAY announces the end of the connection: its sender takes no stream above the one it names. With NO_ERROR it " +
		"is how servers and proxies shut down or limit a connection's age: what is above was not processed and may be tried again on another " +
		"connection, the rest may go on. With an error code the connection is closed at once, and all its WebSockets with it: one mistake on " +
		"one stream, or too many pings or resets (ENHANCE_YOUR_CALM), ends them all. The debug data are its sender's own words.",
	Advice: "look up what the error code says; let clients open a new connection, with a pause that grows",
	Follows: []string{
		"h2-connection-fields", "h2-status", "connect-pseudo-headers", "connect-protocol-unannounced", "h2-rule-broken",
	},
	Streams: goAway,
}

func goAway(t *Streams, report Report) {
	if n := t.Refused; n.Known {
		report(Detail{At: t.At, Fault: event.FaultOf(t.From), Seen: fmt.Sprintf("stream %d", n.Value), Wanted: "the connection to go on",
			Text: fmt.Sprintf("the %s sent GOAWAY with stream %d: stream %d was not processed", t.From, n.Value, t.Stream)})
	}
	g := t.GoAway
	if g == nil {
		return
	}
	d := Detail{At: t.At, Fault: event.FaultOf(t.From), Seen: g.Code.String(), Wanted: "the connection to go on",
		Text: fmt.Sprintf("the %s sent GOAWAY with %s and last stream %d", t.From, g.Code, g.Last)}
	if len(g.Debug) > 0 {
		d.Text += fmt.Sprintf(" (debug data %s)", quote(string(g.Debug)))
	}
	if g.Code == http2.ErrNo {
		d.Advice = "nothing is wrong: the server is going down, or limits how long a connection lives; let the " +
			"client ask again on " +
			"another connection, with a pause that grows"
	}
	switch {
	case t.From == event.Server && t.Stream > uint64(g.Last) && !t.Answered:
		d.Text += fmt.Sprintf(": stream %d was not processed", t.Stream)
	default:
		d.Text += fmt.Sprintf(", while stream %d was open", t.Stream)
	}
	report(d)
}

// Elsewhere is a WebSocket on a connection of HTTP/1.1, opened while the same client had one of HTTP/2 or HTTP/3 to the
// same server, which does not allow WebSockets.
type Elsewhere struct {
	*event.Handshake
	Other *event.NoConnect
}

// Elsewhere judges it.
func (s *Set) Elsewhere(e *Elsewhere) []*event.Finding {
	return s.selected(s.run(stageElsewhere, 0, e.Handshake.Conn, func(c *Check, r Report) { c.Elsewhere(e, r) }))
}

var checkConnectProtocolMissing = Check{
	ID: "H2-09", Name: "connect-protocol-missing", Level: event.Note, Fault: event.NoFault,
	Citation: "RFC 8441 §3, RFC 9220 §3",
	When: "a browser opened a connection of HTTP/1.1 for a WebSocket beside one of HTTP/2 or HTTP/3 whose server " +
		"does not allow WebSockets",
	Description: "A browser opens a WebSocket on the connection of HTTP/2 or HTTP/3 that it has, if the server's " +
		"SETTINGS have SETTINGS_ENABLE_CONNECT_PROTOCOL=1. Where they do not, it makes another connection, offers " +
		"only http/1.1 by ALPN, and upgrades there. " +
		"That works and is legal; it costs a connection with its TLS handshake for each WebSocket, and a limit of connections " +
		"is reached sooner.",
	Advice: "nothing is wrong; to save the connection, let the server announce SETTINGS_ENABLE_CONNECT_PROTOCOL=1 " +
		"and take extended CONNECT",
	Elsewhere: connectProtocolMissing,
}

func connectProtocolMissing(e *Elsewhere, report Report) {
	version, citation := "HTTP/2", "RFC 8441 §3"
	if e.Other.QUIC {
		version, citation = "HTTP/3", "RFC 9220 §3"
	}
	report(Detail{
		Citation: citation,
		At:       e.Request.Last, Seen: "HTTP/1.1",
		Wanted: "SETTINGS_ENABLE_CONNECT_PROTOCOL=1 on the connection of " + version,
		Text: fmt.Sprintf("the client's connection %d of %s to this server does not allow WebSockets (packet %d: "+
			"SETTINGS without SETTINGS_ENABLE_CONNECT_PROTOCOL=1): this connection of HTTP/1.1 was opened for it",
			e.Other.Ordinal, version, e.Other.At.Number),
	})
}

// streamStalled is receiver-stalled for the windows of HTTP/2.
func streamStalled(t *Streams, report Report) {
	s := t.Stall
	if s == nil {
		return
	}
	whose := fmt.Sprintf("the window of stream %d", s.Stream)
	if s.Stream == 0 {
		whose = "the window of the connection"
	}
	receiver := s.From.Other()
	d := Detail{At: s.Since, Fault: event.FaultOf(receiver), Citation: "RFC 9113 §5.2", Wanted: "WINDOW_UPDATE as data are read"}
	if s.Over {
		d.Seen = span(s.Reopened.Time - s.Since.Time)
		d.Text = fmt.Sprintf("the %s could not send for %s: the %s had closed %s, up to packet %d", s.From, d.Seen, receiver, whose, s.Reopened.Number)
	} else {
		d.Seen = span(t.Last.Time - s.Since.Time)
		d.Text = fmt.Sprintf("the %s could not send any more: the %s had closed %s and did not open it again", s.From, receiver, whose)
	}
	report(d)
}
