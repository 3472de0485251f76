package check

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// The rules for the client's opening handshake: RFC 6455 §4.1 and §4.2.1.

var checkMethodNotGet = Check{
	ID: "REQ-01", Name: "method-not-get", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "an HTTP/1.1 upgrade request to websocket has another method than GET",
	Description: "An opening handshake over HTTP/1.1 is a GET. Servers refuse any other method, the Node " +
		"library ws and gorilla/websocket with 405, and the client reports an unexpected status. Browsers always " +
		"send GET, so the request comes from a hand-written client or from something between that rewrites " +
		"methods. CONNECT is right over HTTP/2 (RFC 8441), and POST is usual for other upgrades such as Docker's " +
		"Upgrade: tcp; this rule judges neither.",
	Advice:   "send the opening handshake as GET, without a body",
	Needs:    AskedPartly | HTTP1,
	Exchange: methodNotGet,
}

func methodNotGet(x *Exchange, report Report) {
	if x.Request.Method != "GET" {
		report(Detail{
			At: x.Request.Last, Text: fmt.Sprintf("the upgrade request uses method %s", quote(x.Request.Method)),
			Seen: x.Request.Method, Wanted: "GET",
		})
	}
}

var checkRequestHTTPVersion = Check{
	ID: "REQ-02", Name: "request-http-version", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, RFC 9110 §7.8",
	When:     "the request line of the upgrade is below HTTP/1.1",
	Description: "Upgrade exists since HTTP/1.1. A server must ignore it in an HTTP/1.0 request and answer as " +
		"to a plain GET, so that the user sees 400, 404, 426 or a web page where a 101 was due; Envoy answers " +
		"426. The usual cause is a proxy that speaks HTTP/1.0 to its backend, which was the default of nginx for " +
		"many years.",
	Advice: "send HTTP/1.1; if a proxy wrote this request, let it speak HTTP/1.1 to the backend; " +
		nginxLines,
	Follows:  []string{"proxy-http10"},
	Needs:    Asked | HTTP1,
	Exchange: requestHTTPVersion,
}

func requestHTTPVersion(x *Exchange, report Report) {
	if below11(x.Request.Version) {
		report(Detail{
			At: x.Request.Last,
			Text: fmt.Sprintf("the upgrade request is %s, and a server must ignore Upgrade below HTTP/1.1",
				x.Request.Version),
			Seen: x.Request.Version, Wanted: "HTTP/1.1",
		})
	}
}

// below11 says that version, "HTTP/" DIGIT "." DIGIT, is less than HTTP/1.1.
func below11(version string) bool {
	return strings.HasPrefix(version, "HTTP/0") || version == "HTTP/1.0"
}

var checkHostMissing = Check{
	ID: "REQ-03", Name: "host-missing", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, RFC 9112 §3.2",
	When:     "the upgrade request has no Host field, or more than one",
	Description: "Host says which of the names on one address is meant, and an HTTP/1.1 request must have " +
		"exactly one. Servers answer 400 to none and to two, nginx and Go's net/http among them, before any " +
		"WebSocket code sees the request. Browsers always send it: none points to a hand-written client, two to " +
		"a program or proxy that adds a Host beside the one that was there. With two, a proxy and its backend " +
		"may also route the same request differently.",
	Advice: "send exactly one Host field with the host of the URL, and its port where that is not the " +
		"default; replace the field, do not add another",
	Needs:    Asked | HTTP1,
	Exchange: hostMissing,
}

func hostMissing(x *Exchange, report Report) {
	switch hosts := x.Request.Values("Host"); len(hosts) {
	case 1:
	case 0:
		report(Detail{At: x.Request.Last, Text: "the request has no Host field", Wanted: "exactly one Host field"})
	default:
		report(Detail{
			At: x.Request.Last, Text: fmt.Sprintf("the request has %d Host fields: %s", len(hosts), quoteAll(hosts)),
			Seen: strings.Join(hosts, ", "), Wanted: "exactly one Host field",
		})
	}
}

var checkHostMalformed = Check{
	ID: "REQ-03", Name: "host-malformed", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 9112 §3.2, RFC 9110 §7.2",
	When:     "Host is empty, is not a host with an optional port, or is the proxy's own while CONNECT named another",
	Description: "Host holds the host of the URL and its port, no scheme, no path, no blanks. Servers must answer 400 to " +
		"a Host that is not valid, and proxies that choose the backend by it find none. An empty Host is a URL that was " +
		"not taken apart, or a variable of a proxy that is empty; one with http:// or a path is a whole URL put where " +
		"the host belongs.",
	Advice:   "send the host of the URL, and :port where it is not the default: Host: app.example.test:8080",
	Needs:    Asked,
	Exchange: hostMalformed,
}

func hostMalformed(x *Exchange, report Report) {
	hosts := x.Request.Values("Host")
	if len(hosts) != 1 {
		return // host-missing speaks
	}
	what := hostFault(hosts[0])
	if what == "" {
		hostOfProxy(x, hosts[0], report)
		return
	}
	report(Detail{
		At: x.Request.Last, Text: fmt.Sprintf("the request's Host field %s %s", quote(hosts[0]), what), Seen: hosts[0],
		Wanted: "host or host:port",
	})
}

// hostOfProxy reports a Host that names the proxy whose CONNECT opened the way to another host.
func hostOfProxy(x *Exchange, host string, report Report) {
	if x.Forwarded == nil || x.Forwarded.Protocol != "connect" || !x.Forwarded.Server.Known {
		return
	}
	target, proxy := x.Forwarded.Server.Value, x.Conn.Peer[event.Server]
	targetName, targetPort := hostName(target), portOf(target)
	if event.EqualFold(hostName(host), targetName) {
		return
	}
	port := portOf(host)
	ofProxy := hostName(host) == proxy.Addr().String() || port != "" && port == strconv.Itoa(int(proxy.Port())) && port != targetPort
	if !ofProxy {
		return // a name for an address is legal
	}
	report(Detail{
		At: x.Request.Last, Seen: host, Wanted: target, Citation: "RFC 9110 §7.2, §9.3.6",
		Text: fmt.Sprintf("the request's Host field %s names the proxy %s, and CONNECT opened the way to %s: the server behind it does "+
			"not know that host", quote(host), proxy, quote(target)),
		Advice: "send the host of the URL in Host, whatever proxy is used: Host: " + escape(target),
	})
}

// portOf is the port of host:port, "" where there is none.
func portOf(hostport string) string {
	if _, port, err := net.SplitHostPort(hostport); err == nil {
		return port
	}
	return ""
}

// hostFault says why v is no uri-host [":" port] (RFC 9110 §7.2), "" where it is one.
func hostFault(v string) string {
	if host, port, _ := strings.Cut(v, ":"); host != "" && consistsOf(host, &isRegName) && len(port) <= 5 && consistsOf(port, &isDigit) {
		return "" // nearly all
	}
	switch {
	case v == "":
		return "is empty"
	case strings.Contains(v, "://"):
		return "is a URL, where only its host and port may stand"
	case strings.Contains(v, "/"):
		return "has a path, which belongs in the request target"
	case strings.Contains(v, "@"):
		return "has user information, which is never sent"
	}
	host, port := v, ""
	if strings.HasPrefix(v, "[") {
		end := strings.IndexByte(v, ']')
		if end < 0 {
			return "has a bracket that does not close"
		}
		host, port = v[1:end], v[end+1:]
		if _, err := netip.ParseAddr(host); err != nil && !strings.HasPrefix(strings.ToLower(host), "v") {
			return "has no IPv6 address in its brackets"
		}
		host = "v6"
	} else if i := strings.IndexByte(v, ':'); i >= 0 {
		host, port = v[:i], v[i:]
	}
	if port != "" && (port[0] != ':' || !consistsOf(port[1:], &isDigit) || len(strings.TrimLeft(port[1:], "0")) > 5) {
		return fmt.Sprintf("has %s where only :port may stand", quote(port))
	}
	if host == "" {
		return "has no host before its port"
	}
	for i := range len(host) {
		if c := host[i]; !isRegName[c] {
			return fmt.Sprintf("has the octet 0x%02X, which no host has", c)
		}
	}
	return ""
}

var checkOriginMalformed = Check{
	ID: "REQ-22", Name: "origin-malformed", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 6454 §6.1, §7.1",
	When: "Origin is neither null nor a scheme with a host and port",
	Description: "Browsers write Origin as scheme://host, with :port where it is not the default, or as null. Another " +
		"value was set by hand: a URL with a path or a slash at its end, or a host without a scheme. Servers compare " +
		"Origin as text with their list, so that such a value is often refused although the site is allowed.",
	Advice:   "send Origin as https://app.example.test, without a slash at the end, or leave it out in a program that is no browser",
	Needs:    Asked,
	Exchange: originMalformed,
}

func originMalformed(x *Exchange, report Report) {
	for _, v := range x.Request.Values("Origin") {
		if what := originFault(v); what != "" {
			report(Detail{
				At: x.Request.Last, Text: fmt.Sprintf("the request's Origin field %s %s", quote(v), what), Seen: v,
				Wanted: "scheme://host, with :port where it is not the default",
			})
			return
		}
	}
}

// originFault says why v is no serialised origin (RFC 6454 §6.1), "" where it is one, or null.
func originFault(v string) string {
	if v == "null" {
		return ""
	}
	name, rest, ok := strings.Cut(v, "://")
	switch {
	case v == "":
		return "is empty"
	case !ok || name == "" || !consistsOf(name, &isScheme):
		return "has no scheme"
	case rest == "" && event.EqualFold(name, "file"):
		return "" // as browsers write it
	case strings.ContainsAny(rest, "/?#"):
		return "has a path, which no origin has"
	}
	if what := hostFault(rest); what != "" {
		return what
	}
	return ""
}

var checkRequestTarget = Check{
	ID: "REQ-04", Name: "request-target", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the request target is neither a path nor an absolute http or https URI, or has a fragment",
	Description: "The request line carries the path and query of the URL, or, toward a proxy, the absolute URI " +
		"with http: or https:. The schemes ws: and wss: name the resource to the user and are never sent, and a " +
		"fragment stays in the client. Servers that look the target up as a path answer 400 or 404. Clients that " +
		"put their whole URL into the request line do this (mitmproxy/mitmproxy#3867 shows GET ws://).",
	Advice: "send the path and query alone, such as GET /chat?room=1 HTTP/1.1, or, to a proxy, the " +
		"absolute URI with http: or https:; leave out what stands after #",
	Needs:    Asked | HTTP1,
	Exchange: requestTarget,
}

func requestTarget(x *Exchange, report Report) {
	t := x.Request.Target
	d := Detail{
		At: x.Request.Last, Seen: t,
		Wanted: "a path such as /chat, or an absolute http: or https: URI, without a fragment",
	}
	lower := strings.ToLower(t[:min(len(t), len("https://"))])
	switch at, c := unencoded(t); {
	case t == "":
		d.Text = "the request line has no target between the method and the version"
		d.Advice = "send the path of the URL, / where it has none"
	case at >= 0 && c == ' ':
		d.Text = fmt.Sprintf("the request target %s has a blank at octet %d that is not encoded", quote(t), at)
		d.Wanted, d.Advice = "%20 in place of each blank", "encode blanks as %20 (encodeURI, encodeURIComponent) before the URL is used"
	case at >= 0:
		d.Text = fmt.Sprintf("the request target %s has the octet 0x%02X at octet %d, which must be encoded", quote(t), c, at)
		d.Wanted, d.Advice = fmt.Sprintf("%%%02X", c), "encode every octet outside ASCII, and every control character, as % and two hex digits"
	case strings.Contains(t, "#"):
		d.Text = fmt.Sprintf("the request target %s has a fragment", quote(t))
	case strings.HasPrefix(t, "/"):
		if d.Text = authorityInPath(x, t); d.Text == "" {
			return
		}
		d.Wanted, d.Advice = "the path alone", "send the path alone: the host and port of the URL stand in Host"
	case lower == "https://" || strings.HasPrefix(lower, "http://"):
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

// unencoded finds the first octet that no URI has (RFC 3986 §2): a blank, a control character, an octet above 7F. The
// index is -1 where there is none.
func unencoded(t string) (at int, octet byte) {
	for i := range len(t) {
		if c := t[i]; c <= ' ' || c >= 0x7f {
			return i, c
		}
	}
	return -1, 0
}

// authorityInPath says that a path repeats the host of the request where only the path should stand, "" where not.
func authorityInPath(x *Exchange, t string) string {
	t, _, _ = strings.Cut(t, "?")
	rest := t
	switch {
	case strings.HasPrefix(t, "//"):
		rest = t[2:]
	default:
		_, behind, scheme := strings.Cut(t, "ws://")
		if !scheme {
			_, behind, scheme = strings.Cut(t, "wss://")
		}
		if !scheme {
			return ""
		}
		rest = behind
	}
	authority, _, _ := strings.Cut(rest, "/")
	host := hostName(x.Request.Get("Host"))
	if host == "" || hostName(authority) != host {
		return ""
	}
	return fmt.Sprintf("the request target %s has the host %s inside the path", quote(t), quote(authority))
}

var checkUpgradeMissing = Check{
	ID: "REQ-05", Name: "upgrade-missing", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, §4.2.1",
	When:     "the request has Sec-WebSocket fields, but no Upgrade field that names websocket",
	Description: "Without Upgrade: websocket a request is an ordinary GET, whatever other fields it carries, " +
		"and the server answers it as one: 400, 404, 426, or 200 with a web page; gorilla/websocket says 400 " +
		`"not a websocket handshake". Upgrade is a hop-by-hop field, so a proxy drops it unless it is told to ` +
		"forward it, which is the usual cause: nginx without the proxy_set_header lines, Apache without " +
		"upgrade=websocket. Another is a wrong variable: proxy_set_header Upgrade $connection_upgrade sends " +
		"Upgrade: upgrade. The name has no case and may be one of a list, so Upgrade: WebSocket is legal.",
	Advice: "send Upgrade: websocket; if the client did, " +
		anyProxyLines,
	Follows:  []string{"proxy-stripped-upgrade", "proxy-http10"},
	Needs:    Asked | HTTP1,
	Exchange: upgradeMissing,
}

func upgradeMissing(x *Exchange, report Report) {
	if handshake.AnyWebSocket(x.Request.Values("Upgrade")) {
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

var checkConnectionMissing = Check{
	ID: "REQ-06", Name: "connection-missing", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, RFC 9110 §7.8",
	When:     "the Connection field of the request does not name Upgrade",
	Description: "Upgrade counts only where Connection names it, because Connection lists the fields that are " +
		"meant for this hop. Servers answer 400 (gorilla/websocket: 'upgrade' token not found in 'Connection' " +
		"header) or serve an ordinary page. The usual cause is a proxy that writes Connection: close or " +
		"keep-alive for its own leg, as nginx does unless told otherwise. Connection: keep-alive, Upgrade, which " +
		"Firefox sends, and Connection: upgrade are both legal: the field is a list whose options have no case, " +
		"and a server that refuses them is at fault.",
	Advice: "send Connection: Upgrade; if the client did, " +
		anyProxyLines,
	Follows:  []string{"proxy-stripped-upgrade", "proxy-http10"},
	Needs:    Asked | HTTP1,
	Exchange: connectionMissing,
}

func connectionMissing(x *Exchange, report Report) {
	if handshake.HasToken(x.Request, "Connection", "upgrade") {
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

var checkDataBeforeAnswer = Check{
	ID: "REQ-15", Name: "data-before-answer", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "octets follow the request before the answer was sent",
	Description: "A client must wait for the answer, because until then nobody knows whether what follows is " +
		`WebSocket or the next HTTP request. gorilla/websocket closes the connection without any answer ("client ` +
		`sent data before handshake is complete"); other servers lose the octets or read them as HTTP. The cause ` +
		"is a client that sends as soon as TCP is connected. Behind a refused upgrade the same octets can " +
		"smuggle a request; request-smuggling reports that. The eight octets after a hixie-76 request belong to " +
		"the handshake and are not reported.",
	Advice: "send the first frame only after the 101 has been read and verified, for example from the " +
		"library's open event",
	Needs:    Asked | HTTP1,
	Exchange: dataBeforeAnswer,
}

func dataBeforeAnswer(x *Exchange, report Report) {
	e := &x.Evidence
	if len(e.Early) == 0 || x.Draft() || draftKeys(x.Request) {
		return
	}
	report(Detail{
		At: e.EarlyAt,
		Text: fmt.Sprintf("the client sent %s after its request before the server answered: %s",
			early(e), show(e.Early)),
		Seen: show(e.Early), Wanted: "nothing until the answer has come",
	})
}

// early counts what came too early, as far as it was kept.
func early(e *event.Evidence) string {
	if len(e.Early) == event.EarlyKept {
		return "at least " + octets(len(e.Early))
	}
	return octets(len(e.Early))
}

var checkRequestBody = Check{
	ID: "REQ-16", Name: "request-body", Level: event.Warning, Fault: event.ClientFault, Citation: "RFC 9110 §7.8",
	When: "the upgrade request announces a body",
	Description: "A server must take in the whole request before it switches; one that does not reads the body " +
		"as frames. Where a proxy and its backend differ in this, a request can be smuggled through. The cause " +
		"is an HTTP library that adds a body or Transfer-Encoding: chunked to every request. Content-Length: 0 " +
		"announces no body and is not reported.",
	Advice: "send the upgrade request without Transfer-Encoding and without a Content-Length other than 0; " +
		"put what is to be said into the URL or the first message",
	Needs:    Asked | HTTP1,
	Exchange: requestBody,
}

// announcesBody says that the request has a field that announces a body.
func announcesBody(x *Exchange) bool {
	lengths := strings.Join(x.Request.Values("Content-Length"), "")
	return len(x.Request.Values("Transfer-Encoding")) > 0 || strings.Trim(lengths, "0") != ""
}

func requestBody(x *Exchange, report Report) {
	if x.framing(x.Request).Doubts != 0 {
		return // ambiguous-framing speaks
	}
	if v := x.Request.Values("Transfer-Encoding"); len(v) > 0 {
		report(Detail{
			At:   x.Request.Last,
			Text: fmt.Sprintf("the upgrade request announces a body: Transfer-Encoding %s", quote(v[0])), Seen: v[0],
			Wanted: "no body",
		})
	}
	for _, v := range x.Request.Values("Content-Length") {
		if strings.Trim(v, "0") != "" {
			report(Detail{
				At:   x.Request.Last,
				Text: fmt.Sprintf("the upgrade request announces a body: Content-Length %s", quote(v)), Seen: v,
				Wanted: "no body",
			})
		}
	}
}
