package check

import (
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// deflateParams reads the parameters of an offer or answer of permessage-deflate.
func deflateParams(t *testing.T, params string, answer bool) *handshake.DeflateParams {
	t.Helper()
	head := &event.Head{Fields: []event.Field{{Name: "Sec-WebSocket-Extensions", Value: handshake.Deflate + params}}}
	if answer {
		return &handshake.Read(&event.Handshake{Response: head}).DeflateAnswers[0].Params
	}
	return &handshake.Read(&event.Handshake{Request: head}).DeflateOffers[0].Params
}

func TestMisfits(t *testing.T) {
	for name, c := range map[string]struct {
		offer, answer string
		want          misfit
	}{
		"plain":             {},
		"bitsAgreed":        {offer: "; server_max_window_bits=10; client_max_window_bits=10", answer: "; server_max_window_bits=10; client_max_window_bits=10"},
		"bitsLowered":       {offer: "; server_max_window_bits=10; client_max_window_bits", answer: "; server_max_window_bits=9; client_max_window_bits=8"},
		"unasked":           {answer: "; server_max_window_bits=9; server_no_context_takeover; client_no_context_takeover"},
		"hintLeftOut":       {offer: "; client_no_context_takeover"},
		"clientBitsLeftOut": {offer: "; client_max_window_bits=9"},
		"clientBitsUnasked": {answer: "; client_max_window_bits=15", want: clientBitsUnasked},
		"clientBitsRaised":  {offer: "; client_max_window_bits=9", answer: "; client_max_window_bits=10", want: clientBitsRaised},
		"serverBitsLeftOut": {offer: "; server_max_window_bits=9", want: serverBitsLeftOut},
		"serverBitsRaised":  {offer: "; server_max_window_bits=9", answer: "; server_max_window_bits=10", want: serverBitsRaised},
		"serverBitsIllegal": {offer: "; server_max_window_bits=9", answer: "; server_max_window_bits=99"}, // deflate-answer-invalid speaks
		"takeoverLeftOut":   {offer: "; server_no_context_takeover", want: takeoverLeftOut},
		"all":               {offer: "; server_no_context_takeover; server_max_window_bits=9", answer: "; client_max_window_bits=9", want: takeoverLeftOut | serverBitsLeftOut | clientBitsUnasked},
	} {
		if got := misfits(deflateParams(t, c.offer, false), deflateParams(t, c.answer, true)); got != c.want {
			t.Errorf("%s: %05b, want %05b", name, got, c.want)
		}
	}
}

// Of several offers the one that the answer fits best is taken (RFC 7692 §7.1.3); an illegal one is never accepted.
func TestBestOffer(t *testing.T) {
	head := &event.Head{Fields: []event.Field{{Name: "Sec-WebSocket-Extensions",
		Value: "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=9, permessage-deflate"}}}
	offers := handshake.Read(&event.Handshake{Request: head}).DeflateOffers
	for answer, want := range map[string]*handshake.DeflateParams{"": &offers[2].Params, "; server_max_window_bits=9": &offers[1].Params} {
		if got, m := bestOffer(offers, deflateParams(t, answer, true)); got != want || m != 0 {
			t.Errorf("answer %q: offer %+v, misfits %05b", answer, got, m)
		}
	}
}
