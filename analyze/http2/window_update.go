package http2

import "encoding/binary"

const windowUpdateSize = 4

// maxWindow is the largest flow-control window (RFC 9113 §6.9.1).
const maxWindow = 1<<31 - 1

// parseWindowUpdate reads the payload of a WINDOW_UPDATE frame (RFC 9113 §6.9): by how much the window grows.
func parseWindowUpdate(p []byte) (increment uint32, fault FaultKind) {
	if len(p) != windowUpdateSize {
		return 0, FaultFrameSize
	}
	if increment = binary.BigEndian.Uint32(p) &^ (1 << 31); increment == 0 {
		return 0, FaultIncrement
	}
	return increment, FaultNone
}
