// Package correlate finds what only shows across connections: a key used twice, an Accept that answers another
// connection's key, and the two legs of a proxy in one capture.
//
// # Design
//
// It stands behind the merge of all workers, where events are in the order of the run, and is used from one goroutine.
// Attempts are remembered by key, by the Accept that answers it, and by connection, the newest Remembered of them: memory
// does not grow with the capture. Two attempts are the legs of a proxy when the second was asked for while the first had
// no answer, at another server, with the same key; or, where the proxy makes a key of its own, when the second comes from
// the address that the first went to (or says for whom it was forwarded), with the same path. Two attempts with one key
// that are neither legs nor one connection seen twice (the same ends, or, behind address translation, the same TCP
// sequence numbers) are a key used again.
package correlate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/ws"
)

// Remembered is how many upgrade attempts are kept for comparison.
const Remembered = 1 << 14

// compared is how many candidates an attempt is compared with at most.
const compared = 256

// legsApart is how long after the client's request a proxy may ask its backend, ns of capture time.
const legsApart = 30e9

// Correlator compares upgrade attempts.
type Correlator struct {
	checks *check.Set
	policy *check.Policy

	ring     [Remembered]*attempt // the newest, round and round
	next     int
	byConn   map[uint64]*attempt     // the connection's newest
	byKey    map[string]*attempt     // the newest with this key
	byAccept map[string]*attempt     // nil until an Accept is met that answers no key of its own connection
	byServer map[netip.Addr]*pending // attempts without an answer, by the address that they went to
}

// attempt is one upgrade attempt. Its heads are let go of when nothing can be compared with them any more.
type attempt struct {
	conn     *event.Conn
	request  event.At // that completed the request
	head     *event.Head
	key      string
	accept   string           // what answers key
	done     *event.Handshake // its event, when it came
	answered bool
	at       uint64 // ordinal of the packet that answered

	front, back  *attempt // the legs before and behind this one
	twin         bool     // another sight of the same connection
	reused       *earlier // that had the same key
	older, newer *attempt // with the same key
	pending      *pending // the list it is in
	prev, next   *attempt // in that list

	added, dropped []string // names of findings, by comparison
}

// earlier is what is said of an attempt that another one repeats.
type earlier struct {
	conn    uint64 // its ordinal
	request event.At
}

// pending is a list of attempts, the oldest first.
type pending struct{ first, last *attempt }

func (p *pending) add(a *attempt) {
	a.pending, a.prev = p, p.last
	if p.last != nil {
		p.last.next = a
	} else {
		p.first = a
	}
	p.last = a
}

func (p *pending) remove(a *attempt) {
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		p.first = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	} else {
		p.last = a.prev
	}
	a.pending, a.prev, a.next = nil, nil, nil
}

// New makes a Correlator that judges by checks.
func New(checks *check.Set, policy *check.Policy) *Correlator {
	return &Correlator{checks: checks, policy: policy, byConn: make(map[uint64]*attempt), byKey: make(map[string]*attempt),
		byServer: make(map[netip.Addr]*pending)}
}

// Request takes note of an attempt whose answer is not known yet.
func (c *Correlator) Request(r *event.Request) {
	a := c.ring[c.next]
	if a == nil {
		a = new(attempt)
		c.ring[c.next] = a
	} else {
		c.forget(a)
	}
	*a = attempt{conn: r.Conn, request: r.Head.Last, head: r.Head, key: strings.Clone(r.Head.Get("Sec-WebSocket-Key"))}
	c.next = (c.next + 1) % Remembered
	if before := c.byConn[a.conn.Ordinal]; before != nil {
		a.added, a.dropped = before.added, before.dropped
	}
	c.byConn[a.conn.Ordinal] = a

	if a.key != "" {
		for b, n := c.byKey[a.key], 0; b != nil && n < compared && a.front == nil && !a.twin; b, n = b.older, n+1 {
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
	if a.front == nil && !a.twin && a.reused == nil {
		c.findFront(a)
	}
	server := a.conn.Peer[event.Server].Addr()
	waiting := c.byServer[server]
	if waiting == nil {
		waiting = new(pending)
		c.byServer[server] = waiting
	}
	waiting.add(a)
}

// compare tells what an earlier attempt b with the same key is to a.
func (c *Correlator) compare(b, a *attempt) {
	switch {
	case b.conn == a.conn:
		// another try on the same connection
	case sameConnection(b.conn, a.conn):
		a.twin = true
		a.reused = nil
	case a.request.Ordinal < b.request.Ordinal:
		// What was decrypted late comes late. It may be the leg before b; that b used its key again was not said in time.
		if b.front == nil && b.conn.Peer[event.Server] != a.conn.Peer[event.Server] && inTime(a, b) {
			a.back, b.front = b, a
		}
	case b.unanswered(a.request) && b.back == nil && b.conn.Peer[event.Server] != a.conn.Peer[event.Server] && inTime(b, a):
		b.back, a.front = a, b
		a.reused = nil
	case inTime(b, a) && !(a.conn.Numbered && b.conn.Numbered):
		// they may be one connection behind a translation of addresses, or legs: without the SYNs that cannot be told
	case a.reused == nil:
		a.reused = &earlier{b.conn.Ordinal, b.request}
	}
}

// sameConnection says that two connections are one, captured at two places: between the same ends, or behind a translation
// of addresses, which leaves the sequence numbers alone.
func sameConnection(a, b *event.Conn) bool {
	return a.Peer == b.Peer || a.Numbered && b.Numbered && a.Sequence == b.Sequence
}

// unanswered says that a had no answer yet when another was asked for.
func (a *attempt) unanswered(other event.At) bool { return !a.answered || a.at > other.Ordinal }

func inTime(front, back *attempt) bool {
	apart := back.request.Time - front.request.Time
	return apart >= -1e9 && apart < legsApart
}

// findFront looks for the leg before a where the proxy chose a key of its own.
func (c *Correlator) findFront(a *attempt) {
	waiting := c.byServer[a.conn.Peer[event.Client].Addr()]
	if waiting == nil {
		return
	}
	for b, n := waiting.first, 0; b != nil && n < compared; b, n = b.next, n+1 {
		if b.conn == a.conn || b.back != nil || b.answered || !inTime(b, a) || b.conn.Peer[event.Server] == a.conn.Peer[event.Server] {
			continue
		}
		loop := a.conn.Peer[event.Client].Addr().IsLoopback()
		if samePath(b.head.Target, a.head.Target) && (!loop || forwards(a.head, b)) {
			b.back, a.front = a, b
			return
		}
	}
}

// samePath says that a proxy may have made back of front, perhaps cutting or adding a prefix.
func samePath(front, back string) bool {
	return front == back || len(back) > 1 && strings.HasSuffix(front, back) || len(front) > 1 && strings.HasSuffix(back, front)
}

// forwards says that q was sent on for the client of front: a proxy's fields are there that front's request has not.
func forwards(q *event.Head, front *attempt) bool {
	client := front.conn.Peer[event.Client].Addr().String()
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded"} {
		if v := q.Values(name); len(v) > len(front.head.Values(name)) && strings.Contains(strings.Join(v, ","), client) {
			return true
		}
	}
	return len(q.Values("Via")) > len(front.head.Values("Via"))
}

// Handshake completes an attempt: it adds the findings that only the comparison shows to h, and takes out those that the
// comparison explains better.
func (c *Correlator) Handshake(h *event.Handshake) {
	a := c.byConn[h.Conn.Ordinal]
	if a == nil || a.head != h.Request || h.Request == nil {
		a = &attempt{conn: h.Conn, head: h.Request} // its request was not seen, or is forgotten
	}
	a.answered, a.at = true, h.At.Ordinal
	said := h.Findings
	if a.front != nil || a.back != nil {
		kept := *h
		a.done = &kept
	}
	c.settle(a)
	if a.reused != nil && a.front == nil {
		h.Findings = append(h.Findings, c.checks.Repeat(&check.Repeat{Handshake: h, Conn: a.reused.conn, Request: a.reused.request})...)
	}
	c.crossed(a, h)
	if a.front != nil {
		// The front leg tells more than the back leg's own traces.
		h.Findings = drop(h.Findings, "proxy-stripped-upgrade")
		if q := a.front.head; q != nil {
			c.blameProxy(a.front, h)
			if !check.CrossSite(q) {
				h.Findings = drop(h.Findings, "cross-site-websocket")
			}
		}
	}
	if b := a.back; b != nil && b.done != nil && b.done.Response != nil && h.Response != nil && b.done.Response.Status == h.Response.Status {
		for _, f := range h.Findings {
			if f.Name == "handshake-refused" {
				check.PassedOn(f, h, b.done)
			}
		}
	}
	for _, p := range [][2]*attempt{{a.front, a}, {a, a.back}} {
		if front, back := p[0], p[1]; front != nil && back != nil && front.done != nil && back.done != nil {
			h.Findings = append(h.Findings, c.checks.Legs(&check.Legs{Front: front.done, Back: back.done,
				Hop: front.conn.Peer[event.Server].String(), Final: true})...)
		}
	}
	a.amend(said, h)
	for _, b := range []*attempt{a, a.front, a.back} {
		if b != nil {
			b.lighten()
		}
	}
}

// amend remembers which findings of h the comparison added and dropped.
func (a *attempt) amend(said []*event.Finding, h *event.Handshake) {
	for _, f := range h.Findings {
		if f.Conn == h.Conn && !slices.Contains(said, f) && !slices.Contains(a.added, f.Name) {
			a.added = append(a.added, f.Name)
		}
	}
	for _, f := range said {
		if !slices.Contains(h.Findings, f) && !slices.Contains(a.dropped, f.Name) {
			a.dropped = append(a.dropped, f.Name)
		}
	}
}

// Connection brings the findings that a connection's account names in line with what the comparison made of them. What shows
// only later, on the other leg of a proxy, is not in it.
func (c *Correlator) Connection(e *event.Connection) {
	a := c.byConn[e.Conn.Ordinal]
	if a == nil || len(a.added)+len(a.dropped) == 0 {
		return
	}
	var names []string
	for _, name := range slices.Concat(a.added, e.Findings) {
		if !slices.Contains(names, name) && !slices.Contains(a.dropped, name) {
			names = append(names, name)
		}
	}
	e.Findings = names
}

// lighten lets go of what only a leg that is not complete could still be compared with.
func (a *attempt) lighten() {
	if !a.answered || a.front != nil && !a.front.answered || a.back != nil && !a.back.answered {
		return
	}
	a.head, a.done, a.reused = nil, nil, nil
}

// blameProxy moves the fault for what is wrong with a back leg's request to the proxy that made it, unless the client's own
// request was wrong in the same way.
func (c *Correlator) blameProxy(front *attempt, h *event.Handshake) {
	alone := event.Handshake{Conn: front.conn, Request: front.head}
	c.checks.Handshake(handshake.Read(&alone), c.policy)
	for _, f := range h.Findings {
		if f.Fault != event.ClientFault || slices.ContainsFunc(alone.Findings, func(g *event.Finding) bool { return g.Name == f.Name }) {
			continue
		}
		f.Fault = event.MiddleboxFault
		f.Advice = fmt.Sprintf("the client of this leg is the proxy %s, and what it was asked for (connection %d, packet %d) was right: mend its configuration",
			front.conn.Peer[event.Server], front.conn.Ordinal, front.head.Last.Number)
	}
}

// index files a by the Accept that answers its key.
func (c *Correlator) index(a *attempt) {
	a.accept = ws.Accept(a.key)
	c.byAccept[a.accept] = a
}

// crossed looks whether a wrong Accept answers another connection's key.
func (c *Correlator) crossed(a *attempt, h *event.Handshake) {
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
		c.checks.Repeat(&check.Repeat{Handshake: h, Conn: b.conn.Ordinal, Request: b.request, Answers: true, OtherKey: b.key, Behind: a.back == b})...)
}

func drop(found []*event.Finding, name string) []*event.Finding {
	kept := found[:0:0]
	for _, f := range found {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	return kept
}

// settle takes a out of those that wait for an answer.
func (c *Correlator) settle(a *attempt) {
	waiting := a.pending
	if waiting == nil {
		return
	}
	if waiting.remove(a); waiting.first == nil {
		delete(c.byServer, a.conn.Peer[event.Server].Addr())
	}
}

// forget drops the oldest attempt, so that nothing points at it any more.
func (c *Correlator) forget(a *attempt) {
	c.settle(a)
	if c.byConn[a.conn.Ordinal] == a {
		delete(c.byConn, a.conn.Ordinal)
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
	for _, leg := range []*attempt{a.front, a.back} {
		if leg != nil {
			if leg.front == a {
				leg.front = nil
			}
			if leg.back == a {
				leg.back = nil
			}
		}
	}
}
