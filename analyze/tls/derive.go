package tls

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
)

// prf12 is the PRF of TLS 1.2 (RFC 5246 §5) with the hash h: size octets of label and seed under secret.
func prf12(h func() hash.Hash, secret []byte, label string, seed []byte, size int) []byte {
	seed = append([]byte(label), seed...)
	mac := hmac.New(h, secret)
	sum := func(parts ...[]byte) []byte {
		mac.Reset()
		for _, part := range parts {
			mac.Write(part)
		}
		return mac.Sum(nil)
	}
	var out []byte
	for a := sum(seed); len(out) < size; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:size]
}

// expandLabel is HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1) with an empty context. Keys, nonces and secrets need no
// more than one block of HKDF-Expand (RFC 5869 §2.3).
func expandLabel(secret []byte, label string, size int) []byte {
	return appendLabel(nil, secret, label, size)
}

// appendLabel appends what expandLabel gives to dst, which is empty.
func appendLabel(dst, secret []byte, label string, size int) []byte {
	const prefix = "tls13 "
	var space [longestInfo]byte
	info := binary.BigEndian.AppendUint16(space[:0], uint16(size))
	info = append(info, byte(len(prefix)+len(label)))
	info = append(info, prefix...)
	info = append(info, label...)
	info = append(info, 0, 1) // no context; the first block
	return hmacSum(dst, secret, info)[:size]
}

// longestInfo bounds what a secret is expanded with, octets.
const longestInfo = 64

// hmacSum is HMAC (RFC 2104) with the hash of a secret of TLS 1.3, which is as long as its sums: SHA-256 or SHA-384. p
// is at most longestInfo long. Unlike crypto/hmac it needs memory for the sum only: each connection has four secrets.
func hmacSum(dst, secret, p []byte) []byte {
	block := sha256.BlockSize
	if len(secret) == sha512.Size384 {
		block = sha512.BlockSize
	}
	var space [sha512.BlockSize + longestInfo]byte
	padded := func(pad byte, rest []byte) []byte {
		for i := range block {
			space[i] = pad
		}
		for i, c := range secret {
			space[i] ^= c
		}
		return space[:block+copy(space[block:], rest)]
	}
	var inner [sha512.Size384]byte
	return sum(len(secret), dst, padded(0x5c, sum(len(secret), inner[:0], padded(0x36, p))))
}

// sum appends the sum of p with the hash whose sums have that size, octets.
func sum(size int, dst, p []byte) []byte {
	if size == sha512.Size384 {
		s := sha512.Sum384(p)
		return append(dst, s[:]...)
	}
	s := sha256.Sum256(p)
	return append(dst, s[:]...)
}
