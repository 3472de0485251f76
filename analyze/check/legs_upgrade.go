package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// What a proxy does to the upgrade itself: RFC 9110 §7.6.1, §7.8.

var checkProxyStrippedUpgrade = Check{
	ID: "MID-01", Name: "proxy-stripped-upgrade", Level: event.Error, Fault: event.MiddleboxFault,
	Citation: "RFC 9110 §7.6.1, §7.8",
	When: "Upgrade or Connection was lost between the two legs of a proxy, or Sec-WebSocket-Key arrived " +
		"without either",
	Description: "Upgrade and Connection are hop-by-hop fields: a proxy must not forward them blindly, and so " +
		"it drops them unless it knows the upgrade. The backend then sees an ordinary GET and answers 400, 404, " +
		"426 or 200 with a page, while the client did all it should. It happens behind nginx without the lines " +
		"below and behind Apache without upgrade=websocket or mod_proxy_wstunnel; Envoy and Istio without " +
		"upgrade_configs refuse with 403 instead. Where only the backend's leg was captured, a key without " +
		"Upgrade and Connection gives it away. A proxy that writes Connection: upgrade anew, in other spelling, " +
		"does right.",
	Advice:   anyProxyLines,
	Needs:    Asked | BothRequests | HTTP1,
	Exchange: strippedAlone, LegRequests: proxyStrippedUpgrade,
}

func proxyStrippedUpgrade(l *Legs, report Report) {
	q := l.Upstream.Request
	var lost []string
	if handshake.AnyWebSocket(l.Downstream.Request.Values("Upgrade")) && !handshake.AnyWebSocket(q.Values("Upgrade")) {
		lost = append(lost, "Upgrade: websocket")
	}
	if handshake.HasToken(l.Downstream.Request, "Connection", "upgrade") && !handshake.HasToken(q, "Connection", "upgrade") {
		lost = append(lost, "Connection: Upgrade")
	}
	if len(lost) == 0 {
		return
	}
	seen := []string{}
	for _, name := range []string{"Upgrade", "Connection"} {
		for _, v := range q.Values(name) {
			seen = append(seen, name+": "+v)
		}
	}
	report(Detail{
		At: q.Last,
		Text: fmt.Sprintf("%s dropped %s between the client's request (connection %s, packet %d) and its own to %s",
			l.hop(), strings.Join(lost, " and "), l.Downstream.Conn, l.Downstream.Request.Last.Number, l.Upstream.Conn.Peer[event.Server]),
		Seen: orNone(seen), Wanted: "Upgrade: websocket, Connection: Upgrade", Advice: l.forwardUpgrade(),
	})
}

// strippedAlone is the same fault where only the backend's leg was captured: a key arrived without Upgrade and
// Connection, which only something between does.
func strippedAlone(x *Exchange, report Report) {
	if len(x.Request.Values("Sec-WebSocket-Key")) == 0 || handshake.AnyWebSocket(x.Request.Values("Upgrade")) || handshake.HasToken(x.Request, "Connection", "upgrade") {
		return
	}
	seen := "neither"
	if v := x.Request.Values("Connection"); len(v) > 0 {
		seen = "Connection: " + strings.Join(v, ", ")
	}
	report(Detail{
		At: x.Request.Last,
		Text: fmt.Sprintf("Sec-WebSocket-Key arrived at %s without Upgrade and without Connection: Upgrade: most "+
			"likely a proxy, at or before %s, dropped the hop-by-hop fields",
			x.Conn.Peer[event.Server], x.Conn.Peer[event.Client]),
		Seen: seen, Wanted: "Upgrade: websocket, Connection: Upgrade",
	})
}

var checkProxyHTTP10 = Check{
	ID: "MID-02", Name: "proxy-http10", Level: event.Error, Fault: event.MiddleboxFault,
	Citation: "RFC 6455 §4.1, RFC 9110 §7.8",
	When:     "a proxy speaks HTTP/1.0 toward the backend",
	Description: "HTTP/1.0 has no upgrade, and a backend must ignore Upgrade in it. The client spoke HTTP/1.1, " +
		"so that the handshake is lost at the proxy: the backend serves an ordinary page or refuses, Envoy and " +
		"Istio with 426. nginx spoke HTTP/1.0 to backends by default for many years; a proxy that was set to " +
		"HTTP/1.0 for an old backend does the same.",
	Advice: "speak HTTP/1.1 to the backend; " +
		nginxLines,
	Needs:       BothRequests,
	LegRequests: proxyHTTP10,
}

func proxyHTTP10(l *Legs, report Report) {
	if q := l.Upstream.Request; below11(q.Version) && !below11(l.Downstream.Request.Version) {
		report(Detail{
			At: q.Last,
			Text: fmt.Sprintf("%s speaks %s to the backend %s, and HTTP/1.0 cannot be upgraded",
				l.hop(), q.Version, l.Upstream.Conn.Peer[event.Server]),
			Seen: q.Version, Wanted: "HTTP/1.1",
		})
	}
}
