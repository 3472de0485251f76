package decode

import "encoding/binary"

// shapeOf says what a UDP payload looks like, for protocols that use any port. wire is its length on the wire.
func shapeOf(b []byte, wire uint64) Shape {
	switch {
	case len(b) < 8:
		return NoShape
	case isWireGuard(b, wire):
		return WireGuard
	case isDTLS(b, wire):
		return DTLS
	case isQUIC(b):
		return QUIC
	}
	return NoShape
}

// isWireGuard knows the four messages by type, three reserved octets, and length. Data has the receiver's index
// and a counter of 64 bits, of which a session of two minutes never uses the upper half.
func isWireGuard(b []byte, wire uint64) bool {
	const initiation, response, cookie, data = 1, 2, 3, 4
	switch binary.LittleEndian.Uint32(b) {
	case initiation:
		return wire == 148
	case response:
		return wire == 92
	case cookie:
		return wire == 64
	case data:
		return wire >= 32 && len(b) >= 16 &&
			binary.LittleEndian.Uint32(b[4:]) != 0 && binary.LittleEndian.Uint32(b[12:]) == 0
	}
	return false
}

// isDTLS knows the record header of RFC 6347 §4.1, which RFC 9147 keeps for the handshake: the records fill the
// datagram.
func isDTLS(b []byte, wire uint64) bool {
	const header, changeCipherSpec, heartbeat = 13, 20, 24
	if len(b) < header || b[0] < changeCipherSpec || b[0] > heartbeat || b[1] != 0xfe {
		return false
	}
	if minor := b[2]; minor != 0xff && minor != 0xfd && minor != 0xfc {
		return false
	}
	return header+uint64(binary.BigEndian.Uint16(b[11:])) <= wire
}

// isQUIC knows the long header (RFC 8999 §5.1) of the versions in use: 1, 2 (RFC 9369), drafts, negotiation (RFC
// 9000 §17.2.1).
func isQUIC(b []byte) bool {
	const long, fixed, longestID = 0x80, 0x40, 20
	if b[0]&long == 0 {
		return false
	}
	version := binary.BigEndian.Uint32(b[1:])
	switch {
	case version == 1, version == 0x6b3343cf, version>>8 == 0xff0000:
		if b[0]&fixed == 0 {
			return false
		}
	case version != 0: // version negotiation may have any other bits in the first octet
		return false
	}
	to := int(b[5])
	if to > longestID || len(b) < 7+to {
		return false
	}
	return int(b[6+to]) <= longestID
}
