// Package primitive is what HPACK and QPACK (RFC 9204 §4.1) share: the integers and strings of compressed header fields
// (RFC 7541 §5), and the field that they make.
package primitive

import (
	"errors"
	"math/bits"

	"golang.org/x/net/http2/hpack"
)

var (
	// ErrShort: the octets end inside an integer or a string.
	ErrShort = errors.New("ends inside a field")
	// ErrInteger: an integer is larger than may be, or has zeros in front of nothing.
	ErrInteger = errors.New("an integer is too large")
	// ErrHuffman: a string says that it is Huffman code and is not.
	ErrHuffman = errors.New("a string is not Huffman code")
)

// Integer reads an integer of at most most, with a prefix of so many bits (RFC 7541 §5.1), and returns what is behind
// it.
func Integer(prefix uint, p []byte, most uint64) (value uint64, rest []byte, err error) {
	if len(p) == 0 {
		return 0, nil, ErrShort
	}
	full := uint64(1)<<prefix - 1
	value = uint64(p[0]) & full
	if value < full {
		return value, p[1:], nil
	}
	longest := (bits.Len64(most)+6)/7 + 1
	for i, c := range p[1:] {
		if i == longest || uint64(c&0x7f) > most>>(7*i) {
			return 0, nil, ErrInteger
		}
		value += uint64(c&0x7f) << (7 * i)
		if value > most {
			return 0, nil, ErrInteger
		}
		if c < 0x80 {
			return value, p[2+i:], nil
		}
	}
	return 0, nil, ErrShort
}

// String reads a string whose length has a prefix of so many bits, behind the bit of Huffman code (RFC 7541 §5.2), and
// returns what is behind it. What it decodes is appended to decoded; any other string is a part of p.
func String(decoded *[]byte, prefix uint, p []byte, most uint64) (s, rest []byte, err error) {
	if len(p) == 0 {
		return nil, nil, ErrShort
	}
	huffman := p[0]&(1<<prefix) != 0
	n, p, err := Integer(prefix, p, most)
	if err != nil {
		return nil, nil, err
	}
	if n > uint64(len(p)) {
		return nil, nil, ErrShort
	}
	s, rest = p[:n:n], p[n:]
	if !huffman {
		return s, rest, nil
	}
	begin := len(*decoded)
	if _, err := hpack.HuffmanDecode((*appender)(decoded), s); err != nil {
		return nil, nil, ErrHuffman
	}
	return (*decoded)[begin:len(*decoded):len(*decoded)], rest, nil
}

// appender appends what is written.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}
