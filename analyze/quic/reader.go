package quic

import (
	"wshake/analyze/event"
	"wshake/analyze/tls"
	"wshake/analyze/tls/keylog"
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

// Handler is told what a [Conn] reads. What it is given is borrowed until it returns; it must not call the Conn from
// within a call.
type Handler interface {
	// Hello tells what the handshake says, each time that more of it is known.
	Hello(at At, h *tls.Hello)
	// Issued tells a connection id that a side chose for itself.
	Issued(side Side, id []byte)
	// Data tells octets of a stream, in order by stream and side.
	Data(side Side, at At, stream uint64, p []byte)
	// Gap tells that n octets of a stream were not captured.
	Gap(side Side, at At, stream, n uint64)
	// End tells that a side sends nothing more on a stream, behind its last octet.
	End(side Side, at At, stream uint64)
	// Reset tells RESET_STREAM, behind the last octet that was sent before it.
	Reset(side Side, at At, stream, code uint64)
	// StopSending tells that a side wants no more of a stream.
	StopSending(side Side, at At, stream, code uint64)
	// Close tells CONNECTION_CLOSE, once of a side.
	Close(side Side, at At, c *Close)
	// Undecrypted tells, once of a side, that packets of it cannot be opened.
	Undecrypted(side Side, at At, why Reason)
	// Lost tells, once of a kind, that something was not read.
	Lost(at At, l Loss)
}

// Close is a CONNECTION_CLOSE frame (RFC 9000 §19.19).
type Close struct {
	Application bool // the code is one of the protocol above
	Code        uint64
	Text        []byte
}

// Reason is why packets were not opened.
type Reason uint8

const (
	NoHello   Reason = iota + 1 // the ClientHello was not captured whole, so it is not known which secrets are its own
	NoSecret                    // the key log does not have its secrets
	NoSuite                     // its cipher suite is not read
	WrongKeys                   // no key that is known opens them
)

func (r Reason) String() string {
	return [...]string{
		NoHello: "its ClientHello was not captured whole, without which no key log says which secrets are its own", NoSecret: "no secret of it is in a key log",
		NoSuite: "its cipher suite is not read", WrongKeys: "the secrets in the key log do not open it",
	}[r]
}

// Loss is why something was not read that was captured.
type Loss uint8

const (
	LossFrame   Loss = iota // a frame of a type that is not known, or damaged: the rest of its packet was not read
	LossEarly               // 0-RTT, of which no secret is known
	LimitStream             // more streams at a time than are followed
	LimitHeld               // more octets than are kept wait for those before them
	LimitCrypto             // likewise, of the handshake
	LimitWaits              // more packets than are kept wait for their keys
	Losses
)

// Limits bound what a connection keeps. A field that is not positive means its default.
type Limits struct {
	Streams int // directions of streams that are followed at a time; default 2048
	Held    int // octets of a direction of a stream that wait for those before them; default 256 KiB
	All     int // likewise, of all streams of a connection; default 1 MiB
	Crypto  int // octets of a handshake that wait, of each side and level; default 64 KiB
	Waits   int // octets of packets that wait for their keys; default 64 KiB, 1 MiB where secrets may come later
	IDs     int // connection ids of a side that are remembered; default 64
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&l.Streams, 2048}, {&l.Held, 256 << 10}, {&l.All, 1 << 20}, {&l.Crypto, 64 << 10}, {&l.Waits, 64 << 10}, {&l.IDs, 64}} {
		if *f.value <= 0 {
			*f.value = f.standard
		}
	}
	return l
}

// Reader is what the connections that are read in one goroutine share.
type Reader struct {
	keys   *keylog.Log
	limits Limits
	later  bool // secrets may still come

	trials  int    // of connections of the key log that are still allowed
	untried uint64 // packets for which none was left

	header []byte // scratch: a header without protection
	plain  []byte // scratch: the content of a packet
}

// NewReader makes a Reader that takes secrets from a key log, which may be nil. later says that secrets may come
// behind the packets that need them.
func NewReader(keys *keylog.Log, limits Limits, later bool) *Reader {
	if later && limits.Waits <= 0 {
		limits.Waits = 1 << 20
	}
	return &Reader{keys: keys, limits: limits.withDefaults(), later: later, trials: trialsInAll}
}
