package deflate

import "bytes"

// Values of marks.
const (
	known   = 0
	unknown = 1
)

// repeatsUnknown reports whether some of length octets from index from on, which is before clean, are unknown.
func (z *Inflater) repeatsUnknown(from, length int) bool {
	return from < z.low || bytes.IndexByte(z.marks[from:min(from+length, z.clean)], unknown) >= 0
}

// repeatUnknown repeats length octets from index from on, of which some are unknown. from may be negative.
func (z *Inflater) repeatUnknown(from, length int) {
	if z.marks == nil {
		z.pool.mark(z)
	}
	buf, marks := z.buf[:z.pos+length], z.marks[:z.pos+length]
	clear(marks[z.clean:z.pos])
	for i, at := from, z.pos; at < len(buf); i, at = i+1, at+1 {
		if i < z.low {
			buf[at], marks[at] = 0, unknown
		} else {
			buf[at], marks[at] = buf[i], marks[i]
		}
	}
	z.facts.UnknownBytes += int64(bytes.Count(marks[z.pos:], []byte{unknown}))
	z.clean = bytes.LastIndexByte(marks, unknown) + 1
	z.pos = len(buf)
}

// flushMarked hands out what comes before clean.
func (z *Inflater) flushMarked(out Output) {
	for z.given < z.clean && !z.failed {
		at, marks := z.given, z.marks[z.given:z.clean]
		n := bytes.IndexByte(marks, unknown) // the last of marks is unknown
		if n == 0 {
			if n = bytes.IndexByte(marks, known); n < 0 {
				n = len(marks)
			}
			z.given += n
			out.Unknown(n)
			continue
		}
		z.given += n
		out.Octets(z.buf[at:z.given:z.given])
	}
}

// slideMarks moves the marks down by n, or returns them if none of what stays is unknown.
func (z *Inflater) slideMarks(n int) {
	switch {
	case z.marks == nil:
	case z.clean > n:
		copy(z.marks, z.marks[n:z.clean])
	default:
		z.unmark()
	}
}

// unmark returns the marks to the Pool.
func (z *Inflater) unmark() {
	if z.marks != nil {
		z.pool.put(z.marks)
		z.marks = nil
	}
}
