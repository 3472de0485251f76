package report

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"wshake/analyze/event"
)

// Members of JSON objects, appended to the text of the object so far. A value that was not seen is null.

func appendKey(b []byte, key string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, key...)
	return append(b, '"', ':')
}

// appendObject opens an object; who calls it closes it.
func appendObject(b []byte, key string) []byte { return append(appendKey(b, key), '{') }

func appendNull(b []byte, key string) []byte { return append(appendKey(b, key), "null"...) }

func appendUint(b []byte, key string, n uint64) []byte {
	return strconv.AppendUint(appendKey(b, key), n, 10)
}

func appendInt(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(appendKey(b, key), n, 10)
}

// appendDuration appends nanoseconds as microseconds, null where clocks that jumped or differ make nonsense of them.
func appendDuration(b []byte, key string, ns int64) []byte {
	if !plausible(ns) {
		return appendNull(b, key)
	}
	return appendInt(b, key, ns/1000)
}

func appendBool(b []byte, key string, v bool) []byte {
	return strconv.AppendBool(appendKey(b, key), v)
}

func appendText(b []byte, key, s string) []byte { return appendString(appendKey(b, key), s) }

// appendWord is appendText where "" means that there is none.
func appendWord(b []byte, key, s string) []byte {
	if s == "" {
		return appendNull(b, key)
	}
	return appendText(b, key, s)
}

func appendOptText(b []byte, key string, s event.Opt[string]) []byte {
	if !s.Known {
		return appendNull(b, key)
	}
	return appendText(b, key, s.Value)
}

func appendOptUint(b []byte, key string, n event.Opt[uint64]) []byte {
	if !n.Known {
		return appendNull(b, key)
	}
	return appendUint(b, key, n.Value)
}

func appendOptBool(b []byte, key string, v event.Opt[bool]) []byte {
	if !v.Known {
		return appendNull(b, key)
	}
	return appendBool(b, key, v.Value)
}

func appendOptList(b []byte, key string, list event.Opt[[]string]) []byte {
	if !list.Known {
		return appendNull(b, key)
	}
	return appendList(b, key, list.Value)
}

func appendList(b []byte, key string, list []string) []byte {
	b = append(appendKey(b, key), '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendName is appendText for words of ours, in which nothing needs an escape.
func appendName(b []byte, key, s string) []byte {
	b = append(appendKey(b, key), '"')
	b = append(b, s...)
	return append(b, '"')
}

// timestamps are written as RFC 3339 in UTC, always with nine decimals. Those of one second share their beginning.
type timestamps struct {
	second int64 // nanoseconds since the epoch
	text   []byte
}

func (t *timestamps) append(b []byte, key string, ns int64) []byte {
	if ns == event.NoTime {
		return appendNull(b, key)
	}
	b = append(appendKey(b, key), '"')
	return append(t.appendDecimals(b, ns, 9), 'Z', '"')
}

// appendDecimals appends a time without its zone, with up to nine decimals.
func (t *timestamps) appendDecimals(b []byte, ns int64, decimals int) []byte {
	if t.text == nil || ns < t.second || uint64(ns-t.second) >= 1e9 {
		at := time.Unix(0, ns).UTC()
		t.second = ns - int64(at.Nanosecond())
		t.text = at.AppendFormat(t.text[:0], "2006-01-02T15:04:05.")
	}
	b = append(b, t.text...)
	return appendDigits(b, uint32(ns-t.second), 9)[:len(b)+decimals]
}

// appendDigits appends a number with zeros in front of it, at most nine digits.
func appendDigits(b []byte, n uint32, digits int) []byte {
	var text [9]byte
	for i := digits - 1; i >= 0; i-- {
		text[i] = '0' + byte(n%10)
		n /= 10
	}
	return append(b, text[:digits]...)
}

func appendHexText(b []byte, key string, p []byte) []byte {
	b = append(appendKey(b, key), '"')
	return append(hex.AppendEncode(b, p), '"')
}

func appendBase64(b []byte, key string, p []byte) []byte {
	b = append(appendKey(b, key), '"')
	b = base64.StdEncoding.AppendEncode(b, p)
	return append(b, '"')
}

// asItIs is true for octets that stand in a JSON string as they are, and are characters of their own.
var asItIs = func() (asItIs [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		asItIs[c] = c != '"' && c != '\\'
	}
	return asItIs
}()

// appendString appends s as a JSON string. An octet that is not UTF-8 becomes U+FFFD. What Sanitise escapes is escaped
// here too, so that the line can be looked at in a terminal; a decoder gives back the text as it was.
func appendString[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	begin := 0 // of what needs no escape
	var pile pile
	after := 0 // the last rune that is not ASCII
	for i := 0; i < len(s); {
		c := s[i]
		if asItIs[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			b = append(b, s[begin:i]...)
			b = appendEscapedASCII(b, c)
			i++
			begin = i
			continue
		}
		r, n := decodeRune(s[i:])
		if i != after {
			pile.marks = 0
		}
		after = i + n
		bad := r == utf8.RuneError && n == 1
		if bad || r == '\u2028' || r == '\u2029' { // what follows stands behind the letters of an escape
			pile.marks = 0
		}
		if bad || hidden(r) || pile.overflows(r) {
			b = append(b, s[begin:i]...)
			b = appendEscapedRune(b, r)
			begin = i + n
		}
		i += n
	}
	b = append(b, s[begin:]...)
	return append(b, '"')
}

func decodeRune[T string | []byte](s T) (r rune, octets int) {
	var first [utf8.UTFMax]byte
	return utf8.DecodeRune(first[:copy(first[:], s)])
}

func appendEscapedASCII(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	}
	return appendEscapedUnit(b, uint16(c))
}

func appendEscapedRune(b []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return appendEscapedUnit(appendEscapedUnit(b, uint16(high)), uint16(low))
	}
	return appendEscapedUnit(b, uint16(r))
}

func appendEscapedUnit(b []byte, u uint16) []byte {
	return appendHex(appendHex(append(b, '\\', 'u'), byte(u>>8)), byte(u))
}
