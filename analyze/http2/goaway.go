package http2

import "encoding/binary"

// GoAway says that its sender takes no more streams (RFC 9113 §6.8).
type GoAway struct {
	Last  uint32 // the highest stream of the other side that it may have acted on
	Code  ErrorCode
	Debug []byte // borrowed
}

const goAwaySize = 8

// parseGoAway reads the payload of a GOAWAY frame.
func parseGoAway(p []byte) (g GoAway, fault FaultKind) {
	if len(p) < goAwaySize {
		return GoAway{}, FaultFrameSize
	}
	return GoAway{Last: streamID(p), Code: ErrorCode(binary.BigEndian.Uint32(p[4:])), Debug: p[goAwaySize:]}, FaultNone
}
