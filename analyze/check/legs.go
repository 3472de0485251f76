package check

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// Legs is one upgrade attempt seen on both sides of a proxy. The response of either leg may not have come yet, or
// never come.
type Legs struct {
	// Downstream is the leg toward the client, Upstream the leg toward the backend.
	Downstream, Upstream *event.Handshake
	// Hop is the address of the proxy: the server of the downstream leg.
	Hop string
	// Final says that no more will be seen of either leg.
	Final bool
	// UpstreamFault is the name of an error of the server on the upstream leg, "" where there is none: a proxy may
	// rightly refuse such an answer.
	UpstreamFault string
	// Explains is set to the name of the check that found why the upstream leg was refused.
	Explains string
}

// LegRequests compares the requests of the two legs of a proxy; a finding belongs to the leg whose packet shows it.
func (s *Set) LegRequests(l *Legs) []*event.Finding {
	return s.legs(l, stageLegRequests, l.Downstream.Request, l.Upstream.Request)
}

// LegAnswers compares the answers.
func (s *Set) LegAnswers(l *Legs) []*event.Finding {
	return s.legs(l, stageLegAnswers, l.Downstream.Request, l.Upstream.Request, l.Downstream.Response, l.Upstream.Response)
}

func (s *Set) legs(l *Legs, st stage, heads ...*event.Head) []*event.Finding {
	for _, h := range heads {
		if h != nil && h.Cut != event.Whole {
			return nil // what is missing from it may have been sent
		}
	}
	return s.selected(s.run(st, l.seen(), l.Upstream.Conn, func(c *Check, report Report) {
		if st == stageLegRequests {
			c.LegRequests(l, report)
		} else {
			c.LegAnswers(l, report)
		}
	}))
}

// software is what the proxy wrote of itself into the fields of either leg, "" where it is silent.
func (l *Legs) software() string {
	for _, h := range []*event.Head{l.Downstream.Response, l.Upstream.Request} {
		if h == nil {
			continue
		}
		for _, name := range []string{"Via", "Server"} {
			if v := h.Get(name); v != "" && (name == "Via" || l.Upstream.Response == nil || l.Upstream.Response.Get("Server") != v) {
				return v
			}
		}
	}
	return ""
}

// product recognises the proxy by what it sends on either leg and did not get from the other, nil where it is not
// known.
func (l *Legs) product() *Product {
	if p := headProduct(l.Upstream.Request); p != nil && p != headProduct(l.Downstream.Request) {
		return p
	}
	if p := headProduct(l.Downstream.Response); p != nil && p != headProduct(l.Upstream.Response) {
		return p
	}
	return nil
}

// hop names the proxy by its address and what is known of its software.
func (l *Legs) hop() string {
	if s := l.software(); s != "" {
		return fmt.Sprintf("the proxy %s (%s)", l.Hop, escape(s))
	}
	if p := l.product(); p != nil {
		return fmt.Sprintf("the proxy %s (%s)", l.Hop, p.name)
	}
	return "the proxy " + l.Hop
}

// Name names the proxy by its address and what is known of its software.
func (l *Legs) Name() string { return l.hop() }

// Product is what the proxy is, nil where it is not known.
func (l *Legs) Product() *Product { return l.product() }

// ProductOf is what wrote, or passed on, a head; nil where it is not known.
func ProductOf(h *event.Head) *Product { return headProduct(h) }

// forwardUpgrade is what to set in the proxy so that it forwards the upgrade, "" where its software is not known.
func (l *Legs) forwardUpgrade() string {
	if p := l.product(); p != nil && p.upgrade != "" {
		return "let it forward the upgrade. " + p.upgrade
	}
	return ""
}

// PassedOn rewords the refusal of a downstream leg: the proxy only passed on what its backend answered.
func PassedOn(f *event.Finding, downstream, upstream *event.Handshake) {
	f.Text = fmt.Sprintf("%s: it is a proxy, and passed on its backend's answer of connection %s, packet %d",
		refusedWith(downstream), upstream.Conn, upstream.Response.Last.Number)
	f.Advice = fmt.Sprintf("fix what is found on connection %s, the leg to the backend %s",
		upstream.Conn, upstream.Conn.Peer[event.Server])
}

// Explained rewords why an attempt was refused: what the check name found explains it. What the answer itself says
// stays.
func Explained(f *event.Finding, h *event.Handshake, name string) {
	f.Text = refusedWith(h)
	if said := handshake.ReadBody(h.Response, h.Evidence.Body).Reason; said != "" && !generic(said, h.Response.Reason, h.Response.Status) {
		f.Text += " and says " + quote(said)
	}
	if name != "proxy-changed-handshake" {
		f.Text += fmt.Sprintf(": %s explains it", name)
		f.Advice = "do what " + name + " says"
		return
	}
	f.Text += fmt.Sprintf(": what the proxy changed explains it (%s)", name)
	f.Advice = "fix the proxy as " + name + " says"
}

// refusedWith is how the text of a refusal begins.
func refusedWith(h *event.Handshake) string {
	return "the server refused the upgrade with " + statusText(h.Response)
}

// Replaced rewords the refusal of a downstream leg: the proxy answered otherwise than its backend did.
func Replaced(f *event.Finding, downstream, upstream *event.Handshake) {
	f.Text = fmt.Sprintf("%s: it is a proxy, and its backend answered %s on connection %s, packet %d",
		refusedWith(downstream), statusText(upstream.Response), upstream.Conn, upstream.Response.Last.Number)
	f.Advice = fmt.Sprintf("fix what is found on connection %s, the leg to the backend %s", upstream.Conn, upstream.Conn.Peer[event.Server])
}

// Unanswered rewords the refusal of a downstream leg: the proxy had no answer from its backend by then.
func Unanswered(f *event.Finding, downstream, upstream *event.Handshake) {
	waited := downstream.Response.First.Time - upstream.Request.Last.Time
	f.Text = fmt.Sprintf("%s: it is a proxy, and had no usable answer from its backend %s on connection %s, %s after its request there (packet %d)",
		refusedWith(downstream), upstream.Conn.Peer[event.Server], upstream.Conn, span(waited), upstream.Request.Last.Number)
	f.Advice = fmt.Sprintf("see why the backend %s did not answer well: its log for this time, and how connection %s ended",
		upstream.Conn.Peer[event.Server], upstream.Conn)
}

// BackendRefused rewords the refusal of a gateway: its connection to the backend was refused while it had the request.
func BackendRefused(f *event.Finding, h *event.Handshake, refused *event.NoConnect) {
	backend := refused.Peer[event.Server]
	f.Text = fmt.Sprintf("%s: while it had this request, its address %s opened a connection to %s, and that was "+
		"refused (RST, packet %d)", refusedWith(h), refused.Peer[event.Client].Addr(), backend, refused.At.Number)
	f.Advice = fmt.Sprintf("check that the backend runs and listens on %s, and that this is where the proxy is to "+
		"connect", backend)
}

// GivenUp rewords the end of an upstream leg without an answer: its proxy had refused the client before.
func GivenUp(f *event.Finding, downstream *event.Handshake) {
	f.Text += fmt.Sprintf(": the client here is a proxy, which gave up and answered %s on connection %s, packet %d",
		statusText(downstream.Response), downstream.Conn, downstream.Response.Last.Number)
	f.Advice = fmt.Sprintf("see why the backend %s did not answer, and how long the proxy waits for it",
		f.Conn.Peer[event.Server])
}

// ClosePassedOn rewords a Close: a proxy passed it on from another leg, where the packet at carried it.
func ClosePassedOn(f *event.Finding, leg *event.Conn, at event.At) {
	f.Text += fmt.Sprintf("; the proxy passed this Close on from connection %s, packet %d", leg, at.Number)
	f.Advice = fmt.Sprintf("see the Close on connection %s", leg)
}

// GatewayRefused rewords the refusal of a downstream leg: the proxy could not use what its backend did, and root names
// what was wrong with that.
func GatewayRefused(f *event.Finding, downstream, upstream *event.Handshake, root string) {
	what, packet := "did not get a usable answer from its backend", upstream.At.Number
	switch {
	case upstream.Evidence.NotHTTPAt.Number != 0:
		packet = upstream.Evidence.NotHTTPAt.Number
	case upstream.Evidence.Silent != nil:
		packet = upstream.Evidence.Silent.At.Number
	}
	if r := upstream.Response; r != nil {
		what, packet = fmt.Sprintf("could not use its backend's answer %s", statusText(r)), r.Last.Number
	}
	f.Text = fmt.Sprintf("%s: it is a proxy, and %s on connection %s, packet %d (%s)",
		refusedWith(downstream), what, upstream.Conn, packet, root)
	f.Advice = fmt.Sprintf("fix what is found on connection %s, the leg to the backend %s",
		upstream.Conn, upstream.Conn.Peer[event.Server])
}
