package check

import (
	"strings"

	"wshake/analyze/event"
)

// Product is a proxy, gateway, balancer or server that is known by what it sends.
type Product struct {
	name string
	// What to set in it, in its own words; "" where nothing is known.
	upgrade  string // that it forwards the upgrade
	host     string // that it keeps Host
	path     string // that it keeps the request target
	backend  string // where it tells about its backends
	timeout  string // how long it waits for a backend
	idle     string // how long a conversation may be silent
	lifetime string // how long a conversation may last

	fields []trait // of an answer, or of a request that it forwards
	body   string  // in a page of its own
}

// trait is a field that gives a product away: the field is there, and its value contains text, in any case.
type trait struct{ field, text string }

// products are known by name; the more telling come first.
var products = []Product{
	{name: "Cloudflare", fields: []trait{{"CF-RAY", ""}, {"Server", "cloudflare"}, {"Cdn-Loop", "cloudflare"}},
		upgrade: `Cloudflare: Network, WebSockets: on`,
		backend: "Cloudflare: the Ray ID of the answer names the request in its log and the origin's",
		timeout: "Cloudflare waits 100 s for the origin's answer",
		idle:    "Cloudflare ends silent WebSockets after 100 s, which only Enterprise plans can change: send pings"},
	{name: "Amazon CloudFront", fields: []trait{{"X-Amz-Cf-Id", ""}, {"Server", "CloudFront"}, {"Via", "(CloudFront)"}},
		upgrade: "CloudFront: an origin request policy that forwards the Sec-WebSocket fields (AllViewer)",
		host:    "CloudFront: forward Host by the origin request policy AllViewer",
		backend: "see the origin's log; x-amz-cf-id names the request", timeout: "CloudFront: origin response timeout"},
	{name: "Amazon ALB", fields: []trait{{"Server", "awselb"}, {"X-Amzn-Trace-Id", ""}},
		host:    "ALB: routing.http.preserve_host_header.enabled",
		backend: "ALB: see the target group's health checks and the access log's target_status_code",
		timeout: "ALB: idle_timeout.timeout_seconds",
		idle:    "ALB: idle_timeout.timeout_seconds, 60 by default"},
	{name: "Amazon API Gateway", fields: []trait{{"apigw-requestid", ""}, {"x-amz-apigw-id", ""}, {"x-amzn-ErrorType", ""}},
		backend: "API Gateway: see the execution log of the stage for this request id",
		idle:    "API Gateway ends a WebSocket after 10 minutes of silence, which cannot be changed", lifetime: "API Gateway ends each WebSocket after 2 hours, which cannot be changed"},
	{name: "Azure Application Gateway", fields: []trait{{"Server", "Microsoft-Azure-Application-Gateway"}}, body: "Microsoft-Azure-Application-Gateway",
		host:    "Application Gateway: backend setting without host name override",
		backend: "Application Gateway: see Backend health", timeout: "Application Gateway: request timeout of the backend setting",
		idle: "Application Gateway: idle time-out of the frontend IP, and request timeout of the backend setting"},
	{name: "Azure Front Door", fields: []trait{{"X-Azure-Ref", ""}, {"X-Azure-FDID", ""}},
		backend: "Front Door: see the origin group's health; X-Azure-Ref names the request",
		host:    "Front Door: leave the origin host header empty", timeout: "Front Door: origin response timeout"},
	{name: "Heroku's router", fields: []trait{{"Via", "vegur"}, {"Server", "Heroku"}}, body: "herokucdn.com",
		backend: "see heroku logs: the H code there names the reason", timeout: "Heroku's router waits 30 s for the first octet, then 55 s",
		idle: "Heroku's router ends a connection after 55 s of silence, which cannot be changed: send a ping every 25 s"},
	{name: "Google's load balancer", fields: []trait{{"Via", "1.1 google"}, {"Server", "Google Frontend"}},
		backend: "see the backend service's health checks and its log", timeout: "GCP: timeoutSec of the backend service",
		idle: "GCP: timeoutSec of the backend service", lifetime: "GCP: timeoutSec of the backend service, 30 by default, counts from the handshake on, also while frames flow"},
	{name: "Varnish", fields: []trait{{"X-Varnish", ""}, {"Via", "varnish"}}, body: "Guru Meditation",
		upgrade: `Varnish: in vcl_recv: if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); } ` +
			"in vcl_pipe: set bereq.http.Upgrade = req.http.Upgrade; set bereq.http.Connection = req.http.Connection;",
		host: "Varnish: do not set bereq.http.Host", path: "Varnish: do not change req.url",
		backend: "varnishadm backend.list shows whether the backend is healthy",
		timeout: "Varnish: first_byte_timeout, and pipe_timeout for the conversation",
		idle:    "Varnish: pipe_timeout, 60 by default"},
	{name: "Kong", fields: []trait{{"Server", "kong/"}, {"Via", "kong"}, {"X-Kong-Upstream-Latency", ""}, {"X-Kong-Proxy-Latency", ""}},
		upgrade: "Kong: protocols of the route: http, https (or ws, wss)", host: "Kong: preserve_host=true on the route",
		path: "Kong: strip_path=false on the route", backend: "Kong: see the upstream's health", timeout: "Kong: read_timeout of the service",
		idle: "Kong: read_timeout and write_timeout of the service, 60000 ms by default"},
	{name: "Envoy", fields: []trait{{"Server", "envoy"}, {"X-Envoy-Upstream-Service-Time", ""}, {"X-Envoy-Expected-Rq-Timeout-Ms", ""}},
		body: "upstream connect error or disconnect/reset before headers", upgrade: envoyLines,
		host: "Envoy: no host_rewrite_literal on the route", path: "Envoy: no prefix_rewrite on the route",
		backend: "Envoy: see the cluster's health and %RESPONSE_FLAGS% in its access log", timeout: "Envoy: timeout: 0s on the route",
		idle: "Envoy: stream_idle_timeout of the connection manager, or idle_timeout of the route, 5 minutes by default", lifetime: "Envoy: timeout: 0s on the route, and max_stream_duration"},
	{name: "IIS with ARR", fields: []trait{{"X-Powered-By", "ARR/"}, {"X-ARR-LOG-ID", ""}, {"X-Original-URL", ""}},
		upgrade: "IIS: install the feature WebSocket Protocol, and leave webSocket enabled in the site",
		host:    "ARR: preserveHostHeader=true", path: "ARR: see the rewrite rule's URL", timeout: "ARR: the proxy's time-out",
		idle: "ARR: the proxy's time-out, 120 s by default"},
	{name: "HAProxy", fields: []trait{{"Via", "haproxy"}, {"Server", "haproxy"}}, body: "No server is available to handle this request.",
		upgrade: haproxyLines, host: "HAProxy: no http-request set-header Host", path: "HAProxy: no http-request set-path or replace-path",
		backend: "HAProxy: see the server's state, and the termination flags in its log", timeout: "HAProxy: timeout server; timeout tunnel",
		idle: "HAProxy: timeout tunnel 1h (without it: timeout client and timeout server)"},
	{name: "OpenResty", fields: []trait{{"Server", "openresty"}}, upgrade: nginxLines, host: nginxHost, path: nginxPath,
		backend: "nginx: see error.log", timeout: nginxTimeout, body: "<center>openresty",
		idle: "nginx: proxy_read_timeout 1h; (60 s by default)"},
	{name: "nginx", fields: []trait{{"Server", "nginx"}, {"Via", "nginx"}}, upgrade: nginxLines, host: nginxHost, path: nginxPath,
		backend: "nginx: see error.log", timeout: nginxTimeout, body: "<center>nginx",
		idle: "nginx: proxy_read_timeout 1h; (60 s by default)"},
	{name: "Apache", fields: []trait{{"Server", "Apache"}, {"Via", "apache"}}, upgrade: apacheLines, host: "Apache: ProxyPreserveHost On",
		path:    "Apache: the same path on both sides of ProxyPass",
		backend: "Apache: see its error log for AH01114 or AH01102", timeout: "Apache: ProxyTimeout, or timeout= of ProxyPass", body: "<address>Apache",
		idle: "Apache: ProxyWebsocketIdleTimeout, or ProxyTimeout"},
	{name: "Caddy", fields: []trait{{"Server", "Caddy"}, {"Via", "caddy"}}, upgrade: "Caddy: reverse_proxy forwards upgrades; remove header_up lines for them",
		host: "Caddy: no header_up Host, or header_up Host {hostport}", path: "Caddy: handle in place of handle_path keeps the path", backend: "Caddy: see its log",
		idle: "Caddy: stream_timeout of reverse_proxy", lifetime: "Caddy: stream_timeout and stream_close_delay of reverse_proxy"},
	{name: "Traefik", fields: []trait{{"Server", "Traefik"}, {"Via", "traefik"}},
		upgrade: "Traefik: forwards upgrades; remove middlewares that set Connection or buffer (buffering)",
		host:    "Traefik: passHostHeader: true", path: "Traefik: no stripPrefix or replacePath middleware",
		backend: "Traefik: see the service's servers in its dashboard", timeout: "Traefik: respondingTimeouts and forwardingTimeouts",
		idle: "Traefik: respondingTimeouts.readTimeout and idleTimeout of the entry point"},
	{name: "Squid", fields: []trait{{"Server", "squid"}, {"Via", "squid"}, {"X-Squid-Error", ""}},
		upgrade: "Squid: request_header_access and http_upgrade_request_protocols websocket allow all", backend: "Squid: see access.log"},
	{name: "Akamai", fields: []trait{{"Server", "AkamaiGHost"}}, upgrade: "Akamai: the behaviour WebSockets in the property"},
	{name: "Fly.io's proxy", fields: []trait{{"Server", "Fly/"}, {"Via", "fly.io"}}, backend: "see fly logs"},
}

const (
	nginxHost    = "nginx: proxy_set_header Host $http_host;"
	nginxPath    = "nginx: proxy_pass http://backend; without a path or slash after the address keeps the path"
	nginxTimeout = "nginx: proxy_read_timeout"
)

// traits are those of all products by field, so that a head is looked through once for each name.
var traits = func() (list []fieldTraits) {
	place := make(map[string]int)
	for i := range products {
		for _, t := range products[i].fields {
			at, there := place[t.field]
			if !there {
				at = len(list)
				place[t.field] = at
				list = append(list, fieldTraits{field: t.field})
			}
			list[at].texts = append(list[at].texts, productText{i, t.text})
		}
	}
	return list
}()

type fieldTraits struct {
	field string
	texts []productText
}

type productText struct {
	product int // its place in products
	text    string
}

// headProduct recognises what wrote, or passed on, a head.
func headProduct(h *event.Head) *Product {
	if h == nil {
		return nil
	}
	found := len(products)
	for _, t := range traits {
		for _, v := range h.Values(t.field) {
			for _, of := range t.texts {
				if of.product < found && containsFold(v, of.text) {
					found = of.product
				}
			}
		}
	}
	if found == len(products) {
		return nil
	}
	return &products[found]
}

// bodyProduct recognises whose page a body is, in lower case.
func bodyProduct(body string) *Product {
	for i := range products {
		if p := &products[i]; p.body != "" && strings.Contains(body, strings.ToLower(p.body)) {
			return p
		}
	}
	return nil
}

// containsFold is strings.Contains without regard to the case of ASCII letters.
func containsFold(s, part string) bool {
	for ; len(s) >= len(part); s = s[1:] {
		if event.EqualFold(s[:len(part)], part) {
			return true
		}
	}
	return false
}
