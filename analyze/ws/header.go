package ws

import (
	"encoding/binary"
	"wshake/analyze/event"
)

// MaxHeader is the size in octets of the longest frame header.
const MaxHeader = 14

// ParseHeader reads the header at the start of b and returns it with its size in octets, or 0 where b ends inside it.
// Every octet sequence that is long enough is a header.
func ParseHeader(b []byte) (h event.Header, n int) {
	if n = parseHeader(&h, b); n == 0 {
		return event.Header{}, 0
	}
	return h, n
}

// parseHeader is ParseHeader into h, which is of no use where b ends inside the header.
func parseHeader(h *event.Header, b []byte) (n int) {
	if len(b) < 2 {
		return 0
	}
	h.FIN = b[0]&0x80 != 0
	h.RSV = event.RSV(b[0] >> 4 & 7)
	h.Opcode = event.Opcode(b[0] & 0xF)
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
func minimal(h *event.Header) bool {
	return h.LengthForm == 7 || h.LengthForm == 16 && h.Length > 125 || h.LengthForm == 64 && h.Length > 0xFFFF
}
