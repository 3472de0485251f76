package check

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// Views for the security minded: legal traffic that an attacker would like, or that gives something away.

func crossSite(x *Exchange, report Report) {
	if !x.answered() || x.Request == nil || !(x.Request.Has("Cookie") || x.Request.Has("Authorization")) {
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
	report(Detail{At: x.Response.Last, Text: fmt.Sprintf("a page of %s opened a WebSocket to %s with %s, and the server accepted it", quote(q.Get("Origin")), quote(host), with),
		Seen: "Origin: " + q.Get("Origin"), Wanted: "an Origin of the site of " + host})
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

// originHost gives the host of a web origin (RFC 6454); ok is false for null, for other schemes and for what is no origin.
func originHost(origin string) (host string, ok bool) {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return "", false
	}
	return strings.ToLower(u.Hostname()), true
}

// ownHost is the host that the client meant. Behind a proxy Host may name the backend: then only what the proxy says of
// the original counts, and where it says nothing the host is unknown.
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
	return hostName(q.Get("Host"))
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

func requestSmuggling(x *Exchange, report Report) {
	e := &x.Evidence
	if !x.asked() || x.Response == nil || x.Switched() || len(e.Early) == 0 || draftKeys(x.Request) {
		return
	}
	report(Detail{At: e.EarlyAt, Text: fmt.Sprintf("behind an upgrade that was refused with %d the client had already sent %s: %s",
		x.Response.Status, early(e), show(e.Early)), Seen: show(e.Early), Wanted: "nothing before the answer"})
}

func secretInHandshake(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for _, p := range x.ProtocolsOffered.Value {
		if SecretToken(p) {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the subprotocol %s carries a token, which proxies and servers write to their logs", quote(Redacted(p))),
				Seen: Redacted(p)})
		}
	}
	_, query, _ := strings.Cut(x.Request.Target, "?")
	for _, pair := range strings.Split(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); SecretParam(name, value) {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the query parameter %s carries a secret (%s), which proxies and servers write to their logs", quote(name), Redacted(value)),
				Seen: name + "=" + Redacted(value)})
		}
	}
}

// Redacted stands for a secret: its length, nothing of its text.
func Redacted(s string) string { return fmt.Sprintf("[redacted, %s]", count(len(s), "character")) }

// secretNames are query parameters whose values are secrets.
var secretNames = map[string]bool{
	"token": true, "access_token": true, "accesstoken": true, "id_token": true, "auth_token": true, "authtoken": true, "refresh_token": true,
	"jwt": true, "auth": true, "authorization": true, "bearer": true, "api_key": true, "apikey": true, "api-key": true, "x-api-key": true,
	"secret": true, "client_secret": true, "password": true, "passwd": true, "pwd": true, "x-amz-security-token": true, "x-amz-signature": true,
	"access-token": true, "auth-token": true, "session_token": true,
}

// SecretParam says that a query parameter carries a secret: by its name, or because its value is a JSON Web Token.
func SecretParam(name, value string) bool {
	return secretNames[strings.ToLower(name)] && len(value) >= 8 || jwt(value)
}

// SecretToken says that a subprotocol is not the name of a protocol but a token: a JWT, alone or behind a name, or what
// Kubernetes calls a base64url bearer.
func SecretToken(p string) bool {
	return jwt(p) || strings.HasPrefix(p, "base64url.bearer.authorization.") || strings.HasPrefix(p, "Bearer.")
}

// jwt finds a JSON Web Token in s: three base64url parts of which the first is a JSON object (RFC 7519 §3).
func jwt(s string) bool {
	i := strings.Index(s, "eyJ")
	if i < 0 {
		return false
	}
	parts := strings.Split(s[i:], ".")
	if len(parts) < 3 {
		return false
	}
	head, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	return err == nil && strings.Contains(string(head), `"alg"`) || err == nil && strings.Contains(string(head), `"typ"`)
}
