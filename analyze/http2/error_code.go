package http2

import "fmt"

// ErrorCode is why a stream or connection ended (RFC 9113 §7).
type ErrorCode uint32

const (
	ErrNo                 ErrorCode = 0x0
	ErrProtocol           ErrorCode = 0x1
	ErrInternal           ErrorCode = 0x2
	ErrFlowControl        ErrorCode = 0x3
	ErrSettingsTimeout    ErrorCode = 0x4
	ErrStreamClosed       ErrorCode = 0x5
	ErrFrameSize          ErrorCode = 0x6
	ErrRefusedStream      ErrorCode = 0x7
	ErrCancel             ErrorCode = 0x8
	ErrCompression        ErrorCode = 0x9
	ErrConnect            ErrorCode = 0xa
	ErrEnhanceYourCalm    ErrorCode = 0xb
	ErrInadequateSecurity ErrorCode = 0xc
	ErrHTTP11Required     ErrorCode = 0xd
)

func (c ErrorCode) String() string {
	names := [...]string{"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
		"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"}
	if int64(c) < int64(len(names)) {
		return names[c]
	}
	return fmt.Sprintf("0x%x", uint32(c))
}
