package ws

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// At is the packet that carried some octets.
type At = reassembly.At

// Frame is one frame. The Stream owns it and uses it again: it is borrowed until the Visitor's method returns.
type Frame struct {
	event.Header
	From   event.Side
	Odd    Odd
	Offset uint64 // of the first header octet in the side's stream behind the handshake, octets
	First  At     // the packet of the first header octet
	Last   At     // the latest captured of the packets that carried the frame so far

	// MessageOpen says that a fragmented message of the same side was open when the frame began.
	MessageOpen bool
	// Complete says that every octet was captured. It is set for FrameEnd.
	Complete bool
	// Captured and Missing are the payload octets that were seen and that fell into gaps; both grow until FrameEnd.
	// They add up to Length unless the stream ended, or went unreadable, inside the frame.
	Captured, Missing uint64

	// Control is the payload of a control frame, unmasked: of one that is too long the first MaxControl octets, of one
	// with a gap what came before it. Set for FrameEnd.
	Control []byte
	// Close is the body of a Close frame. Set for FrameEnd.
	Close CloseBody
}

// renew makes f new behind its Header, First and Last; Odd, Offset and MessageOpen are yet to be set. The fields are
// set one by one, since this is done for every frame and most of them are as they should be.
func (f *Frame) renew() {
	f.Complete, f.Captured, f.Missing = false, 0, 0
	if f.Control != nil {
		f.Control, f.Close = nil, CloseBody{}
	}
}

// later makes last the later captured of the two.
func later(last, at *At) {
	if at.Ordinal > last.Ordinal {
		last.Set(at)
	}
}
