// Package layer is the contract between the protocols of a connection: what a layer takes, and what it may ask of
// below.
//
// # Design
//
// A connection is read by layers that lie on each other: TCP, TLS, HTTP, frames. A [Layer] takes octets and gaps in
// the order of each side's stream. It knows nothing of the layers beside it: what it may ask of below is a [Carrier],
// of which each transport has one implementation, and what comes next is decided by package conn, the only place that
// knows all layers. A transport that carries many conversations gives each of them a Carrier of its own.
//
// Rejected: a layer with a pointer to the connection that all layers write to (no second transport could be added),
// and a goroutine with a reader per layer (a connection must cost nothing while it is silent).
package layer

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// Layer takes the octets of both sides of one stream, in order by side.
type Layer interface {
	// Data delivers octets of a side, borrowed until it returns; at is the packet that carried them.
	Data(side event.Side, at event.At, p []byte)
	// Gap says that n octets were not captured. Gaps of unknown size are [UnknownSize] long.
	Gap(side event.Side, at event.At, n uint64)
	// End is called once for each side, behind its last octet.
	End(side event.Side, at event.At, why reassembly.End)
	// Finish is called once, when both sides have ended: what is still open is decided now.
	Finish(at event.At)
}

// Resettable is a Layer that wants to know at once that a side has sent a RST. The ends that it makes come later, and
// not at all where the RST turns out to be forged.
type Resettable interface {
	Layer
	Reset(side event.Side, at event.At)
}

// Reset passes a RST on to the layer above, if that wants it.
func (s *Stack) Reset(side event.Side, at event.At) {
	if top, wants := s.Top.(Resettable); wants {
		top.Reset(side, at)
	}
}

// UnknownSize stands for the size of a gap where that is not known: larger than any message.
const UnknownSize = 1 << 40

// Carrier is what carries the octets of a layer: a TCP connection, the TLS in it, or one stream of HTTP/2. Sides and
// offsets are those of the octets that the layer above is given.
type Carrier interface {
	// Conn identifies the carrier in events. From the first call on it is decided which side is the client, and what was
	// not captured is named by caveats: of a connection that nothing is reported of nobody needs to know.
	Conn() *event.Conn
	// Describe fills in what the transport tells of a handshake: its name, TLS, server name, ALPN.
	Describe(h *event.Handshake)
	// Account begins the connection event: packets, octets, duration, TLS, and how it ended.
	Account(at event.At) event.Connection
	// Stack is the layer above and how far its octets have come.
	Stack() *Stack
	// Seen reports whether any packet of a side was captured.
	Seen(side event.Side) bool
	// Confirmed reports whether the other side may have taken what a side's octets are now: not where they lie behind
	// octets that were not captured and that all acknowledgements say are missing there, too.
	Confirmed(side event.Side) bool
	// First and Last are its first packet and the newest so far.
	First() event.At
	Last() event.At
	// Keep asks that the carrier's memory be given up later than that of others, where there is too little.
	Keep(worth Worth)
	// Release says that the layer wants nothing more: what follows may be skipped.
	Release()
	// Detach keeps the carrier usable after its end, for a layer that has to wait for something.
	Detach()
}

// Worth orders connections by how late they are given up.
type Worth uint8

const (
	Attempted Worth = iota + 1 // an upgrade was asked for
	Used                       // frames were exchanged
)

// Ignored is the layer of connections that carry nothing for us, and of those that are over.
type Ignored struct{}

func (Ignored) Data(event.Side, event.At, []byte)        {}
func (Ignored) Gap(event.Side, event.At, uint64)         {}
func (Ignored) End(event.Side, event.At, reassembly.End) {}
func (Ignored) Finish(event.At)                          {}
