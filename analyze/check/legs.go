package check

import (
	"fmt"
	"strings"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
)

// Repeat is a value of one handshake that was seen before on another connection.
type Repeat struct {
	*event.Handshake
	Conn    uint64   // the other connection
	Request event.At // its request
	// Answers says that the other connection's key is the one that this exchange's Accept answers; else both have the same key.
	Answers  bool
	OtherKey string
	// Behind says that the other connection is the proxy's own, towards the backend, on behalf of this one.
	Behind bool
}

// Repeat judges a repetition.
func (s *Set) Repeat(r *Repeat) []*event.Finding {
	return s.selected(s.run(stageRepeat, r.Handshake.Conn, func(c *Check, report Report) { c.Repeat(r, report) }))
}

func keyReused(r *Repeat, report Report) {
	if !r.Answers {
		report(Detail{At: r.Handshake.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Key %s was already used on connection %d, in packet %d", quote(r.Key.Value), r.Conn, r.Request.Number),
			Seen: r.Key.Value, Wanted: "a key chosen at random for each connection"})
	}
}

func acceptOfAnotherKey(r *Repeat, report Report) {
	if !r.Answers {
		return
	}
	whose, why := fmt.Sprintf("of connection %d in packet %d", r.Conn, r.Request.Number), "a cached or crossed answer"
	switch {
	case r.Behind:
		why = "the proxy made a key of its own for the backend and passed the backend's answer on as it was"
	case r.Conn == r.Handshake.Conn.Ordinal:
		whose, why = fmt.Sprintf("of an earlier request on this connection, in packet %d", r.Request.Number), "an answer that belongs to the attempt before"
	}
	report(Detail{At: r.Response.Last, Text: fmt.Sprintf("Sec-WebSocket-Accept %s answers the key %s %s, not %s: %s",
		quote(r.Accept.Value), quote(r.OtherKey), whose, quote(r.Key.Value), why), Seen: r.Accept.Value, Wanted: r.AcceptExpected.Value})
}

// Legs is one upgrade attempt seen on both sides of a proxy. The response of either leg may not have come yet, or never come.
type Legs struct {
	Front, Back *event.Handshake
	// Hop is the address of the proxy: the server of the front leg, which is, seen from the backend, the client of the back leg.
	Hop string
	// Final says that no more will be seen of either leg.
	Final bool
}

// Legs judges the two legs of a proxy; a finding belongs to the leg whose packet shows it.
func (s *Set) Legs(l *Legs) []*event.Finding {
	for _, h := range []*event.Head{l.Front.Request, l.Back.Request, l.Front.Response, l.Back.Response} {
		if h != nil && h.Cut != event.Whole {
			return nil // what is missing from it may have been sent
		}
	}
	return s.selected(s.run(stageLegs, l.Back.Conn, func(c *Check, report Report) { c.Legs(l, report) }))
}

// software is what the proxy wrote of itself into the fields of either leg, "" where it is silent.
func (l *Legs) software() string {
	for _, h := range []*event.Head{l.Front.Response, l.Back.Request} {
		if h == nil {
			continue
		}
		for _, name := range []string{"Via", "Server"} {
			if v := h.Get(name); v != "" && (name == "Via" || l.Back.Response == nil || l.Back.Response.Get("Server") != v) {
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

// mend is the line for the proxy's own configuration, "" where its software is not known.
func (l *Legs) mend() string {
	s := strings.ToLower(l.software())
	for _, known := range []struct{ name, lines string }{{"nginx", nginxLines}, {"apache", apacheLines}, {"haproxy", haproxyLines}, {"envoy", envoyLines}} {
		if strings.Contains(s, known.name) {
			return "let it forward the upgrade. " + known.lines
		}
	}
	return ""
}

func proxyStrippedUpgrade(l *Legs, report Report) {
	q := l.Back.Request
	if q == nil || l.Front.Request == nil {
		return
	}
	var lost []string
	if handshake.AnyWebSocket(l.Front.Request.Values("Upgrade")) && !handshake.AnyWebSocket(q.Values("Upgrade")) {
		lost = append(lost, "Upgrade: websocket")
	}
	if handshake.HasToken(l.Front.Request, "Connection", "upgrade") && !handshake.HasToken(q, "Connection", "upgrade") {
		lost = append(lost, "Connection: Upgrade")
	}
	if len(lost) == 0 {
		return
	}
	seen := []string{}
	for _, name := range []string{"Upgrade", "Connection"} {
		for _, v := range q.Values(name) {
			seen = append(seen, name+": "+v)
		}
	}
	report(Detail{At: q.Last, Text: fmt.Sprintf("%s dropped %s between the client's request (connection %d, packet %d) and its own to %s",
		l.hop(), strings.Join(lost, " and "), l.Front.Conn.Ordinal, l.Front.Request.Last.Number, l.Back.Conn.Peer[event.Server]),
		Seen: orNone(seen), Wanted: "Upgrade: websocket, Connection: Upgrade", Advice: l.mend()})
}

// strippedAlone is the same fault where only the backend's leg was captured: a key arrived without Upgrade and Connection, which only something between does.
func strippedAlone(x *Exchange, report Report) {
	if !x.asked() || len(x.Request.Values("Sec-WebSocket-Key")) == 0 || handshake.AnyWebSocket(x.Request.Values("Upgrade")) || handshake.HasToken(x.Request, "Connection", "upgrade") {
		return
	}
	seen := "neither"
	if v := x.Request.Values("Connection"); len(v) > 0 {
		seen = "Connection: " + strings.Join(v, ", ")
	}
	report(Detail{At: x.Request.Last, Text: fmt.Sprintf("Sec-WebSocket-Key arrived at %s without Upgrade and without Connection: Upgrade: most likely a proxy, at or before %s, dropped the hop-by-hop fields",
		x.Conn.Peer[event.Server], x.Conn.Peer[event.Client]), Seen: seen, Wanted: "Upgrade: websocket, Connection: Upgrade"})
}

func proxyHTTP10(l *Legs, report Report) {
	if q := l.Back.Request; q != nil && l.Front.Request != nil && below11(q.Version) && !below11(l.Front.Request.Version) {
		report(Detail{At: q.Last, Text: fmt.Sprintf("%s speaks %s to the backend %s, and HTTP/1.0 cannot be upgraded", l.hop(), q.Version, l.Back.Conn.Peer[event.Server]),
			Seen: q.Version, Wanted: "HTTP/1.1"})
	}
}

// changed are the fields that a proxy must not touch for a WebSocket to work as its ends agreed.
var changed = []struct {
	field    string
	response bool
}{
	{"Sec-WebSocket-Key", false}, {"Sec-WebSocket-Version", false}, {"Sec-WebSocket-Protocol", false}, {"Sec-WebSocket-Extensions", false}, {"Origin", false},
	{"Sec-WebSocket-Accept", true}, {"Sec-WebSocket-Protocol", true}, {"Sec-WebSocket-Extensions", true},
}

func proxyChangedHandshake(l *Legs, report Report) {
	var diff []string
	var at event.At
	var conn *event.Conn
	for _, c := range changed {
		front, back := l.Front.Request, l.Back.Request
		if c.response {
			front, back = l.Back.Response, l.Front.Response // the way the answer goes
		}
		if front == nil || back == nil {
			continue
		}
		if c.response && (front.Status != 101 || back.Status != 101) {
			continue
		}
		was, is := strings.Join(http1.SplitElements(front.Values(c.field)), ", "), strings.Join(http1.SplitElements(back.Values(c.field)), ", ")
		if was == is {
			continue
		}
		what := "request"
		if c.response {
			what = "answer"
		}
		diff = append(diff, fmt.Sprintf("%s of the %s %s", c.field, what, change(was, is)))
		if at.Ordinal == 0 {
			at, conn = back.Last, l.Back.Conn
			if c.response {
				conn = l.Front.Conn
			}
		}
	}
	if f, b := l.Front.Response, l.Back.Response; f != nil && b != nil && f.Status != b.Status {
		diff = append(diff, fmt.Sprintf("the status %d became %d", b.Status, f.Status))
		if at.Ordinal == 0 {
			at, conn = f.Last, l.Front.Conn
		}
	}
	if len(diff) == 0 {
		return
	}
	report(Detail{At: at, Conn: conn, Text: fmt.Sprintf("%s changed the handshake between connections %d and %d: %s", l.hop(), l.Front.Conn.Ordinal, l.Back.Conn.Ordinal, strings.Join(diff, "; ")),
		Seen: strings.Join(diff, "; "), Wanted: "the same on both legs"})
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

// answerLate is from when on a relayed 101 is late.
const answerLate = time.Second

func answerDelayed(l *Legs, report Report) {
	b, f := l.Back.Response, l.Front.Response
	if b == nil || b.Status != 101 {
		return
	}
	switch {
	case f == nil && l.Final && l.Front.Evidence.Silent != nil: // else the answer may have been missed
		report(Detail{At: b.Last, Text: fmt.Sprintf("the backend answered 101 on connection %d, and %s never passed it to the client on connection %d",
			l.Back.Conn.Ordinal, l.hop(), l.Front.Conn.Ordinal), Seen: "no answer on the client's leg", Wanted: "the 101 at once"})
	case f != nil && f.Status == 101 && f.Last.Time-b.Last.Time >= int64(answerLate):
		report(Detail{At: f.Last, Conn: l.Front.Conn, Text: fmt.Sprintf("the backend's 101 on connection %d (packet %d) reached the client on connection %d only %s later",
			l.Back.Conn.Ordinal, b.Last.Number, l.Front.Conn.Ordinal, span(f.Last.Time-b.Last.Time)), Seen: span(f.Last.Time - b.Last.Time), Wanted: "the 101 at once"})
	}
}

// Conflict is a retransmission that differs from the first copy.
type Conflict struct {
	At            event.At
	From          event.Side
	Offset        uint64
	First, Second []byte
}

// Conflict judges a retransmission.
func (s *Set) Conflict(conn *event.Conn, k *Conflict) []*event.Finding {
	return s.selected(s.run(stageConflict, conn, func(c *Check, r Report) { c.Conflict(k, r) }))
}

func overlapConflict(k *Conflict, report Report) {
	report(Detail{At: k.At, Text: fmt.Sprintf("the %s's retransmission differs from the first copy at stream offset %d: first %s, then %s; the first copy was analysed",
		k.From, k.Offset, show(k.First), show(k.Second)), Seen: show(k.Second), Wanted: show(k.First)})
}

// PassedOn rewords the refusal of a front leg: the proxy only handed on what its backend answered.
func PassedOn(f *event.Finding, front, back *event.Handshake) {
	f.Text = fmt.Sprintf("the server refused the upgrade with %s: it is a proxy, and passed on its backend's answer of connection %d, packet %d",
		statusText(front.Response), back.Conn.Ordinal, back.Response.Last.Number)
	f.Advice = fmt.Sprintf("mend what is said of connection %d, the leg to the backend %s", back.Conn.Ordinal, back.Conn.Peer[event.Server])
}
