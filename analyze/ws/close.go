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

// closeNames are the codes of RFC 6455 §7.4.1 and of IANA's WebSocket Close Code Number Registry.
var closeNames = map[uint16]string{
	1000: "normal closure",
	1001: "going away",
	1002: "protocol error",
	1003: "unsupported data",
	1004: "reserved",
	1005: "no status received",
	1006: "abnormal closure",
	1007: "invalid frame payload data",
	1008: "policy violation",
	1009: "message too big",
	1010: "mandatory extension",
	1011: "internal error",
	1012: "service restart",
	1013: "try again later",
	1014: "bad gateway",
	1015: "TLS handshake",
	3000: "unauthorized",
	3003: "forbidden",
	3008: "timeout",
}

// CloseName is the registered name of a Close code in lower case, else the name of its range: "unassigned",
// "registered for libraries" (3000 to 3999), "private use" (4000 to 4999), "invalid".
func CloseName(code uint16) string {
	if name := closeNames[code]; name != "" {
		return name
	}
	switch {
	case code >= 1000 && code < 3000:
		return "unassigned"
	case code >= 3000 && code < 4000:
		return "registered for libraries"
	case code >= 4000 && code < 5000:
		return "private use"
	}
	return "invalid"
}
