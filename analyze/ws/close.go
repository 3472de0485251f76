package ws

import "encoding/binary"

// CloseBody is the payload of a Close frame (RFC 6455 §5.5.1).
type CloseBody struct {
	// Length is that of the body in octets, as announced.
	Length uint64
	// Code is the status code, where HasCode: both octets were captured. A body of 1 octet has none.
	Code    uint16
	HasCode bool
	// Reason is what follows the code: of a body over 125 octets what is left of the first 125. Borrowed like the Frame.
	Reason []byte
	// ReasonUTF8 is the verdict over the whole reason; of one that was cut or not wholly captured it is UTF8Unknown,
	// unless what was captured is wrong already.
	ReasonUTF8 UTF8
}

// closeBody reads the body of a Close of which kept is the beginning.
func closeBody(kept []byte, length uint64) CloseBody {
	c := CloseBody{Length: length}
	if len(kept) < 2 {
		if length < 2 {
			c.ReasonUTF8 = UTF8Valid
		}
		return c
	}
	c.HasCode, c.Code, c.Reason = true, binary.BigEndian.Uint16(kept), kept[2:]
	var text validator
	switch bad := text.write(c.Reason); {
	case bad >= 0:
		c.ReasonUTF8 = UTF8Invalid
	case uint64(len(kept)) < length:
		c.ReasonUTF8 = UTF8Unknown
	case text.whole():
		c.ReasonUTF8 = UTF8Valid
	default:
		c.ReasonUTF8 = UTF8Invalid
	}
	return c
}
