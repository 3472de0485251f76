package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/http1"
)

var checkProxyChangedHandshake = Check{
	ID: "MID-03", Name: "proxy-changed-handshake", Level: event.Warning, Fault: event.MiddleboxFault,
	Citation: "RFC 6455 §4.1",
	When:     "the two legs differ in key, version, subprotocols, extensions, Origin or status",
	Description: "What the ends agree on only holds if both see the same fields. Subprotocols that get lost " +
		"make browsers fail the connection; extensions lost on one leg only make the other side's compressed " +
		"frames illegal (RSV1); a changed Origin defeats the server's check, or makes it refuse; a changed " +
		"status hides the reason. A proxy that ends the WebSocket itself and opens another to the backend has a " +
		"key, an Accept and extensions of its own on each leg: that is legal, and the difference is only worth " +
		"knowing.",
	Advice: "relay the Sec-WebSocket fields, Origin and the status unchanged both ways; a proxy that ends " +
		"the WebSocket itself must also translate the frames, compression included",
	Legs: proxyChangedHandshake,
}

func proxyChangedHandshake(l *Legs, report Report) {
	var diff []string
	var at event.At
	var conn *event.Conn
	for _, c := range changed {
		before, after := l.Downstream.Request, l.Upstream.Request
		if c.response {
			before, after = l.Upstream.Response, l.Downstream.Response // the way the answer goes
		}
		if before == nil || after == nil {
			continue
		}
		if c.response && (before.Status != 101 || after.Status != 101) {
			continue
		}
		was, is := strings.Join(http1.SplitElements(before.Values(c.field)), ", "), strings.Join(http1.SplitElements(after.Values(c.field)), ", ")
		if was == is {
			continue
		}
		what := "request"
		if c.response {
			what = "answer"
		}
		diff = append(diff, fmt.Sprintf("%s of the %s %s", c.field, what, change(was, is)))
		if at.Ordinal == 0 {
			at, conn = after.Last, l.Upstream.Conn
			if c.response {
				conn = l.Downstream.Conn
			}
		}
	}
	if f, b := l.Downstream.Response, l.Upstream.Response; f != nil && b != nil && f.Status != b.Status {
		diff = append(diff, fmt.Sprintf("the status %d became %d", b.Status, f.Status))
		if at.Ordinal == 0 {
			at, conn = f.Last, l.Downstream.Conn
		}
	}
	if len(diff) == 0 {
		return
	}
	report(Detail{
		At: at, Conn: conn,
		Text: fmt.Sprintf("%s changed the handshake between connections %d and %d: %s",
			l.hop(), l.Downstream.Conn.Ordinal, l.Upstream.Conn.Ordinal, strings.Join(diff, "; ")),
		Seen: strings.Join(diff, "; "), Wanted: "the same on both legs",
	})
}

// changed are the fields that a proxy must not touch for a WebSocket to work as its ends agreed.
var changed = []struct {
	field    string
	response bool
}{
	{"Sec-WebSocket-Key", false}, {"Sec-WebSocket-Version", false}, {"Sec-WebSocket-Protocol", false}, {"Sec-WebSocket-Extensions", false}, {"Origin", false},
	{"Sec-WebSocket-Accept", true}, {"Sec-WebSocket-Protocol", true}, {"Sec-WebSocket-Extensions", true},
}

func change(was, is string) string {
	switch {
	case is == "":
		return quote(was) + " was dropped"
	case was == "":
		return quote(is) + " was added"
	}
	return quote(was) + " became " + quote(is)
}
