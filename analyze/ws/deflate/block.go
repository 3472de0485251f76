package deflate

// state is what the next bits are.
type state uint8

const (
	blockHeader  state = iota // BFINAL, BTYPE
	storedLength              // LEN, NLEN of a stored block
	storedData                // its octets
	codeCounts                // HLIT, HDIST, HCLEN of a dynamic block
	codeOrder                 // the code length code
	codeLengths               // the code lengths
	symbols                   // literals, lengths and distances
)

// step reads one element of each state. It returns false where it needs more input, or failed.
var step = [...]func(z *Inflater, out Output) bool{
	blockHeader:  (*Inflater).blockHeader,
	storedLength: (*Inflater).storedLength,
	storedData:   (*Inflater).storedData,
	codeCounts:   (*Inflater).codeCounts,
	codeOrder:    (*Inflater).codeOrder,
	codeLengths:  (*Inflater).codeLengths,
	symbols:      (*Inflater).symbols,
}

// run inflates p as far as it goes. It leaves the last output in the window.
func (z *Inflater) run(p []byte, out Output) {
	z.in, z.next = p, 0
	z.pool.touch(z)
	z.claimTables()
	for step[z.state](z, out) {
	}
	z.in = nil
	z.read += int64(len(p))
}

func (z *Inflater) blockHeader(Output) bool {
	if z.fill(); z.n < 3 {
		return false
	}
	final, kind := z.bits&1, z.bits>>1&3
	if kind == 3 {
		return z.corrupt("reserved block type")
	}
	z.take(3)
	z.empty = false
	z.final = final == 1
	if z.final {
		z.facts.FinalBlocks++
	}
	switch kind {
	case 0:
		z.take(z.n & 7)
		z.state = storedLength
	case 1:
		z.fixed = true
		z.state = symbols
	case 2:
		z.fixed = false
		z.state = codeCounts
	}
	return true
}

// endBlock goes on to the next block, which after a final one begins at the next octet (RFC 7692 section 7.2.3.4).
func (z *Inflater) endBlock() {
	if z.final {
		z.take(z.n & 7)
	}
	z.state = blockHeader
}

func (z *Inflater) storedLength(Output) bool {
	if z.fill(); z.n < 32 {
		return false
	}
	n, complement := uint16(z.bits), uint16(z.bits>>16)
	if n != ^complement {
		return z.corrupt("stored length does not match its complement")
	}
	z.take(32)
	if n == 0 {
		z.empty = true
		z.endBlock()
		return true
	}
	z.stored = int(n)
	z.state = storedData
	return true
}

func (z *Inflater) storedData(out Output) bool {
	if !z.reserve(1, out) {
		return false
	}
	for z.n > 0 && z.stored > 0 && z.pos < len(z.buf) {
		z.buf[z.pos] = byte(z.bits)
		z.pos++
		z.stored--
		z.take(8)
	}
	if z.n == 0 {
		z.bits = 0 // what is above n repeats input that is now copied past it
		room := z.buf[z.pos:]
		n := copy(room[:min(len(room), z.stored)], z.in[z.next:])
		z.next += n
		z.pos += n
		z.stored -= n
	}
	if z.stored > 0 {
		return z.n > 0 || z.next < len(z.in)
	}
	z.endBlock()
	return true
}

func (z *Inflater) codeCounts(Output) bool {
	if z.fill(); z.n < 14 {
		return false
	}
	lits, dists, orders := int(z.bits&31)+257, int(z.bits>>5&31)+1, int(z.bits>>10&15)+4
	if lits > maxLits {
		return z.corrupt("too many literal and length codes")
	}
	if dists > maxDists {
		return z.corrupt("too many distance codes")
	}
	z.take(14)
	z.lits, z.dists, z.orders = lits, dists, orders
	z.have = 0
	z.order = [len(z.order)]uint8{}
	z.state = codeOrder
	return true
}

// lengthOrder is the order in which the lengths of the code length code are sent (RFC 1951 section 3.2.7).
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func (z *Inflater) codeOrder(Output) bool {
	for ; z.have < z.orders; z.have++ {
		if z.n < 3 {
			if z.fill(); z.n < 3 {
				return false
			}
		}
		z.order[lengthOrder[z.have]] = uint8(z.bits & 7)
		z.take(3)
	}
	if !z.buildLengthTable() {
		return z.corrupt("code length code is not a prefix code")
	}
	z.have = 0
	z.state = codeLengths
	return true
}

func (z *Inflater) codeLengths(Output) bool {
	table := &z.pool.tables.length
	for all := z.lits + z.dists; z.have < all; {
		if z.n < 14 {
			z.fill()
		}
		e := table[z.bits&(1<<lengthBits-1)]
		used := uint(e & 31)
		if used > z.n {
			return false
		}
		if e&special != 0 {
			return z.corrupt("unassigned code length code")
		}
		symbol := uint8(e >> 16)
		if symbol < 16 {
			z.lengths[z.have] = symbol
			z.have++
			z.take(used)
			continue
		}
		r := repeats[symbol-16]
		if used+r.bits > z.n {
			return false
		}
		times := r.base + int(z.bits>>used&(1<<r.bits-1))
		value := uint8(0)
		if symbol == 16 {
			if z.have == 0 {
				return z.corrupt("repeat of a code length before the first")
			}
			value = z.lengths[z.have-1]
		}
		if times > all-z.have {
			return z.corrupt("repeat of a code length past the last")
		}
		run := z.lengths[z.have : z.have+times]
		for i := range run {
			run[i] = value
		}
		z.have += times
		z.take(used + r.bits)
	}
	if z.lengths[endOfBlock] == 0 {
		return z.corrupt("no code for the end of the block")
	}
	if !z.buildTables() {
		return z.corrupt("literal or distance code is not a prefix code")
	}
	z.state = symbols
	return true
}

// repeats are the code length symbols 16, 17 and 18: the previous length, and zeros twice.
var repeats = [3]struct {
	base int
	bits uint
}{{3, 2}, {3, 3}, {11, 7}}

// corrupt fails the message at the element that begins at the next bit.
func (z *Inflater) corrupt(reason string) bool {
	z.err = &CorruptError{Offset: z.offset(), Reason: reason}
	return false
}
