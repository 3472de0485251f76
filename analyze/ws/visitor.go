package ws

import "wshake/analyze/event"

// Visitor is told what a Stream sees, in the order of its octets. Whatever a method is given is borrowed until it
// returns. A Visitor may serve both streams of a connection: From says which side it is.
//
// A frame is FrameStart, FramePayload as often as payload comes, FrameEnd. A message ends behind the FrameEnd of its
// last frame; MessagePayload comes between the FrameStart and the MessageEnd of its frames.
type Visitor interface {
	// FrameStart is called when the header is complete.
	FrameStart(f *Frame)
	// FramePayload hands over payload as it was captured, unmasked but not inflated; it begins at payload offset
	// f.Captured+f.Missing-len(p). Only with WantFramePayload.
	FramePayload(f *Frame, p []byte)
	// FrameEnd is called when the payload is over, or when the stream ends or goes unreadable inside it.
	FrameEnd(f *Frame)
	// MessagePayload hands over decoded payload: contiguous from the start of the message, up to Options.MaxMessage and
	// up to the first gap or error. Only with WantMessagePayload.
	MessagePayload(m *Message, p []byte)
	// MessageUnknown says, among the calls of MessagePayload and likewise up to Options.MaxMessage, that the next n
	// octets of a compressed message are unknown: they repeat octets that were not captured.
	MessageUnknown(m *Message, n uint64)
	// MessageKept gives the octets of the message that MessagePayload handed over so far, and says whether the next n
	// of it will be kept as well. Only with WantLateDigest.
	MessageKept(m *Message, n int) (octets []byte, more bool)
	// BadText is called once in a text message, as soon as it is not UTF-8; at is the packet of the octet at m.BadText.
	BadText(m *Message, at At)
	// MessageEnd is called when the message is over, finished or not.
	MessageEnd(m *Message)
	// Lost is called when octets cannot be read as frames.
	Lost(l Loss)
}

// Loss says that octets of a stream were not read as frames.
type Loss struct {
	Kind   LossKind
	From   event.Side
	Offset uint64 // of the first such octet in the side's stream behind the handshake
	// Bytes is how many octets were captured and not read. Of what ends a stream (see LossKind) it is how many were at
	// hand; Totals.Undecoded goes on counting.
	Bytes uint64
	At    At     // the packet that decided it
	What  string // with LossForeign: what it looks like, as WhatIsThis says
}

// LossKind is why octets could not be read.
type LossKind uint8

const (
	// LossForeign: where a frame should begin stands another protocol. The rest of the stream is not read.
	LossForeign LossKind = iota + 1
	// LossDesync: impossible headers. The rest of the stream is not read.
	LossDesync
	// LossResumed: octets passed over behind a gap, or at the start of a mid-stream capture, to where frames were
	// found again. Bytes may be 0.
	LossResumed
	// LossGap: octets behind a gap among which no frames were found before the next gap, the end of the stream or the
	// limit of the search. In the last case the rest of the stream is not read.
	LossGap
	// LossHeader: the stream ended, or a gap began, inside a header.
	LossHeader
)

// String is "foreign", "desync", "resumed", "gap" or "header".
func (k LossKind) String() string {
	return [...]string{"", "foreign", "desync", "resumed", "gap", "header"}[k]
}

// Totals count a stream.
type Totals struct {
	Frames    uint64
	Messages  uint64 // begun
	Payload   uint64 // captured payload of frames, octets
	Captured  uint64 // octets captured
	Gaps      uint64 // octets not captured
	Undecoded uint64 // of Captured: not read as frames
}
