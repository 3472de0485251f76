package check

import (
	"strings"
	"testing"

	"wshake/analyze/event"
)

func TestEveryExplainedAcceptHasItsAdvice(t *testing.T) {
	explanations := []string{
		spoiltAccept([]string{"key"}, ""), spoiltAccept([]string{"key"}, "key"),
		spoiltAccept([]string{"key"}, sampleAccept), misspeltGUIDMark + "258",
		"is the right value in quotes", "is two values merged into one field, one of them right", `was computed over the keys joined by ", "`,
		"is the 20 raw octets of the digest, without base64", "is the digest in hex, not in base64",
		"was computed with SHA-256 where SHA-1 is due",
	}
	for _, w := range wrongTexts("4tAjitqO9So2Wu8lkrsq3w==") {
		explanations = append(explanations, w.what)
	}
	for _, why := range explanations {
		if acceptAdvice(why) == "" && why != "is empty" {
			t.Errorf("no advice for %q", why)
		}
	}
	for why, want := range map[string]string{
		"was computed over the decoded octets of the key, not over its text": "do not decode",
		"is the SHA-1 of the decoded key without the GUID":                   "after it, the GUID",
		"is the right value in the base64url alphabet":                       "+ and /",
		"was computed with the GUID in braces":                               "nothing around it",
	} {
		if got := acceptAdvice(why); !strings.Contains(got, want) {
			t.Errorf("%q: %q lacks %q", why, got, want)
		}
	}
}

func TestEveryFailureOfACloseHasItsAdvice(t *testing.T) {
	for code := event.CloseCode(1000); code < 5000; code++ {
		if code.Failure() != "" && !code.MayBeSent() {
			continue
		}
		if code.Failure() != "" && closeAdvice(code, "", false, event.Server) == "" {
			t.Errorf("%d (%s): no advice", code, code.Failure())
		}
	}
	if got := closeAdvice(1011, "keepalive ping timeout", false, event.Server); got != pingAdvice {
		t.Error(got)
	}
}

func TestBodiesThatSayNothing(t *testing.T) {
	for _, c := range []struct {
		text, phrase string
		status       int
		nothing      bool
	}{
		{"Internal Server Error", "Internal Server Error", 500, true},
		{"500 Internal Server Error", "", 500, true},
		{"Error 403: Forbidden", "Forbidden", 403, true},
		{"HTTP Error 413. The body is too big.", "Content Too Large", 413, false},
		{"token expired", "Forbidden", 403, false},
	} {
		if got := generic(c.text, c.phrase, c.status); got != c.nothing {
			t.Errorf("%q: says nothing: %v", c.text, got)
		}
	}
}

func TestHTTP2Settings(t *testing.T) {
	for octets, want := range map[string]bool{
		"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64": true,
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00":                         true,
		"\x00\x00\x00\x04\x01\x00\x00\x00\x00":                         true,  // acknowledged at once
		"\x00\x00\x05\x04\x00\x00\x00\x00\x00":                         false, // no multiple of six
		"\x00\x00\x06\x04\x00\x00\x00\x00\x01":                         false,
		"\x00\x00\x06\x04":                                             false,
	} {
		if got := http2Settings([]byte(octets)); got != want {
			t.Errorf("%x: %v", octets, got)
		}
	}
}
