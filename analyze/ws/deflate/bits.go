package deflate

import "encoding/binary"

// fill loads input until bits holds more than 48 of them or the input is used up. Bits above n may be set as well:
// they are the first ones of in[next:], and loading them again changes nothing.
func (z *Inflater) fill() {
	if rest := z.in[z.next:]; len(rest) >= 8 {
		z.bits |= binary.LittleEndian.Uint64(rest) << z.n
		z.next += int(63-z.n) >> 3
		z.n |= 56
		return
	}
	for z.n <= 48 && z.next < len(z.in) {
		z.bits |= uint64(z.in[z.next]) << z.n
		z.next++
		z.n += 8
	}
}

// take consumes n bits that are there.
func (z *Inflater) take(n uint) {
	z.bits >>= n
	z.n -= n
}

// offset is the octet of the message that holds the next bit.
func (z *Inflater) offset() int64 {
	return z.read + int64(z.next) - int64(z.n+7)>>3
}
