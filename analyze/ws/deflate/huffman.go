package deflate

import "math/bits"

// Sizes of RFC 1951 section 3.2.
const (
	maxLits         = 286
	maxDists        = 30
	longest         = 15           // bits of a code
	longestDistance = longest + 13 // bits of a distance
	endOfBlock      = 256
	maxMatch        = 258
)

// A table entry describes what the next bits are:
//
//	bits 0-4    how many to consume: the code and its extra bits
//	bits 8-11   how many of them are the code; for a subtable, the bits of its index
//	bit 15      special: the end of the block, a subtable, or (no other bit) a code without meaning
//	bits 16-30  literal, or base of the length or distance, or where the subtable begins
//	bit 31      literal
type entry = uint32

const (
	literal  entry = 1 << 31
	special  entry = 1 << 15
	subtable entry = 1 << 14
	blockEnd entry = 1 << 13

	perBit entry = 1<<8 | 1 // adds a bit to the code and to what is consumed
)

// The first 1<<xBits entries of a table are indexed by the next bits of input; longer codes go on in subtables behind
// them. With these index widths at most 1334 and 402 entries are used (zlib's examples/enough.c); powers of two spare
// bound checks.
const (
	litBits    = 10
	distBits   = 8
	lengthBits = 7

	litSize  = 2048
	distSize = 512
)

type (
	litTable  [litSize]entry
	distTable [distSize]entry
)

// tables are the Huffman tables of one dynamic block.
type tables struct {
	lit    litTable
	dist   distTable
	length [1 << lengthBits]entry
	owner  *Inflater // whose block it is
	sorted [288]uint16
}

// claimTables makes the Pool's tables those of the block that z is in.
func (z *Inflater) claimTables() {
	if z.pool.tables.owner == z {
		return
	}
	switch {
	case z.state == codeLengths:
		z.buildLengthTable()
	case z.state == symbols && !z.fixed:
		z.buildTables()
	}
}

func (z *Inflater) buildLengthTable() bool {
	t := &z.pool.tables
	t.owner = z
	return t.build(t.length[:], lengthBits, z.order[:], lengthSymbols[:])
}

func (z *Inflater) buildTables() bool {
	t := &z.pool.tables
	t.owner = z
	return t.build(t.lit[:], litBits, z.lengths[:z.lits], litSymbols[:]) &&
		t.build(t.dist[:], distBits, z.lengths[z.lits:z.lits+z.dists], distSymbols[:])
}

// build fills table for the canonical code with these lengths, all at most 15, of which the first width bits are the
// index. entries are the symbols' entries for a code of no bits. It returns false if the lengths are not those of a
// complete prefix code; like zlib it also accepts no code at all and a single code of one bit.
func (t *tables) build(table []entry, width int, lengths []uint8, entries []entry) bool {
	var count, odd [longest + 1]int // apart, because equal neighbours would wait for each other
	for i := 0; i+1 < len(lengths); i += 2 {
		count[lengths[i]&longest]++
		odd[lengths[i+1]&longest]++
	}
	if i := len(lengths); i&1 != 0 {
		count[lengths[i-1]&longest]++
	}
	for n := range count {
		count[n] += odd[n]
	}
	var first [longest + 2]int
	free, most := 1, 0
	for n := 1; n <= longest; n++ {
		if count[n] > 0 {
			most = n
		}
		free = free<<1 - count[n]
		if free < 0 {
			return false
		}
		first[n+1] = first[n] + count[n]
	}
	if free > 0 && most > 1 {
		return false
	}
	for symbol, n := range lengths {
		if n > 0 {
			t.sorted[first[n]] = uint16(symbol)
			first[n]++
		}
	}
	if free > 0 {
		table[0], table[1] = special+perBit, special+perBit
		if most == 1 {
			table[0] = entries[t.sorted[0]] + perBit
		}
		for size := 2; size < 1<<width; size <<= 1 {
			copy(table[size:], table[:size])
		}
		return true
	}

	// Codes are met in order of their length. The table doubles with it, which repeats the shorter codes; what it repeats
	// of codes not yet met is overwritten. Codes arrive in the input first bit first, so code counts in reversed bits.
	code, sorted := 0, t.sorted[:]
	for n := 1; n <= width; n++ {
		half := 1 << (n - 1)
		copy(table[half:2*half], table[:half])
		for range count[n] {
			table[code] = entries[sorted[0]] + entry(n)*perBit
			sorted = sorted[1:]
			code = following(code, n)
		}
	}
	prefix, begin, end := -1, 0, 1<<width
	for n := width + 1; n <= most; n++ {
		for left := count[n]; left > 0; left-- {
			if p := code & (1<<width - 1); p != prefix {
				prefix, begin = p, end
				// As wide as the codes that share the prefix are long: the remaining ones of this length, then longer ones.
				sub, used := n-width, left
				for used < 1<<sub {
					sub++
					used = used<<1 + count[width+sub]
				}
				end += 1 << sub
				table[p] = special | subtable | entry(begin)<<16 | entry(sub)<<8 | entry(width)
			}
			e := entries[sorted[0]] + entry(n)*perBit
			sorted = sorted[1:]
			for i := begin + code>>width; i < end; i += 1 << (n - width) {
				table[i] = e
			}
			code = following(code, n)
		}
	}
	return true
}

// following adds one to an n bit code whose bits are reversed. After the last code of all it is 0.
func following(code, n int) int {
	zeros := code ^ (1<<n - 1)
	if zeros == 0 {
		return 0
	}
	bit := 1 << (bits.Len(uint(zeros)) - 1)
	return code&(bit-1) | bit
}

// at finds the entry for the next bits.
func (t *litTable) at(next uint64) entry {
	e := t[next%(1<<litBits)]
	if e&subtable != 0 {
		e = t[(e>>16+entry(next>>litBits)&(1<<(e>>8&15)-1))%litSize]
	}
	return e
}

// at finds the entry for the next bits.
func (t *distTable) at(next uint64) entry {
	e := t[next%(1<<distBits)]
	if e&subtable != 0 {
		e = t[(e>>16+entry(next>>distBits)&(1<<(e>>8&15)-1))%distSize]
	}
	return e
}

// value is the length or distance e stands for: its base and the extra bits behind its code.
func value(e entry, next uint64) int {
	return int(e>>16) + int(next&(1<<(e&31)-1)>>(e>>8&15))
}
