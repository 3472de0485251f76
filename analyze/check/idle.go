package check

import (
	"fmt"
	"time"
	"wshake/analyze/event"
)

// Ends by time: what proxies and load balancers do to quiet connections.

var checkIdleTimeout = Check{
	ID: "MID-04", Name: "idle-timeout", Level: event.Warning, Fault: event.MiddleboxFault, Citation: "RFC 6455 §5.5.2",
	When: "the connection ended without a Close after a silence of round length (30, 60, 100, 120, 270, " +
		"300, 600 or 3600 s within 2 %)",
	Description: "Most proxies, load balancers and firewalls end a connection on which nothing was sent for a " +
		"while, and do so without a Close: 60 s in nginx (proxy_read_timeout) and AWS ALB, 100 s in Cloudflare, " +
		"300 s or an hour elsewhere. Both peers see 1006, and users see a page that loses its connection " +
		"whenever it is left alone. A silence of round length is strong evidence, no proof: a program may have " +
		"such a time-out too. A script in a browser cannot send a Ping, so that the server must, or the page " +
		"sends messages of its own.",
	Advice: "send a ping at less than half the time-out, or raise it; nginx: proxy_read_timeout 1h; " +
		"HAProxy: timeout tunnel 1h; Apache: ProxyTimeout 3600; Envoy: idle_timeout of the route",
	Needs:  Ended | EveryOctet,
	Ending: idleTimeout,
}

func idleTimeout(e *Ending, report Report) {
	if !e.noClose() {
		return
	}
	idle := e.idle()
	for _, r := range roundIdle {
		round := time.Duration(r.seconds) * time.Second
		if off := idle - round; off < -round/50 || off > round/50 {
			continue
		}
		report(Detail{
			At:     e.At,
			Text:   fmt.Sprintf("%s after %s of silence, the idle time-out of %s", e.how(), span(int64(idle)), r.who),
			Seen:   fmt.Sprintf("%s of silence", span(int64(idle))),
			Wanted: fmt.Sprintf("a ping more often than every %d s, or a longer time-out", r.seconds),
			Advice: fmt.Sprintf("send a ping every %d s, or raise the time-out; nginx: proxy_read_timeout 1h; "+
				"HAProxy: timeout tunnel 1h; Apache: ProxyTimeout; Envoy: idle_timeout of the route",
				r.seconds/2),
		})
	}
}

// roundIdle are the time-outs that proxies and load balancers come with, and who is known for them.
var roundIdle = []struct {
	seconds int64
	who     string
}{
	{30, "some load balancers"}, {60, "nginx (proxy_read_timeout), AWS ALB and Apache"}, {100, "Cloudflare"}, {120, "some load balancers"},
	{270, "Cloudflare's gateway"}, {300, "many proxies (Envoy's idle time-out)"}, {600, "some gateways"}, {3600, "HAProxy and others where raised to an hour"},
}
