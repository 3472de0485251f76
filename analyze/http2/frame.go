package http2

import "encoding/binary"

// Type is the type of a frame (RFC 9113 §6).
type Type uint8

const (
	TypeData         Type = 0x0
	TypeHeaders      Type = 0x1
	TypePriority     Type = 0x2
	TypeRSTStream    Type = 0x3
	TypeSettings     Type = 0x4
	TypePushPromise  Type = 0x5
	TypePing         Type = 0x6
	TypeGoAway       Type = 0x7
	TypeWindowUpdate Type = 0x8
	TypeContinuation Type = 0x9
	types            Type = 0xa
)

func (t Type) String() string {
	if t < types {
		return [...]string{"DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"}[t]
	}
	const digits = "0123456789abcdef"
	return "type 0x" + string([]byte{digits[t>>4], digits[t&15]})
}

// Flags of a frame. What a bit means depends on the type.
type Flags uint8

const (
	FlagEndStream  Flags = 0x1
	FlagAck        Flags = 0x1
	FlagEndHeaders Flags = 0x4
	FlagPadded     Flags = 0x8
	FlagPriority   Flags = 0x20
)

// Header is the header of a frame (RFC 9113 §4.1).
type Header struct {
	Length uint32 // of the payload, octets: 24 bits
	Type   Type
	Flags  Flags
	Stream uint32 // 31 bits; 0 is the connection
}

// headerSize is the length of a frame header.
const headerSize = 9

// parseHeader reads a frame header; n is its length, 0 where p is too short.
func parseHeader(p []byte) (h Header, n int) {
	if len(p) < headerSize {
		return Header{}, 0
	}
	return Header{
		Length: uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2]),
		Type:   Type(p[3]),
		Flags:  Flags(p[4]),
		Stream: streamID(p[5:]),
	}, headerSize
}

// streamID reads a stream identifier. Its highest bit is reserved and ignored.
func streamID(p []byte) uint32 { return binary.BigEndian.Uint32(p) &^ (1 << 31) }

const defaultMaxFrame = 1 << 14 // SETTINGS_MAX_FRAME_SIZE until it is changed

// misfit says what about a header breaks the rules of its type, whatever came before; FaultNone where nothing does.
func (h Header) misfit() FaultKind {
	switch h.Type {
	case TypeData, TypeHeaders, TypePriority, TypeRSTStream, TypePushPromise, TypeContinuation:
		if h.Stream == 0 {
			return FaultStreamZero
		}
	case TypeSettings, TypePing, TypeGoAway:
		if h.Stream != 0 {
			return FaultStreamNotZero
		}
	}
	fits := true
	switch h.Type {
	case TypePriority:
		fits = h.Length == prioritySize
	case TypeRSTStream:
		fits = h.Length == rstStreamSize
	case TypeSettings:
		fits = h.Length%settingSize == 0 && (h.Flags&FlagAck == 0 || h.Length == 0)
	case TypePing:
		fits = h.Length == pingSize
	case TypeGoAway:
		fits = h.Length >= goAwaySize
	case TypeWindowUpdate:
		fits = h.Length == windowUpdateSize
	}
	if !fits {
		return FaultFrameSize
	}
	return FaultNone
}
