package report

import (
	"fmt"
	"time"

	"wshake/analyze/event"
)

// Clock says how times are printed for people.
type Clock uint8

const (
	// Relative times are seconds since the first packet of the capture.
	Relative Clock = iota
	// Absolute times are in UTC, with the date where a capture spans days.
	Absolute
)

// timer prints times as the options ask.
type timer struct {
	clock Clock
	from  func() (int64, bool) // of the first packet, see Options.Start
	start int64                // ns since the epoch
	known bool
}

func newTimer(o *Options) timer { return timer{clock: o.Clock, from: o.Start} }

// since is the time in seconds since the first packet, or since the first time that was asked for where that is not
// known.
func (t *timer) since(ns int64) float64 {
	if !t.known && ns != event.NoTime {
		t.start, t.known = ns, true
		if t.from != nil {
			if start, ok := t.from(); ok {
				t.start = start
			}
		}
	}
	return float64(ns-t.start) / 1e9
}

// brief is a time for tables, to the millisecond.
func (t *timer) brief(ns int64) string {
	switch {
	case ns == event.NoTime:
		return "-"
	case t.clock == Absolute:
		return clock(ns)
	}
	return fmt.Sprintf("%.3f", t.since(ns))
}

// exact is a time for transcripts, to the microsecond.
func (t *timer) exact(ns int64) string {
	switch {
	case ns == event.NoTime && t.clock == Absolute:
		return fmt.Sprintf("%15s", "-")
	case ns == event.NoTime:
		return fmt.Sprintf("%11s", "-")
	case t.clock == Absolute:
		return time.Unix(0, ns).UTC().Format("15:04:05.000000")
	}
	return fmt.Sprintf("%11.6f", t.since(ns))
}

// day is the date of a time, in UTC: 2006-01-02.
func day(ns int64) string { return time.Unix(0, ns).UTC().Format(time.DateOnly) }

// sameDay reports whether two times have one date, in UTC.
func sameDay(a, b int64) bool {
	const length = 24 * 3600 * 1e9
	return floorDiv(a, length) == floorDiv(b, length)
}
