package check

import (
	"fmt"
	"strings"

	"wshake/analyze/handshake"
)

// Why a server refused, by the evidence: first what the answer's body says, then what its fields say, then what is
// wrong with the request. Only where none of them tells anything is the status asked, and that is called a guess.

// refusal is a refused attempt with what its answer says.
type refusal struct {
	*Exchange
	status  int
	said    handshake.Body
	lower   string   // said.Text in lower case
	product *Product // that answered, nil where it is not known
}

func readRefusal(x *Exchange) *refusal {
	r := &refusal{Exchange: x, status: x.Response.Status, said: x.Said}
	r.lower = strings.ToLower(r.said.Text)
	if r.product = headProduct(x.Response); r.product == nil {
		r.product = bodyProduct(r.lower)
	}
	return r
}

// explanation is why a server refused.
type explanation struct {
	why    string // a part of a sentence
	advice string
	guess  bool // why is read off the status alone
	// request says that the client's request is what is wrong.
	request bool
}

// explain finds the reason.
func (r *refusal) explain() explanation {
	for _, find := range []func(*refusal) (explanation, bool){byChallenge, byLoss, bySaying, byField, byBroken, byProxyHeader, byWords} {
		if e, found := find(r); found {
			return e
		}
	}
	return byStatus(r)
}

// saying is a sentence that servers are known to write, and what it means.
type saying struct {
	phrases []string // any of them, in lower case
	means   string
	advice  string
}

var sayings = []saying{
	{[]string{"plain http request was sent to https port", "client sent an http request to an https server", "speaking plain http to an ssl-enabled server port"},
		"the port expects TLS, and the client spoke plain HTTP", "use wss: in place of ws:, or a port without TLS"},
	{[]string{"session id unknown", "unknown sid"},
		"Engine.IO does not know this session, which was begun on another server process",
		`make sessions sticky at the load balancer, or let the client use only the websocket transport: io(url, {transports: ["websocket"]})`},
	{[]string{"transport unknown"}, "Engine.IO does not offer the transport that the query asks for",
		`allow the websocket transport in the server: new Server({transports: ["polling", "websocket"]}), and see that its path is not handled by another version`},
	{[]string{"unsupported protocol version"}, "Engine.IO does not speak the version that EIO in the query names",
		"use client and server of the same major version of Socket.IO, or set allowEIO3: true in the server"},
	{[]string{"bad handshake method"}, "Engine.IO wants GET for a handshake", "send GET"},
	{[]string{"no connection with that id"}, "SignalR does not know the id in the query: another server process gave it out, or it has expired",
		"make sessions sticky at the load balancer (session affinity), use a backplane with sticky sessions, or set skipNegotiation: true with the WebSockets transport alone"},
	{[]string{"connection id required"}, "SignalR wants an id in the query, which negotiate gives out", "call negotiate first, or set skipNegotiation: true in the client"},
	{[]string{"this host is not allowed", "blocked request. this host", "invalid host header", "blocked host", "disallowedhost", "invalid http_host header"},
		"the server does not allow this Host", "add the host to the server's list (Vite: server.allowedHosts; webpack-dev-server: allowedHosts; " +
			"Django: ALLOWED_HOSTS; Rails: config.hosts), or let the proxy send the Host that the server expects"},
	{[]string{"_xsrf", "xsrf", "csrf"}, "the server wants a token against cross-site requests, and got none or a wrong one",
		"send the token that the server expects (Tornado: the _xsrf cookie and argument), or exempt the WebSocket path from this check"},
	{[]string{"cross origin websockets not allowed", "cross-origin websocket", "origin not allowed", "invalid origin", "not an allowed origin", "origin is not allowed", "request origin not allowed", "forbidden origin", "bad origin"},
		"the server does not allow this Origin", originAdvice},
	{[]string{"token expired", "expired token", "jwt expired", "token has expired", "signature has expired"}, "the token has expired",
		"get a new token before each attempt, also when the client connects again"},
	{[]string{"'upgrade' token not found in 'connection' header", "upgrade token not found", "not a websocket handshake", "missing/invalid upgrade header", "invalid upgrade header", "no websocket upgrade hdr"},
		"the server does not find Upgrade: websocket and Connection: Upgrade in the request", anyProxyLines},
	{[]string{"missing or invalid sec-websocket-key"}, "the server does not like the key", "send one Sec-WebSocket-Key: 24 characters of base64 that decode to 16 octets"},
	{[]string{"missing or invalid sec-websocket-version", "unsupported version: 13 not found", "unsupported websocket version"}, "the server does not like the version", "send one Sec-WebSocket-Version: 13"},
	{[]string{"cf-chl", "challenge-platform", "just a moment...", "attention required", "checking your browser", "enable javascript and cookies to continue"},
		"a bot challenge page came instead of the backend's answer", challengeAdvice},
	{[]string{"request blocked", "modsecurity", "request rejected", "access denied | ", "web application firewall", "potential threat", "the requested url was rejected"},
		"a security filter blocked the request", "allow the WebSocket path, or the subprotocol that the filter dislikes, in the filter's rules"},
	{[]string{"no healthy upstream", "no server is available to handle this request", "no available server", "no target", "there are no healthy"},
		"no backend is ready", "check that the backend runs, and its health checks"},
	{[]string{"upstream connect error or disconnect/reset before headers"}, "Envoy could not connect to the backend, or the backend closed the connection before it answered",
		"see the rest of this sentence in the body; check that the backend listens, and that HTTP/1.1 is spoken there"},
	{[]string{"upstream request timeout", "stream timeout", "the server didn't respond in time"}, "the backend did not answer in time", "look at the leg to the backend"},
	{[]string{"invalid or incomplete response"}, "the backend's answer is not HTTP as the gateway reads it", "look at the leg to the backend for a malformed head"},
	{[]string{"application error", "herokucdn.com/error-pages"}, "the application on Heroku did not answer", "see heroku logs: the H code there names the reason"},
	{[]string{"cannot get /"}, "the request reached an HTTP framework that has no WebSocket handler there", attachAdvice},
	{[]string{"permessage-deflate", "unsupported extension", "invalid extension"}, "the server does not like the extension offer",
		"offer permessage-deflate without parameters, or add such an offer as a fallback"},
	{[]string{"unsupported subprotocol", "subprotocol", "unacceptable protocol"}, "the server does not like the subprotocols that are offered, or that none is",
		"offer the subprotocol that the server expects in Sec-WebSocket-Protocol"},
	{[]string{"can \"upgrade\" only to \"websocket\""}, "the server misses Upgrade: websocket in the request", anyProxyLines},
}

const (
	originAdvice = "add this Origin to the server's allowed origins (Node ws: verifyClient; Django: AllowedHostsOriginValidator; " +
		"Rails: config.action_cable.allowed_request_origins; gorilla/websocket: CheckOrigin)"
	attachAdvice    = "attach the WebSocket server to the same HTTP server and path"
	challengeAdvice = "exempt the WebSocket path, or this client, from the bot protection; a program cannot solve the challenge"
)

func bySaying(r *refusal) (explanation, bool) {
	if r.lower == "" {
		return explanation{}, false
	}
	for i := range sayings {
		for _, phrase := range sayings[i].phrases {
			if strings.Contains(r.lower, phrase) && r.agrees(&sayings[i]) {
				why := sayings[i].means
				if r.status >= 500 && r.product != nil {
					why = r.gateway("says that " + why)
				}
				return explanation{why: why, advice: sayings[i].advice}, true
			}
		}
	}
	return explanation{}, false
}

// agrees says that a saying does not contradict the request.
func (r *refusal) agrees(s *saying) bool {
	switch s.advice {
	case anyProxyLines:
		return stripped(r.Exchange)
	case originAdvice:
		return r.Request.Has("Origin")
	}
	return true
}

// byChallenge reads the fields of bot protections.
func byChallenge(r *refusal) (explanation, bool) {
	a := r.Response
	switch {
	case containsFold(a.Get("cf-mitigated"), "challenge"):
		return explanation{why: "Cloudflare sent a bot challenge (cf-mitigated: challenge) instead of the backend's answer", advice: challengeAdvice}, true
	case a.Get("cf-mitigated") != "":
		return explanation{why: "Cloudflare blocked the request (cf-mitigated: " + escape(a.Get("cf-mitigated")) + ")",
			advice: "see the security events of Cloudflare for this request; CF-RAY names it"}, true
	case containsFold(a.Get("x-amzn-waf-action"), "challenge"), containsFold(a.Get("x-amzn-waf-action"), "captcha"):
		return explanation{why: "AWS WAF sent a challenge instead of the backend's answer", advice: challengeAdvice}, true
	}
	return explanation{}, false
}

// byField reads the fields that say why.
func byField(r *refusal) (explanation, bool) {
	a := r.Response
	switch {
	case a.Get("x-amzn-ErrorType") != "":
		return explanation{why: "Amazon API Gateway names the error " + quote(a.Get("x-amzn-ErrorType")),
			advice: "see the authorizer and the route of the WebSocket API, and its execution log"}, true
	case r.status >= 300 && r.status < 400 && a.Has("Location"):
		return explanation{why: fmt.Sprintf("it redirects to %s, and browsers and most clients follow no redirect in a handshake", quote(a.Get("Location"))),
			advice: "use the final URL in the client, or answer the WebSocket path without a redirect (https, login, trailing slash)"}, true
	case r.status == 401 && a.Has("WWW-Authenticate"):
		return explanation{why: "credentials are asked for: WWW-Authenticate " + quote(a.Get("WWW-Authenticate")),
			advice: "browsers cannot set Authorization on a WebSocket: authenticate by a cookie (SameSite, Secure), by a short-lived ticket in the URL, or in the first message"}, true
	case r.status == 407 && a.Has("Proxy-Authenticate"):
		return explanation{why: "a proxy asks for credentials: Proxy-Authenticate " + quote(a.Get("Proxy-Authenticate")),
			advice: "give the client the proxy's user and password"}, true
	case (r.status == 429 || r.status == 503) && a.Has("Retry-After"):
		return explanation{why: "it asks to wait: Retry-After " + quote(a.Get("Retry-After")), advice: "wait as long as it says, and longer after each further attempt"}, true
	case r.status == 426:
		return byUpgradeField(r)
	}
	return explanation{}, false
}

// byUpgradeField reads a 426 that asks for something else than the request did.
func byUpgradeField(r *refusal) (explanation, bool) {
	to := strings.Join(r.Response.Values("Upgrade"), ", ")
	if to == "" || handshake.AnyWebSocket(r.Response.Values("Upgrade")) {
		return explanation{}, false
	}
	return explanation{why: "it wants an upgrade to " + quote(to) + " first", advice: "connect in the way that Upgrade names; for TLS use wss:"}, true
}

// byLoss finds what makes the request another than a handshake of RFC 6455, where the status fits.
func byLoss(r *refusal) (explanation, bool) {
	x := r.Exchange
	plainAnswer := r.status == 200 || r.status == 400 || r.status == 404 || r.status == 405 || r.status == 426 || r.status >= 500 && r.status <= 502
	bad := r.status == 400 || r.status == 426
	switch {
	case x.AcceptValid.Known && x.AcceptValid.Value:
		return explanation{why: "it did the handshake, but wrote another status than 101 (status-not-101)", advice: "answer 101 Switching Protocols"}, true
	case plainAnswer && stripped(x):
		lost := "Upgrade: websocket"
		if handshake.AnyWebSocket(x.Request.Values("Upgrade")) {
			lost = "Connection: Upgrade"
		}
		return explanation{why: "the request reached it without " + lost + ", as an ordinary " + escape(x.Request.Method), advice: anyProxyLines, request: true}, true
	case bad && below11(x.Request.Version):
		return explanation{why: "the request is HTTP/1.0, which cannot be upgraded", advice: "send HTTP/1.1 to the backend; nginx: proxy_http_version 1.1;", request: true}, true
	case bad && draftKeys(x.Request):
		return explanation{why: "it does not speak the draft hixie-76", advice: "use a client of RFC 6455", request: true}, true
	case bad && unsupportedVersion(x):
		why := fmt.Sprintf("it does not speak version %s", quote(x.Version.Value))
		if v := r.Response.Values("Sec-WebSocket-Version"); len(v) > 0 {
			why += " but " + quote(strings.Join(v, ", "))
		}
		return explanation{why: why, advice: "use a client of RFC 6455: Sec-WebSocket-Version: 13", request: true}, true
	}
	return explanation{}, false
}

// byBroken finds which rules the request breaks, where the status fits.
func byBroken(r *refusal) (explanation, bool) {
	x := r.Exchange
	switch {
	case len(x.broken) > 0 && r.fitsBroken():
		return explanation{why: "the request breaks the standard (" + strings.Join(x.broken, ", ") + ")", advice: "fix the request as the other findings say", request: true}, true
	case (r.status == 400 || r.status == 500) && illegalOffer(x) != nil:
		return explanation{why: fmt.Sprintf("perhaps over the extension offer %s, which is not legal but should only be declined", quote(illegalOffer(x).Text)),
			advice: "fix the offer; the server should decline it instead of failing the handshake (RFC 7692 §7.1)", request: true}, true
	}
	return explanation{}, false
}

// fitsBroken says that the status is one that servers answer to what is wrong with the request.
func (r *refusal) fitsBroken() bool {
	switch r.status {
	case 400, 405, 426, 500, 501, 505:
		return true
	case 404:
		return contains(r.broken, "request-target")
	case 403, 421:
		return contains(r.broken, "host-malformed")
	}
	return false
}

// byProxyHeader finds a PROXY header that the server did not expect.
func byProxyHeader(r *refusal) (explanation, bool) {
	if _, found := proxyHeaderUnexpected(r.Exchange); !found {
		return explanation{}, false
	}
	return explanation{why: "the PROXY header before the request explains it", advice: "act on proxy-protocol"}, true
}

// byWords takes the body's own words where they say more than the status does.
func byWords(r *refusal) (explanation, bool) {
	if r.said.Reason == "" || r.status < 400 || generic(r.said.Reason, r.Response.Reason, r.status) {
		return explanation{}, false
	}
	causes, product := r.causes()
	advice := "act on what it says"
	if len(causes) > 0 {
		advice += "; else check, in this order: " + inOrder(causes)
	}
	if product != "" {
		advice += "; " + product
	}
	return explanation{advice: advice}, true
}

// generic says that text says no more than the status does.
func generic(text, phrase string, status int) bool {
	t := strings.ToLower(text)
	for _, drop := range []string{fmt.Sprint(status), "http", "error", "status", "code", strings.ToLower(phrase), strings.ToLower(statusPhrases[status])} {
		if drop != "" {
			t = strings.ReplaceAll(t, drop, "")
		}
	}
	letters := 0
	for _, c := range t {
		if c >= 'a' && c <= 'z' || c > 0x7f {
			letters++
		}
	}
	return letters < 4 || strings.TrimSpace(t) == "page" // Go's "404 page not found"
}

// statusPhrases are the usual reason phrases (RFC 9110 §15).
var statusPhrases = map[int]string{
	200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
	413: "Content Too Large", 414: "URI Too Long", 421: "Misdirected Request", 426: "Upgrade Required", 429: "Too Many Requests",
	431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}

// stripped says that the request lost its upgrade, or never had one.
func stripped(x *Exchange) bool {
	return !x.Multiplexed() && (!handshake.AnyWebSocket(x.Request.Values("Upgrade")) || !handshake.HasToken(x.Request, "Connection", "upgrade"))
}

func unsupportedVersion(x *Exchange) bool {
	n, ok := versionNumber(x.Version.Value)
	return x.Version.Known && (!ok || n != 13)
}

// What makes a proxy forward an upgrade, to be pasted into its configuration.
const (
	nginxLines   = "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"
	apacheLines  = "Apache: ProxyPass \"/ws\" \"http://backend/ws\" upgrade=websocket"
	haproxyLines = "HAProxy: do not delete the Upgrade and Connection fields (http-request del-header)"
	envoyLines   = "Envoy: upgrade_configs: [{upgrade_type: websocket}]"

	anyProxyLines = "let every proxy on the way forward the upgrade. " + nginxLines + " " + apacheLines + ". " + haproxyLines + ". " + envoyLines
)
