package http3

import "fmt"

// ErrorCode is why a stream or connection ended (RFC 9114 §8.1, RFC 9204 §6).
type ErrorCode uint64

// Those that are asked for by name.
const (
	ErrNo      ErrorCode = 0x100
	ErrMessage ErrorCode = 0x10e
)

var errorNames = [...]string{"H3_NO_ERROR", "H3_GENERAL_PROTOCOL_ERROR", "H3_INTERNAL_ERROR", "H3_STREAM_CREATION_ERROR", "H3_CLOSED_CRITICAL_STREAM",
	"H3_FRAME_UNEXPECTED", "H3_FRAME_ERROR", "H3_EXCESSIVE_LOAD", "H3_ID_ERROR", "H3_SETTINGS_ERROR", "H3_MISSING_SETTINGS", "H3_REQUEST_REJECTED",
	"H3_REQUEST_CANCELLED", "H3_REQUEST_INCOMPLETE", "H3_MESSAGE_ERROR", "H3_CONNECT_ERROR", "H3_VERSION_FALLBACK"}

func (c ErrorCode) String() string {
	switch {
	case c >= ErrNo && c-ErrNo < ErrorCode(len(errorNames)):
		return errorNames[c-ErrNo]
	case c == 0x200:
		return "QPACK_DECOMPRESSION_FAILED"
	case c == 0x201:
		return "QPACK_ENCODER_STREAM_ERROR"
	case c == 0x202:
		return "QPACK_DECODER_STREAM_ERROR"
	}
	return fmt.Sprintf("0x%x", uint64(c))
}
