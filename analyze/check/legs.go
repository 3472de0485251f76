package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
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
}

// Legs judges the two legs of a proxy; a finding belongs to the leg whose packet shows it.
func (s *Set) Legs(l *Legs) []*event.Finding {
	for _, h := range []*event.Head{l.Downstream.Request, l.Upstream.Request, l.Downstream.Response, l.Upstream.Response} {
		if h != nil && h.Cut != event.Whole {
			return nil // what is missing from it may have been sent
		}
	}
	return s.selected(s.run(stageLegs, l.seen(), l.Upstream.Conn, func(c *Check, report Report) { c.Legs(l, report) }))
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

// hop names the proxy by its address and what is known of its software.
func (l *Legs) hop() string {
	if s := l.software(); s != "" {
		return fmt.Sprintf("the proxy %s (%s)", l.Hop, escape(s))
	}
	return "the proxy " + l.Hop
}

// configuration is the line for the proxy's own configuration, "" where its software is not known.
func (l *Legs) configuration() string {
	s := strings.ToLower(l.software())
	for _, known := range []struct{ name, lines string }{{"nginx", nginxLines}, {"apache", apacheLines}, {"haproxy", haproxyLines}, {"envoy", envoyLines}} {
		if strings.Contains(s, known.name) {
			return "let it forward the upgrade. " + known.lines
		}
	}
	return ""
}

// PassedOn rewords the refusal of a downstream leg: the proxy only passed on what its backend answered.
func PassedOn(f *event.Finding, downstream, upstream *event.Handshake) {
	f.Text = fmt.Sprintf("the server refused the upgrade with %s: it is a proxy, and passed on its backend's "+
		"answer of connection %d, packet %d",
		statusText(downstream.Response), upstream.Conn.Ordinal, upstream.Response.Last.Number)
	f.Advice = fmt.Sprintf("mend what is said of connection %d, the leg to the backend %s",
		upstream.Conn.Ordinal, upstream.Conn.Peer[event.Server])
}
