// Package correlate finds what only shows across connections: a key used twice, an Accept that answers another
// connection's key, and the two legs of a proxy in one capture.
//
// # Design
//
// It stands behind the merge of all workers, where events are in the order of the run, and is used from one
// goroutine. Attempts are remembered by key, by the Accept that answers it, and by connection, the newest
// Remembered of them: memory does not grow with the capture. Two attempts are the legs of a proxy when the second
// was asked for while the first had no answer, at another server, with the same key; or, where the proxy makes a
// key of its own, when the second comes from the address that the first went to (or says for whom it was
// forwarded), with the same path. The downstream leg is the one toward the client, the upstream leg the one toward
// the backend. Two attempts with one key that are neither legs nor one connection seen twice (the same ends, or,
// behind address translation, the same TCP sequence numbers) are a key used again.
package correlate

import (
	"net/netip"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Remembered is how many upgrade attempts are kept for comparison.
const Remembered = 1 << 14

// maxCompared is how many candidates an attempt is compared with at most.
const maxCompared = 256

// Correlator compares upgrade attempts.
type Correlator struct {
	checks *check.Set
	policy *check.Policy
	// MaxMemory bounds what the attempts remembered take, octets; 0 means that only their number is bounded. Forgotten
	// counts those that were forgotten for it.
	MaxMemory int
	Forgotten uint64
	// Earlier gives earlier ends like one, in place of a Cuts of its own, where not all ends come to this Correlator.
	Earlier func(*event.Abrupt) (idle, age *event.Abrupt)
	accepts check.AcceptExplainer

	ring      [Remembered]*attempt // the newest, round and round
	next      int
	oldest    int                         // no attempt stands before it, round from next
	memory    int                         // of those in the ring, octets
	byConn    map[*event.Conn]*attempt    // the connection's newest
	byKey     map[string]*attempt         // the newest with this key
	byAccept  map[string]*attempt         // nil until an Accept is met that answers no key of its own connection
	byServer  map[netip.Addr]*waitingList // attempts without an answer, by the address that they went to
	cuts      Cuts
	sessions  sessions
	elsewhere elsewhere
}

// New makes a Correlator that judges by checks.
func New(checks *check.Set, policy *check.Policy) *Correlator {
	return &Correlator{checks: checks, policy: policy, byConn: make(map[*event.Conn]*attempt), byKey: make(map[string]*attempt),
		byServer: make(map[netip.Addr]*waitingList)}
}

// Request takes note of an attempt whose answer is not known yet.
func (c *Correlator) Request(r *event.Request) {
	a := c.ring[c.next]
	if a == nil {
		a = new(attempt)
		c.ring[c.next] = a
	} else {
		if a.remembered {
			c.forget(a)
		}
		if c.oldest == c.next {
			c.oldest = (c.oldest + 1) % Remembered
		}
	}
	*a = attempt{conn: r.Conn, remembered: true, request: r.Head.Last, head: r.Head, length: wholeLength(r.Head)}
	if key := r.Head.Get("Sec-WebSocket-Key"); len(key) <= longestKey {
		a.key = strings.Clone(key)
	}
	a.forwarded = forwardedFields(r.Head)
	c.next = (c.next + 1) % Remembered
	c.byConn[a.conn] = a

	if a.key != "" {
		for b, n := c.byKey[a.key], 0; b != nil && n < maxCompared && a.downstream == nil && a.copy == nil; b, n = b.older, n+1 {
			c.compare(b, a)
		}
		if a.older = c.byKey[a.key]; a.older != nil {
			a.older.newer = a
		}
		c.byKey[a.key] = a
		if c.byAccept != nil {
			c.index(a)
		}
	}
	if a.downstream == nil && a.copy == nil && a.reused == nil {
		c.findDownstream(a)
	}
	server := a.conn.Peer[event.Server].Addr()
	waiting := c.byServer[server]
	if waiting == nil {
		waiting = new(waitingList)
		c.byServer[server] = waiting
	}
	waiting.add(a)
	c.weigh(a)
	c.keepToMemory()
}

// Handshake completes an attempt: it adds the findings that only the comparison shows to h, and takes out those
// that the comparison explains better.
func (c *Correlator) Handshake(h *event.Handshake) {
	a := c.byConn[h.Conn]
	if a == nil || a.head != h.Request || h.Request == nil {
		a = &attempt{conn: h.Conn, head: h.Request} // its request was not seen, or is forgotten
	}
	a.answered, a.answeredBy = true, h.At.Ordinal
	a.product = check.ProductOf(h.Response)
	if a.switched = h.Verdict == event.Established || h.Verdict == event.Invalid; a.switched {
		a.begun = nil // it was the end of the request's side, or of nothing
	}
	if a.downstream != nil || a.upstream != nil {
		kept := *h
		a.handshake = &kept
	}
	c.answered(a)
	if h.OtherLeg = a.otherLeg(); a.copy != nil && h.OtherLeg.Role == event.CopyLeg {
		b := c.byConn[a.copy]
		h.OtherLeg.Again = b == nil || b.answered
	}
	if a.reused != nil && a.downstream == nil {
		h.Findings = append(h.Findings, c.checks.Repeat(&check.Repeat{Handshake: h, Conn: a.reused.conn, Request: a.reused.request})...)
	}
	c.answersAnother(a, h)
	c.openedElsewhere(h)
	for _, f := range h.Findings {
		if f.Name == "accept-mismatch" {
			c.accepts.Explain(f, h)
		}
	}
	if a.downstream != nil {
		// The downstream leg tells more than the traces in the upstream leg alone.
		h.Findings = drop(h.Findings, "proxy-stripped-upgrade")
		if q := a.downstream.head; q != nil {
			c.blameProxy(a.downstream, h)
			if !check.CrossSite(q) {
				h.Findings = drop(h.Findings, "cross-site-websocket")
			}
		}
	}
	for _, p := range [][2]*attempt{{a.downstream, a}, {a, a.upstream}} {
		if p[0] != nil && p[1] != nil {
			c.compareLegs(p[0], p[1], h)
		}
	}
	h.Findings = append(h.Findings, c.unknownSession(h)...)
	a.blameProxyForAnswer(h)
	a.lostByProxy(h)
	a.givenUp(h)
	c.explainByUpstream(a, h)
	c.backendRefused(a, h)
	c.follow(a, h)
	a.nameHosts(h)
	for _, b := range []*attempt{a, a.downstream, a.upstream} {
		if b != nil {
			b.release()
			c.weigh(b)
		}
	}
	c.keepToMemory()
}

// index files a by the Accept that answers its key.
func (c *Correlator) index(a *attempt) {
	a.accept = ws.Accept(a.key)
	c.byAccept[a.accept] = a
}

// answersAnother looks whether a wrong Accept answers another connection's key.
func (c *Correlator) answersAnother(a *attempt, h *event.Handshake) {
	if !h.AcceptValid.Known || h.AcceptValid.Value {
		return
	}
	if c.byAccept == nil {
		c.byAccept = make(map[string]*attempt)
		for i := range c.ring { // from the oldest on
			if b := c.ring[(c.next+i)%Remembered]; b != nil && b.key != "" {
				c.index(b)
			}
		}
	}
	b := c.byAccept[h.Accept.Value]
	if b == nil || b.key == a.key {
		return
	}
	h.Findings = append(drop(h.Findings, "accept-mismatch"),
		c.checks.Repeat(&check.Repeat{Handshake: h, Conn: b.conn.Ordinal, Request: b.request, Answers: true, OtherKey: b.key, Upstream: a.upstream == b})...)
}

// answered takes a out of those that wait for an answer.
func (c *Correlator) answered(a *attempt) {
	waiting := a.waiting
	if waiting == nil {
		return
	}
	if waiting.remove(a); waiting.first == nil {
		delete(c.byServer, a.conn.Peer[event.Server].Addr())
	}
}

// forget drops the oldest attempt, so that nothing points at it any more.
func (c *Correlator) forget(a *attempt) {
	c.memory -= a.memory
	c.answered(a)
	if c.byConn[a.conn] == a {
		delete(c.byConn, a.conn)
	}
	if c.byAccept[a.accept] == a {
		delete(c.byAccept, a.accept)
	}
	if c.byKey[a.key] == a {
		delete(c.byKey, a.key)
	}
	if a.newer != nil {
		a.newer.older = nil
	}
	for _, leg := range []*attempt{a.downstream, a.upstream} {
		if leg != nil {
			if leg.downstream == a {
				leg.downstream = nil
			}
			if leg.upstream == a {
				leg.upstream = nil
			}
		}
	}
}
