// Package quictest makes packets of QUIC for tests.
package quictest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

// Initial makes a datagram of a client of version 1 that holds one Initial packet (RFC 9000 §17.2.2) with the content
// given, padded to the smallest size that is allowed.
func Initial(destination, source []byte, number uint32, content []byte) []byte {
	const smallest, tag = 1200, 16
	salt := []byte("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a")
	common, err := hkdf.Extract(sha256.New, destination, salt)
	if err != nil {
		panic(err)
	}
	expand := func(secret []byte, label string, size int) []byte {
		info := append(binary.BigEndian.AppendUint16(nil, uint16(size)), byte(6+len(label)))
		out, err := hkdf.Expand(sha256.New, secret, string(info)+"tls13 "+label+"\x00", size)
		if err != nil {
			panic(err)
		}
		return out
	}
	secret := expand(common, "client in", 32)
	block := func(key []byte) cipher.Block {
		b, err := aes.NewCipher(key)
		if err != nil {
			panic(err)
		}
		return b
	}
	aead, err := cipher.NewGCM(block(expand(secret, "quic key", 16)))
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
	at := len(p)
	p = binary.BigEndian.AppendUint32(p, number)
	nonce := expand(secret, "quic iv", 12)
	for i, c := range p[at:] {
		nonce[8+i] ^= c
	}
	p = append(p, aead.Seal(nil, nonce, content, p)...)
	var mask [16]byte
	block(expand(secret, "quic hp", 16)).Encrypt(mask[:], p[at+4:at+20])
	p[0] ^= mask[0] & 0x0f
	for i := range 4 {
		p[at+i] ^= mask[1+i]
	}
	return p
}

// Crypto makes a CRYPTO frame (RFC 9000 §19.6).
func Crypto(offset uint32, octets []byte) []byte {
	p := binary.BigEndian.AppendUint32([]byte{0x06}, offset|0x80000000)
	p = binary.BigEndian.AppendUint16(p, 0x4000|uint16(len(octets)))
	return append(p, octets...)
}
