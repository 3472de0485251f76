package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

var checkProxyProtocol = Check{
	ID: "MID-07", Name: "proxy-protocol", Level: event.Error, Fault: event.MiddleboxFault,
	Citation: "RFC 9112 §3",
	When:     "a PROXY header stands before the request, and the server answered it with an error or not with HTTP",
	Description: "A balancer can send the client's address in a PROXY header (haproxy.org, proxy-protocol.txt) before the first octet " +
		"of the connection. The " +
		"server must be told to expect it: one that does not takes the header for the request line and answers 400, ends " +
		"the connection, or sends a TLS alert. The client's request after it is never read.",
	Advice: "configure both ends the same way. Let the server expect the header (nginx: listen 80 proxy_protocol; " +
		"HAProxy: bind :80 accept-proxy; " +
		"Apache: RemoteIPProxyProtocol On; Traefik: proxyProtocol.trustedIPs; Node: a library such as proxywrap), or let the " +
		"balancer not send it (HAProxy: remove send-proxy from the server line; nginx stream: proxy_protocol off; AWS NLB: " +
		"proxy_protocol_v2.enabled=false)",
	Needs:    Asked | HTTP1,
	Exchange: proxyProtocol,
}

func proxyProtocol(x *Exchange, report Report) {
	if d, found := proxyHeaderUnexpected(x); found {
		report(d)
	}
}

// proxyHeaderUnexpected says how the server answered a PROXY header that it does not seem to expect.
func proxyHeaderUnexpected(x *Exchange) (d Detail, found bool) {
	told := x.Forwarded
	if told == nil || !strings.HasPrefix(told.Protocol, "proxy-") {
		return d, false
	}
	d.Wanted = "a server that expects the header, or no header"
	switch r := x.Response; {
	case len(x.Evidence.NotHTTP) > 0 && x.Evidence.FramesBefore == 0:
		d.At, d.Seen = x.Evidence.NotHTTPAt, show(x.Evidence.NotHTTP)
		d.Text = "what it sent is not HTTP: " + d.Seen
	case r == nil && x.Evidence.Silent != nil && x.Evidence.Silent.By == event.Server:
		d.At, d.Seen = x.Evidence.Silent.At, "no answer"
		d.Text = "it ended the connection without an answer"
	case r != nil && oneOf(r.Status, 400, 405, 501, 505) && len(x.broken) == 0: // the last three where PROXY is taken for a method
		if said := readRefusal(x).said.Reason; said != "" && !generic(said, r.Reason, r.Status) && !containsFold(said, "request line") && !containsFold(said, "proxy") &&
			!containsFold(said, "method") && !containsFold(said, "invalid http") && !containsFold(said, "malformed") && !containsFold(said, "bad request") {
			return d, false // it understood the request, and says what is wrong with it
		}
		d.At, d.Seen = r.Last, r.StartLine
		d.Text = "it answers " + statusText(r)
	default:
		return d, false
	}
	version := "1"
	if told.Protocol == "proxy-v2" {
		version = "2"
	}
	names := ""
	if told.Client.Known && told.Server.Known {
		names = fmt.Sprintf(" (client %s, server %s)", told.Client.Value, told.Server.Value)
	}
	d.Text = fmt.Sprintf("a PROXY header of version %s%s stands before the request: %s sends it, and the server %s does not seem to expect it: %s",
		version, names, x.Conn.Peer[event.Client], x.Conn.Peer[event.Server], d.Text)
	return d, true
}
