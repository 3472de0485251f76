package ws

import "encoding/binary"

// UTF8 is the verdict over a text (RFC 6455 §8.1).
type UTF8 uint8

const (
	UTF8Unknown UTF8 = iota // not text, opaque, or not wholly seen
	UTF8Valid
	UTF8Invalid
)

// String is "unknown", "valid" or "invalid".
func (u UTF8) String() string { return [...]string{"unknown", "valid", "invalid"}[u] }

// validator checks UTF-8 (RFC 3629 §4) that arrives in pieces cut anywhere. The zero validator is at the start of a text.
type validator struct {
	need   uint8 // continuation octets still to come of the current character
	lo, hi uint8 // what the next of them may be
}

// write checks the next piece and returns the index of the first octet that no valid text continues with, or -1. After a
// bad octet the validator is of no more use.
func (v *validator) write(p []byte) int {
	i := 0
	for i < len(p) {
		if v.need == 0 {
			for i+8 <= len(p) && binary.LittleEndian.Uint64(p[i:])&0x8080808080808080 == 0 {
				i += 8
			}
			for i < len(p) && p[i] < 0x80 {
				i++
			}
			if i == len(p) {
				break
			}
			if !v.lead(p[i]) {
				return i
			}
			i++
			continue
		}
		if c := p[i]; c < v.lo || c > v.hi {
			return i
		}
		v.need--
		v.lo, v.hi = 0x80, 0xBF
		i++
	}
	return -1
}

// lead takes the first octet of a character of several. The bounds of the second octet keep out overlong forms,
// surrogates and what is above U+10FFFF.
func (v *validator) lead(c byte) bool {
	v.lo, v.hi = 0x80, 0xBF
	switch {
	case c < 0xC2 || c > 0xF4:
		return false
	case c < 0xE0:
		v.need = 1
	case c < 0xF0:
		v.need = 2
		switch c {
		case 0xE0:
			v.lo = 0xA0
		case 0xED:
			v.hi = 0x9F
		}
	default:
		v.need = 3
		switch c {
		case 0xF0:
			v.lo = 0x90
		case 0xF4:
			v.hi = 0x8F
		}
	}
	return true
}

// whole reports whether the text so far does not end inside a character.
func (v *validator) whole() bool { return v.need == 0 }
