package report

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Sanitise returns s with everything escaped that would not show as itself: control characters (C0, DEL, C1), format
// characters, which turn text round or hide it (bidi controls, zero-width ones, tags), other line ends, unassigned and
// private characters, marks with nothing to sit on, and octets that are not UTF-8. The escapes are Go's: \n, \x1b,
// \u202e. A backslash stays single, so the result is for reading; the exact octets are in the JSON output.
func Sanitise(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return string(appendSanitised(make([]byte, 0, len(s)+16), s))
		}
	}
	return s
}

func appendSanitised(b []byte, s string) []byte {
	bare := true // nothing stands before that a mark could sit on
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, `\x`...)
			b = appendHex(b, s[i])
		case hidden(r), bare && unicode.IsMark(r):
			b = appendEscaped(b, r)
		default:
			b = append(b, s[i:i+n]...)
		}
		bare = r == ' '
		i += n
	}
	return b
}

// hidden reports whether r would act on a terminal, or be seen by nobody, instead of showing as itself.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return !unicode.IsGraphic(r)
}

func appendEscaped(b []byte, r rune) []byte {
	n := len(b)
	b = strconv.AppendQuoteRuneToASCII(b, r)
	copy(b[n:], b[n+1:]) // drops the quotes
	return b[:len(b)-2]
}

const hexDigits = "0123456789abcdef"

func appendHex(b []byte, c byte) []byte { return append(b, hexDigits[c>>4], hexDigits[c&0xf]) }
