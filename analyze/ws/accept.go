package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"strings"
)

// GUID is appended to a key before it is hashed (RFC 6455 §1.3, §4.2.2).
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// Accept is the Sec-WebSocket-Accept that answers key: base64 of the SHA-1 of key and GUID (RFC 6455 §4.2.2). The key
// is taken as the characters sent, outer blanks trimmed; it is not decoded.
func Accept(key string) string {
	var text [128]byte // longer than any key that is one
	var answer [28]byte
	sum := sha1.Sum(append(append(text[:0], key...), GUID...))
	base64.StdEncoding.Encode(answer[:], sum[:])
	return string(answer[:])
}

// KeyVerdict says whether a Sec-WebSocket-Key is what RFC 6455 §4.1 (7) asks for.
type KeyVerdict uint8

const (
	KeyValid        KeyVerdict = iota
	KeyMalformed               // not base64 of exactly 16 octets
	KeyNoncanonical            // 16 octets, but the unused bits of the last character are not zero (RFC 4648 §3.5)
)

// String is "valid", "malformed" or "noncanonical".
func (v KeyVerdict) String() string { return [...]string{"valid", "malformed", "noncanonical"}[v] }

// ValidKey judges a Sec-WebSocket-Key, outer blanks trimmed: 22 characters of base64 and "==" make 16 octets, and the
// last character has only two bits of them (RFC 4648 §4, §3.5).
func ValidKey(key string) KeyVerdict {
	if len(key) != 24 || key[22:] != "==" {
		return KeyMalformed
	}
	for i := range 22 {
		if base64Bits[key[i]] < 0 {
			return KeyMalformed
		}
	}
	if base64Bits[key[21]]&0xf != 0 {
		return KeyNoncanonical
	}
	return KeyValid
}

// base64Bits is the value of each character of base64, -1 for the others.
var base64Bits = func() (bits [256]int8) {
	for i := range bits {
		bits[i] = int8(strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", byte(i)))
	}
	return bits
}()
