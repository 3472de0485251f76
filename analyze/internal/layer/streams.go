package layer

import (
	"net/netip"

	"wshake/analyze/event"
)

// Transport is what carries many streams and is none itself: a connection of QUIC. What is as in a Carrier means the
// same.
type Transport interface {
	Conn() *event.Conn
	// Ends are the addresses of both sides when it began.
	Ends() [2]netip.AddrPort
	Describe(h *event.Handshake)
	Account(at event.At) event.Connection
	Seen(side event.Side) bool
	First() event.At
	Last() event.At
	Keep(worth Worth)
	// Missing reports whether packets of a side may not have been captured.
	Missing(side event.Side) bool
	// Early reports whether the client sent something in 0-RTT, by what it remembered of an earlier connection.
	Early() bool
}

// Streams takes what the streams of a Transport carry, in order by stream and side.
type Streams interface {
	Data(side event.Side, at event.At, stream uint64, p []byte)
	// Gap says that n octets were not captured.
	Gap(side event.Side, at event.At, stream, n uint64)
	// End says that a side sends nothing more on a stream.
	End(side event.Side, at event.At, stream uint64)
	// Reset says that a side broke its direction of a stream off, StopSending that it wants no more of the other one.
	Reset(side event.Side, at event.At, stream, code uint64)
	StopSending(side event.Side, at event.At, stream, code uint64)
	// Size is that of Sized.
	Size() int
	// Close says how the transport ended, once; by is unknown where nobody said so.
	Close(at event.At, end TransportEnd)
}

// TransportEnd is how a Transport ended.
type TransportEnd struct {
	Ended  event.Ended
	By     event.Opt[event.Side]
	Failed bool   // with an error
	Text   string // the error, where there is one
}
