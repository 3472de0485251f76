package check

import (
	"fmt"
	"slices"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
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
	LegRequests: changedRequest, LegAnswers: changedAnswer,
	Needs: BothRequests,
}

// changed are the fields of requests and answers that a proxy must not touch for a WebSocket to work as its ends
// agreed.
var (
	changedInRequest = []string{"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin"}
	changedInAnswer  = []string{"Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"}
)

// changedRequest compares the client's request with what the backend got.
func changedRequest(l *Legs, report Report) {
	before, after := l.Downstream.Request, l.Upstream.Request
	d := Detail{At: after.Last}
	fields := changedInRequest
	if l.translated() {
		fields = fields[1:] // HTTP/2 has no key: the proxy must add or drop it
	}
	diff := differences(before, after, fields, "request")
	if why, advice := explainedByChange(l); why != "" {
		l.Explains = "proxy-changed-handshake"
		diff = append([]string{why}, without(diff, why)...)
		d.Advice = advice
	}
	if len(diff) > 0 {
		reportChange(l, d, diff, report)
	}
}

// changedAnswer compares the backend's answer with what the client got.
func changedAnswer(l *Legs, report Report) {
	before, after := l.Upstream.Response, l.Downstream.Response
	if before == nil || after == nil {
		return
	}
	var diff []string
	both := switched(l.Upstream) && switched(l.Downstream)
	if both {
		fields := changedInAnswer
		if l.translated() || l.Downstream.Request.Get("Sec-WebSocket-Key") != l.Upstream.Request.Get("Sec-WebSocket-Key") {
			fields = fields[1:] // each key has its own Accept
		}
		diff = differences(before, after, fields, "answer")
	}
	if before.Status != after.Status && !(both && l.translated()) && l.UpstreamFault == "" { // else it rightly refused what the backend sent
		diff = append(diff, fmt.Sprintf("the status %d became %d", before.Status, after.Status))
	}
	if len(diff) > 0 {
		reportChange(l, Detail{At: after.Last, Conn: l.Downstream.Conn}, diff, report)
	}
}

func reportChange(l *Legs, d Detail, diff []string, report Report) {
	d.Text = fmt.Sprintf("%s changed the handshake between connections %s and %s: %s",
		l.hop(), l.Downstream.Conn, l.Upstream.Conn, strings.Join(diff, "; "))
	d.Seen, d.Wanted = strings.Join(diff, "; "), "the same on both legs"
	report(d)
}

// differences says which fields a head lost, got or changed on its way.
func differences(before, after *event.Head, fields []string, what string) (diff []string) {
	for _, field := range fields {
		was := strings.Join(http1.SplitElements(before.Values(field)), ", ")
		is := strings.Join(http1.SplitElements(after.Values(field)), ", ")
		if was != is {
			diff = append(diff, fmt.Sprintf("%s of the %s %s", field, what, change(was, is)))
		}
	}
	return diff
}

// without leaves out the difference that why tells already.
func without(diff []string, why string) []string {
	field, _, _ := strings.Cut(why, " ")
	return slices.DeleteFunc(diff, func(d string) bool { return strings.HasPrefix(d, field+" of the request ") })
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

// explainedByChange finds what the proxy changed in the request that explains why the backend refused it. Many proxies
// change Host and the path, and nothing comes of it: only a refusal that fits is a finding.
func explainedByChange(l *Legs) (why, advice string) {
	a := l.Upstream.Response
	if a == nil || a.Status < 300 || a.Status >= 500 || oneOf(a.Status, 400, 426) && l.lostUpgrade() {
		return "", ""
	}
	for _, find := range []func(*Legs, *event.Head) (why, advice string){pathChanged, hostChanged, originChanged, listChanged, credentialsChanged} {
		if why, advice = find(l, a); why != "" {
			return fmt.Sprintf("%s, and the backend answers %s", why, statusText(a)), advice
		}
	}
	return "", ""
}

// lostUpgrade says that the backend's request lacks what asks for an upgrade, which then explains a 400 or 426 better.
func (l *Legs) lostUpgrade() bool {
	q := l.Upstream.Request
	return !q.Has(":method") && (!handshake.AnyWebSocket(q.Values("Upgrade")) || !handshake.HasToken(q, "Connection", "upgrade"))
}

// oneOf says that status is in list.
func oneOf(status int, list ...int) bool { return slices.Contains(list, status) }

// setting is what to set in the proxy, in its own words, or any where those are not known.
func (l *Legs) setting(own func(*Product) string, any string) string {
	if p := l.product(); p != nil && own(p) != "" {
		return own(p)
	}
	return any
}

func pathChanged(l *Legs, a *event.Head) (why, advice string) {
	before, after := l.Downstream.Request, l.Upstream.Request
	if before.Target == after.Target {
		return "", ""
	}
	was, query, _ := strings.Cut(before.Target, "?")
	is, left, _ := strings.Cut(after.Target, "?")
	redirected := a.Status < 400 && a.Has("Location")
	back := redirected && slices.Contains([]string{strings.TrimSuffix(was, "/"), strings.TrimSuffix(is, "/")}, locationPath(a))
	sameHost := event.EqualFold(before.Get("Host"), after.Get("Host"))
	switch {
	case was == is && query != left && (redirected || oneOf(a.Status, 400, 401, 403, 404, 405, 422, 426)):
		why = "the query of the request target was changed"
		if left == "" {
			why = "the query of the request target was dropped"
		}
		return why, "let the proxy keep the query after the path. " +
			l.setting(func(p *Product) string { return p.path },
				"nginx: a proxy_pass without variables keeps it; with them write $is_args$args")
	case was != is && !l.saysReason() && (back || oneOf(a.Status, 404, 405, 410) || a.Status == 400 && sameHost):
		return fmt.Sprintf("the request target %s became %s", quote(before.Target), quote(after.Target)),
			"let the proxy keep the path, or set the path that the backend serves. " + l.setting(func(p *Product) string { return p.path }, nginxPath)
	}
	return "", ""
}

// locationPath is the path that a redirect leads to, without a slash at its end.
func locationPath(a *event.Head) string {
	path, _, _ := strings.Cut(a.Get("Location"), "?")
	if _, rest, absolute := strings.Cut(path, "://"); absolute {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	return strings.TrimSuffix(path, "/")
}

// said is the body of the backend's answer in lower case.
func (l *Legs) said() string {
	if b := l.Upstream.ResponseBody; b != nil {
		return strings.ToLower(b.Text)
	}
	return ""
}

// saysReason says that the backend's answer gives a reason that has nothing to do with its path.
func (l *Legs) saysReason() bool {
	said := l.said()
	for i := range sayings {
		if s := &sayings[i]; s.advice != attachAdvice && slices.ContainsFunc(s.phrases, func(p string) bool { return strings.Contains(said, p) }) {
			return true
		}
	}
	return false
}

func hostChanged(l *Legs, a *event.Head) (why, advice string) {
	after := l.Upstream.Request
	was, is := l.Downstream.Request.Get("Host"), after.Get("Host")
	if was == "" || event.EqualFold(was, is) {
		return "", ""
	}
	named := originNames(after, was) && !originNames(after, is) || originIs(after, was) && !originIs(after, is)
	if named && oneOf(a.Status, 400, 401, 403, 404) || strings.Contains(l.said(), "host") || a.Status == 421 {
		return fmt.Sprintf("Host %s, which the backend compares with Origin or with its list", change(was, is)),
			"let the proxy keep the client's Host. " + l.setting(func(p *Product) string { return p.host }, nginxHost+" Apache: ProxyPreserveHost On")
	}
	return "", ""
}

func originChanged(l *Legs, a *event.Head) (why, advice string) {
	was, is := l.Downstream.Request.Get("Origin"), l.Upstream.Request.Get("Origin")
	if was == is || !oneOf(a.Status, 400, 401, 403, 404) {
		return "", ""
	}
	return "Origin " + change(was, is), "let the proxy forward Origin unchanged (nginx: no proxy_set_header Origin)"
}

// listChanged finds a change in what RFC 6455 negotiates.
func listChanged(l *Legs, a *event.Head) (why, advice string) {
	if !oneOf(a.Status, 400, 403, 405, 406, 426) {
		return "", ""
	}
	for _, field := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Key"} {
		was := strings.Join(http1.SplitElements(l.Downstream.Request.Values(field)), ", ")
		is := strings.Join(http1.SplitElements(l.Upstream.Request.Values(field)), ", ")
		if was == is || field == "Sec-WebSocket-Key" && (is != "" || l.translated()) {
			continue
		}
		return field + " " + change(was, is), "let the proxy forward " + field + " unchanged"
	}
	return "", ""
}

func credentialsChanged(l *Legs, a *event.Head) (why, advice string) {
	if !(oneOf(a.Status, 400, 401, 403) || a.Status < 400 && a.Has("Location")) {
		return "", ""
	}
	for _, field := range []string{"Authorization", "Cookie"} {
		was, is := l.Downstream.Request.Values(field), l.Upstream.Request.Values(field)
		if len(was) > 0 && len(is) == 0 {
			return field + " was dropped", "let the proxy forward " + field
		}
		if len(was) > 0 && strings.Join(was, "; ") != strings.Join(is, "; ") {
			return field + " was changed (its values are not shown)", "let the proxy forward " + field + " unchanged"
		}
	}
	return "", ""
}

// originNames says that Origin is of a host.
func originNames(q *event.Head, host string) bool {
	origin, ok := originHost(q.Get("Origin"))
	return ok && host != "" && origin == hostName(host)
}

// originIs says that Origin is of a host and port, as servers compare them that look at both.
func originIs(q *event.Head, host string) bool {
	scheme, authority, ok := strings.Cut(strings.ToLower(q.Get("Origin")), "://")
	port := map[string]string{"http": ":80", "https": ":443"}[scheme]
	host = strings.ToLower(host)
	return ok && port != "" && strings.TrimSuffix(authority, port) == strings.TrimSuffix(host, port)
}

// translated says that the legs are of different transports.
func (l *Legs) translated() bool { return l.Downstream.Transport != l.Upstream.Transport }

// switched says that a leg was answered as its transport says yes: 101, or 2xx on HTTP/2 and HTTP/3 (RFC 8441 §5, RFC 9220 §3).
func switched(h *event.Handshake) bool {
	if h.Transport == "h2" || h.Transport == "h3" {
		return h.Response.Status/100 == 2
	}
	return h.Response.Status == 101
}
