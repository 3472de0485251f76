package quictest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

const tag = 16 // octets behind what is sealed

// Sealer seals packets of version 1 under one secret, with AES-128 (RFC 9001 §5).
type Sealer struct {
	aead cipher.AEAD
	iv   []byte
	mask cipher.Block // of header protection
}

// NewSealer makes the Sealer of a secret.
func NewSealer(secret []byte) *Sealer {
	block := func(label string) cipher.Block {
		b, err := aes.NewCipher(expand(secret, label, 16))
		if err != nil {
			panic(err)
		}
		return b
	}
	aead, err := cipher.NewGCM(block("quic key"))
	if err != nil {
		panic(err)
	}
	return &Sealer{aead, expand(secret, "quic iv", 12), block("quic hp")}
}

// Short makes a packet with a short header (RFC 9000 §17.3.1) to a connection id.
func (s *Sealer) Short(id []byte, number uint32, content []byte) []byte {
	return s.seal(append([]byte{0x43}, id...), 0x1f, number, content)
}

// seal appends a packet number of four octets and the content to a header, of whose first octet some bits are protected.
func (s *Sealer) seal(p []byte, protected byte, number uint32, content []byte) []byte {
	at := len(p)
	p = binary.BigEndian.AppendUint32(p, number)
	nonce := append([]byte(nil), s.iv...)
	for i, c := range p[at:] {
		nonce[8+i] ^= c
	}
	p = append(p, s.aead.Seal(nil, nonce, content, p)...)
	var mask [16]byte
	s.mask.Encrypt(mask[:], p[at+4:at+20])
	p[0] ^= mask[0] & protected
	for i := range 4 {
		p[at+i] ^= mask[1+i]
	}
	return p
}

// expand is HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1) with an empty context.
func expand(secret []byte, label string, size int) []byte {
	info := append(binary.BigEndian.AppendUint16(nil, uint16(size)), byte(6+len(label)))
	out, err := hkdf.Expand(sha256.New, secret, string(info)+"tls13 "+label+"\x00", size)
	if err != nil {
		panic(err)
	}
	return out
}
