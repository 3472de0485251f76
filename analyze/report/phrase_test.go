package report

import (
	"testing"

	"wshake/analyze/event"
)

func TestKeyAccept(t *testing.T) {
	for _, c := range []struct {
		name   string
		mutate func(*event.Handshake)
		want   string
	}{
		{"right", func(h *event.Handshake) {}, "valid"},
		{"accept wrong", func(h *event.Handshake) { h.AcceptValid.Value = false }, "mismatch"},
		{"accept missing", func(h *event.Handshake) { h.Accept.Known, h.AcceptValid.Known = false, false }, "no accept"},
		{"accept not seen", func(h *event.Handshake) {
			h.Accept.Known, h.AcceptValid.Known, h.Response.Cut = false, false, event.CutGap
		}, ""},
		{"key bad, answered", func(h *event.Handshake) { h.KeyValid.Value = false }, "bad key"},
		{"key missing", func(h *event.Handshake) { h.Key.Known, h.KeyValid.Known, h.AcceptValid.Known = false, false, false }, "no key"},
		{"request not seen", func(h *event.Handshake) {
			h.Request, h.Key.Known, h.KeyValid.Known, h.AcceptValid.Known = nil, false, false, false
		}, ""},
		{"refused", func(h *event.Handshake) { h.Response.Status, h.Accept.Known, h.AcceptValid.Known = 403, false, false }, ""},
		{"HTTP/2", func(h *event.Handshake) { h.Transport, h.Key.Known = "h2", false }, ""},
		{"to something else", func(h *event.Handshake) { h.Verdict, h.Key.Known = event.OtherUpgrade, false }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := established()
			c.mutate(h)
			if got, _ := keyAccept(h); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEnding(t *testing.T) {
	by := event.Some(event.Client)
	normal := event.Close{From: event.Server, Code: event.Some(uint16(1001))}
	answered := normal
	answered.Answered = true
	for _, c := range []struct {
		name string
		e    event.Connection
		want string
	}{
		{"capture ends", event.Connection{Ended: event.EndedCaptureEnd}, "capture-end"},
		{"reset", event.Connection{Ended: event.EndedReset, EndedBy: by}, "client reset"},
		{"closed", event.Connection{Ended: event.EndedClose, EndedBy: by, Close: &answered}, "server close 1001 going away"},
		{"closed without code", event.Connection{Ended: event.EndedClose, Close: &event.Close{}}, "client close without code"},
		{"close not answered", event.Connection{Ended: event.EndedFIN, EndedBy: by, Close: &normal}, "server close 1001 going away, not answered; client fin"},
		{"close, then cut off", event.Connection{Ended: event.EndedTimeout, Close: &answered}, "server close 1001 going away; timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ending(&c.e); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
