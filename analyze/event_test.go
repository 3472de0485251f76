package analyze

import (
	"fmt"
	"testing"

	"wshake/analyze/event"
)

func TestCloseCode(t *testing.T) {
	for code, want := range map[event.CloseCode]struct {
		name                string
		assigned, maybeSent bool
		fails               bool
	}{
		0:     {"invalid", false, false, false},
		999:   {"invalid", false, false, false},
		1000:  {"normal closure", true, true, false},
		1004:  {"reserved", true, true, false},
		1005:  {"no status received", true, false, false},
		1006:  {"abnormal closure", true, false, false},
		1009:  {"message too big", true, true, true},
		1015:  {"TLS handshake", true, false, false},
		1016:  {"unassigned", false, false, false},
		2999:  {"unassigned", false, false, false},
		3000:  {"unauthorized", true, true, true},
		3001:  {"registered for libraries", true, true, true},
		4000:  {"private use", true, true, true},
		4999:  {"private use", true, true, true},
		5000:  {"invalid", false, false, false},
		65535: {"invalid", false, false, false},
	} {
		if got := code.String(); got != want.name {
			t.Errorf("%d is called %q, want %q", code, got, want.name)
		}
		if code.Assigned() != want.assigned || code.MayBeSent() != want.maybeSent ||
			(code.Failure() != "") != want.fails {
			t.Errorf("%d: assigned %v, may be sent %v, failure %q", code, code.Assigned(), code.MayBeSent(),
				code.Failure())
		}
	}
	if event.CloseCode(3003).Failure() == event.CloseCode(3001).Failure() {
		t.Error("a code that libraries have registered means the same as one that the application chose")
	}
}

func TestFindingString(t *testing.T) {
	f := &event.Finding{Name: "accept-mismatch", Level: event.Error, Fault: event.ServerFault, At: event.At{Number: 9},
		Text: "the Accept is wrong"}
	if got, want := fmt.Sprint(f), "error accept-mismatch, packet 9, server: the Accept is wrong"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.Fault = event.NoFault
	if got, want := f.String(), "error accept-mismatch, packet 9: the Accept is wrong"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
