package check

import (
	"bytes"
	"fmt"
	"strings"
	"wshake/analyze/handshake"
)

// What refusals of real servers, proxies and gateways look like, and what each means.

// sign is what a refusal may show. The first sign that fits gives the reason.
type refusalPattern struct {
	fits   func(x *Exchange) bool
	why    func(x *Exchange) string
	advice string
}

func says(text string) func(*Exchange) string { return func(*Exchange) string { return text } }

func status(codes ...int) func(*Exchange) bool {
	return func(x *Exchange) bool {
		for _, c := range codes {
			if x.Response.Status == c {
				return true
			}
		}
		return false
	}
}

func both(a, b func(*Exchange) bool) func(*Exchange) bool {
	return func(x *Exchange) bool { return a(x) && b(x) }
}

// body says that the refusal's first octets contain one of texts, in any case.
func body(texts ...string) func(*Exchange) bool {
	return func(x *Exchange) bool {
		b := bytes.ToLower(x.Evidence.Body)
		for _, t := range texts {
			if bytes.Contains(b, []byte(strings.ToLower(t))) {
				return true
			}
		}
		return false
	}
}

// server says that a field of the answer that names software contains one of names, in any case.
func server(names ...string) func(*Exchange) bool {
	return func(x *Exchange) bool {
		s := strings.ToLower(strings.Join(append(x.Response.Values("Server"), x.Response.Values("Via")...), " "))
		for _, n := range names {
			if strings.Contains(s, n) {
				return true
			}
		}
		return false
	}
}

func brokenRequest(x *Exchange) bool { return len(x.broken) > 0 }

func stripped(x *Exchange) bool {
	return !handshake.AnyWebSocket(x.Request.Values("Upgrade")) || !handshake.HasToken(x.Request, "Connection", "upgrade")
}

func has(field string) func(*Exchange) bool {
	return func(x *Exchange) bool { return x.Response.Has(field) }
}

func html(x *Exchange) bool {
	return strings.Contains(strings.ToLower(x.Response.Get("Content-Type")), "html")
}

// What makes a proxy forward an upgrade, to be pasted into its configuration.
const (
	nginxLines   = "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"
	apacheLines  = "Apache: ProxyPass \"/ws\" \"http://backend/ws\" upgrade=websocket"
	haproxyLines = "HAProxy: do not delete the Upgrade and Connection fields (http-request del-header)"
	envoyLines   = "Envoy: upgrade_configs: [{upgrade_type: websocket}]"

	anyProxyLines = "let every proxy on the way forward the upgrade. " + nginxLines + " " + apacheLines + ". " + haproxyLines + ". " + envoyLines
)

var refusalPatterns = []refusalPattern{
	{body("Session ID unknown"), says("Engine.IO does not know this session, which was begun on another server process"),
		"make sessions sticky at the load balancer, or let the client use only the websocket transport: io(url, {transports: [\"websocket\"]})"},
	{body("cf-chl", "challenge-platform", "Just a moment...", "Attention Required"), says("a bot challenge page came instead of the backend's answer"),
		"exempt the WebSocket path, or this client, from the bot protection; a program cannot solve the challenge"},
	{both(status(403, 401), body("Threat", "WAF", "Request blocked", "Access Denied", "ModSecurity", "Request Rejected")), says("a security filter blocked the request"),
		"allow the WebSocket path, or the subprotocol that the filter dislikes, in the filter's rules"},

	{both(status(400, 404, 426, 200, 405, 500, 501, 502), stripped), func(x *Exchange) string {
		lost := "Upgrade: websocket"
		if handshake.AnyWebSocket(x.Request.Values("Upgrade")) {
			lost = "Connection: Upgrade"
		}
		return "the request reached it without " + lost + ", as an ordinary " + escape(x.Request.Method)
	}, anyProxyLines},
	{both(status(400, 426), func(x *Exchange) bool { return below11(x.Request.Version) }), says("the request is HTTP/1.0, which cannot be upgraded"),
		"send HTTP/1.1 to the backend; nginx: proxy_http_version 1.1;"},
	{both(status(400, 426), func(x *Exchange) bool { return draftKeys(x.Request) }), says("it does not speak the draft hixie-76"), "use a client of RFC 6455"},
	{both(status(400, 426), unsupportedVersion), func(x *Exchange) string {
		why := fmt.Sprintf("it does not speak version %s", quote(x.Version.Value))
		if v := x.Response.Values("Sec-WebSocket-Version"); len(v) > 0 {
			why += " but " + quote(strings.Join(v, ", "))
		}
		return why
	}, "use a client of RFC 6455: Sec-WebSocket-Version: 13"},
	{both(status(400, 405), brokenRequest), func(x *Exchange) string {
		return "the request breaks the standard (" + strings.Join(x.broken, ", ") + ")"
	}, "mend the request as the other findings say"},
	{both(status(400), body("upgrade token not found")), says("the server's parser does not find the token Upgrade in the Connection field"), anyProxyLines},
	{both(status(400, 500), func(x *Exchange) bool { return illegalOffer(x) != nil }), func(x *Exchange) string {
		return fmt.Sprintf("perhaps over the extension offer %s, which is not legal but should only be declined",
			quote(illegalOffer(x).Text))
	}, "mend the offer; the server should decline it instead of failing the handshake (RFC 7692 §7.1)"},
	{both(status(400), body("permessage-deflate", "extension")), func(x *Exchange) string {
		return "it dislikes the extension offer " + quote(strings.Join(x.ExtensionsOffered.Value, ", "))
	}, "offer permessage-deflate without parameters, or add such an offer as a fallback"},
	{both(status(400), func(x *Exchange) bool { return strings.Contains(x.Request.Get("Connection"), ",") }), func(x *Exchange) string {
		return fmt.Sprintf("perhaps it compares the whole Connection field, which is the list %s here, with Upgrade",
			quote(x.Request.Get("Connection")))
	}, "let the server read Connection as a list of options in any case (RFC 9110 §7.6.1)"},
	{status(400), says("it finds fault with a request that breaks no rule of the handshake"), "compare the request's Host, Upgrade, Connection, key and version with RFC 6455 §4.2.1; see the server's own log"},

	{both(status(401), has("WWW-Authenticate")), func(x *Exchange) string {
		return "credentials are asked for: WWW-Authenticate " + quote(x.Response.Get("WWW-Authenticate"))
	}, "browsers cannot set Authorization on a WebSocket: authenticate by a cookie (SameSite, Secure), by a short-lived ticket in the URL, or in the first message"},
	{status(401), says("credentials are missing or wrong"), "send the cookie, token or Authorization field that the server expects"},
	{status(407), says("a proxy asks for credentials"), "give the client the proxy's user and password"},
	{both(status(403), server("envoy")), says("Envoy or an Istio sidecar answers so when the upgrade is not enabled on its route"),
		"enable it there: upgrade_configs: [{upgrade_type: websocket}] in the HTTP connection manager or route; in HTTP/2 hops also allow_connect: true"},
	{both(status(403), func(x *Exchange) bool { return x.Request.Has("Origin") }), func(x *Exchange) string {
		return fmt.Sprintf("perhaps the Origin %s is not on its list, or the user may not connect",
			quote(x.Request.Get("Origin")))
	}, "add this Origin to the server's allowed origins (Node ws: verifyClient; Django: ALLOWED_HOSTS and AllowedHostsOriginValidator; Rails: config.action_cable.allowed_request_origins)"},
	{status(403), says("it forbids the upgrade and does not say why"), "see the server's log for the rule; without an Origin field some servers refuse clients that are no browsers"},
	{both(status(404), body("Cannot GET")), says("the request reached an HTTP framework that has no WebSocket handler there"), "attach the WebSocket server to the same HTTP server and path"},
	{status(404), func(x *Exchange) string {
		return fmt.Sprintf("nothing handles %s on this server", quote(x.Request.Target))
	},
		"check the path against the server's and every proxy's routing (location, ingress path, trailing slash)"},
	{both(status(200), html), says("a web page was served: the request reached a page and not the WebSocket endpoint, or a proxy dropped the upgrade, or a captive portal answered"),
		"check host, port and path; " + anyProxyLines},
	{status(200), says("it treated the request as an ordinary GET"), "check the path; " + anyProxyLines},
	{func(x *Exchange) bool {
		return x.Response.Status >= 300 && x.Response.Status < 400 && x.Response.Has("Location")
	}, func(x *Exchange) string {
		return fmt.Sprintf("it redirects to %s, and browsers and most clients follow no redirect in a handshake",
			quote(x.Response.Get("Location")))
	}, "use the final URL in the client, or answer the WebSocket path without a redirect (https, login, trailing slash)"},
	{status(405), says("the method is not allowed for this path"), "check that the path is the WebSocket endpoint"},
	{status(408, 499), says("the request was not complete in time"), "look for what delays the request"},
	{status(413, 414, 431), says("the request's head is too large for the server"), "shorten the URL or the cookies, or raise the limit (nginx: large_client_header_buffers; Node: --max-http-header-size)"},
	{status(426), func(x *Exchange) string {
		if to := strings.Join(x.Response.Values("Upgrade"), ", "); to != "" && !handshake.AnyWebSocket(x.Response.Values("Upgrade")) {
			return "it wants an upgrade to " + quote(to) + " first"
		}
		return "it wants the very upgrade that was asked for, and did not recognise the request as one"
	}, "compare version, Upgrade and Connection with what the server expects; Envoy answers so to HTTP/1.0"},
	{status(429), says("too many attempts"), "slow down; Retry-After says for how long where it is sent"},
	{status(500), says("it failed inside its handler"), "see the server's log for this time"},
	{status(501), says("it does not implement the upgrade"), anyProxyLines},
	{status(502), gateway("could not get an answer from its backend"), "check that the backend runs, listens where the gateway connects, and speaks HTTP/1.1 there; the leg to the backend shows more"},
	{status(503), gateway("has no backend that is ready"), "check the backend's health checks and the gateway's route"},
	{status(504), gateway("waited for its backend in vain"), "the backend accepted the connection but did not answer: look at the leg to the backend; nginx: proxy_read_timeout"},
	{status(520, 521, 522, 523, 524, 525, 526), gateway("could not use its connection to the origin"), "520 empty or odd answer, 521 refused, 522 and 524 time-out, 523 unreachable, 525 and 526 TLS: look at the origin"},
}

// gateway names the software that answered in its backend's place.
func gateway(did string) func(*Exchange) string {
	return func(x *Exchange) string {
		name := "it, or a gateway before it,"
		switch s := x.Response.Get("Server"); {
		case s != "":
			name = "the gateway " + quote(s)
		case bytes.Contains(x.Evidence.Body, []byte("nginx")):
			name = "nginx"
		case x.Response.Has("CF-Ray"):
			name = "Cloudflare"
		case bytes.Contains(x.Evidence.Body, []byte("No server is available to handle this request")):
			name = "HAProxy"
		}
		return fmt.Sprintf("%s %s, %s after the request", name, did, span(x.Response.First.Time-x.Request.Last.Time))
	}
}

func unsupportedVersion(x *Exchange) bool {
	n, ok := versionNumber(x.Version.Value)
	return x.Version.Known && (!ok || n != 13)
}
