package analyze

import (
	"fmt"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// ignoring takes findings out that the policy tells to ignore on some hosts, and counts them.
type ignoring struct {
	rules []check.Ignored
	// hosts are those that requests named, as sent, by connection until it is over.
	hosts map[*event.Conn]string
	count []uint64   // by rule
	first []event.At // of those that were ignored, by rule
}

// newIgnoring is nil where the policy ignores nothing.
func newIgnoring(p *check.Policy) *ignoring {
	if p == nil || len(p.Ignore) == 0 {
		return nil
	}
	return &ignoring{rules: p.Ignore, hosts: make(map[*event.Conn]string), count: make([]uint64, len(p.Ignore)), first: make([]event.At, len(p.Ignore))}
}

// handshake learns the host, and drops what is to be ignored.
func (g *ignoring) handshake(h *event.Handshake) {
	if g == nil {
		return
	}
	host := h.Conn.Peer[event.Server].String()
	if h.Request != nil && h.Request.Authority() != "" {
		host = h.Request.Authority()
	}
	g.hosts[h.Conn] = host
	kept := h.Findings[:0]
	for _, f := range h.Findings {
		if !g.ignores(f) {
			kept = append(kept, f)
		}
	}
	h.Findings = kept
}

// ignores tells whether a finding is to be dropped. Before a handshake the host is the server's address.
func (g *ignoring) ignores(f *event.Finding) bool {
	if g == nil || f.Conn == nil {
		return false
	}
	host, known := g.hosts[f.Conn]
	if !known {
		host = f.Conn.Peer[event.Server].String()
	}
	for i := range g.rules {
		if g.rules[i].Covers(f.Name, host) {
			if g.count[i]++; g.count[i] == 1 {
				g.first[i] = f.At
			}
			return true
		}
	}
	return false
}

// over forgets a connection.
func (g *ignoring) over(c *event.Conn) {
	if g != nil {
		delete(g.hosts, c)
	}
}

// finish says what was ignored, and why.
func (g *ignoring) finish(tell func(*event.Caveat)) {
	if g == nil {
		return
	}
	for i, n := range g.count {
		if n == 0 {
			continue
		}
		noun := "findings are"
		if n == 1 {
			noun = "finding is"
		}
		host := g.rules[i].Host
		if host == "" {
			host = "any host"
		}
		tell(&event.Caveat{At: g.first[i], Name: "findings-ignored", Text: fmt.Sprintf("%d %s not told, since the config file ignores %q on %s: %s", n, noun, g.rules[i].Checks, host, g.rules[i].Reason)})
	}
}
