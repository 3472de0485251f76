package ws

import (
	"bytes"
	"wshake/analyze/event"
)

// Evidence, in bits, that frames stand at a place: each bit halves the chance that other octets look like this. A
// header of a legal kind with FIN has 6 to 8 legal first octets of 256 (5 bits) and the right mask bit of two (1 bit).
// Its length leads to the next header, which has to pass likewise. What is common in other data proves nothing: a
// header without FIN (zeros, small numbers; DNS over TCP is a perfect chain of unmasked continuation fragments) unless
// it is masked and long, and any frame without payload but a control frame.
//
// Measured over 39 million places in random octets, both sides: 6 bits stand in one place of 85, 12 in one of 5,300,
// 18 in one of 350,000, 24 in one of 10 million, so the count is about right and errs on the safe side.
const (
	headerBits  = 6
	borderBits  = 6 // a frame with FIN ends where a segment ends: one place in 126 at most, mostly in hundreds
	closeBits   = 8 // a defined Close code: about 2,000 of 65,536, of which peers use a dozen
	textBits    = 8 // at most, for text under a mask: of random octets every second is not even ASCII
	textChecked = 64
)

// longest is how many frames a chain is followed over: enough for placeEnough if half of them prove something. Zeros
// are a chain of empty fragments without end.
const longest = 16

// farthest is the longest payload a header is believed to announce as long as its place is in question.
const farthest = 1 << 30

// chain adds up the evidence for frames at index from of h, and stops at enough. It is 0 where anything on the way is
// not as it must be: the standard's grammar without exception, the agreement, the order of fragments, a Close body,
// UTF-8. a.unseen must be clear: what may be legal is not enough here.
func (a *agreement) chain(h *held, from, enough int) (bits int) {
	open := openUnknown
	before, pos := from, from // before is where the frame before pos begins
	for range longest {
		captured := h.captured(pos)
		hd, n := ParseHeader(h.octets[pos:captured])
		if n == 0 {
			return bits
		}
		if a.grammar(&hd) != 0 || hd.Length > farthest || !follows(&open, &hd) {
			return 0
		}
		p := h.octets[pos+n:]
		whole := hd.Length <= uint64(len(p))
		if whole {
			p = p[:hd.Length]
		}
		said, ok := payloadBits(&hd, p[:min(len(p), captured-pos-n)])
		if !ok {
			return 0
		}
		strong := hd.FIN && (hd.Length > 0 || hd.Opcode.Control()) || hd.Masked && hd.LengthForm > 7
		end := pos + n + len(p)
		if bytes.Equal(h.octets[before:pos], h.octets[pos:end]) && !h.border(pos) {
			strong = false // a pattern that goes on and on, such as one octet
		}
		if strong {
			bits += headerBits + said
		}
		if !whole {
			return bits
		}
		before, pos = pos, end
		if strong && h.border(pos) {
			bits += borderBits
		}
		if bits >= enough {
			return bits
		}
	}
	return bits
}

// follows reports whether a frame of h may come while a message is open or not, and keeps account of it.
func follows(o *open, h *event.Header) bool {
	switch {
	case h.Opcode.Control():
		return true
	case h.Opcode == event.OpContinuation && *o == openNone, h.Opcode != event.OpContinuation && *o == openMessage:
		return false
	case h.FIN:
		*o = openNone
	default:
		*o = openMessage
	}
	return true
}

// payloadBits is what the payload of h, of which p is the beginning as sent, adds to the evidence, and whether it may
// stand there.
func payloadBits(h *event.Header, p []byte) (bits int, ok bool) {
	var plain [textChecked]byte
	p = p[:min(len(p), len(plain))]
	if h.Masked {
		unmask(plain[:], p, h.Key, 0)
		p = plain[:len(p)]
	}
	switch {
	case h.Opcode == event.OpText && h.RSV&event.RSV1 == 0:
		var text validator
		if text.write(p) >= 0 || h.FIN && h.Length == uint64(len(p)) && !text.whole() {
			return 0, false
		}
		if h.Masked {
			bits = min(len(p)/2, textBits)
		}
	case h.Opcode == event.OpClose && h.Length == 1:
		return 0, false
	case h.Opcode == event.OpClose && len(p) >= 2:
		if !event.CloseCode(uint16(p[0])<<8 | uint16(p[1])).Assigned() {
			return 0, false
		}
		bits = closeBits
	}
	return bits, true
}

// strict is a with everything that is merely not known to be wrong taken for wrong. RSV1 may mean compression.
func (a agreement) strict() agreement {
	a.deflate = a.deflate || a.unseen
	a.unseen = false
	return a
}
