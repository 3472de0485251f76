package deflate

import "math/bits"

// blocks writes deflate blocks symbol by symbol, so that a test can say exactly what a sender does.
type blocks struct {
	out  []byte
	free uint // unused bits of the last octet
}

func (b *blocks) bits(v uint, n uint) *blocks {
	for range n {
		if b.free == 0 {
			b.out = append(b.out, 0)
			b.free = 8
		}
		b.out[len(b.out)-1] |= byte(v&1) << (8 - b.free)
		b.free--
		v >>= 1
	}
	return b
}

// code writes a Huffman code, which begins at its highest bit.
func (b *blocks) code(v, n uint) *blocks {
	return b.bits(uint(bits.Reverse16(uint16(v))>>(16-n)), n)
}

func (b *blocks) fixed() *blocks      { return b.bits(0b010, 3) }
func (b *blocks) finalFixed() *blocks { return b.bits(0b011, 3) }
func (b *blocks) end() *blocks        { return b.code(0, 7) }

func (b *blocks) text(s string) *blocks {
	for _, c := range []byte(s) {
		if c < 144 {
			b.code(0x30+uint(c), 8)
		} else {
			b.code(0x190+uint(c)-144, 9)
		}
	}
	return b
}

// match writes a reference in a fixed block.
func (b *blocks) match(length, distance int) *blocks {
	symbol, extra, n := symbolOf(litSymbols[257:286], length)
	if symbol += 257; symbol < 280 {
		b.code(uint(symbol)-256, 7)
	} else {
		b.code(0xc0+uint(symbol)-280, 8)
	}
	b.bits(extra, n)
	symbol, extra, n = symbolOf(distSymbols[:30], distance)
	return b.code(uint(symbol), 5).bits(extra, n)
}

func symbolOf(entries []entry, v int) (symbol int, extra, n uint) {
	for i, e := range entries {
		if int(e>>16) <= v {
			symbol = i
		}
	}
	e := entries[symbol]
	return symbol, uint(v) - uint(e>>16), uint(e & 31)
}

// align pads the last octet, as does the end of a final block.
func (b *blocks) align() *blocks { return b.bits(0, b.free) }

func (b *blocks) stored(p string) *blocks {
	b.bits(0, 3).align()
	n := uint(len(p))
	b.bits(n, 16).bits(^n, 16)
	b.out = append(b.out, p...)
	return b
}

// flush ends a message as RFC 7692 section 7.2.1 says: an empty stored block without its 00 00 ff ff.
func (b *blocks) flush() []byte { return b.bits(0, 3).align().out }

func to() *blocks { return new(blocks) }

// dynamic begins a dynamic block; order holds the lengths of the code length code as they are sent.
func (b *blocks) dynamic(lits, dists uint, order ...uint) *blocks {
	b.bits(0b100, 3).bits(lits-257, 5).bits(dists-1, 5).bits(uint(len(order))-4, 4)
	for _, n := range order {
		b.bits(n, 3)
	}
	return b
}
