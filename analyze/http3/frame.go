package http3

import "wshake/analyze/quic"

// Types of frames (RFC 9114 §7.2).
const (
	frameData     = 0x0
	frameHeaders  = 0x1
	frameSettings = 0x4
	framePush     = 0x5
	frameGoAway   = 0x7
)

// Types of streams of one direction (RFC 9114 §6.2, RFC 9204 §4.2).
const (
	streamControl = 0x0
	streamPush    = 0x1
	streamEncoder = 0x2
	streamDecoder = 0x3
)

// frames reads the frames of one direction of a stream, octet by octet if need be.
type frames struct {
	head   [16]byte // the beginning of a frame's header
	headed int
	in     bool // inside of a frame
	kind   uint64
	left   uint64 // octets of the payload that are to come
}

// header takes octets until the header of a frame is complete, and gives how many it took.
func (f *frames) header(p []byte) (n int) {
	for n < len(p) && !f.in {
		f.head[f.headed] = p[n]
		f.headed++
		n++
		kind, rest, ok := quic.Varint(f.head[:f.headed])
		if !ok {
			continue
		}
		if length, _, ok := quic.Varint(rest); ok {
			f.kind, f.left, f.in, f.headed = kind, length, true, 0
		}
	}
	return n
}
