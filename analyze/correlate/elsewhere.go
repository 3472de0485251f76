package correlate

import (
	"net/netip"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// elsewhere remembers the connections of HTTP/2 and HTTP/3 on which no WebSocket is allowed, the newest of each client
// and server.
type elsewhere struct {
	byEnds map[ends]event.NoConnect
	oldest []ends // in the order in which they came
}

// ends are a client's address and a server.
type ends struct {
	client netip.Addr
	server netip.AddrPort
}

func endsOf(peer [2]netip.AddrPort) ends { return ends{peer[event.Client].Addr(), peer[event.Server]} }

// maxElsewhere is how many are remembered.
const maxElsewhere = 1 << 12

// NoConnect takes note of a connection on which no WebSocket is allowed.
func (c *Correlator) NoConnect(e *event.NoConnect) {
	l := &c.elsewhere
	if l.byEnds == nil {
		l.byEnds = make(map[ends]event.NoConnect)
	}
	key := endsOf(e.Peer)
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
