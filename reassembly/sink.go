package reassembly

// Dir is one of the two directions of a connection, used as an index.
// Opener is the direction of who sent the SYN; without a SYN, of who was seen first.
type Dir uint8

const (
	Opener Dir = iota
	Acceptor
)

// Other is the opposite direction.
func (d Dir) Other() Dir { return d ^ 1 }

// At is the packet that carried some bytes, or that told of an event.
type At struct {
	Ordinal uint64 // in the run, from 1
	Number  uint64 // in its file, from 1
	Time    int64  // nanoseconds since the Unix epoch, UTC
	// Acked is how much of the opposite direction's stream the packet's sender had acknowledged when it sent it: an
	// offset as Sink counts them (the first byte delivered is at 0). -1 where that is not known.
	Acked int64
	File  int32
}

// Set makes a the packet that b is, field by field. What b is was mostly written just before, by fields, and a
// copy by wider pieces would have the processor wait until all of that has gone to the cache.
func (a *At) Set(b *At) {
	a.Ordinal, a.Number, a.Time, a.Acked, a.File = b.Ordinal, b.Number, b.Time, b.Acked, b.File
}

// Later returns whichever of a and b was captured later.
func Later(a, b At) At {
	if b.Ordinal > a.Ordinal {
		return b
	}
	return a
}

// End says why no more bytes will come in a direction.
type End uint8

const (
	EndFIN         End = iota + 1 // the sender closed, and everything before its FIN was delivered or named as a gap
	EndReset                      // the sender of this direction sent a RST
	EndPeerReset                  // the receiver of this direction sent a RST
	EndTimeout                    // idle for longer than the Config lets it
	EndReplaced                   // a new connection took the same addresses and ports
	EndEvicted                    // a limit made us drop the connection
	EndCaptureEnds                // the input is over
)

// Sink takes the ordered bytes of one connection. Per direction the calls are in stream order: Data and Gap, then
// one End. Every byte of the stream, from the first that was delivered, is either in Data or counted by a Gap, so
// a Sink can count offsets.
type Sink interface {
	// Data delivers p, which was carried by the packet at. p is read-only and borrowed until Data returns.
	Data(dir Dir, at At, p []byte)
	// Gap says that n bytes were not captured; at is the packet that made it certain.
	Gap(dir Dir, at At, n uint64)
	// End is called once per direction; at is the packet that ended it (for a timeout or the end of the capture, the
	// last packet seen on the connection).
	End(dir Dir, at At, why End)
}

// ConflictSink is a Sink that wants to know when retransmitted bytes differ from their first copy. The first copy
// is the one delivered through Data. offset is the stream offset of the first differing byte; first and second,
// borrowed, begin there and have equal length.
type ConflictSink interface {
	Sink
	Conflict(dir Dir, at At, offset uint64, first, second []byte)
}

// ResetSink is a Sink that wants to know at once of a RST of dir that its receiver would accept. What the RST ends is
// told by End once it was not revoked.
type ResetSink interface {
	Sink
	Reset(dir Dir, at At)
}

// RefusedHandler is a Handler that wants to know of connections that were refused: the SYN of Opener was answered by a
// RST, in the packet at.
type RefusedHandler interface {
	Refused(c *Conn, at At)
}

// Handler makes Sinks for connections.
type Handler interface {
	// Open is called once per connection, right before its first Data or Gap. A connection that never carries a
	// byte is never opened.
	Open(c *Conn) Sink
}

// Opening says how much of a connection's beginning was captured.
type Opening uint8

const (
	OpenedMidstream Opening = iota // neither SYN was captured: who opened it is not known
	OpenedSYN                      // at least one of SYN and SYN-ACK was captured
)
