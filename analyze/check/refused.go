package check

import (
	"fmt"
	"slices"
	"strings"
	"wshake/analyze/event"
)

// A refusal is ordinary HTTP and no error (RFC 6455 §4.1, §4.2.2). What a reader wants is the reason: it is read
// off the status, the fields and the first octets of the body, by the patterns of refusal_patterns.go.

var checkHandshakeRefused = Check{
	ID: "RSP-01", Name: "handshake-refused", Level: event.Note, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When:     "the final answer is not 101; the text names the likely cause",
	Description: "Any status but 101 is ordinary HTTP and breaks no rule: a server may redirect, ask for " +
		"credentials or say no. Browsers hide status and body from the page, which sees only a failed connection " +
		`and code 1006; Chrome prints "Unexpected response code" on its console. The text reads the likely cause ` +
		"off the status, the fields and the beginning of the body: an upgrade lost in a proxy, an Origin that is " +
		"not allowed, a redirect (browsers and most clients follow none here), a security filter or bot " +
		"challenge, a Socket.IO session without stickiness, a gateway without backend.",
	Advice: "see the log of the server, and of every proxy before it, for this request; compare the " +
		"request with what the server expects",
	Follows: []string{"proxy-protocol", "affinity", "proxy-stripped-upgrade", "proxy-http10", "status-not-101", "h2-status",
		"h2-connection-fields", "connect-pseudo-headers", "connect-protocol-unannounced", "connect-protocol-unknown"},
	Needs:    Asked | Refused,
	Exchange: handshakeRefused,
}

func handshakeRefused(x *Exchange, report Report) {
	r := readRefusal(x)
	e := r.explain()
	d := Detail{
		At: x.Response.Last, Seen: x.Response.StartLine, Wanted: "101", Advice: e.advice,
		Text: fmt.Sprintf("the server refused the upgrade with %s", statusText(x.Response)),
	}
	if x.Multiplexed() {
		d.Seen, d.Wanted = fmt.Sprint(x.Response.Status), "200"
		d.Text = fmt.Sprintf("the server refused the WebSocket on stream %d with %s", x.Conn.Stream.Value, statusText(x.Response))
	}
	if words := r.said.Reason; words != "" && !generic(words, x.Response.Reason, r.status) {
		d.Text += " and says " + quote(words)
	}
	if e.why != "" {
		d.Text += ": " + e.why
	}
	if e.request {
		d.Follows = slices.Concat(x.broken, requestRoots)
	}
	report(d)
}

// requestRoots are what else may be wrong with a request that is refused.
var requestRoots = []string{"version-unsupported", "draft-handshake", "deflate-offer-invalid"}

func statusText(r *event.Head) string {
	if r.Reason == "" {
		return fmt.Sprint(r.Status)
	}
	return fmt.Sprintf("%d %s", r.Status, escape(r.Reason))
}

var checkVersionListMissing = Check{
	ID: "RSP-14", Name: "version-list-missing", Level: event.Warning, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.2.2, §4.4",
	When:     "a 426 over the version, or a 400 to an unsupported version, has no Sec-WebSocket-Version",
	Description: "A server that does not speak the version asked for must say in Sec-WebSocket-Version which " +
		"ones it does, so that the client can try again with one of them. Without the list the client has to " +
		"give up, and its user learns only that it was refused. Hand-written servers and proxies that answer in " +
		"the server's place leave it out.",
	Advice:   "add Sec-WebSocket-Version: 13 to this answer",
	Needs:    Asked | Refused | WholeAnswer | HTTP1,
	Exchange: versionListMissing,
}

func versionListMissing(x *Exchange, report Report) {
	r := x.Response
	if r.Status != 400 && r.Status != 426 || r.Has("Sec-WebSocket-Version") {
		return
	}
	if unsupportedVersion(x) || !x.Version.Known && r.Status == 426 && !stripped(x) && !below11(x.Request.Version) {
		report(Detail{
			At:     x.Response.Last,
			Text:   fmt.Sprintf("the %d does not say which WebSocket versions the server speaks", x.Response.Status),
			Wanted: "Sec-WebSocket-Version: 13",
		})
	}
}

var checkUpgradeRequiredBare = Check{
	ID: "RSP-15", Name: "upgrade-required-bare", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 9110 §15.5.22",
	When:     "a 426 has no Upgrade field",
	Description: "A 426 must say in Upgrade which protocol is required; without it the answer asks for " +
		"something and does not say what. Clients take it for a refusal in any case. The built-in server of the " +
		"Node library ws answers like this to a request that arrives without Upgrade, so that the cause may be a " +
		"proxy that dropped the field on the way: proxy-stripped-upgrade and upgrade-missing then say so.",
	Advice:   "add Upgrade: websocket and Connection: Upgrade to the 426",
	Follows:  []string{"proxy-stripped-upgrade", "upgrade-missing", "connection-missing"},
	Needs:    Asked | Refused | WholeAnswer | HTTP1,
	Exchange: upgradeRequiredBare,
}

func upgradeRequiredBare(x *Exchange, report Report) {
	if x.Response.Status == 426 && strings.Trim(strings.Join(x.Response.Values("Upgrade"), ""), ", \t") == "" {
		report(Detail{
			At: x.Response.Last, Text: "the 426 does not say in an Upgrade field what to upgrade to",
			Wanted: "Upgrade: websocket",
		})
	}
}
