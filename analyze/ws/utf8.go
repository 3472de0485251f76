package ws

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// UTF8 is the verdict over a text (RFC 6455 §8.1).
type UTF8 uint8

const (
	UTF8Unknown UTF8 = iota // not text, opaque, or not wholly seen
	UTF8Valid
	UTF8Invalid
)

// String is "unknown", "valid" or "invalid".
func (u UTF8) String() string { return [...]string{"unknown", "valid", "invalid"}[u] }

// validator checks UTF-8 (RFC 3629 §4) that arrives in pieces cut anywhere. The zero validator is at the start of a
// text.
type validator struct {
	need   uint8 // continuation octets still to come of the current character
	lo, hi uint8 // what the next of them may be
	loose  uint8 // continuation octets that may come next, since what is before them is unknown
}

// skip says that the next octets, any number from one on, are unknown. What comes behind them is judged from the first
// octet on that is not the rest of a character.
func (v *validator) skip() { *v = validator{loose: utf8.UTFMax - 1} }

// rest passes over the rest of a character whose beginning is unknown, and returns how many octets of p it is.
func (v *validator) rest(p []byte) (n int) {
	for n < len(p) && v.loose > 0 && tail(p[n]) {
		n++
		v.loose--
	}
	if n < len(p) {
		v.loose = 0
	}
	return n
}

// write checks the next piece and returns the index of the first octet that no valid text continues with, or -1. After
// a bad octet the validator is of no more use.
func (v *validator) write(p []byte) int {
	i := 0
	if v.loose > 0 {
		i = v.rest(p)
	}
	for ; i < len(p) && v.need > 0; i++ {
		if !v.next(p[i]) {
			return i
		}
	}
	for i < len(p) {
		i += ascii(p[i:])
		for i < len(p) && p[i] >= utf8.RuneSelf {
			switch q := p[i:]; {
			case len(q) > 1 && q[0] >= 0xC2 && q[0] < 0xE0 && tail(q[1]):
				i += 2
			case len(q) > 2 && q[0] > 0xE0 && q[0] < 0xED && tail(q[1]) && tail(q[2]):
				i += 3
			default:
				r, n := utf8.DecodeRune(q)
				if r == utf8.RuneError && n == 1 { // malformed, or unfinished
					return v.last(p, i)
				}
				i += n
			}
		}
	}
	return -1
}

// tail reports whether c is a continuation octet.
func tail(c byte) bool { return c&0xC0 == 0x80 }

// last is write from index i on, where something is malformed, or only the beginning of a character is there.
func (v *validator) last(p []byte, i int) int {
	for ; i < len(p); i++ {
		if !v.next(p[i]) {
			return i
		}
	}
	return -1
}

// ascii is how many octets at the beginning of p are ASCII.
func ascii(p []byte) (n int) {
	const high = 0x8080808080808080
	for ; n+32 <= len(p); n += 32 {
		q := p[n : n+32 : n+32]
		if (binary.LittleEndian.Uint64(q)|binary.LittleEndian.Uint64(q[8:])|binary.LittleEndian.Uint64(q[16:])|binary.LittleEndian.Uint64(q[24:]))&high != 0 {
			break
		}
	}
	for ; n+8 <= len(p); n += 8 {
		if h := binary.LittleEndian.Uint64(p[n:]) & high; h != 0 {
			return n + bits.TrailingZeros64(h)/8
		}
	}
	for n < len(p) && p[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// next takes one octet.
func (v *validator) next(c byte) bool {
	switch {
	case v.need == 0:
		return c < utf8.RuneSelf || v.lead(c)
	case c < v.lo || c > v.hi:
		return false
	}
	v.need--
	v.lo, v.hi = 0x80, 0xBF
	return true
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

// whole reports whether the text so far does not end inside a character, as far as is known.
func (v *validator) whole() bool { return v.need == 0 }
