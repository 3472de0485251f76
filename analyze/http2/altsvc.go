package http2

import "encoding/binary"

// typeAltService is the type of ALTSVC (RFC 7838 §4).
const typeAltService Type = 0xa

// parseAltService reads the payload of an ALTSVC frame: the value that an Alt-Svc field would have. On stream 0 it
// names the origin that it is about, on another one it is about that of the request; else it is ignored.
func parseAltService(stream uint32, p []byte) (value []byte, ok bool) {
	if len(p) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(p))
	if p = p[2:]; n > len(p) || (stream == 0) != (n > 0) {
		return nil, false
	}
	return p[n:], true
}
