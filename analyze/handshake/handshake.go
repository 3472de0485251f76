// Package handshake reads what an upgrade request and its answer negotiate (RFC 6455 §4, RFC 7692 §7.1, RFC 8441 §5).
//
// # Design
//
// It states facts and judges nothing: a layer asks it what was agreed, package check asks it what to judge. So a layer
// never depends on a check.
//
// The input is an event.Handshake with its two heads. Heads of HTTP/2 and HTTP/3 have the form of HTTP/1.x heads:
// pseudo-fields stand first among the fields, under their names (":method", ":path", ":protocol", ":status"), and
// Method, Target and Status repeat them. No head of HTTP/1.x can hold such a name, because a name cannot begin with
// a colon.
package handshake

import (
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// Facts are what the two heads of one upgrade attempt say. A half that was not captured is nil in the Handshake,
// and its lists here are empty. Facts are not to be copied.
type Facts struct {
	*event.Handshake
	Attempt   Attempt           // what the request asks for; NoAttempt where it was not captured
	Offer     []http1.Extension // extensions offered, in order
	OfferErr  error             // why the offer does not parse
	Answer    []http1.Extension // extensions accepted
	AnswerErr error
	// DeflateOffers and DeflateAnswers are the elements of Offer and Answer that are permessage-deflate.
	DeflateOffers, DeflateAnswers []DeflateElement
	Said                          Body // what the body of a refusal says

	firstOffer, firstAnswer [1]DeflateElement // memory for the usual case
}

// Read fills the fields of h that its heads tell, and its verdict as far as facts go: Established for a verified switch
// to WebSocket that no check has judged yet. What it returns refers to h.
func Read(h *event.Handshake) *Facts {
	f := new(Facts)
	f.Read(h)
	return f
}

// Read is the function Read for Facts that are used again.
func (f *Facts) Read(h *event.Handshake) {
	*f = Facts{Handshake: h}
	h.At = at(h)
	if q := h.Request; q != nil {
		f.Attempt = AttemptOf(q)
		h.Version = first(q, "Sec-WebSocket-Version")
		h.Key = first(q, "Sec-WebSocket-Key")
		if h.Key.Known {
			h.KeyValid = event.Some(len(q.Values("Sec-WebSocket-Key")) == 1 && ws.ValidKey(h.Key.Value) != ws.KeyMalformed)
			h.AcceptExpected = event.Some(ws.Accept(h.Key.Value))
		}
		h.ProtocolsOffered = event.Some(http1.SplitElements(q.Values("Sec-WebSocket-Protocol")))
		offers := q.Values("Sec-WebSocket-Extensions")
		h.ExtensionsOffered = event.Some(http1.SplitElements(offers))
		f.Offer, f.OfferErr = http1.ParseExtensions(offers)
		f.DeflateOffers = deflateElements(f.firstOffer[:0], f.Offer, offered)
	}
	if r := h.Response; r != nil {
		h.Accept = first(r, "Sec-WebSocket-Accept")
		if h.Accept.Known && h.AcceptExpected.Known {
			h.AcceptValid = event.Some(len(r.Values("Sec-WebSocket-Accept")) == 1 && h.Accept.Value == h.AcceptExpected.Value)
		}
		h.Protocol = first(r, "Sec-WebSocket-Protocol")
		answers := r.Values("Sec-WebSocket-Extensions")
		h.Extensions = event.Some(http1.SplitElements(answers))
		f.Answer, f.AnswerErr = http1.ParseExtensions(answers)
		f.DeflateAnswers = deflateElements(f.firstAnswer[:0], f.Answer, answered)
		if len(f.DeflateAnswers) > 0 && f.Switched() && f.WebSocket() {
			h.Deflate = f.DeflateAnswers[0].agreed()
		}
	}
	h.Verdict = f.verdict()
	if h.Verdict == event.Refused && len(h.Evidence.Body) > 0 {
		f.Said = ReadBody(h.Response, h.Evidence.Body)
		h.ResponseBody = &event.Body{Text: f.Said.Text[:textCut(f.Said.Text, bodyTold)], IsText: f.Said.IsText,
			Octets: h.Evidence.Body[:min(len(h.Evidence.Body), bodyTold)]}
	}
}

// at is where an attempt stands: behind the later of its heads, which need not be the answer.
func at(h *event.Handshake) event.At {
	switch q, r := h.Request, h.Response; {
	case q != nil && r != nil:
		return reassembly.Later(q.Last, r.Last)
	case r != nil:
		return r.Last
	case q != nil:
		return q.Last
	}
	return h.At
}

func first(h *event.Head, name string) event.Opt[string] {
	value, sent := h.Lookup(name)
	return event.Opt[string]{Value: value, Known: sent}
}

// Multiplexed says that the attempt is one stream of a connection of HTTP/2 or HTTP/3, where RFC 8441 and RFC 9220
// take the place of the HTTP/1.1 upgrade.
func (f *Facts) Multiplexed() bool { return f.Transport == "h2" || f.Transport == "h3" }

// Switched says that the answer switched protocols: a 101, or a 2xx to an extended CONNECT (RFC 8441 §5).
func (f *Facts) Switched() bool {
	switch r := f.Response; {
	case r == nil:
		return false
	case f.Multiplexed():
		return r.Status/100 == 2 && f.Request != nil && f.Request.Has(":protocol")
	default:
		return r.Status == 101
	}
}

// AskedKnown says that the request tells what was asked for: it was captured, as far as the fields that say so.
func (f *Facts) AskedKnown() bool {
	return f.Request != nil && (f.Request.Cut != event.CutGap || f.Attempt != NoAttempt)
}

// verifiable says that the answer can be judged: its head was captured whole, and the request's as far as Accept could
// be compared with the key. HTTP/2 and HTTP/3 have no key.
func (f *Facts) verifiable() bool {
	q, r, compared := f.Request, f.Response, f.AcceptValid.Known || f.Multiplexed()
	return (r.Cut == event.Whole || r.Cut != event.CutGap && compared) && q != nil && (q.Cut == event.Whole || compared)
}

// WebSocket says that the attempt is about WebSocket: asked for, or, where that is not known, answered.
func (f *Facts) WebSocket() bool {
	if f.AskedKnown() {
		return f.Attempt == WebSocketAttempt
	}
	return f.Response != nil && AnswersWebSocket(f.Response)
}

// AnswersWebSocket says that an answer is one to a request for WebSocket.
func AnswersWebSocket(r *event.Head) bool {
	return r.Has("Sec-WebSocket-Accept") || AnyWebSocket(r.Values("Upgrade"))
}

// Draft says that the request is a hixie-75 or hixie-76 draft handshake: another protocol of the same name, without
// key and version.
func (f *Facts) Draft() bool {
	q := f.Request
	return q != nil && !q.Has("Sec-WebSocket-Key") && !q.Has("Sec-WebSocket-Version") &&
		(q.Has("Sec-WebSocket-Key1") || q.Has("Sec-WebSocket-Key2") ||
			f.Response != nil && (f.Response.Has("Sec-WebSocket-Location") || f.Response.Has("WebSocket-Location")))
}

// obscure says that a stream was accepted, and what was asked for is not known: a request or a field of it that was not
// captured would say it (RFC 8441 §4).
func (f *Facts) obscure() bool {
	q := f.Request
	return f.Multiplexed() && f.Response.Status/100 == 2 && (q == nil || q.Cut != event.Whole && !q.Has(":protocol"))
}

// verdict is the outcome before any rule is judged. Of a head that was cut, the rest may have said WebSocket.
func (f *Facts) verdict() event.Verdict {
	switch {
	case f.Attempt == OtherAttempt && (f.Request.Cut == event.Whole || f.Switched()):
		return event.OtherUpgrade
	case f.Response == nil:
		return event.Incomplete
	case f.obscure():
		return event.Incomplete
	case !f.Switched():
		return event.Refused
	case !f.WebSocket() && !f.AskedKnown() && f.Response.Cut != event.Whole:
		return event.Incomplete // to what it switches was not captured
	case !f.WebSocket() && !f.AskedKnown(), f.Multiplexed() && !f.WebSocket(), !f.Multiplexed() && f.Draft():
		return event.OtherUpgrade
	case !f.verifiable():
		return event.Incomplete
	}
	return event.Established
}

// Attempt says what kind of upgrade a request asks for.
type Attempt uint8

const (
	NoAttempt Attempt = iota
	WebSocketAttempt
	OtherAttempt // an upgrade to something else
)

// AttemptOf tells whether a request asks for an upgrade. Any Sec-WebSocket-* field makes it a WebSocket attempt: a
// proxy that removes Upgrade leaves them behind, and such a request is what its user must see.
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
	if other && HasToken(q, "Connection", "upgrade") {
		return OtherAttempt
	}
	if p, extended := q.Lookup(":protocol"); extended {
		if p == "websocket" { // RFC 8441 §5
			return WebSocketAttempt
		}
		return OtherAttempt
	}
	return NoAttempt
}

// namesWebSocket compares one member of an Upgrade field, name["/"version] (RFC 9110 §7.8).
func namesWebSocket(protocol string) bool {
	name, _, _ := strings.Cut(protocol, "/")
	return event.EqualFold(strings.TrimSpace(name), "websocket")
}

// AnyWebSocket says that the values of Upgrade fields name websocket.
func AnyWebSocket(upgrade []string) bool {
	for p := range http1.Members(upgrade) {
		if namesWebSocket(p) {
			return true
		}
	}
	return false
}

// HasToken says that a field that is a list of tokens, such as Connection, has that member, in any case of letters.
func HasToken(h *event.Head, field, token string) bool {
	for t := range http1.Members(h.Values(field)) {
		if event.EqualFold(t, token) {
			return true
		}
	}
	return false
}
