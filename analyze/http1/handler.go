package http1

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// Next is a handler's answer to a head: how the stream goes on behind it.
type Next uint8

const (
	// ByFields: the status and the fields say where the body ends (RFC 9112 §6.3).
	ByFields Next = iota
	// NoBody: the next head follows, whatever the fields say: the answer to a HEAD.
	NoBody
	// UntilClose: all that follows is the body.
	UntilClose
	// Switch: what follows belongs to another layer, and the parser takes none of it: behind a 101, behind a 2xx to
	// CONNECT, or behind an upgrade request until its answer is known. See Parser.Resume.
	Switch
	// SwitchAfterBody: as ByFields, then as Switch: an upgrade request that has a body.
	SwitchAfterBody
)

// Handler is told what a [Parser] reads, in the order of the stream. It must not call the parser from within a call.
type Handler interface {
	// Head delivers the head of a message, which does not change any more. Where a gap or the end cut h, the answer
	// counts only if it is Switch, and then the next layer begins behind the gap, not knowing where it is.
	Head(h *event.Head) Next
	// Body delivers a piece of the body of the message whose Head came last, without chunk framing, otherwise as sent.
	// offset counts octets of the body; a step in it is a gap. p is borrowed.
	Body(at reassembly.At, offset uint64, p []byte)
	// Complete says that the message is over; at carried its last octet. It does not come for a message that was cut off.
	Complete(at reassembly.At)
	// Bad says that the peer broke the grammar so that nothing behind it can be understood. Nothing else will be called.
	Bad(at reassembly.At, err *event.SyntaxError)
	// Lost says that from offset in the stream on it is not known where heads begin: after a gap, or after a cut head
	// whose body has an unknown length. A later Head means that the parser found its way back.
	Lost(at reassembly.At, offset uint64)
}

// Limits bound what a [Parser] keeps. A field that is not positive means its default.
type Limits struct {
	HeadOctets int // kept of one head; default 64 KiB
	Fields     int // kept of one head; default 1000
	// AnyRequestLine takes the line where a request is due for its request line, whatever it says: a server may answer it
	// as one. See Parser.NoFrames.
	AnyRequestLine bool
}

func (l Limits) withDefaults() Limits {
	if l.HeadOctets <= 0 {
		l.HeadOctets = 64 << 10
	}
	if l.Fields <= 0 {
		l.Fields = 1000
	}
	return l
}
