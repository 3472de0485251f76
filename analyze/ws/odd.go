package ws

import (
	"strings"
	"wshake/analyze/event"
)

// Odd is the set of what is remarkable about a frame. A bit is a fact, not a verdict: which are faults depends on the
// handshake.
type Odd uint32

// What a frame may show, all of it that applies.
const (
	OddRSV               Odd = 1 << iota // an RSV bit that no accepted extension defines (RFC 6455 §5.2)
	OddRSV1Continuation                  // RSV1 on a continuation frame under permessage-deflate (RFC 7692 §6)
	OddRSV1Control                       // RSV1 on a control frame under permessage-deflate (RFC 7692 §6)
	OddReservedOpcode                    // 3 to 7, B to F (RFC 6455 §5.2)
	OddMask                              // the mask bit is not what this side must send (§5.1)
	OddLengthForm                        // not the shortest form of the length (§5.2)
	OddTopBit                            // a 64-bit length with its top bit set (§5.2)
	OddControlLong                       // a control frame of more than 125 octets (§5.5)
	OddControlFragmented                 // a control frame without FIN (§5.5)
	OddContinuation                      // a continuation with no message open (§5.4)
	OddInterrupts                        // text or binary inside an open message (§5.4)
	OddAfterClose                        // any frame but a Close, behind a Close of the same side (§5.5.1)
	OddCloseAgain                        // a second Close of the same side
	OddKeyZero                           // the second key in a row that is zero (§5.3); reported once in a stream
	OddKeyConstant                       // the eighth equal key in a row; likewise
	OddKeyCounting                       // the eighth key in a row that differs from its predecessor by the same number; likewise
	odds                 = iota
)

var oddNames = [odds]string{"rsv", "rsv1-continuation", "rsv1-control", "reserved-opcode", "mask", "length-form",
	"top-bit", "control-long", "control-fragmented", "continuation", "interrupts", "after-close", "close-again", "key-zero",
	"key-constant", "key-counting"}

// Has reports whether any of the bits in what is set.
func (o Odd) Has(what Odd) bool { return o&what != 0 }

// String lists the set, "rsv mask"; empty for nothing odd.
func (o Odd) String() string {
	var names []string
	for i, name := range oddNames {
		if o&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// grammar judges h by what the standard says of a single header: neither the state of the stream nor of its keys.
func (a *agreement) grammar(h *event.Header) (odd Odd) {
	if h.Masked != a.masked {
		odd |= OddMask
	}
	if undefined := h.RSV &^ a.rsv; undefined != 0 && !a.unseen {
		odd |= OddRSV
	}
	if h.RSV&event.RSV1 != 0 && a.deflate {
		switch {
		case h.Opcode.Control():
			odd |= OddRSV1Control
		case h.Opcode == event.OpContinuation:
			odd |= OddRSV1Continuation
		}
	}
	if h.Opcode.Reserved() && !a.foreign && !a.unseen {
		odd |= OddReservedOpcode
	}
	if !minimal(h) {
		odd |= OddLengthForm
	}
	if h.Length>>63 != 0 {
		odd |= OddTopBit
	}
	if h.Opcode.Control() {
		if h.Length > event.MaxControl {
			odd |= OddControlLong
		}
		if !h.FIN {
			odd |= OddControlFragmented
		}
	}
	return odd
}

// impossible reports whether h is something that even a faulty peer does not send, so that two in a row mean that no
// header stands there. Faults of peers that exist are possible: RSV1 on data without agreement (a proxy dropped the
// extension from the answer), a wrong mask bit, a padded length, long or fragmented pings, stray continuations.
func (a *agreement) impossible(h *event.Header) bool {
	switch {
	case a.foreign:
		return h.Length>>63 != 0
	case h.Opcode.Reserved(), h.RSV&^(a.rsv|event.RSV1) != 0, h.Length>>63 != 0:
		return true
	case h.Opcode.Control():
		return h.RSV&event.RSV1 != 0 || h.LengthForm == 64 || h.LengthForm == 16 && !h.FIN
	}
	return false
}

// absurd is the length from which a single impossible header is enough: nothing behind it would ever be reached.
const absurd = 1 << 32
