package deflate

import "encoding/binary"

// symbols inflates the literals and references of a block.
func (z *Inflater) symbols(out Output) bool {
	t := &z.pool.tables
	if z.fixed {
		t = fixed
	}
	for z.state == symbols {
		if !z.reserve(symbolRoom, out) {
			return false
		}
		if z.next < len(z.in) {
			z.fast(&t.lit, &t.dist)
			if len(z.buf)-z.pos < maxMatch {
				continue
			}
		}
		if !z.symbol(&t.lit, &t.dist) {
			return false
		}
	}
	return true
}

// symbol inflates one symbol, or one length with its distance, with all due care.
func (z *Inflater) symbol(lit *litTable, dist *distTable) bool {
	z.fill()
	e := lit.at(z.bits)
	used := uint(e & 31)
	switch {
	case used > z.n:
		return false
	case e&literal != 0:
		z.take(used)
		z.buf[z.pos] = byte(e >> 16)
		z.pos++
		return true
	case e&blockEnd != 0:
		z.take(used)
		z.endBlock()
		return true
	case e&special != 0:
		return z.corrupt("unassigned literal or length code")
	}
	next := z.bits >> used
	d := dist.at(next)
	both := used + uint(d&31)
	if both > z.n {
		return false
	}
	if d&special != 0 {
		return z.corrupt("unassigned distance code")
	}
	length, distance := value(e, z.bits), value(d, next)
	if !z.refer(distance) {
		return false
	}
	z.take(both)
	from := z.pos - distance
	if from < z.clean && z.repeatsUnknown(from, length) {
		z.repeatUnknown(from, length)
		return true
	}
	for i := range length {
		z.buf[z.pos+i] = z.buf[from+i]
	}
	z.pos += length
	return true
}

// refer judges a reference to what lies distance octets back.
func (z *Inflater) refer(distance int) bool {
	if distance > z.pos-z.low && !z.unknown {
		return z.corrupt("distance too far back")
	}
	written := int64(z.pos) - z.start
	if distance > z.cfg.window() && z.facts.BeyondWindow.Distance == 0 {
		z.facts.BeyondWindow = Reference{written, distance}
	}
	if z.cfg.NoContextTakeover && int64(distance) > written && z.facts.IntoEarlier.Distance == 0 {
		z.facts.IntoEarlier = Reference{written, distance}
	}
	z.facts.MaxDistance = max(z.facts.MaxDistance, distance)
	return true
}

// fast inflates symbols while neither the end of the input nor of the window is near. It stops before anything but
// literals and references about which there is nothing to report.
func (z *Inflater) fast(lit *litTable, dist *distTable) {
	in, buf := z.in, z.buf
	next, pos := z.next, z.pos
	bits, n := z.bits, z.n
	low, far, window := z.clean, z.facts.MaxDistance, z.cfg.window()
	if z.cfg.NoContextTakeover && z.facts.IntoEarlier.Distance == 0 {
		low = max(low, int(max(z.start, 0)))
	}
	lastOut := len(buf) - symbolRoom
	for pos <= lastOut {
		if len(in)-next >= 8 {
			bits |= binary.LittleEndian.Uint64(in[next:]) << (n & 63)
			next += int(63-n) >> 3
			n |= 56
		} else {
			for ; n <= 48 && next < len(in); next++ {
				bits |= uint64(in[next]) << (n & 63)
				n += 8
			}
			if n < 48 {
				break
			}
		}
		e := lit.at(bits)
		for e&literal != 0 && n >= 2*longest {
			buf[pos] = byte(e >> 16)
			pos++
			bits >>= e & 31
			n -= uint(e & 31)
			e = lit.at(bits)
		}
		if e&literal != 0 || n < uint(e&31)+longestDistance {
			continue
		}
		if e&special != 0 {
			break
		}
		rest := bits >> (e & 31)
		d := dist.at(rest)
		if d&special != 0 {
			break
		}
		length, distance := value(e, bits), value(d, rest)
		from := pos - distance
		if from < low {
			break
		}
		if distance > far {
			if distance > window {
				break
			}
			far = distance
		}
		bits = rest >> (d & 31)
		n -= uint((e & 31) + (d & 31))
		end := pos + length
		if distance >= 16 {
			for pos < end {
				*(*[16]byte)(buf[pos:]) = *(*[16]byte)(buf[from:])
				pos += 16
				from += 16
			}
		} else {
			repeat(buf, from, pos, end)
		}
		pos = end
	}
	z.next, z.pos = next, pos
	z.bits, z.n = bits, n
	z.facts.MaxDistance = far
}

// repeat fills buf[pos:end], and up to 15 octets behind, with the period buf[from:pos].
func repeat(buf []byte, from, pos, end int) {
	// What is copied doubles the distance to from, until it is that of whole words.
	for pos < end && pos-from < 8 {
		binary.LittleEndian.PutUint64(buf[pos:], binary.LittleEndian.Uint64(buf[from:]))
		pos += pos - from
	}
	for pos < end {
		binary.LittleEndian.PutUint64(buf[pos:], binary.LittleEndian.Uint64(buf[from:]))
		pos += 8
		from += 8
	}
}
