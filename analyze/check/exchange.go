package check

import (
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
)

// Exchange is one upgrade attempt with its fields read. A half that was not captured is nil in the Handshake, and its
// lists here are empty.
type Exchange struct {
	*event.Handshake
	Offer     []http1.Extension // extensions offered, in order
	OfferErr  error             // why the offer does not parse
	Answer    []http1.Extension // extensions accepted
	AnswerErr error
	Policy    *Policy
	// attempt is what Request asks for; NoAttempt where it was not captured.
	attempt Attempt
	// broken names the errors found in the request so far; RSP-13 speaks of them.
	broken []string
}

// Policy is what the user told us of the traffic.
type Policy struct {
	AllowOrigins []string // hosts or origins that may connect across sites (SEC-01)
}

// Read fills the fields of h that are read off its two heads, and prepares it for judgement.
func Read(h *event.Handshake, policy *Policy) *Exchange {
	x := &Exchange{Handshake: h, Policy: policy}
	if q := h.Request; q != nil {
		x.attempt = AttemptOf(q)
		h.Version = first(q, "Sec-WebSocket-Version")
		h.Key = first(q, "Sec-WebSocket-Key")
		if h.Key.Known {
			h.KeyValid = event.Some(len(q.Values("Sec-WebSocket-Key")) == 1 && ws.ValidKey(h.Key.Value) != ws.KeyMalformed)
			h.AcceptExpected = event.Some(ws.Accept(h.Key.Value))
		}
		h.ProtocolsOffered = event.Some(http1.SplitElements(q.Values("Sec-WebSocket-Protocol")))
		h.ExtensionsOffered = event.Some(http1.SplitElements(q.Values("Sec-WebSocket-Extensions")))
		x.Offer, x.OfferErr = http1.ParseExtensions(q.Values("Sec-WebSocket-Extensions"))
	}
	if r := h.Response; r != nil {
		h.Accept = first(r, "Sec-WebSocket-Accept")
		if h.Accept.Known && h.AcceptExpected.Known {
			h.AcceptValid = event.Some(len(r.Values("Sec-WebSocket-Accept")) == 1 && h.Accept.Value == h.AcceptExpected.Value)
		}
		h.Protocol = first(r, "Sec-WebSocket-Protocol")
		h.Extensions = event.Some(http1.SplitElements(r.Values("Sec-WebSocket-Extensions")))
		x.Answer, x.AnswerErr = http1.ParseExtensions(r.Values("Sec-WebSocket-Extensions"))
		if x.Switched() && x.WebSocket() {
			h.Deflate = agreedDeflate(x.Answer)
		}
	}
	return x
}

func first(h *event.Head, name string) event.Opt[string] {
	value, sent := h.Lookup(name)
	return event.Opt[string]{Value: value, Known: sent}
}

// Attempt says what kind of upgrade a request asks for.
type Attempt uint8

const (
	NoAttempt Attempt = iota
	WebSocketAttempt
	OtherAttempt // an Upgrade to something else
)

// AttemptOf tells whether a request asks for an upgrade. Any Sec-WebSocket-* field makes it a WebSocket attempt: a proxy that
// strips Upgrade leaves them behind, and such a request is what its user must see.
func AttemptOf(q *event.Head) Attempt {
	for i := range q.Fields {
		if n := q.Fields[i].Name; len(n) > 14 && event.EqualFold(n[:14], "Sec-WebSocket-") {
			return WebSocketAttempt
		}
	}
	other := false
	for p := range http1.Members(q.Values("Upgrade")) {
		if namesWebSocket(p) {
			return WebSocketAttempt
		}
		other = other || p != ""
	}
	if other && hasToken(q, "Connection", "upgrade") {
		return OtherAttempt
	}
	return NoAttempt
}

// namesWebSocket compares one member of an Upgrade field, name["/"version] (RFC 9110 §7.8).
func namesWebSocket(protocol string) bool {
	name, _, _ := strings.Cut(protocol, "/")
	return event.EqualFold(strings.TrimSpace(name), "websocket")
}

func hasToken(h *event.Head, field, token string) bool {
	for t := range http1.Members(h.Values(field)) {
		if event.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// Switched says that the answer was a 101.
func (x *Exchange) Switched() bool { return x.Response != nil && x.Response.Status == 101 }

// WebSocket says that the exchange is about WebSocket: asked for, or, with no request captured, answered.
func (x *Exchange) WebSocket() bool {
	if x.Request != nil {
		return x.attempt == WebSocketAttempt
	}
	return x.Response != nil && (x.Response.Has("Sec-WebSocket-Accept") || anyWebSocket(x.Response.Values("Upgrade")))
}

func anyWebSocket(upgrade []string) bool {
	for p := range http1.Members(upgrade) {
		if namesWebSocket(p) {
			return true
		}
	}
	return false
}

// asked says that the whole request was captured and asks for WebSocket. Of a cut head nothing is judged: what seems to be missing may have been sent.
func (x *Exchange) asked() bool {
	return x.attempt == WebSocketAttempt && x.Request.Cut == event.Whole
}

// answered says that a 101 to a WebSocket request, or one that can only belong to one, was captured, likewise whole.
func (x *Exchange) answered() bool {
	return x.Switched() && x.WebSocket() && x.Response.Cut == event.Whole && (x.Request == nil || x.Request.Cut == event.Whole)
}

// hixie says that the request is a hixie-75 or hixie-76 draft handshake: another protocol of the same name, without key and version.
func (x *Exchange) hixie() bool {
	q := x.Request
	return q != nil && !q.Has("Sec-WebSocket-Key") && !q.Has("Sec-WebSocket-Version") &&
		(q.Has("Sec-WebSocket-Key1") || q.Has("Sec-WebSocket-Key2") ||
			x.Response != nil && (x.Response.Has("Sec-WebSocket-Location") || x.Response.Has("WebSocket-Location")))
}

// Exchange judges one attempt, sets its verdict and gives the findings that are selected.
func (s *Set) Exchange(x *Exchange) {
	h := hear(x.Conn)
	for _, h.check = range s.byStage[stageExchange] {
		before := len(h.found)
		h.check.Exchange(x, h.report)
		if c := h.check; len(h.found) > before && c.Level == event.Error && strings.HasPrefix(c.ID, "REQ") && c.ID != "REQ-15" { // which the server cannot see
			x.broken = append(x.broken, c.Name)
		}
	}
	found := h.close()
	x.Verdict = verdict(x, found)
	x.Findings = s.selected(found)
}

func verdict(x *Exchange, found []*event.Finding) event.Verdict {
	switch {
	case x.attempt == OtherAttempt && (x.Request.Cut == event.Whole || x.Switched()): // in the rest may be fields that say WebSocket
		return event.OtherUpgrade
	case x.Response == nil:
		return event.Incomplete
	case !x.Switched():
		return event.Refused
	case !x.WebSocket() && x.Request == nil && x.Response.Cut != event.Whole:
		return event.Incomplete // to what it switches was not captured
	case !x.WebSocket() && x.Request == nil, x.hixie():
		return event.OtherUpgrade
	}
	for _, f := range found {
		if f.Level == event.Error {
			return event.Invalid
		}
	}
	return event.Established
}
