package capture

import (
	"math"
	"math/bits"
)

// clock turns the timestamps of one pcapng interface into nanoseconds since the Unix epoch. Times that int64 cannot
// hold (before 1677 or after 2262) become the nearest one it can. The arithmetic is exact, fractions of a nanosecond
// are cut off.
type clock struct {
	mul, div uint64 // nanoseconds = units * mul / div
	shift    uint   // and then / 2^shift
	offset   int64  // nanoseconds added
}

// microseconds is the clock of an interface that does not say otherwise.
var microseconds = clock{mul: 1000, div: 1}

// resolve sets the unit from an if_tsresol option (draft-ietf-opsawg-pcapng section 4.2): a negative power of ten, or
// of two where the top bit is set.
func (c *clock) resolve(tsresol byte) {
	n := uint(tsresol & 0x7f)
	c.mul, c.div, c.shift = 1, 1, 0
	switch {
	case tsresol&0x80 != 0:
		c.mul, c.shift = 1e9, n
	case n <= 9:
		c.mul = pow10(9 - n)
	case n <= 28:
		c.div = pow10(n - 9)
	default: // 2^64 of these units are no nanosecond
		c.mul = 0
	}
}

func pow10(n uint) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// shiftEpoch sets the seconds of an if_tsoffset option.
func (c *clock) shiftEpoch(seconds int64) {
	const limit = math.MaxInt64 / int64(1e9)
	switch {
	case seconds > limit:
		c.offset = math.MaxInt64
	case seconds < -limit:
		c.offset = math.MinInt64
	default:
		c.offset = seconds * 1e9
	}
}

func (c *clock) nanoseconds(units uint64) int64 {
	hi, lo := bits.Mul64(units, c.mul)
	if c.div > 1 { // then mul is 1 and hi is 0
		lo /= c.div
	}
	switch {
	case c.shift >= 64:
		hi, lo = 0, hi>>(c.shift-64)
	case c.shift > 0:
		hi, lo = hi>>c.shift, hi<<(64-c.shift)|lo>>c.shift
	}
	if hi != 0 {
		lo = math.MaxUint64
	}
	return add(lo, c.offset)
}

// add gives the sum, or the nearest int64 to it.
func add(t uint64, offset int64) int64 {
	if offset < 0 {
		back := -uint64(offset)
		if t < back {
			return -int64(min(back-t, math.MaxInt64))
		}
		t -= back
		offset = 0
	}
	if t > math.MaxInt64-uint64(offset) {
		return math.MaxInt64
	}
	return int64(t) + offset
}
