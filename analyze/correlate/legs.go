package correlate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// maxLegDelay is how long after the client's request a proxy may ask its backend, ns of capture time.
const maxLegDelay = 30e9

// compare tells what an earlier attempt b with the same key is to a.
func (c *Correlator) compare(b, a *attempt) {
	switch {
	case b.conn == a.conn:
		// another try on the same connection
	case sameConnection(b, a):
		a.copy = b.conn
		if b.copy == nil {
			b.copy = a.conn
		}
		a.reused = nil
	case a.request.Ordinal < b.request.Ordinal:
		// What was decrypted late comes late. It may be the leg before b; that b used its key again was not said in
		// time.
		if b.downstream == nil && b.conn.Peer[event.Server] != a.conn.Peer[event.Server] && inTime(a, b) {
			a.upstream, b.downstream = b, a
		}
	case b.unanswered(a.request) && b.upstream == nil && b.conn.Peer[event.Server] != a.conn.Peer[event.Server] && inTime(b, a):
		b.upstream, a.downstream = a, b
		a.reused = nil
	case b.unanswered(a.request) && b.upstream != nil && b.upstream.request.Ordinal > a.request.Ordinal &&
		b.conn.Peer[event.Server] != a.conn.Peer[event.Server] && inTime(b, a):
		// a is told late, and stands between two legs of a chain of proxies
		a.upstream, b.upstream.downstream = b.upstream, a
		b.upstream, a.downstream = a, b
		a.reused = nil
	case inTime(b, a) && !(a.conn.Numbered && b.conn.Numbered):
		// they may be one connection behind a translation of addresses, or legs: without the SYNs that cannot be told
	case a.reused == nil:
		a.reused = &earlierUse{b.conn.Ordinal, b.request}
	}
}

func inTime(downstream, upstream *attempt) bool {
	apart := upstream.request.Time - downstream.request.Time
	return apart >= -1e9 && apart < maxLegDelay
}

// findDownstream looks for the leg toward the client of a where the proxy chose a key of its own.
func (c *Correlator) findDownstream(a *attempt) {
	waiting := c.byServer[a.conn.Peer[event.Client].Addr()]
	if waiting == nil {
		return
	}
	for b, n := waiting.first, 0; b != nil && n < maxCompared; b, n = b.next, n+1 {
		if b.conn == a.conn || b.upstream != nil || b.answered || !inTime(b, a) || b.conn.Peer[event.Server] == a.conn.Peer[event.Server] {
			continue
		}
		loop := a.conn.Peer[event.Client].Addr().IsLoopback()
		if samePath(b.head.Target, a.head.Target) && (!loop || forwards(a.head, b) || translates(b.head, a.head)) {
			b.upstream, a.downstream = a, b
			return
		}
	}
}

// samePath says that a proxy may have made the upstream path of the downstream one, perhaps cutting or adding a
// prefix.
func samePath(downstream, upstream string) bool {
	return downstream == upstream || len(upstream) > 1 && strings.HasSuffix(downstream, upstream) ||
		len(downstream) > 1 && strings.HasSuffix(upstream, downstream)
}

// Legs is what two attempts have in common at least where the one may be the upstream leg of the other though it has
// another key: the proxy's address, and the end of the path, which a proxy keeps.
type Legs struct {
	Proxy netip.Addr
	Path  string
}

// LegsOf is what a request has in common with an upstream and with a downstream leg of its own.
func LegsOf(r *event.Request) (upstream, downstream Legs) {
	path := r.Head.Target
	path = path[max(len(path)-2, 0):] // of two paths that are not equal the shorter one has two octets at least, see samePath
	return Legs{r.Conn.Peer[event.Server].Addr(), path}, Legs{r.Conn.Peer[event.Client].Addr(), path}
}

// translates says that q may be what a proxy made of a request on HTTP/2, which has no key (RFC 8441 §5): the ends'
// own fields are the same.
func translates(downstream, q *event.Head) bool {
	if !downstream.Has(":protocol") || q.Has(":protocol") {
		return false
	}
	for _, name := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin", "User-Agent"} {
		if strings.Join(downstream.Values(name), ",") != strings.Join(q.Values(name), ",") {
			return false
		}
	}
	return true
}

// forwardedFields says that a request tells for whom a proxy forwarded it.
func forwardedFields(q *event.Head) bool {
	return q.Has("X-Forwarded-For") || q.Has("Via") || q.Has("Forwarded") || q.Has("X-Real-IP")
}

// forwards says that q was sent on for the client of the downstream attempt: a proxy's fields are there that its
// request does not have.
func forwards(q *event.Head, downstream *attempt) bool {
	client := downstream.conn.Peer[event.Client].Addr().String()
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded"} {
		if v := q.Values(name); len(v) > len(downstream.head.Values(name)) && strings.Contains(strings.Join(v, ","), client) {
			return true
		}
	}
	return len(q.Values("Via")) > len(downstream.head.Values("Via"))
}

// blameProxy moves the fault for what is wrong with an upstream request to the proxy that made it, unless the
// client's own request was wrong in the same way.
func (c *Correlator) blameProxy(downstream *attempt, h *event.Handshake) {
	// with the backend's answer, since some of the faults show in the answer only
	alone := event.Handshake{Conn: downstream.conn, Request: downstream.head, Response: h.Response}
	c.checks.Handshake(handshake.Read(&alone), c.policy)
	for _, f := range h.Findings {
		if f.Fault != event.ClientFault || slices.ContainsFunc(alone.Findings, func(g *event.Finding) bool { return g.Name == f.Name }) {
			continue
		}
		f.Fault = event.MiddleboxFault
		f.Causes = append(slices.Clone(f.Causes), "proxy-changed-handshake")
		f.Advice = fmt.Sprintf("the client of this leg is the proxy %s, and the client's request to it (connection %d, "+
			"packet %d) was correct: fix the proxy's configuration",
			downstream.conn.Peer[event.Server], downstream.conn.Ordinal, downstream.head.Last.Number)
	}
}

// compareLegs compares two legs when both are answered: only then is it known which software the proxy is. What it
// finds is added to h, the event of the leg that was answered last. What will be found in the requests is remembered
// when the first is answered: findings on that leg may follow from it.
func (c *Correlator) compareLegs(downstream, upstream *attempt, h *event.Handshake) {
	legs := check.Legs{Downstream: downstream.known(), Upstream: upstream.known(), Hop: downstream.conn.Peer[event.Server].String()}
	found := c.checks.LegRequests(&legs)
	upstream.explained = legs.Explains
	both := downstream.handshake != nil && upstream.handshake != nil
	for _, f := range found {
		upstream.remember(f)
		upstream.toldOf(f.Name).pending = !both
	}
	if both {
		h.Findings = append(h.Findings, found...)
		legs.Final, legs.UpstreamFault = true, upstream.serverFault()
		for _, a := range []*attempt{downstream, upstream} {
			a.hop = legs.Name()
			if p := legs.Product(); p != nil {
				a.product = p
			}
		}
		h.Findings = append(h.Findings, c.checks.LegAnswers(&legs)...)
	}
}

// known is the event of an attempt, or what will be of it while it has no answer.
func (a *attempt) known() *event.Handshake {
	if a.handshake != nil {
		return a.handshake
	}
	return &event.Handshake{Conn: a.conn, At: a.request, Request: a.head}
}

// otherLeg says which other connection carries the same attempt.
func (a *attempt) otherLeg() *event.OtherLeg {
	switch {
	case a.downstream != nil:
		return &event.OtherLeg{Conn: a.downstream.conn, Role: event.DownstreamLeg}
	case a.upstream != nil:
		return &event.OtherLeg{Conn: a.upstream.conn, Role: event.UpstreamLeg}
	case a.copy != nil:
		return &event.OtherLeg{Conn: a.copy, Role: event.CopyLeg}
	}
	return nil
}

// serverFault names the first error of the server that was found on an attempt's connection, "" where there is none.
func (a *attempt) serverFault() string {
	for _, t := range a.told {
		if t.level == event.Error && t.fault == event.ServerFault {
			return t.name
		}
	}
	return ""
}

// explainByUpstream rewords the refusal of a downstream leg by what was seen on the leg to the backend.
func (c *Correlator) explainByUpstream(a *attempt, h *event.Handshake) {
	b := a.upstream
	if b == nil || h.Response == nil {
		return
	}
	i := slices.IndexFunc(h.Findings, func(f *event.Finding) bool { return f.Name == "handshake-refused" && f.Conn == h.Conn })
	if i < 0 {
		return
	}
	f, up := h.Findings[i], b.handshake
	if up == nil {
		if b.head == nil || h.Response.Status < 500 {
			return
		}
		check.Unanswered(f, h, b.known())
		if b.begun != nil {
			f.Follows = b.expect("answer-missing") // the end of the connection is reported when it is over
		}
		return
	}
	switch root := b.serverFault(); {
	case up.Response != nil && up.Response.Status == h.Response.Status && h.Response.Status != 101:
		check.PassedOn(f, h, up)
		f.Follows = b.root("handshake-refused")
		for _, g := range h.Findings { // what is wrong with the answer came with it
			if g != f && g.Conn == h.Conn && g.Fault == event.ServerFault && b.has(g.Name) {
				g.Follows = b.root(g.Name)
			}
		}
	case h.Response.Status >= 500 && root != "":
		check.GatewayRefused(f, h, up, root)
		f.Follows = b.root(root)
	case h.Response.Status >= 500 && up.Response == nil && b.has("answer-missing"):
		check.GatewayRefused(f, h, up, "answer-missing")
		f.Follows = b.root("answer-missing")
	case up.Response != nil && b.has("handshake-refused"):
		check.Replaced(f, h, up)
		f.Follows = b.root("handshake-refused")
	}
}

// givenUp has the end of an upstream leg without an answer follow from the refusal of the downstream leg, where the
// proxy gave up waiting for its backend: it refused its client and ended the leg.
func (a *attempt) givenUp(h *event.Handshake) {
	b := a.downstream
	if b == nil || b.handshake == nil || b.handshake.Response == nil || b.handshake.Response.Status < 500 {
		return
	}
	refused := b.handshake
	for _, f := range h.Findings {
		s := h.Evidence.Silent
		if f.Name == "answer-missing" && f.Conn == h.Conn && f.Follows == nil && s != nil && s.By == event.Client &&
			b.has("handshake-refused") {
			if root := b.root("handshake-refused"); root.Conn != a.conn { // else it is the cause itself
				f.Follows = root
				check.GivenUp(f, refused)
			}
		}
	}
}

// lostByProxy has what is wrong on a downstream leg follow from what its proxy did: an answer that the proxy did not
// give, since its backend refused, and a subprotocol that it dropped on the way there or back.
func (a *attempt) lostByProxy(h *event.Handshake) {
	b := a.upstream
	if b == nil || b.handshake == nil {
		return
	}
	up := b.handshake
	lost := func(head func(h *event.Handshake) *event.Head, there, here *event.Handshake) bool {
		t, f := head(there), head(here)
		return t != nil && f != nil && t.Has("Sec-WebSocket-Protocol") && !f.Has("Sec-WebSocket-Protocol")
	}
	request := func(h *event.Handshake) *event.Head { return h.Request }
	response := func(h *event.Handshake) *event.Head { return h.Response }
	for _, f := range h.Findings {
		switch {
		case f.Conn != h.Conn || f.Follows != nil:
		case f.Name == "answer-missing" && f.Fault == event.ServerFault && up.Response != nil &&
			up.Response.Last.Ordinal < f.At.Ordinal &&
			b.has("handshake-refused"):
			f.Follows = b.root("handshake-refused")
		case f.Name == "subprotocol-unanswered" && (lost(request, h, up) || lost(response, up, h)):
			if i := slices.IndexFunc(h.Findings,
				func(g *event.Finding) bool { return g.Name == "proxy-changed-handshake" }); i >= 0 {
				f.Fault = event.MiddleboxFault
				f.Follows = &event.Cause{Conn: h.Findings[i].Conn, Name: h.Findings[i].Name}
			}
		}
	}
}

// blameProxyForAnswer moves the fault for what is wrong with the 101 of a downstream leg to the proxy, where its backend
// answered 101 without that.
func (a *attempt) blameProxyForAnswer(h *event.Handshake) {
	b := a.upstream
	if b == nil || b.handshake == nil || b.handshake.Response == nil || h.Response == nil || h.Response.Status != 101 ||
		b.handshake.Response.Status != 101 {
		return
	}
	for _, f := range h.Findings {
		if f.Conn != h.Conn || f.Fault != event.ServerFault || f.Level == event.Note || b.has(f.Name) || f.Name == "cross-site-websocket" {
			continue
		}
		f.Fault = event.MiddleboxFault
		f.Advice = fmt.Sprintf("the server of this leg is the proxy %s, and its backend's answer (connection %s, packet %d) was correct: "+
			"let the proxy relay Upgrade, Connection and the Sec-WebSocket fields of the 101 unchanged",
			a.conn.Peer[event.Server], b.conn, b.handshake.Response.Last.Number)
		if h.Conn.Stream.Known {
			f.Advice = fmt.Sprintf("the proxy %s passed on its backend's 101 (connection %s, packet %d) inside HTTP/2, where there is none: let the client "+
				"offer only http/1.1 by ALPN, or ask by extended CONNECT of a proxy that allows it; a proxy should refuse the request with 400",
				a.conn.Peer[event.Server], b.conn, b.handshake.Response.Last.Number)
		}
	}
}
