package correlate

import (
	"net/netip"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// elsewhere remembers the connections of HTTP/2 and HTTP/3 on which no WebSocket is allowed, the newest of each client
// and server, and the newest connection of each client that was refused.
type elsewhere struct {
	byEnds map[ends]event.NoConnect
	oldest []ends // in the order in which they came
}

// ends are a client's address and a server; of a refused connection only the client.
type ends struct {
	client netip.Addr
	server netip.AddrPort
}

func endsOf(peer [2]netip.AddrPort) ends { return ends{peer[event.Client].Addr(), peer[event.Server]} }

// maxElsewhere is how many are remembered.
const maxElsewhere = 1 << 12

// NoConnect takes note of a connection on which no WebSocket is allowed, or that was refused.
func (c *Correlator) NoConnect(e *event.NoConnect) {
	l := &c.elsewhere
	if l.byEnds == nil {
		l.byEnds = make(map[ends]event.NoConnect)
	}
	key := endsOf(e.Peer)
	if e.Refused {
		key.server = netip.AddrPort{}
	}
	if _, known := l.byEnds[key]; !known {
		if len(l.oldest) == maxElsewhere {
			delete(l.byEnds, l.oldest[0])
			l.oldest = append(l.oldest[:0], l.oldest[1:]...)
		}
		l.oldest = append(l.oldest, key)
	}
	l.byEnds[key] = *e
}

// ByBrowser tells whether an attempt on HTTP/1.1 calls itself a browser's.
func ByBrowser(h *event.Handshake) bool {
	return h.Request != nil && h.Transport == "http/1.1" && strings.HasPrefix(h.Request.Get("User-Agent"), "Mozilla/")
}

// openedElsewhere links a browser's WebSocket on HTTP/1.1 with the connection of HTTP/2 or HTTP/3 that it could not be
// on. Other clients than browsers do not choose between the two.
func (c *Correlator) openedElsewhere(h *event.Handshake) {
	q := h.Request
	if len(c.elsewhere.byEnds) == 0 || !ByBrowser(h) {
		return
	}
	n, found := c.elsewhere.byEnds[endsOf(h.Conn.Peer)]
	if !found || n.At.Ordinal >= q.Last.Ordinal || n.TLS != h.TLS || n.SNI.Known && h.SNI.Known && n.SNI != h.SNI {
		return
	}
	h.Findings = append(h.Findings, c.checks.Elsewhere(&check.Elsewhere{Handshake: h, Other: &n})...)
}

// backendRefused rewords the refusal of a gateway whose own connection was refused while it had the request.
func (c *Correlator) backendRefused(a *attempt, h *event.Handshake) {
	if len(c.elsewhere.byEnds) == 0 || a.upstream != nil || !GatewayRefused(h) {
		return
	}
	n, found := c.elsewhere.byEnds[ends{client: h.Conn.Peer[event.Server].Addr()}]
	if !found || n.First.Ordinal <= h.Request.Last.Ordinal || n.At.Ordinal >= h.Response.First.Ordinal ||
		n.Peer[event.Server] == h.Conn.Peer[event.Server] {
		return
	}
	for _, f := range h.Findings {
		if f.Name == "handshake-refused" && f.Conn == h.Conn {
			check.BackendRefused(f, h, &n)
		}
	}
}

// GatewayRefused tells whether a gateway answered that it could not reach its backend (RFC 9110 §15.6.3 to §15.6.5).
func GatewayRefused(h *event.Handshake) bool {
	return h.Request != nil && h.Response != nil && h.Response.Status >= 502 && h.Response.Status <= 504
}
