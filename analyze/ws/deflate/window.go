package deflate

const (
	history    = 32 << 10                 // the farthest a reference reaches
	symbolRoom = 64 + maxMatch + 16       // a turn of the fast loop: literals, a match, and the overshoot of its last copy
	tailRoom   = 16*maxMatch + symbolRoom // no more than 16 matches fit the 32 bits of 00 00 ff ff
)

// windowSizes are the lengths a window grows through.
var windowSizes = [...]int{4 << 10, 16 << 10, 64 << 10}

// reserve makes room for n octets behind pos. It returns false if the message was given up meanwhile.
func (z *Inflater) reserve(n int, out Output) bool {
	for len(z.buf)-z.pos < n {
		if size := len(z.buf); size < windowSizes[len(windowSizes)-1] {
			z.pool.grow(z)
			continue
		}
		z.flush(out)
		if z.failed {
			return false
		}
		z.slide()
	}
	return true
}

// flush hands out what was inflated since the last time.
func (z *Inflater) flush(out Output) {
	if z.given < z.clean {
		z.flushMarked(out)
	}
	chunk := z.buf[z.given:z.pos]
	z.given = z.pos
	if len(chunk) > 0 && !z.failed {
		out.Octets(chunk[:len(chunk):len(chunk)])
	}
}

// slide moves the last history to the front.
func (z *Inflater) slide() {
	by := z.pos - history
	copy(z.buf, z.buf[by:z.pos])
	z.slideMarks(by)
	z.rebase(by)
}

// rebase tells that all octets of the window moved down by n.
func (z *Inflater) rebase(n int) {
	z.pos -= n
	z.given -= n
	z.low = max(z.low-n, 0)
	z.clean = max(z.clean-n, 0)
	z.start -= int64(n)
}
