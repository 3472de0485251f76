package ws

import (
	"encoding/binary"
	"fmt"
)

// Opcode says what a frame carries (RFC 6455 §5.2): four bits.
type Opcode uint8

// The opcodes that RFC 6455 §11.8 registers.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

var opcodeNames = [16]string{
	Continuation: "continuation", Text: "text", Binary: "binary", Close: "close", Ping: "ping", Pong: "pong",
	0x3: "reserved-0x3", 0x4: "reserved-0x4", 0x5: "reserved-0x5", 0x6: "reserved-0x6", 0x7: "reserved-0x7",
	0xB: "reserved-0xb", 0xC: "reserved-0xc", 0xD: "reserved-0xd", 0xE: "reserved-0xe", 0xF: "reserved-0xf",
}

// String is the word of the RFC, or reserved-0x3 and the like.
func (o Opcode) String() string { return opcodeNames[o&0xF] }

// Control reports whether o is a control opcode, reserved ones included (RFC 6455 §5.5).
func (o Opcode) Control() bool { return o&0x8 != 0 }

// Reserved reports whether o has no meaning in RFC 6455 (§5.2: 3 to 7 and B to F).
func (o Opcode) Reserved() bool { return o&0x7 > 2 }

// RSV holds the three reserved bits of a header (RFC 6455 §5.2).
type RSV uint8

// The reserved bits.
const (
	RSV1 RSV = 4
	RSV2 RSV = 2
	RSV3 RSV = 1
)

// MaxHeader is the size in octets of the longest frame header.
const MaxHeader = 14

// MaxControl is the longest payload a control frame may have, in octets (RFC 6455 §5.5).
const MaxControl = 125

// Header is a frame header as it was sent (RFC 6455 §5.2).
type Header struct {
	Length     uint64  // of the payload, octets on the wire; up to 2^64-1, since what was sent is kept
	Key        [4]byte // masking key, where Masked
	Opcode     Opcode
	RSV        RSV
	Size       uint8 // of the header itself, octets, 2 to 14
	LengthForm uint8 // bits of the field that held Length: 7, 16 or 64
	FIN        bool
	Masked     bool
}

// ParseHeader reads the header at the start of b and returns it with its size in octets, or 0 where b ends inside it.
// Every octet sequence that is long enough is a header.
func ParseHeader(b []byte) (h Header, n int) {
	if n = h.parse(b); n == 0 {
		return Header{}, 0
	}
	return h, n
}

// parse is ParseHeader into h, which is of no use where b ends inside the header.
func (h *Header) parse(b []byte) (n int) {
	if len(b) < 2 {
		return 0
	}
	h.FIN = b[0]&0x80 != 0
	h.RSV = RSV(b[0] >> 4 & 7)
	h.Opcode = Opcode(b[0] & 0xF)
	h.Masked = b[1]&0x80 != 0
	n = 2
	switch short := b[1] & 0x7F; short {
	default:
		h.Length, h.LengthForm = uint64(short), 7
	case 126:
		if len(b) < 4 {
			return 0
		}
		h.Length, h.LengthForm, n = uint64(binary.BigEndian.Uint16(b[2:])), 16, 4
	case 127:
		if len(b) < 10 {
			return 0
		}
		h.Length, h.LengthForm, n = binary.BigEndian.Uint64(b[2:]), 64, 10
	}
	h.Key = [4]byte{}
	if h.Masked {
		if len(b) < n+4 {
			return 0
		}
		h.Key = [4]byte(b[n:])
		n += 4
	}
	h.Size = uint8(n)
	return n
}

// minimal reports whether the length is written in the shortest form that holds it (RFC 6455 §5.2).
func (h *Header) minimal() bool {
	return h.LengthForm == 7 || h.LengthForm == 16 && h.Length > 125 || h.LengthForm == 64 && h.Length > 0xFFFF
}

// String shows the header for people: "text FIN masked 5".
func (h Header) String() string {
	s := h.Opcode.String()
	if h.FIN {
		s += " FIN"
	}
	for i, bit := range [...]RSV{RSV1, RSV2, RSV3} {
		if h.RSV&bit != 0 {
			s += fmt.Sprintf(" RSV%d", i+1)
		}
	}
	if h.Masked {
		s += " masked"
	}
	return fmt.Sprintf("%s %d", s, h.Length)
}
