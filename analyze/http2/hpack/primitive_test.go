package hpack

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2/hpack"

	"wshake/analyze/http2/hpack/primitive"
)

// Integers of package primitive are decoded within their bounds.
func TestInteger(t *testing.T) {
	const most32, most62 = 1<<32 - 1, 1<<62 - 1
	tooLarge, zeros := primitive.ErrInteger, bytes.Repeat([]byte{0x80}, 40)
	for name, c := range map[string]struct {
		prefix uint
		p      []byte
		most   uint64
		value  uint64
		rest   int
		err    error
	}{
		"in the prefix (RFC 7541 C.1.1)": {5, []byte{0xea}, most32, 10, 0, nil},
		"behind it (C.1.2)":              {5, []byte{0x1f, 0x9a, 0x0a}, most32, 1337, 0, nil},
		"a whole octet (C.1.3)":          {8, []byte{0x2a, 1}, most32, 42, 1, nil},
		"largest of 32 bits":             {7, []byte{0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f}, most32, most32, 0, nil},
		"one more":                       {7, []byte{0x7f, 0x81, 0xff, 0xff, 0xff, 0x0f}, most32, 0, 0, tooLarge},
		"largest of 62 bits": {8, []byte{0xff, 0x80, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f},
			most62, most62, 0, nil},
		"more than 64 bits": {8, append(bytes.Repeat([]byte{0xff}, 10), 0x7f), most62, 0, 0, tooLarge},
		"zeros without end": {7, append([]byte{0x7f}, zeros...), most32, 0, 0, tooLarge},
		"cut":               {7, []byte{0x7f, 0x80}, most32, 0, 0, primitive.ErrShort},
		"nothing":           {7, nil, most32, 0, 0, primitive.ErrShort},
	} {
		value, rest, err := primitive.Integer(c.prefix, c.p, c.most)
		if value != c.value || len(rest) != c.rest || err != c.err {
			t.Errorf("%s: %d, %d octets left, %v, want %d, %d, %v", name, value, len(rest), err, c.value, c.rest, c.err)
		}
	}
}

// Strings of package primitive are decoded, plain or in Huffman code.
func TestString(t *testing.T) {
	long := bytes.Repeat([]byte("websocket"), 40)
	code := hpack.AppendHuffmanString(nil, "websocket")
	for name, c := range map[string]struct {
		p    []byte
		s    string
		rest int
		err  error
	}{
		"plain": {append([]byte{3}, "abcd"...), "abc", 1, nil},
		"long": {append([]byte{0x7f, byte(len(long)-0x7f)&0x7f | 0x80, byte((len(long) - 0x7f) >> 7)},
			long...), string(long), 0, nil},
		"Huffman":       {append([]byte{0x80 | byte(len(code))}, code...), "websocket", 0, nil},
		"no Huffman":    {[]byte{0x84, 0xff, 0xff, 0xff, 0xff}, "", 0, primitive.ErrHuffman},
		"ends before":   {[]byte{3, 'a'}, "", 0, primitive.ErrShort},
		"no length":     {nil, "", 0, primitive.ErrShort},
		"length is cut": {[]byte{0xff, 0x80}, "", 0, primitive.ErrShort},
	} {
		var decoded []byte
		s, rest, err := primitive.String(&decoded, 7, c.p, 1<<32-1)
		if string(s) != c.s || len(rest) != c.rest || err != c.err {
			t.Errorf("%s: %q, %d octets left, %v, want %q, %d, %v", name, s, len(rest), err, c.s, c.rest, c.err)
		}
	}
}
