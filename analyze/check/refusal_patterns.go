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
	r.lower = strings.ToLower(r.said.Text + " " + r.said.Visible)
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
	if r.status == 101 { // means success in HTTP/1.1 only
		return explanation{why: "101 does not exist in HTTP/2 and HTTP/3", advice: "see the finding h2-status about " +
			"this answer"}
	}
	for _, find := range []func(*refusal) (explanation, bool){byChallenge, byLoss, bySaying, byField, byBroken, byProxyHeader, byEngineIO, byWords} {
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
	{[]string{"plain http request was sent to https port", "client sent an http request to an https server", "speaking plain http to an ssl-enabled server port", "combination of host and port requires tls",
		"secured with secure sockets layer", "http request sent to an https", "http request on https port", "this port expects tls"},
		"the port expects TLS, and the client spoke plain HTTP", "use wss: in place of ws:, or a port without TLS"},
	{[]string{"session id unknown", "unknown sid", "invalid session"},
		"Engine.IO does not know this session, which was begun on another server process",
		`make sessions sticky at the load balancer, or let the client use only the websocket transport: io(url, {transports: ["websocket"]})`},
	{[]string{"transport unknown", "invalid transport"}, "Engine.IO does not offer the transport that the query asks for",
		`allow the websocket transport in the server: new Server({transports: ["polling", "websocket"]}), and see that its path is not handled by another version`},
	{[]string{"unsupported protocol version", "unsupported version of the socket.io or engine.io"}, "Engine.IO does not speak the version that EIO in the query names",
		"use client and server of the same major version of Socket.IO, or set allowEIO3: true in the server"},
	{[]string{"bad handshake method"}, "Engine.IO wants GET for a handshake", "send GET"},
	{[]string{"no connection with that id"}, "SignalR does not know the id in the query: another server process gave it out, or it has expired",
		"make sessions sticky at the load balancer (session affinity), use a backplane with sticky sessions, or set skipNegotiation: true with the WebSockets transport alone"},
	{[]string{"the connection id is in the incorrect format", "unrecognized user identity"},
		"SignalR was given a connection token that it did not make for this user: another server process made it, or the user changed in between",
		"use the same machine key or data protection keys on all servers, and let the client connect again when the user logs in or out"},
	{[]string{"connection id required"}, "SignalR wants an id in the query, which negotiate gives out", "call negotiate first, or set skipNegotiation: true in the client"},
	{[]string{"this host is not allowed", "blocked request. this host", "invalid host header", "blocked host", "disallowedhost", "invalid http_host header", "host not allowed", "host is not allowed", "hostname not allowed",
		"unknown virtual host", "not allowed for this host", "host check"},
		"the server does not allow this Host", "add the host to the server's list (Vite: server.allowedHosts; webpack-dev-server: allowedHosts; " +
			"Django: ALLOWED_HOSTS; Rails: config.hosts), or let the proxy send the Host that the server expects"},
	{[]string{"_xsrf", "xsrf", "csrf"}, "the server wants a token against cross-site requests, and got none or a wrong one",
		"send the token that the server expects (Tornado: the _xsrf cookie and argument), or exempt the WebSocket path from this check"},
	{[]string{"cross origin websockets not allowed", "cross-origin websocket", "origin not allowed", "invalid origin", "not an allowed origin", "origin is not allowed", "request origin not allowed", "forbidden origin", "bad origin",
		"not an accepted origin", "invalid cors request", "origin mismatch", "origin not permitted", "origin denied", "origin is not permitted",
		"is not authorized for host", "origin header mismatch", "disallowed origin", "unauthorized origin"},
		"the server does not allow this Origin", originAdvice},
	{[]string{"token expired", "expired token", "jwt expired", "token has expired", "signature has expired", "expired jwt", "jwt is expired", "session expired", "session has expired", "ticket expired",
		"ticket has expired", "invalid_token"}, "the token has expired",
		"get a new token before each attempt, also when the client connects again"},
	{[]string{"'upgrade' token not found in 'connection' header", "upgrade token not found", "not a websocket handshake", "missing/invalid upgrade header", "invalid upgrade header", "no websocket upgrade hdr",
		"expected websocket upgrade", "websocket upgrade required", "not a websocket request", "missing connection upgrade", "this is a websocket endpoint"},
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
	{[]string{"request forbidden by administrative rules"}, "a rule of the proxy forbids it", "see the proxy's rules that deny requests; HAProxy: http-request deny"},
	{[]string{"upstream request timeout", "stream timeout", "the server didn't respond in time"}, "the backend did not answer in time", "look at the leg to the backend"},
	{[]string{"invalid or incomplete response"}, "the backend's answer is not HTTP as the gateway reads it", "look at the leg to the backend for a malformed head"},
	{[]string{"application error", "herokucdn.com/error-pages"}, "the application on Heroku did not answer", "see heroku logs: the H code there names the reason"},
	{[]string{"cannot get /"}, "the request reached an HTTP framework that has no WebSocket handler there", attachAdvice},
	{[]string{"invalid character found in the request target", "invalid uri", "illegal character in"},
		"the request target has a character that must be encoded", "encode the query and path in the client (encodeURIComponent): { } | ^ ` \" < > and blanks"},
	{[]string{"is never valid in a domain name"}, "the server does not accept this Host: no host name has that character",
		"let the proxy send a Host without underscores (nginx: proxy_set_header Host $http_host;), or rename the service or upstream"},
	{[]string{"your browser sent an invalid request"}, "HAProxy's own parser refused the request",
		"the command show errors on HAProxy's admin socket shows where; if TLS is expected on this port, use wss:"},
	{[]string{"permessage-deflate", "unsupported extension", "invalid extension"}, "the server does not like the extension offer",
		"offer permessage-deflate without parameters, or add such an offer as a fallback"},
	{[]string{"unsupported subprotocol", "subprotocol", "unacceptable protocol"}, "the server does not like the subprotocols that are offered, or that none is",
		"offer the subprotocol that the server expects in Sec-WebSocket-Protocol"},
	{[]string{"header or cookie too large", "header fields too large", "headers too large", "header too large", "header is too large", "request line too large", "uri too long", "uri is too long",
		"request-uri too large", "url too long"},
		"the request's head is too large for the server", "check " + headLimits},
	{[]string{"unsupported upgrade request"}, "the server runs without a WebSocket library (uvicorn answers so)", "install one beside the server: pip install 'uvicorn[standard]'"},
	{[]string{"can \"upgrade\" only to \"websocket\""}, "the server misses Upgrade: websocket in the request", anyProxyLines},
}

const (
	originAdvice = "add this Origin to the server's allowed origins (Node ws: verifyClient; Django: AllowedHostsOriginValidator; " +
		"Rails: config.action_cable.allowed_request_origins; gorilla/websocket: CheckOrigin)"
	headLimits      = "the length of the URL and of the cookies, or the limit (nginx: large_client_header_buffers; Node: --max-http-header-size)"
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
				advice := sayings[i].advice
				if advice == originAdvice {
					advice = r.originAdvice()
				}
				return explanation{why: why, advice: advice}, true
			}
		}
	}
	return explanation{}, false
}

// originAdvice is what to do about an Origin that the server does not allow, by how Origin and Host differ.
func (r *refusal) originAdvice() string {
	q := r.Request
	origin, ok := originHost(q.Get("Origin"))
	host := hostName(q.Get("Host"))
	switch {
	case ok && internal(host) && !internal(origin) && (q.Has("X-Forwarded-For") || q.Has("X-Real-IP") || q.Has("Via") || q.Has("Forwarded")):
		return fmt.Sprintf("let every proxy keep Host, which is %s here while Origin names %s (%s Apache: ProxyPreserveHost On); or %s",
			quote(host), quote(origin), nginxHost, originAdvice)
	case ok && internal(host) && !internal(origin):
		return fmt.Sprintf("%s; or, where a proxy stands before the server, let it keep Host, which is %s here (%s Apache: ProxyPreserveHost On)",
			originAdvice, quote(host), nginxHost)
	case ok && origin == host:
		return "Origin and Host name the same host, so compare their schemes and ports: behind a proxy with TLS, let it send X-Forwarded-Proto and " +
			"the port in Host, and let the server trust them"
	}
	return originAdvice
}

// internal says that host is a name that only machines behind a proxy know.
func internal(host string) bool {
	if host == "" {
		return false
	}
	for _, end := range []string{".internal", ".local", ".svc", ".lan", ".localhost", ".localdomain"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return isAddress(host) || !strings.Contains(host, ".")
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
			advice: redirectAdvice(r.Exchange)}, true
	case r.status < 400 && a.Has("Sec-WebSocket-Accept") && !r.Multiplexed() && !r.AcceptValid.Value:
		return explanation{why: "it has the fields of a handshake, but another status than 101, and its Accept does not answer the key",
			advice: "answer with the status 101 Switching Protocols and the Accept of this key; no cache or script may repeat an older answer"}, true
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
	case x.AcceptValid.Known && x.AcceptValid.Value && !x.Multiplexed():
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
		return explanation{why: "the request breaks the standard (" + strings.Join(x.broken, ", ") + ")", advice: "fix the request: see the advice of " + strings.Join(x.broken, ", "), request: true}, true
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
		return contains(r.broken, "request-target") || contains(r.broken, "host-malformed")
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
	return explanation{why: "the PROXY header before the request explains it", advice: "do what proxy-protocol says"}, true
}

// redirectAdvice says what to do about a redirect, by where it leads.
func redirectAdvice(x *Exchange) string {
	to := x.Response.Get("Location")
	path, _, _ := strings.Cut(to, "?")
	asked, _, _ := strings.Cut(x.Request.Target, "?")
	lower := strings.ToLower(to)
	switch {
	case containsAny(lower, "login", "signin", "sign_in", "sign-in", "oauth", "/auth", "sso", "saml", "openid", "account/logon"):
		return "the server wants a login first: send its session cookie or a token with the handshake, and let the server answer this path 401 or 403 " +
			"in place of a redirect"
	case strings.HasPrefix(lower, "https://") && !x.TLS && (strings.HasSuffix(path, asked) || strings.HasSuffix(path+"/", asked)):
		return "use wss: in place of ws:; where TLS ends at a proxy, let it send X-Forwarded-Proto: https, which the server trusts"
	case strings.HasSuffix(path, asked+"/") || asked != "/" && strings.HasSuffix(path, strings.TrimSuffix(asked, "/")):
		return fmt.Sprintf("write the path as the server wants it, in the client or in the proxy: %s (a slash at the end is what differs)", quote(path))
	}
	return "use the final URL in the client, or answer the WebSocket path without a redirect (https, login, trailing slash)"
}

// byEngineIO reads the answer of Engine.IO, which the path suggests and the code in its JSON shows.
func byEngineIO(r *refusal) (explanation, bool) {
	if !strings.Contains(r.Request.Target, "EIO=") || !strings.Contains(r.lower, `"code"`) {
		return explanation{}, false
	}
	switch {
	case strings.Contains(r.lower, `"code":3`):
		return explanation{why: "Engine.IO takes it for a bad request (code 3): mostly the session of this sid is already over, or already has a WebSocket",
			advice: "let the client begin a new session (connect again without sid); see the server's event connection_error, whose context says what it dislikes"}, true
	case strings.Contains(r.lower, `"code":4`):
		return explanation{why: "Engine.IO was told to refuse (code 4): its option allowRequest, or a middleware, said no",
			advice: "see what allowRequest or the middleware of the server checks: Origin, cookie, token"}, true
	}
	return explanation{}, false
}

// byWords takes the body's own words where they say more than the status does. What to check is what the words are
// about; where that is not known, they are all there is.
func byWords(r *refusal) (explanation, bool) {
	if r.said.Reason == "" || r.status < 400 || r.saysNothing(r.said.Reason) {
		return explanation{}, false
	}
	advice := "do what it says"
	said := strings.ToLower(r.said.Reason)
	for _, topic := range topics {
		if containsAny(said, topic.words...) {
			advice += ": " + topic.check
			break
		}
	}
	if _, product := r.causes(); product != "" {
		advice += "; " + product
	}
	return explanation{advice: advice}, true
}

// topics are what refusals talk about, by words in lower case, and what to check then.
var topics = []struct {
	words []string
	check string
}{
	{[]string{"origin", "cors", "cross-site", "cross site"}, "see the server's allowed origins, and that no proxy changes Origin or Host"},
	{[]string{"subprotocol", "sub-protocol", "websocket-protocol"}, "see which subprotocol the server expects"},
	{[]string{"token", "jwt", "auth", "credential", "login", "logged in", "permission", "denied", "session", "cookie", "api key", "apikey", "user", "access"},
		"see the token, cookie or key that the client sends, and the rights of this user"},
	{[]string{"version"}, "compare the versions of client and server"},
	{[]string{"host", "domain"}, "see which Host reaches the server, and which hosts it serves"},
	{[]string{"limit", "too many", "quota", "rate", "capacity", "full", "maximum"}, "see the limit that was reached, and who else connects"},
	{[]string{"tls", "ssl", "https"}, "see whether the port expects TLS: use wss:"},
	{[]string{"required", "missing", "parameter", "query", "invalid", "must"}, "compare the path, query and fields of the request with what the server wants"},
	{[]string{"not found", "no such", "unknown", "cannot get", "no route"}, "compare the path with what the server serves"},
	{[]string{"exception", "traceback", "error in", "failed", "panic", "undefined"}, "see the server's log for this time"},
}

// saysNothing says that text says no more than the status, or than the name of the software, does.
func (r *refusal) saysNothing(text string) bool {
	return generic(text, r.Response.Reason, r.status)
}

// generic says that text says no more than the status does.
func generic(text, phrase string, status int) bool {
	t := strings.ToLower(text)
	for _, sentence := range stockSentences {
		t = strings.ReplaceAll(t, sentence, "")
	}
	for _, drop := range []string{strings.ToLower(phrase), strings.ToLower(statusPhrases[status]), fmt.Sprint(status),
		"http", "error", "status", "code",
		"nginx", "openresty", "apache", "cloudflare", "varnish", "haproxy", "tomcat"} {
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

// stockSentences are what servers' own pages say of a status, whatever its cause, in lower case.
var stockSentences = []string{
	"the server is temporarily unable to service your request due to maintenance downtime or capacity problems.", // Apache
	"please try again later.",
	"the proxy server received an invalid response from an upstream server.",
	"you don't have permission to access this resource.",
	"the requested url was not found on this server.",
	"the server encountered an internal error or misconfiguration and was unable to complete your request.",
	"your browser sent a request that this server could not understand.",
	"your browser sent an invalid request.", // HAProxy
	"the server returned an invalid or incomplete response.",
	"the page you are looking for is temporarily unavailable.", // nginx
	"sorry, the page you are looking for is currently unavailable.",
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

	anyProxyLines      = "let every proxy on the way forward the upgrade. " + proxyLines
	everyProxyForwards = "every proxy on the way forwards the upgrade. " + proxyLines
	proxyLines         = nginxLines + " " + apacheLines + ". " + haproxyLines + ". " + envoyLines
)
