package report

import (
	"fmt"
	"strconv"
	"wshake/analyze/event"
)

// number writes n with commas: 1,204.
func number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes n things: 1 frame, 1,204 frames.
func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}

// size writes octets in decimal units: 120 B, 96.3 kB.
func size(n uint64) string {
	if n < 1000 {
		return strconv.FormatUint(n, 10) + " B"
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if f /= 1000; f < 999.95 {
			return fmt.Sprintf("%.1f %s", f, unit)
		}
	}
	return fmt.Sprintf("%.1f EB", f/1000)
}

// longest is how long anything in a capture may have taken, ns: ten years. What took longer was timed by a clock that
// was set meanwhile.
const longest = 10 * 365 * 24 * 3600 * 1e9

// plausible reports whether a duration can be what it says.
func plausible(ns int64) bool { return 0 <= ns && ns <= longest }

// span writes nanoseconds with the precision a reader can use: 0.4 ms, 1.204 s.
func span(ns int64) string {
	if !plausible(ns) {
		return "unknown"
	}
	if ns < 1e9 {
		return fmt.Sprintf("%.1f ms", float64(ns)/1e6)
	}
	return fmt.Sprintf("%.3f s", float64(ns)/1e9)
}

// clock writes the time of day in UTC, of nanoseconds since the epoch: 15:04:05.123.
func clock(ns int64) string {
	if ns == event.NoTime {
		return "--:--:--.---"
	}
	const day = 24 * 60 * 60 * 1000
	ms := (floorDiv(ns, 1e6)%day + day) % day
	text := [...]byte{'h', 'h', ':', 'm', 'm', ':', 's', 's', '.', 'm', 's', 's'}
	for i, unit := range [...]int64{0: 10 * 3600_000, 1: 3600_000, 3: 10 * 60_000, 4: 60_000, 6: 10_000, 7: 1000, 9: 100, 10: 10, 11: 1} {
		if unit > 0 {
			text[i] = '0' + byte(ms/unit)
			ms %= unit
		}
	}
	return string(text[:])
}

func floorDiv(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}
