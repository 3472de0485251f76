package ws

import (
	"wshake/analyze/event"
	"wshake/analyze/ws/deflate"
)

// Extensions is what the handshake agreed for the frames of a stream (RFC 6455 §9).
type Extensions uint8

const (
	// ExtensionsNone: no extension was accepted, all RSV bits must be zero.
	ExtensionsNone Extensions = iota
	// ExtensionsDeflate: permessage-deflate and nothing else; Options.Deflate holds what was agreed for this side.
	ExtensionsDeflate
	// ExtensionsUnseen: the handshake was not captured. RSV1 on a message is taken for permessage-deflate with context
	// takeover; RSV bits and opcodes are not called odd.
	ExtensionsUnseen
	// ExtensionsForeign: an extension this package does not know was accepted. Opcodes and the bits in Options.RSV are
	// not odd, and payload that carries one of the bits is opaque.
	ExtensionsForeign
)

// Start says where a stream's first octet stands.
type Start uint8

const (
	AtHandshake Start = iota // right behind the handshake: a frame begins there
	Midstream                // anywhere: the first frame has to be found
)

// Begins says where frames begin behind the head of a side: right there, if its end was captured.
func Begins(h *event.Head) Start {
	if h == nil || h.Cut == event.CutGap {
		return Midstream
	}
	return AtHandshake
}

// Want is a set of what to go to some expense for.
type Want uint8

const (
	WantFramePayload   Want = 1 << iota // call Visitor.FramePayload
	WantMessagePayload                  // call Visitor.MessagePayload
	WantDigest                          // fill in Message.Digest
	// WantLateDigest is like WantDigest, except that no digest is made of a message that the visitor keeps whole
	// (Visitor.MessageKept). It needs WantMessagePayload.
	WantLateDigest
)

// Options say how to read a stream. The zero Options read frames without extensions from right behind the handshake
// and deliver no payload.
type Options struct {
	// Scratch is working memory. Streams may share one as they may share a Pool; nil means one of the Stream's own.
	Scratch    *Scratch
	Want       Want
	Extensions Extensions
	RSV        event.RSV // with ExtensionsForeign: the bits that extensions define
	Start      Start
	// Near says, with Midstream, that the first octet probably begins a frame: the end of the handshake is all that was
	// not captured.
	Near bool
	// Behind says that messages before the first octet were not captured, so that compressed ones may repeat what is not
	// known. It goes without saying where Start is Midstream or the handshake was not captured.
	Behind bool
	// Deflate is what was agreed for this side, with ExtensionsDeflate. Its Pool, used with ExtensionsUnseen, too, must
	// not be shared with a Stream that is fed from inside a Visitor of this one (a WebSocket tunnelled in a WebSocket).
	Deflate deflate.Config
	// MaxMessage is how many decoded octets of a message are handed to MessagePayload; what follows is only counted and
	// checked. 0 means no limit.
	MaxMessage uint64
}

// agreement is what a header is judged by, fixed for a stream.
type agreement struct {
	rsv     event.RSV // bits that have a meaning
	masked  bool      // the mask bit this side must send
	deflate bool      // RSV1 marks a compressed message
	unseen  bool
	foreign bool
}

func agree(side event.Side, o *Options) agreement {
	a := agreement{
		masked:  side == event.Client,
		deflate: o.Extensions == ExtensionsDeflate,
		unseen:  o.Extensions == ExtensionsUnseen,
		foreign: o.Extensions == ExtensionsForeign,
	}
	a.rsv = [...]event.RSV{ExtensionsDeflate: event.RSV1, ExtensionsUnseen: event.RSV1, ExtensionsForeign: o.RSV}[o.Extensions]
	return a
}
