package app

import (
	"encoding/binary"
	"strconv"
)

// Lists in MessagePack and CBOR whose end may be cut off: their first elements, numbers and strings as text, lists and
// maps as "". What is nested is passed over without recursion.

// item is one data item's head.
type item struct {
	text   string
	within uint64 // items that follow as parts of this one
	list   bool
	size   int // octets, the text included; 0 where it is none or cut off
}

// firsts are the first elements of a list, at most n, by a function that reads one item.
func firsts(p []byte, n int, read func([]byte) item) (list []string) {
	head := read(p)
	if head.size == 0 || !head.list {
		return nil
	}
	p = p[head.size:]
	for range min(head.within, uint64(n)) {
		it := read(p)
		if it.size == 0 {
			return list
		}
		list = append(list, it.text)
		p = p[it.size:]
		for open := it.within; open > 0; open-- {
			in := read(p)
			if in.size == 0 || in.within > 1<<20 || open > 1<<20 {
				return list
			}
			open += in.within
			p = p[in.size:]
		}
	}
	return list
}

func msgPackList(p []byte, n int) []string { return firsts(p, n, msgPackItem) }
func cborList(p []byte, n int) []string    { return firsts(p, n, cborItem) }

// big reads a number of n octets behind the first of p.
func big(p []byte, n int) (uint64, bool) {
	if len(p) < 1+n {
		return 0, false
	}
	var b [8]byte
	copy(b[8-n:], p[1:1+n])
	return binary.BigEndian.Uint64(b[:]), true
}

// run is an item of a string of n octets behind a head of size octets.
func run(p []byte, size int, n uint64) item {
	if n > uint64(len(p)-size) {
		return item{}
	}
	end := size + int(n)
	return item{text: string(p[size:end]), size: end}
}

// msgPackItem reads an item of https://github.com/msgpack/msgpack/blob/master/spec.md
func msgPackItem(p []byte) item {
	if len(p) == 0 {
		return item{}
	}
	c := p[0]
	switch {
	case c < 0x80:
		return item{text: number(uint64(c)), size: 1}
	case c < 0x90:
		return item{within: 2 * uint64(c&0xf), size: 1}
	case c < 0xa0:
		return item{within: uint64(c & 0xf), list: true, size: 1}
	case c < 0xc0:
		return run(p, 1, uint64(c&0x1f))
	case c >= 0xe0:
		return item{text: strconv.Itoa(int(int8(c))), size: 1}
	}
	width := [32]int{4: 1, 5: 2, 6: 4, 7: 1, 8: 2, 9: 4, 10: 4, 11: 8, 12: 1, 13: 2, 14: 4, 15: 8, 16: 1, 17: 2, 18: 4, 19: 8,
		25: 1, 26: 2, 27: 4, 28: 2, 29: 4, 30: 2, 31: 4}[c-0xc0]
	n, ok := big(p, width)
	if !ok {
		return item{}
	}
	size := 1 + width
	switch {
	case c == 0xc1:
		return item{}
	case c <= 0xc3: // nil, false, true
		return item{size: 1}
	case c <= 0xc6 || c >= 0xd9 && c <= 0xdb:
		return run(p, size, n)
	case c <= 0xc9: // an extension: its type is one octet more
		it := run(p, size, n+1)
		it.text = ""
		return it
	case c <= 0xcb:
		return item{size: size}
	case c <= 0xcf:
		return item{text: number(n), size: size}
	case c <= 0xd3:
		shift := 64 - 8*width
		return item{text: strconv.FormatInt(int64(n<<shift)>>shift, 10), size: size}
	case c <= 0xd8:
		it := run(p, 1, 1+1<<(c-0xd4))
		it.text = ""
		return it
	case c <= 0xdd:
		return item{within: n, list: true, size: size}
	}
	return item{within: 2 * n, size: size}
}

// cborItem reads an item of RFC 8949 §3. Those of indefinite length are not read.
func cborItem(p []byte) item {
	if len(p) == 0 {
		return item{}
	}
	major, info := p[0]>>5, p[0]&0x1f
	n, size := uint64(info), 1
	switch {
	case info >= 28:
		return item{}
	case info >= 24:
		width := 1 << (info - 24)
		var ok bool
		if n, ok = big(p, width); !ok {
			return item{}
		}
		size += width
	}
	switch major {
	case 0:
		return item{text: number(n), size: size}
	case 1:
		return item{text: "-" + number(n+1), size: size}
	case 2, 3:
		return run(p, size, n)
	case 4:
		return item{within: n, list: true, size: size}
	case 5:
		if n > 1<<20 {
			return item{}
		}
		return item{within: 2 * n, size: size}
	case 6: // a tag: its content follows
		it := cborItem1(p[size:])
		if it.size > 0 {
			it.size += size
		}
		return it
	}
	return item{size: size}
}

// cborItem1 is cborItem of what is behind a tag, itself no tag.
func cborItem1(p []byte) item {
	if len(p) == 0 || p[0]>>5 == 6 {
		return item{}
	}
	return cborItem(p)
}
