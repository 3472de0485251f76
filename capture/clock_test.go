package capture

import (
	"math"
	"math/big"
	"testing"
)

func TestClock(t *testing.T) {
	for name, tt := range map[string]struct {
		tsresol byte
		seconds int64 // if_tsoffset
		units   uint64
		want    int64
	}{
		"seconds":                        {0, 0, 3, 3e9},
		"milliseconds":                   {3, 0, 1_700_000_000_123, 1_700_000_000_123e6},
		"microseconds":                   {6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456e3},
		"nanoseconds":                    {9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789},
		"picoseconds":                    {12, 0, 1_234_567_890_999, 1_234_567_890},
		"2^-20, half a second":           {0x80 | 20, 0, 1 << 19, 5e8},
		"2^-32 as NTP":                   {0x80 | 32, 0, 1_700_000_000<<32 | 1<<31, 1_700_000_000_500_000_000},
		"2^0":                            {0x80, 0, 3, 3e9},
		"2^-64":                          {0x80 | 64, 0, math.MaxUint64, 999_999_999},
		"2^-127":                         {0xff, 0, math.MaxUint64, 0},
		"10^-28":                         {28, 0, 18_000_000_000_000_000_000, 1},
		"10^-29":                         {29, 0, math.MaxUint64, 0},
		"10^-127":                        {127, 0, math.MaxUint64, 0},
		"too far ahead":                  {0, 0, math.MaxUint64, math.MaxInt64},
		"offset":                         {6, 1_700_000_000, 5, 1_700_000_000_000_005_000},
		"offset back":                    {6, -2, 1_500_000, -500_000_000},
		"offset far back":                {6, math.MinInt64, 0, -math.MaxInt64},
		"offset far ahead":               {6, math.MaxInt64, 1, math.MaxInt64},
		"too far ahead and back by some": {0, -10, math.MaxUint64, math.MaxInt64},
	} {
		c := microseconds
		c.resolve(tt.tsresol)
		c.shiftEpoch(tt.seconds)
		if got := c.nanoseconds(tt.units); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// FuzzClock compares with arithmetic that has no limits.
func FuzzClock(f *testing.F) {
	f.Add(byte(6), int64(0), uint64(1_700_000_000_123_456))
	f.Add(byte(0xc0), int64(-5), uint64(1)<<63)
	f.Add(byte(28), int64(math.MinInt64), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, tsresol byte, seconds int64, units uint64) {
		c := microseconds
		c.resolve(tsresol)
		c.shiftEpoch(seconds)
		got := c.nanoseconds(units)

		n := big.NewInt(int64(tsresol & 0x7f))
		unit := new(big.Int).Exp(big.NewInt(10), n, nil)
		if tsresol&0x80 != 0 {
			unit.Exp(big.NewInt(2), n, nil)
		}
		sum := new(big.Int).Mul(new(big.Int).SetUint64(units), big.NewInt(1e9))
		sum.Div(sum, unit)
		if !sum.IsUint64() { // the clock is clamped before its offset is added
			sum.SetUint64(math.MaxUint64)
		}
		if limit := math.MaxInt64 / int64(1e9); seconds >= -limit && seconds <= limit {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(seconds), big.NewInt(1e9)))
		} else if seconds > 0 {
			sum.Add(sum, big.NewInt(math.MaxInt64))
		} else {
			sum.Add(sum, big.NewInt(math.MinInt64))
		}
		want := int64(math.MaxInt64)
		if sum.IsInt64() {
			want = max(sum.Int64(), -math.MaxInt64)
		}
		if got != want {
			t.Errorf("%#x, offset %d, %d units: %d, want %d", tsresol, seconds, units, got, want)
		}
	})
}
