package http3

import (
	"wshake/analyze/event"
	"wshake/analyze/http3/qpack"
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
	Follow             // its DATA and its end
)

// Handler is told what a [Reader] reads. What it is given is borrowed until it returns. It must not call the Reader
// from within a call.
//
// The calls for one side of a stream come in the order of its octets. The server's come behind the request that they
// answer, unless that was not captured.
type Handler interface {
	// Head tells a header block. A stream whose request is not answered by Follow is passed over.
	Head(h *Head) Next
	// Unasked tells that DATA was found on a stream of which no head was captured. It is followed where the answer is
	// Follow.
	Unasked(side Side, at At, stream uint64) Next
	// Data tells octets of DATA of a stream that is followed.
	Data(side Side, at At, stream uint64, p []byte)
	// Gap tells that n octets of DATA of such a stream were not captured, or Unknown.
	Gap(side Side, at At, stream uint64, n uint64)
	// Found tells, behind a Gap of Unknown size, that the next octets are the first of a frame of DATA.
	Found(side Side, at At, stream uint64)
	// EndStream tells that side sends nothing more on such a stream, and that it said so.
	EndStream(side Side, at At, stream uint64)
	// Reset tells that side broke such a stream off, StopSending that it wants no more of it.
	Reset(side Side, at At, stream uint64, code ErrorCode)
	StopSending(side Side, at At, stream uint64, code ErrorCode)
	// Settings tells the SETTINGS of a side.
	Settings(side Side, at At, list []Setting)
	// GoAway tells that a side takes no more from an id on (RFC 9114 §5.2).
	GoAway(side Side, at At, id uint64)
	Lost(l *Loss)
}

// Kind is what a header block is.
type Kind uint8

const (
	Request  Kind = iota
	Interim       // an answer with a status of 1xx
	Response      // the final answer
	Trailers
)

// Head is a header block. It is borrowed.
type Head struct {
	Kind        Kind
	From        Side
	Stream      uint64
	Fields      []qpack.Field
	Unknown     bool // a part of a field is not known
	Dropped     int  // fields beyond the limits
	First, Last At   // the packets of its first octet and of its last
	Octets      int  // of the block as sent
}

// Setting is one of a SETTINGS frame (RFC 9114 §7.2.4).
type Setting struct{ ID, Value uint64 }

// The settings that say something to an observer.
const (
	SettingTableCapacity         = 0x1 // RFC 9204 §5
	SettingEnableConnectProtocol = 0x8 // RFC 9220 §5
)

// LossKind is why something was not read.
type LossKind uint8

const (
	LossFrames   LossKind = iota // octets were not captured, and where the frames behind them begin is not known
	LossBlock                    // a header block was not captured whole, or cannot be decoded
	LossSettings                 // SETTINGS may have been missed
	LimitBlock                   // a header block is longer than is kept
	LimitHeld                    // more than is kept waits for a request or for entries of the dynamic table
	LimitStreams                 // more streams are open than are followed
	Losses
)

// Loss says that something was not read.
type Loss struct {
	Kind   LossKind
	From   Side
	At     At
	Stream uint64
}

// Limits bound what a Reader keeps. A field that is not positive means its default.
type Limits struct {
	Block   int // octets of a header block; default 64 KiB
	Held    int // octets of a direction of a stream that wait; default 64 KiB
	All     int // octets that wait or are of header blocks at hand, of all streams; default 4 MiB
	Streams int // that are open at a time; default 4096
	Table   int // octets of each dynamic table; default 64 KiB
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&l.Block, 64 << 10}, {&l.Held, 64 << 10}, {&l.All, 4 << 20}, {&l.Streams, 4096}, {&l.Table, 64 << 10}} {
		if *f.value <= 0 {
			*f.value = f.standard
		}
	}
	return l
}
