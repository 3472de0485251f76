package check

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/http1"

	"golang.org/x/net/publicsuffix"
)

// Cross-site WebSocket hijacking: RFC 6455 §10.2.

var checkCrossSite = Check{
	ID: "SEC-01", Name: "cross-site-websocket", Level: event.Warning, Fault: event.ServerFault,
	Citation: "RFC 6455 §10.2",
	When: "Origin is of another site than Host, a Cookie or Authorization was sent, and the answer was " +
		"101",
	Description: "The same-origin policy does not cover WebSocket: any page may open one to any server, and the " +
		"browser sends along the cookies that SameSite lets through. If the server does not check Origin, a " +
		"foreign page can act and read as the user who visits it (cross-site WebSocket hijacking). " +
		"gorilla/websocket compares Origin with Host unless CheckOrigin is overridden; the Node library ws " +
		"checks nothing unless verifyClient does. A site that is meant to serve pages of other sites does this " +
		"on purpose, and clients that are no browsers may send any Origin.",
	Advice: "compare Origin with a list before the 101 and answer 403 to others (Node ws: verifyClient; " +
		"gorilla/websocket: CheckOrigin); set SameSite=Lax or Strict on the session cookie",
	Needs:    Asked | Switched,
	Exchange: crossSite,
}

func crossSite(x *Exchange, report Report) {
	if !(x.Request.Has("Cookie") || x.Request.Has("Authorization")) {
		return
	}
	q := x.Request
	origin, host, crosses := sites(q)
	if !crosses || x.Policy.allows(q.Get("Origin"), origin) {
		return
	}
	with := "a Cookie"
	if !q.Has("Cookie") {
		with = "an Authorization field"
	}
	report(Detail{
		At: x.Response.Last,
		Text: fmt.Sprintf("a page of %s opened a WebSocket to %s with %s, and the server accepted it",
			quote(q.Get("Origin")), quote(host), with),
		Seen: "Origin: " + q.Get("Origin"), Wanted: "an Origin of the site of " + host,
	})
}

// CrossSite says that a request's Origin is of another site than the host it goes to.
func CrossSite(q *event.Head) bool {
	_, _, crosses := sites(q)
	return crosses
}

func sites(q *event.Head) (origin, host string, cross bool) {
	origin, ok := originHost(q.Get("Origin"))
	if !ok {
		return "", "", false // no browser, an opaque origin, or an extension's: nothing to compare
	}
	host = ownHost(q)
	return origin, host, host != "" && !sameSite(origin, host)
}

// originHost gives the host of a web origin (RFC 6454); ok is false for null, for other schemes and for what is no
// origin.
func originHost(origin string) (host string, ok bool) {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return "", false
	}
	return strings.ToLower(u.Hostname()), true
}

// ownHost is the host that the client meant. Behind a proxy Host may name the backend: then only what the proxy
// says of the original counts, and where it says nothing the host is unknown.
func ownHost(q *event.Head) string {
	if v := q.Values("X-Forwarded-Host"); len(v) > 0 {
		host, _, _ := strings.Cut(v[0], ",")
		return hostName(strings.TrimSpace(host))
	}
	for _, element := range http1.List9110(q.Values("Forwarded")) {
		for _, pair := range strings.Split(element, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); event.EqualFold(name, "host") {
				return hostName(strings.Trim(value, `"`))
			}
		}
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"} {
		if q.Has(name) {
			return ""
		}
	}
	return hostName(q.Authority())
}

func hostName(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = host
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

// sameSite compares registrable domains by the public suffix list; addresses and names without one compare whole.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	if loopback(a) && loopback(b) {
		return true // localhost, 127.0.0.1 and ::1 are one machine
	}
	sa, errA := site(a)
	sb, errB := site(b)
	return errA == nil && errB == nil && sa == sb
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isAddress says that a host is an IP address, not a name.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func site(host string) (string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return "", fmt.Errorf("an address")
	}
	return publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(host, "."))
}

// allows says that the user expects this origin: the list holds origins, hosts, or *.domain.
func (p *Policy) allows(origin, host string) bool {
	if p == nil {
		return false
	}
	for _, a := range p.AllowOrigins {
		a = strings.ToLower(a)
		if a == "*" || a == strings.ToLower(origin) || a == host || strings.HasPrefix(a, "*.") && strings.HasSuffix(host, a[1:]) {
			return true
		}
	}
	return false
}
