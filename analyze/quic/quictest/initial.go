// Package quictest makes packets of QUIC for tests.
package quictest

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

// Initial makes a datagram of a client of version 1 that holds one Initial packet (RFC 9000 §17.2.2) with the content
// given, padded to the smallest size that is allowed.
func Initial(destination, source []byte, number uint32, content []byte) []byte {
	const smallest = 1200
	salt := []byte("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a")
	common, err := hkdf.Extract(sha256.New, destination, salt)
	if err != nil {
		panic(err)
	}
	p := append([]byte{0xc3, 0, 0, 0, 1, byte(len(destination))}, destination...)
	p = append(append(p, byte(len(source))), source...)
	p = append(p, 0) // no token
	if room := smallest - len(p) - 2 - 4 - tag; room > len(content) {
		content = append(append([]byte(nil), content...), make([]byte, room-len(content))...)
	}
	p = binary.BigEndian.AppendUint16(p, 0x4000|uint16(4+len(content)+tag))
	return NewSealer(expand(common, "client in", 32)).seal(p, 0x0f, number, content)
}

// Crypto makes a CRYPTO frame (RFC 9000 §19.6).
func Crypto(offset uint32, octets []byte) []byte {
	p := binary.BigEndian.AppendUint32([]byte{0x06}, offset|0x80000000)
	p = binary.BigEndian.AppendUint16(p, 0x4000|uint16(len(octets)))
	return append(p, octets...)
}

// ClientHello makes a ClientHello (RFC 8446 §4.1.2) that asks for HTTP/3.
func ClientHello(random []byte) []byte {
	extensions := "\x00\x10\x00\x05\x00\x03\x02h3" + "\x00\x2b\x00\x03\x02\x03\x04" // ALPN, supported_versions
	body := append([]byte{3, 3}, random[:32]...)
	body = append(body, 0, 0, 2, 0x13, 0x01, 1, 0, 0, byte(len(extensions)))
	body = append(body, extensions...)
	return append([]byte{1, 0, 0, byte(len(body))}, body...)
}
