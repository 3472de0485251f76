package tls

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ccm is Counter with CBC-MAC (RFC 3610) over a block cipher of 16 octets: TLS uses it with nonces of 12 octets and
// tags of 16 or 8 (RFC 6655).
type ccm struct {
	block              cipher.Block
	nonceSize, tagSize int
}

var errOpen = errors.New("message authentication failed")

func (c ccm) NonceSize() int { return c.nonceSize }
func (c ccm) Overhead() int  { return c.tagSize }

// Seal implements [cipher.AEAD]. dst must not overlap plaintext.
func (c ccm) Seal(dst, nonce, plaintext, additional []byte) []byte {
	tag := c.tag(nonce, plaintext, additional)
	n := len(dst)
	dst = append(dst, plaintext...)
	c.counter(nonce).XORKeyStream(dst[n:], dst[n:])
	return append(dst, tag...)
}

// Open implements [cipher.AEAD]. dst must not overlap ciphertext.
func (c ccm) Open(dst, nonce, ciphertext, additional []byte) ([]byte, error) {
	if len(ciphertext) < c.tagSize {
		return nil, errOpen
	}
	ciphertext, tag := ciphertext[:len(ciphertext)-c.tagSize], ciphertext[len(ciphertext)-c.tagSize:]
	n := len(dst)
	dst = append(dst, ciphertext...)
	c.counter(nonce).XORKeyStream(dst[n:], dst[n:])
	if subtle.ConstantTimeCompare(c.tag(nonce, dst[n:], additional), tag) != 1 {
		clear(dst[n:])
		return nil, errOpen
	}
	return dst, nil
}

// start is a block with the flags, the nonce and, in the octets that are left, n (RFC 3610 §2.2 and §2.3).
func (c ccm) start(flags byte, nonce []byte, n uint64) (b [16]byte) {
	binary.BigEndian.PutUint64(b[8:], n)
	b[0] = flags | byte(15-c.nonceSize-1)
	copy(b[1:], nonce)
	return b
}

// counter is the key stream of the message; that of the tag, block 0, has been passed.
func (c ccm) counter(nonce []byte) cipher.Stream {
	first := c.start(0, nonce, 1)
	return cipher.NewCTR(c.block, first[:])
}

// tag is the encrypted CBC-MAC (RFC 3610 §2.2 and §2.3).
func (c ccm) tag(nonce, message, additional []byte) []byte {
	flags := byte(c.tagSize-2) / 2 << 3
	if len(additional) > 0 {
		flags |= 1 << 6
	}
	x := c.start(flags, nonce, uint64(len(message)))
	c.block.Encrypt(x[:], x[:])
	if len(additional) > 0 {
		// Its length, here always below 65280, comes before it.
		c.mac(&x, append(binary.BigEndian.AppendUint16(nil, uint16(len(additional))), additional...))
	}
	c.mac(&x, message)
	mask := c.start(0, nonce, 0)
	c.block.Encrypt(mask[:], mask[:])
	subtle.XORBytes(x[:], x[:], mask[:])
	return x[:c.tagSize]
}

// mac continues the CBC-MAC x over p, padded with zeros.
func (c ccm) mac(x *[16]byte, p []byte) {
	for len(p) > 0 {
		n := subtle.XORBytes(x[:], x[:], p)
		p = p[n:]
		c.block.Encrypt(x[:], x[:])
	}
}
