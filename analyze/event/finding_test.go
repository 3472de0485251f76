package event

import (
	"fmt"
	"testing"
)

func TestFindingString(t *testing.T) {
	f := &Finding{Name: "accept-mismatch", Level: Error, Fault: ServerFault, At: At{Number: 9}, Text: "the Accept is wrong"}
	if got, want := fmt.Sprint(f), "error accept-mismatch, packet 9, server: the Accept is wrong"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.Fault = NoFault
	if got, want := f.String(), "error accept-mismatch, packet 9: the Accept is wrong"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
