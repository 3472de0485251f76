package check

import (
	"fmt"
	"math/bits"
	"strings"

	"wshake/analyze/handshake"
)

// The negotiation of permessage-deflate: RFC 7692 §7.1.

// faultWords says what is wrong with the parameters of an offer or answer.
func faultWords(faults []handshake.DeflateFault) string {
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

func deflateOfferInvalid(x *Exchange, report Report) {
	if !x.asked() {
		return
	}
	for i := range x.DeflateOffers {
		if o := &x.DeflateOffers[i]; len(o.Faults) > 0 {
			report(Detail{At: x.Request.Last, Text: fmt.Sprintf("the offer %s is not legal: %s; the server must decline it", quote(o.Text), faultWords(o.Faults)),
				Seen: o.Text, Wanted: "server_no_context_takeover, client_no_context_takeover, server_max_window_bits=8..15, client_max_window_bits[=8..15], each at most once"})
		}
	}
}

func deflateAnswerInvalid(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	for i := range x.DeflateAnswers {
		a := &x.DeflateAnswers[i]
		if len(a.Faults) > 0 {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the answer %s is not legal: %s", quote(a.Text), faultWords(a.Faults)), Seen: a.Text,
				Wanted: "legal parameters, each at most once, client_max_window_bits with a value"})
			continue
		}
		// Accepting what must be declined is as wrong as answering it (§7.1).
		if n := len(x.DeflateOffers); n > 0 && allIllegal(x.DeflateOffers) {
			report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted %s, though the only offer, %s, is not legal and must be declined",
				handshake.Deflate, quote(x.DeflateOffers[n-1].Text)),
				Seen: a.Text, Wanted: "no " + handshake.Deflate + " in the answer"})
		}
	}
}

func allIllegal(offers []handshake.DeflateElement) bool {
	for i := range offers {
		if len(offers[i].Faults) == 0 {
			return false
		}
	}
	return true
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
		return fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer leaves it out", o.ServerBits)
	case serverBitsRaised:
		return fmt.Sprintf("the client asked for server_max_window_bits=%d, and the answer says %d", o.ServerBits, a.ServerBits)
	case clientBitsUnasked:
		return "the answer has client_max_window_bits, which the client did not offer"
	}
	return fmt.Sprintf("the client offered client_max_window_bits=%d, and the answer says %d", o.ClientBits, a.ClientBits)
}

// bestOffer is the legal offer that an answer fits best: it may accept any of several offers (§7.1.3). It is nil where no
// offer is legal.
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
		if !x.answered() {
			return
		}
		for i := range x.DeflateAnswers {
			a := &x.DeflateAnswers[i]
			if o, m := bestOffer(x.DeflateOffers, &a.Params); m&kinds != 0 {
				report(Detail{At: x.Response.Last, Text: (m & kinds).words(o, &a.Params), Seen: a.Text, Wanted: wanted})
			}
		}
	}
}

// rsv1Extensions use the bit RSV1; only one of them may be accepted (RFC 7692 §6).
var rsv1Extensions = map[string]bool{
	handshake.Deflate: true, "x-webkit-deflate-frame": true, "deflate-frame": true, "perframe-deflate": true, "x-webkit-permessage-compress": true,
	"permessage-compress": true, "permessage-bzip2": true, "permessage-snappy": true, "permessage-brotli": true,
}

func rsv1Conflict(x *Exchange, report Report) {
	if !x.answered() {
		return
	}
	var users []string
	for _, a := range x.Answer {
		if rsv1Extensions[strings.ToLower(a.Name)] && !contains(users, a.Name) {
			users = append(users, a.Name)
		}
	}
	if len(users) > 1 {
		report(Detail{At: x.Response.Last, Text: fmt.Sprintf("the server accepted %s, which use the same bit, RSV1", quoteAll(users)),
			Seen: strings.Join(x.Extensions.Value, ", "), Wanted: "at most one of them"})
	}
}
