package report

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Sanitise returns s with everything escaped that would not show as itself: control characters (C0, DEL, C1), format
// characters, which turn text round or hide it (bidi controls, zero-width ones, tags), variation selectors, what looks
// like a blank and is none, other line ends, unassigned and private characters, marks with nothing to sit on or too
// many on one letter, and octets that are not UTF-8. The escapes are Go's: \n, \x1b, \u202e. A backslash stays single,
// so the result is for reading; the exact octets are in the JSON output.
func Sanitise(s string) string {
	if plainASCII(s) == len(s) {
		return s
	}
	return string(appendSanitised(make([]byte, 0, len(s)+16), s))
}

// AppendSanitised appends what Sanitise makes of s.
func AppendSanitised[T string | []byte](b []byte, s T) []byte {
	return appendSanitised(b, s)
}

func appendSanitised[T string | []byte](b []byte, s T) []byte {
	pile := pile{marks: marksOnLetter} // nothing stands before that a mark could sit on
	for i := 0; i < len(s); {
		if run := plainASCII(s[i:]); run > 0 {
			b = append(b, s[i:i+run]...)
			i += run
			pile.marks = 0
			if s[i-1] == ' ' {
				pile.marks = marksOnLetter
			}
			continue
		}
		r, n := decodeRune(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, `\x`...)
			b = appendHex(b, s[i])
		case hidden(r), pile.overflows(r):
			b = appendEscaped(b, r)
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return b
}

// plainASCII is how many octets s begins with that are printable ASCII.
func plainASCII[T string | []byte](s T) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return i
		}
	}
	return len(s)
}

// marksOnLetter is how many marks may sit on a letter. Hebrew with all its points has as many; a pile of more reaches
// into the lines above and below.
const marksOnLetter = 4

// pile counts the marks on a letter.
type pile struct{ marks int }

// overflows reports whether r is a mark beyond those that may sit on the letter before it.
func (p *pile) overflows(r rune) bool {
	if r < 0x300 || !unicode.IsMark(r) {
		p.marks = 0
		return false
	}
	p.marks++
	return p.marks > marksOnLetter
}

// hidden reports whether r would act on a terminal, or be seen by nobody, instead of showing as itself.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Zs, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == brailleBlank || r == nullNotehead
}

// Symbols that are blank.
const (
	brailleBlank = '\u2800'
	nullNotehead = '\U0001D159'
)

func appendEscaped(b []byte, r rune) []byte {
	n := len(b)
	b = strconv.AppendQuoteRuneToASCII(b, r)
	copy(b[n:], b[n+1:]) // drops the quotes
	return b[:len(b)-2]
}

const hexDigits = "0123456789abcdef"

func appendHex(b []byte, c byte) []byte { return append(b, hexDigits[c>>4], hexDigits[c&0xf]) }
