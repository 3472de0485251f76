package http2

import "encoding/binary"

const rstStreamSize = 4

// parseRSTStream reads the payload of an RST_STREAM frame (RFC 9113 §6.4).
func parseRSTStream(p []byte) (code ErrorCode, fault FaultKind) {
	if len(p) != rstStreamSize {
		return 0, FaultFrameSize
	}
	return ErrorCode(binary.BigEndian.Uint32(p)), FaultNone
}
