package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// Transport is what a connection of HTTP knows of its streams, which no stream knows by itself.
type Transport interface {
	// ConnectProtocol is the server's SETTINGS_ENABLE_CONNECT_PROTOCOL as the client had to know it: the packet that
	// announced it, or that there was none. It is unknown where that is not certain.
	ConnectProtocol(s *Stream) event.Opt[event.Opt[event.At]]
	// Silence is what is certain of a request that got no answer; nil where an answer may have been missed.
	Silence(s *Stream) *event.Silence
	// Confirmed is that of layer.Carrier.
	Confirmed(side event.Side) bool
	// Complete reports whether it is certain that a side sent nothing on a stream behind what was read.
	Complete(s *Stream, side event.Side) bool
}

// Connection is the carrier that the transport lies on.
type Connection interface {
	Conn() *event.Conn
	Describe(h *event.Handshake)
	Account(at event.At) event.Connection
	Seen(side event.Side) bool
	Keep(worth layer.Worth)
}

// Allowance is what is known of the server's SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3).
type Allowance struct {
	Sure    bool // its SETTINGS so far were read, and there were some
	Missed  bool // some may have been missed
	Enabled event.Opt[event.At]
}

// Miss takes note that some of its SETTINGS may have been missed.
func (a *Allowance) Miss() { a.Missed, a.Sure = true, false }

// Enable takes note of the setting; the packet at carried it.
func (a *Allowance) Enable(at event.At) {
	if !a.Enabled.Known {
		a.Enabled = event.Some(at)
	}
}

// Evidence is what a handshake is told of it.
func (a *Allowance) Evidence() event.Opt[event.Opt[event.At]] {
	if !a.Sure {
		return event.Opt[event.Opt[event.At]]{}
	}
	return event.Some(a.Enabled)
}
