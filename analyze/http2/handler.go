package http2

import (
	"wshake/analyze/event"
	"wshake/analyze/http2/hpack"
	"wshake/reassembly"
)

// Side is one of the two peers.
type Side = event.Side

// The peers.
const (
	Client = event.Client
	Server = event.Server
)

// At is the packet that carried something.
type At = reassembly.At

// Unknown is the size of a gap whose size is not known.
const Unknown = ^uint64(0)

// Next is a handler's answer: what it wants of a stream.
type Next uint8

const (
	Pass   Next = iota // nothing new
	Follow             // its DATA, its end, and the stalls of its windows, from now on
	Ignore             // no longer
)

// Handler is told what a [Reader] reads. What it is given is borrowed until it returns. It must not call the Reader
// from within a call, except Follows and Missed.
//
// The calls for one side come in the order of its octets. The server's come behind the request that they answer,
// unless that was not captured.
type Handler interface {
	// Head tells a header block. The answer is about its stream.
	Head(h *Head) Next
	// Stray asks about a stream of which DATA comes, whose request may not have been captured, once.
	Stray(side Side, at At, stream uint32) Next
	// Data tells octets of DATA, padding taken off, of a stream that is followed.
	Data(side Side, at At, stream uint32, p []byte)
	// Gap tells that n octets of DATA of a stream that is followed were not captured, or Unknown.
	Gap(side Side, at At, stream uint32, n uint64)
	// EndStream tells that side sends nothing more on a stream that is followed, and that it said so.
	EndStream(side Side, at At, stream uint32)
	// Reset tells an RST_STREAM, of any stream, once what the other side sent before it was read. Its code is not known
	// where it was not captured. The stream is no longer followed.
	Reset(side Side, at At, stream uint32, code event.Opt[ErrorCode])
	// Settings tells a SETTINGS frame. list is in order; acknowledged says that it is an acknowledgement of the oldest
	// one of the other side.
	Settings(side Side, at At, list []Setting, acknowledged bool)
	GoAway(side Side, at At, g *GoAway)
	// AltService tells an ALTSVC frame of the server: what it says is the value of an Alt-Svc field.
	AltService(at At, value []byte)
	// Stalled tells that a window was closed while there was something to send, or at the end, that it still is closed.
	Stalled(s *Stall)
	Fault(f *Fault)
	Lost(l *Loss)
	// End tells that nothing more comes of a side, as Reader.End was told.
	End(side Side, at At, why reassembly.End)
}

// Limits bound what a [Reader] keeps. A field that is not positive means its default.
type Limits struct {
	Block    int // octets of a header block; default 64 KiB
	Fields   int // of a header block; default 1000
	List     int // octets of its fields, decoded; default 256 KiB
	Table    int // octets kept of each dynamic table; default 64 KiB
	Streams  int // that are followed at a time; default 1024
	Settings int // that wait for an acknowledgement, of each side; default 32
	Held     int // octets of the server that wait for a request; default 64 KiB
	Search   int // octets of each side that are kept while frames are searched; default 64 KiB
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		value    *int
		standard int
	}{
		{&l.Block, 64 << 10}, {&l.Streams, 1024}, {&l.Settings, 32}, {&l.Held, 64 << 10}, {&l.Search, 64 << 10},
	} {
		if *f.value <= 0 {
			*f.value = f.standard
		}
	}
	return l // the others belong to package hpack
}

// Options say how to read a connection. The zero Options read one from its beginning.
type Options struct {
	Limits Limits
	// Start says, by side, whether the first octets are not the beginning of the connection.
	Midstream [2]bool
	// Heard is how many octets of each side were captured without a gap so far, as At.Acked counts them. Nil: nothing of a
	// side is read late.
	Heard *[2]uint64
	// Block is a place to work in, which Readers may share that are used one at a time. Nil: its own.
	Block *hpack.Block
	// Upgraded says that the connection was HTTP/1.1: its request with Upgrade: h2c is stream 1 (RFC 7540 §3.2).
	Upgraded bool
	// Settings are the client's in that request: HTTP2-Settings, decoded.
	Settings []byte
}
