package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// What a status suggests where neither the answer nor the request says why. Each cause must agree with the request.

// noReason says that neither the answer nor the request tells the reason.
const noReason = "it does not say why"

// cause is something that may be the reason, and what to look at.
type cause struct{ what, check string }

// byStatus guesses.
func byStatus(r *refusal) explanation {
	causes, product := r.causes()
	if len(causes) == 0 {
		advice := "see the log of the server, and of every proxy before it, for this request"
		if product != "" {
			advice = product
		}
		return explanation{why: noReason, advice: advice, guess: true}
	}
	what := make([]string, len(causes))
	for i, c := range causes {
		what[i] = c.what
	}
	why := noReason + "; a guess from the status: " + strings.Join(what, ", or ")
	if certain := r.certain(); certain != "" {
		why = certain
	}
	advice := "check " + causes[0].check
	if len(causes) > 1 {
		advice = "check, in this order: " + inOrder(causes)
	}
	if product != "" {
		advice += "; " + product
	}
	return explanation{why: why, advice: advice, guess: true}
}

// inOrder lists what to look at.
func inOrder(causes []cause) string {
	list := make([]string, len(causes))
	for i, c := range causes {
		list[i] = fmt.Sprintf("(%d) %s", i+1, c.check)
	}
	return strings.Join(list, " ")
}

// certain is what a status means by its definition, so that it is no guess.
func (r *refusal) certain() string {
	switch r.status {
	case 502:
		return r.gateway("could not get a usable answer from its backend")
	case 503:
		return r.gateway("has no backend that is ready, or is overloaded")
	case 504:
		return r.gateway("waited for its backend and got no answer")
	case 520:
		return r.gateway("got an empty or odd answer from the origin")
	case 521:
		return r.gateway("was refused by the origin")
	case 522, 524:
		return r.gateway("waited for the origin and got no answer")
	case 523:
		return r.gateway("cannot reach the origin")
	case 525, 526:
		return r.gateway("could not agree on TLS with the origin")
	case 527, 530:
		return r.gateway("could not use its connection to the origin")
	case 413:
		if announcesBody(r.Exchange) {
			return "the server does not take the body that the request announces"
		}
		return "the request's head is too large for the server"
	case 414, 431:
		return "the request's head is too large for the server"
	case 429:
		return "it counts too many attempts"
	case 421:
		if what := connectMismatch(r); what != "" {
			return what
		}
		return "the connection was made for another host than the request names"
	case 407:
		return "a proxy asks for credentials"
	case 460:
		if r.isALB() {
			return "the balancer says that the client closed the connection before the idle time-out"
		}
	case 463:
		if r.isALB() {
			return "the balancer got an X-Forwarded-For field with too many addresses"
		}
	case 464:
		if r.isALB() {
			return "the balancer and its target group differ in the HTTP version"
		}
	}
	return ""
}

func (r *refusal) isALB() bool { return r.product == nil || r.product.name == "Amazon ALB" }

// gateway names the software that answered in its backend's place.
func (r *refusal) gateway(did string) string {
	name := "it, or a gateway before it,"
	switch s := r.Response.Get("Server"); {
	case s != "":
		name = "the gateway " + quote(s)
	case r.product != nil:
		name = r.product.name
	}
	return fmt.Sprintf("%s %s, %s after the request", name, did, span(r.Response.First.Time-r.Request.Last.Time))
}

// causes are the likeliest reasons for a status, the likeliest first, and what is known of the product that answered.
func (r *refusal) causes() (list []cause, product string) {
	q := r.Request
	origin, host, foreign := sites(q)
	add := func(what, check string) { list = append(list, cause{what, check}) }
	path, _, _ := strings.Cut(q.Target, "?")
	pathCause := func() {
		if r.nodeWS() {
			add(fmt.Sprintf("its WebSocket server does not serve the path %s (the Node library ws answers so)", quote(path)),
				"the option path of the WebSocket server (Node ws: new WebSocketServer({path})), against the path of the request")
			return
		}
		add(fmt.Sprintf("nothing serves WebSocket at %s", quote(path)), "the path, against the server's and every proxy's routing (location, ingress path, trailing slash)")
	}
	originCause := func() {
		switch {
		case hostCause(r, add): // which explains that Origin is of another site
		case r.status == 403 && q.Has("Origin") && r.Response.Has("Sec-WebSocket-Version") && !unsupportedVersion(r.Exchange):
			add(fmt.Sprintf("it does not allow the Origin %s (gorilla/websocket answers so when CheckOrigin says no)", quote(origin)),
				"CheckOrigin of the server, which by default wants Origin and Host to be equal")
		case foreign:
			add(fmt.Sprintf("the Origin %s is of another site than the host %s and not on its list", quote(origin), quote(host)),
				"the server's allowed origins (Node ws: verifyClient; Django: AllowedHostsOriginValidator; Rails: config.action_cable.allowed_request_origins)")
		}
	}
	loginCause := func() {
		what := "it wants a cookie or token that the request does not have"
		if q.Has("Cookie") || q.Has("Authorization") || strings.Contains(q.Target, "token=") {
			what = "the user may not connect, or the session or token that was sent has expired"
		}
		add(what, "the session, token and rights of this user")
	}
	if oneOf(r.status, 400, 403, 404, 421) {
		connectCause(r, add)
	}
	switch r.status {
	case 400:
		switch {
		case q.Has("X-Forwarded-For") && containsFold(r.Response.Get("Server"), "aiohttp"):
			add("the server does not trust the proxy that added X-Forwarded-For",
				"the server's list of trusted proxies (Home Assistant: http: use_x_forwarded_for: true, trusted_proxies)")
		}
		targetCause(r, add)
		subprotocolCause(r, add)
		originCause()
		if len(list) < 2 {
			pathCause()
		}
		if list := strings.Join(q.Values("Connection"), ", "); strings.Contains(list, ",") && r.product == nil && !r.Response.Has("Server") && len(r.lower) == 0 {
			add(fmt.Sprintf("it compares the whole Connection field %s with Upgrade", quote(list)), "whether the server reads Connection as a list in any case of letters (RFC 9110 §7.6.1)")
		}
		add("its own rules for the request, such as a missing parameter", "the server's own log for this time")
	case 401:
		loginCause()
	case 403:
		if r.product != nil && r.product.name == "Envoy" {
			add("Envoy, or an Istio sidecar, does not allow the upgrade on this route",
				envoyLines+" in the HTTP connection manager or route; in HTTP/2 hops also allow_connect: true")
		}
		originCause()
		loginCause()
		schemeCause(r, add)
		if !q.Has("Origin") {
			add("it refuses clients that send no Origin", "whether the server wants an Origin")
		}
		if len(list) < 3 {
			add("a filter or firewall forbids it", "the rules of every filter on the way")
		}
	case 404:
		originCause() // Rails' Action Cable answers 404 to an Origin that it does not allow
		pathCause()
		if strings.Contains(path, "cable") {
			schemeCause(r, add)
		}
		if len(list) < 2 {
			add("the proxy routes this path to another backend", "which backend answered: compare the fields of this answer with those of the right server")
		}
	case 200:
		pathCause()
		add("a proxy behind it dropped the upgrade", "that "+everyProxyForwards)
		if html(r.Response.Get("Content-Type")) {
			add("a login page or portal answered", "the page that came: "+orPage(r.said.Reason))
		}
	case 405:
		if r.Request.Has(":protocol") {
			add("it, or a proxy before it, allows no CONNECT at this path", extendedConnectAllowed)
		}
		add("this path is served, but not by a WebSocket endpoint", "that the path is the WebSocket endpoint")
	case 408, 499:
		add("the request was not complete in time", "what delays the request")
	case 413, 414, 431:
		if r.status == 413 && announcesBody(r.Exchange) {
			add("", "what makes the client send Content-Length or Transfer-Encoding: an upgrade request has no body")
			break
		}
		add("", headLimits)
	case 421:
		add("", "that Host and the name in TLS (SNI) are the same, and that connections are not shared between hosts")
	case 407:
		add("", "the proxy's user and password in the client")
	case 426:
		if r.Request.Has(":protocol") {
			add("it wants the upgrade of HTTP/1.1", "that a WebSocket is asked for on a connection of HTTP/1.1, or "+
				"that the proxy before this server translates")
			break
		}
		if subprotocolCause(r, add) {
			break
		}
		if len(r.ProtocolsOffered.Value) == 0 {
			add("it wants a subprotocol, and the request offers none (a broker wants mqtt, a STOMP server v12.stomp)",
				"which subprotocol the server expects, and offer it in Sec-WebSocket-Protocol")
		} else {
			add(fmt.Sprintf("it does not know the subprotocols %s", quoteAll(r.ProtocolsOffered.Value[:min(len(r.ProtocolsOffered.Value), 8)])),
				"which subprotocol the server expects")
		}
		pathCause()
	case 429:
		add("", "how often the client connects; let it wait longer after each attempt")
	case 460:
		add("the client closed the connection before the answer", "how long the client waits, and how long the backend takes")
	case 463:
		add("X-Forwarded-For has too many addresses", "which hop adds to X-Forwarded-For over and over")
	case 464:
		add("the protocol version of the target group does not fit", "that the target group speaks HTTP1: ALB upgrades to WebSocket over HTTP/1.1 alone")
	case 500:
		add("it failed inside its handler", "the server's log for this time")
	case 501:
		if r.Request.Has(":protocol") {
			add("it does not know extended CONNECT, or not this :protocol", extendedConnectAllowed)
			break
		}
		add("it does not implement the upgrade", "that "+everyProxyForwards)
	case 502:
		add("", "that the backend runs, listens where the gateway connects, and answers with correct HTTP/1.1 there; the leg to the backend shows more")
	case 503:
		add("", "the backend's health checks, and the gateway's route")
	case 504:
		add("", "why the backend does not answer: look at the leg to the backend")
	case 520, 521, 522, 523, 524, 525, 526, 527, 530:
		add("", "the origin: that it runs, that its firewall lets the gateway in, and its own log")
	}
	if len(list) > 3 {
		list = list[:3]
	}
	if r.product != nil && r.status >= 500 {
		product = r.product.backend
		if (r.status == 504 || r.status == 522 || r.status == 524) && r.product.timeout != "" {
			product = r.product.timeout
		}
	}
	return list, product
}

// nodeWS says that the answer looks as the Node library ws writes it.
func (r *refusal) nodeWS() bool {
	a := r.Response
	return r.status == 400 && !a.Has("Server") && !a.Has("Date") && a.Get("Content-Type") == "text/html" && r.said.Text == "Bad Request"
}

// hostCause is the cause that the server compares Host with Origin, or with its list, and a proxy replaced Host.
func hostCause(r *refusal, add func(what, check string)) bool {
	q := r.Request
	origin, ok := originHost(q.Get("Origin"))
	host := hostName(q.Get("Host"))
	if !ok || !internal(host) || internal(origin) {
		return false
	}
	what := "is the address"
	if !isAddress(host) {
		what = "is the inner name"
	}
	add(fmt.Sprintf("Host %s %s while Origin names %s: a proxy has replaced Host, and the server compares the two", what, quote(host), quote(origin)),
		"that every proxy keeps Host ("+nginxHost+" Apache: ProxyPreserveHost On), and the server's allowed origins")
	return true
}

// connectCause is the cause that CONNECT opened the way to another host than Host names.
// extendedConnectAllowed is what to check where a server that announced extended CONNECT does not take it (RFC 8441).
const extendedConnectAllowed = "that the server takes extended CONNECT at this path, and every proxy on the way " +
	"translates it or passes it on " +
	"(Envoy: allow_connect: true, upgrade_configs: [{upgrade_type: websocket}])"

func connectCause(r *refusal, add func(what, check string)) {
	if what := connectMismatch(r); what != "" {
		add(what, "that the client sends the host of its URL in Host, and asks the proxy for the same host")
	}
}

func connectMismatch(r *refusal) string {
	f := r.Forwarded
	if f == nil || f.Protocol != "connect" || !f.Server.Known {
		return ""
	}
	asked, host := hostName(f.Server.Value), r.Request.Get("Host")
	if event.EqualFold(asked, hostName(host)) || isAddress(asked) {
		return ""
	}
	return fmt.Sprintf("CONNECT opened the way to %s, and Host names %s: the server there does not know that host", quote(f.Server.Value), quote(host))
}

// schemeCause is the cause that the server takes the request for plain HTTP, and so for another origin than the https
// one: behind a proxy that ends TLS and does not say so.
func schemeCause(r *refusal, add func(what, check string)) {
	q := r.Request
	origin, host, foreign := sites(q)
	proxied := q.Has("X-Forwarded-For") || q.Has("X-Real-IP") || q.Has("Forwarded") || q.Has("Via")
	if foreign || origin != host || r.TLS || !proxied || !strings.HasPrefix(q.Get("Origin"), "https://") ||
		containsFold(q.Get("X-Forwarded-Proto"), "https") || containsFold(q.Get("Forwarded"), "proto=https") {
		return
	}
	add("Origin is https, and no field tells the server that TLS ended at a proxy before it",
		"that the proxy sends X-Forwarded-Proto: https, and that the server trusts it (nginx: proxy_set_header X-Forwarded-Proto $scheme;)")
}

// targetCause is the cause that the server dislikes what many allow in a target or in Host.
func targetCause(r *refusal, add func(what, check string)) {
	q := r.Request
	if i := strings.IndexAny(q.Target, "{}|^`\"<>\\"); i >= 0 {
		add(fmt.Sprintf("the request target has %s, which a URI must encode (RFC 3986 §2); Tomcat and others refuse it", quote(q.Target[i:i+1])),
			"that the client encodes path and query (encodeURIComponent)")
	}
	if strings.Contains(q.Target, "://") && !strings.HasPrefix(q.Target, "/") {
		add("the request target is a whole URL, which is for proxies", "that the client sends the path alone, or talks to a proxy")
	}
	if strings.Contains(hostName(q.Get("Host")), "_") {
		add("Host has an underscore, which no host name has; Tomcat and others refuse it", "which Host the proxy sends ("+nginxHost+")")
	}
}

// wantedSubprotocols are subprotocols by what the path or host of their servers is often called.
var wantedSubprotocols = []struct{ called, subprotocol string }{
	{"mqtt", "mqtt"}, {"stomp", "v12.stomp"}, {"graphql", "graphql-transport-ws"}, {"ocpp", "ocpp1.6"}, {"wamp", "wamp.2.json"}, {"xmpp", "xmpp"},
	{"amqp", "amqp"}, {"jupyter", "v1.kernel.websocket.jupyter.org"}, {"/exec", "v4.channel.k8s.io"}, {"/attach", "v4.channel.k8s.io"},
}

// subprotocolCause is the cause that the server wants a subprotocol that its path suggests and the request does not offer.
func subprotocolCause(r *refusal, add func(what, check string)) bool {
	path, _, _ := strings.Cut(strings.ToLower(r.Request.Target), "?")
	for _, w := range wantedSubprotocols {
		if !strings.Contains(path, w.called) && !strings.HasPrefix(hostName(r.Request.Get("Host")), w.called) {
			continue
		}
		offered := r.ProtocolsOffered.Value
		for _, p := range offered {
			if containsFold(p, strings.Split(w.subprotocol, ".")[0]) || containsFold(p, w.called) {
				return false
			}
		}
		what := "none is offered"
		if len(offered) > 0 {
			what = "only " + quoteAll(offered[:min(len(offered), 8)]) + " is offered"
		}
		add(fmt.Sprintf("it wants a subprotocol such as %s, as its path suggests, and %s", quote(w.subprotocol), what),
			"which subprotocol the server expects, and offer it in Sec-WebSocket-Protocol")
		return true
	}
	return false
}

func html(contentType string) bool { return containsFold(contentType, "html") }

func orPage(reason string) string {
	if reason == "" {
		return "whose it is"
	}
	return quote(reason)
}
