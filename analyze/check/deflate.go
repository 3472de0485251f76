package check

import (
	"fmt"
	"math/bits"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// The negotiation of permessage-deflate: RFC 7692 §7.1.

var checkDeflateOfferInvalid = Check{
	ID: "PMD-01", Name: "deflate-offer-invalid", Level: event.Warning, Fault: event.ClientFault,
	Citation: "RFC 7692 §7.1",
	When:     "a permessage-deflate offer has an unknown, duplicate or illegal parameter",
	Description: "permessage-deflate has four parameters, each at most once; window bits are a number from 8 to " +
		"15, and the two no_context_takeover have no value. A server must decline an offer that breaks this, and " +
		"the connection goes on without it; but the Node library ws answers 400 and Tomcat answered 500 to " +
		"client_max_window_bits=16 (apache/tomcat#1019). client_max_window_bits without a value is legal in an " +
		"offer, and so are several offers.",
	Advice: "offer permessage-deflate; client_max_window_bits, with 8 to 15 wherever a number is given, " +
		"and a plain permessage-deflate after it as a fallback",
	Needs:    Asked,
	Exchange: deflateOfferInvalid,
}

func deflateOfferInvalid(x *Exchange, report Report) {
	for i := range x.DeflateOffers {
		if o := &x.DeflateOffers[i]; len(o.Faults) > 0 {
			report(Detail{
				At: x.Request.Last,
				Text: fmt.Sprintf("the offer %s is not legal: %s; the server must decline it",
					quote(o.Text), faultWords(o)),
				Seen:   o.Text,
				Wanted: "server_no_context_takeover, client_no_context_takeover, server_max_window_bits=8..15, client_max_window_bits[=8..15], each at most once",
			})
		}
	}
}

var checkDeflateAnswerInvalid = Check{
	ID: "PMD-03", Name: "deflate-answer-invalid", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 7692 §7.1",
	When: "the accepted permessage-deflate has an unknown, duplicate or illegal parameter, or " +
		"client_max_window_bits without a value, or only an illegal offer was there to accept",
	Description: "The client must fail the connection when the accepted parameters are unknown, repeated or out " +
		`of range: the two sides would not agree on how to inflate. Chrome prints "Error in permessage-deflate". ` +
		"A common mistake is to send the offer back as the answer, since client_max_window_bits may lack a value " +
		"only in the offer. It is as wrong to accept an offer that is not legal. server_max_window_bits and both " +
		"no_context_takeover are legal in an answer without having been offered.",
	Advice: "answer with values of your own: client_max_window_bits=8 to 15, each parameter once; decline " +
		"an illegal offer by leaving the extension out",
	Needs:    Switched,
	Exchange: deflateAnswerInvalid,
}

func deflateAnswerInvalid(x *Exchange, report Report) {
	for i := range x.DeflateAnswers {
		a := &x.DeflateAnswers[i]
		if len(a.Faults) > 0 {
			report(Detail{
				At:   x.Response.Last,
				Text: fmt.Sprintf("the answer %s is not legal: %s", quote(a.Text), faultWords(a)),
				Seen: a.Text, Wanted: "legal parameters, each at most once, client_max_window_bits with a value",
			})
			continue
		}
		// Accepting what must be declined is as wrong as answering it (§7.1).
		if n := len(x.DeflateOffers); n > 0 && allIllegal(x.DeflateOffers) {
			report(Detail{
				At: x.Response.Last,
				Text: fmt.Sprintf("the server accepted %s, though the only offer, %s, is not legal and must be "+
					"declined", handshake.Deflate, quote(x.DeflateOffers[n-1].Text)),
				Seen: a.Text, Wanted: "no " + handshake.Deflate + " in the answer",
			})
		}
	}
}

// faultWords says what is wrong with the parameters of an offer or answer.
func faultWords(e *handshake.DeflateElement) string {
	faults := e.Faults
	words := make([]string, len(faults))
	for i, f := range faults {
		switch f.Kind {
		case handshake.RepeatedParam:
			words[i] = f.Name + " stands twice"
		case handshake.ValueUnwanted:
			words[i] = fmt.Sprintf("%s has the value %s", f.Name, quote(f.Value))
		case handshake.ValueMissing:
			words[i] = f.Name + " has no value"
		case handshake.ValueIllegal:
			words[i] = fmt.Sprintf("%s=%s is not a number from 8 to 15", f.Name, escape(f.Value))
		default:
			words[i] = fmt.Sprintf("%s is not a parameter of %s", quote(f.Name), handshake.Deflate)
		}
	}
	if e.More > 0 {
		words = append(words, fmt.Sprintf("and %d more faults", e.More))
	}
	return strings.Join(words, ", ")
}

// illegalOffer is the first offer of permessage-deflate that a server must decline, nil where there is none.
func illegalOffer(x *Exchange) *handshake.DeflateElement {
	for i := range x.DeflateOffers {
		if o := &x.DeflateOffers[i]; len(o.Faults) > 0 {
			return o
		}
	}
	return nil
}

func allIllegal(offers []handshake.DeflateElement) bool {
	for i := range offers {
		if len(offers[i].Faults) == 0 {
			return false
		}
	}
	return true
}

var checkDeflateClientWindowNotOffered = Check{
	ID: "PMD-04", Name: "deflate-client-window-not-offered", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 7692 §7.1.2.2",
	When:     "client_max_window_bits was answered though not offered",
	Description: "With client_max_window_bits in its offer a client says that it can limit its window. One that " +
		"did not say so may not be able to, and must fail the connection. Chrome offers the parameter and never " +
		"notices; strict clients that do not offer it abort (coder/websocket#443). The cause is a server that " +
		"writes client_max_window_bits=15, the default anyway, into every answer.",
	Advice:   "answer client_max_window_bits only where the accepted offer has it",
	Needs:    Switched,
	Exchange: misfitting(clientBitsUnasked, "client_max_window_bits only where it was offered"),
}

var checkDeflateServerWindow = Check{
	ID: "PMD-05", Name: "deflate-server-window", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 7692 §7.1.2.1",
	When:     "an offered server_max_window_bits was left out or exceeded",
	Description: "A client that offers server_max_window_bits=N has no room for a larger window. If the server " +
		"leaves the parameter out, or names more, the client must fail the connection; one that goes on fails " +
		`later, on the first message that refers further back ("invalid distance too far back"). ` +
		"gorilla/websocket answers every offer with the same two parameters, whatever it asks for. " +
		"server_max_window_bits in an answer to an offer without it is legal.",
	Advice: "answer server_max_window_bits with at most the offered value and compress with that window; " +
		"if the compressor cannot, decline the offer",
	Needs:    Switched,
	Exchange: misfitting(serverBitsLeftOut|serverBitsRaised, "server_max_window_bits with at most the offered value"),
}

var checkDeflateServerTakeover = Check{
	ID: "PMD-06", Name: "deflate-server-takeover", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 7692 §7.1.1.1",
	When:     "an offered server_no_context_takeover was left out",
	Description: "A client that offers server_no_context_takeover does not want to keep the server's history " +
		"between messages. The server must repeat the parameter or decline the offer. If it compresses with " +
		`takeover all the same, the client inflates the first message and fails on a later one with "invalid ` +
		`distance too far back". server_no_context_takeover in an answer to an offer without it is legal.`,
	Advice: "answer server_no_context_takeover and reset the compressor after every message, or decline " +
		"the offer",
	Needs:    Switched,
	Exchange: misfitting(takeoverLeftOut, "server_no_context_takeover in the answer"),
}

var checkDeflateClientWindowLarger = Check{
	ID: "PMD-08", Name: "deflate-client-window-larger", Level: event.Warning, Fault: event.ServerFault,
	Citation: "RFC 7692 §7.1.2.2",
	When:     "the server answered more client_max_window_bits than the client offered",
	Description: "The client says how large a window it will use at most, and the answer may lower that. RFC " +
		"7692 speaks only of equal or smaller values; whether a larger one breaks the rule is disputed " +
		"(websockets/ws#2327, #2336), so this is a warning. A client either goes on with its smaller window, " +
		"which does no harm, or fails the connection.",
	Advice:   "answer client_max_window_bits with at most the offered value",
	Needs:    Switched,
	Exchange: misfitting(clientBitsRaised, "at most the offered client_max_window_bits"),
}

// misfit is a set of ways in which an answer does not fit an offer.
type misfit uint8

const (
	takeoverLeftOut   misfit = 1 << iota // RFC 7692 §7.1.1.1
	serverBitsLeftOut                    // §7.1.2.1
	serverBitsRaised                     // §7.1.2.1
	clientBitsUnasked                    // §7.1.2.2
	clientBitsRaised                     // §7.1.2.2
)

// misfits compares answer a with offer o.
func misfits(o, a *handshake.DeflateParams) (m misfit) {
	if o.ServerNoTakeover && !a.ServerNoTakeover {
		m |= takeoverLeftOut
	}
	switch {
	case o.ServerBits > 0 && a.ServerBits == 0:
		m |= serverBitsLeftOut
	case o.ServerBits > 0 && a.ServerBits > o.ServerBits:
		m |= serverBitsRaised
	}
	switch {
	case o.ClientBits == 0 && a.ClientBits != 0:
		m |= clientBitsUnasked
	case o.ClientBits > 0 && a.ClientBits > o.ClientBits:
		m |= clientBitsRaised
	}
	return m
}

// words says what a misfit is.
func (m misfit) words(o, a *handshake.DeflateParams) string {
	switch m {
	case takeoverLeftOut:
		return "the client asked for server_no_context_takeover, and the answer leaves it out"
	case serverBitsLeftOut:
		return fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer leaves it out",
			o.ServerBits)
	case serverBitsRaised:
		return fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer says %d",
			o.ServerBits, a.ServerBits)
	case clientBitsUnasked:
		return "the answer has client_max_window_bits, which the client did not offer"
	}
	return fmt.Sprintf("the client offered client_max_window_bits=%d, and the answer says %d",
		o.ClientBits, a.ClientBits)
}

// bestOffer is the legal offer that an answer fits best: it may accept any of several offers (§7.1.3). It is nil
// where no offer is legal.
func bestOffer(offers []handshake.DeflateElement, a *handshake.DeflateParams) (best *handshake.DeflateParams, m misfit) {
	for i := range offers {
		if o := &offers[i]; len(o.Faults) == 0 {
			if n := misfits(&o.Params, a); best == nil || bits.OnesCount8(uint8(n)) < bits.OnesCount8(uint8(m)) {
				best, m = &o.Params, n
			}
		}
	}
	return best, m
}

// misfitting reports some kinds of misfit of every accepted permessage-deflate.
func misfitting(kinds misfit, wanted string) func(*Exchange, Report) {
	return func(x *Exchange, report Report) {
		for i := range x.DeflateAnswers {
			a := &x.DeflateAnswers[i]
			if o, m := bestOffer(x.DeflateOffers, &a.Params); m&kinds != 0 {
				report(Detail{
					At: x.Response.Last, Text: (m & kinds).words(o, &a.Params), Seen: a.Text, Wanted: wanted,
				})
			}
		}
	}
}

var checkRsv1Conflict = Check{
	ID: "PMD-09", Name: "rsv1-conflict", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 7692 §6",
	When: "two accepted extensions use RSV1",
	Description: "Every compression extension marks its messages or frames by the bit RSV1, so that a receiver " +
		"of two cannot tell which is meant. Only one may be accepted, and clients fail the connection. The cause " +
		"is a server that accepts all it is offered, for instance x-webkit-deflate-frame of older Safari beside " +
		"permessage-deflate.",
	Advice:   "accept one compression extension only, permessage-deflate where it is offered",
	Needs:    Switched,
	Exchange: rsv1Conflict,
}

func rsv1Conflict(x *Exchange, report Report) {
	var users []string
	for _, a := range x.Answer[:min(len(x.Answer), handshake.MaxJudged)] {
		if rsv1Extensions[strings.ToLower(a.Name)] && !contains(users, a.Name) {
			users = append(users, a.Name)
		}
	}
	if len(users) > 1 {
		report(Detail{
			At:   x.Response.Last,
			Text: fmt.Sprintf("the server accepted %s, which use the same bit, RSV1", quoteAll(users)),
			Seen: joined(x.Extensions.Value), Wanted: "at most one of them",
		})
	}
}

// rsv1Extensions use the bit RSV1; only one of them may be accepted (RFC 7692 §6).
var rsv1Extensions = map[string]bool{
	handshake.Deflate: true, "x-webkit-deflate-frame": true, "deflate-frame": true, "perframe-deflate": true, "x-webkit-permessage-compress": true,
	"permessage-compress": true, "permessage-bzip2": true, "permessage-snappy": true, "permessage-brotli": true,
}
