package tls

import (
	"crypto/hmac"
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

// expandLabel is HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1) with an empty context.
func expandLabel(h func() hash.Hash, secret []byte, label string, size int) []byte {
	return expandFrom(hmac.New(h, secret), label, size)
}

// expandFrom is expandLabel where mac is an HMAC under the secret, which may be used again. Keys, nonces and secrets
// need no more than one block of HKDF-Expand (RFC 5869 §2.3).
func expandFrom(mac hash.Hash, label string, size int) []byte {
	const prefix = "tls13 "
	info := make([]byte, 0, 64)
	info = binary.BigEndian.AppendUint16(info, uint16(size))
	info = append(info, byte(len(prefix)+len(label)))
	info = append(info, prefix...)
	info = append(info, label...)
	info = append(info, 0, 1) // no context; the first block
	mac.Reset()
	mac.Write(info)
	return mac.Sum(info[:0])[:size]
}
