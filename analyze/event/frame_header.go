package event

import "fmt"

// Opcode says what a frame carries (RFC 6455 §5.2): four bits.
type Opcode uint8

// The opcodes that RFC 6455 §11.8 registers.
const (
	OpContinuation Opcode = 0x0
	OpText         Opcode = 0x1
	OpBinary       Opcode = 0x2
	OpClose        Opcode = 0x8
	OpPing         Opcode = 0x9
	OpPong         Opcode = 0xA
)

var opcodeNames = [16]string{
	OpContinuation: "continuation", OpText: "text", OpBinary: "binary", OpClose: "close", OpPing: "ping", OpPong: "pong",
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
