package analyze

import (
	"fmt"
	"strings"
	"time"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// tcpTotals sums up what the tables of all shards know of the whole run.
type tcpTotals struct {
	octets, missing uint64
	jump            reassembly.ClockJump // the first
	last            event.At             // the last packet
	evicted, holes  uint64               // connections dropped at a limit, holes not waited for
	windows         uint64               // taken from one conversation for another
	quic            uint64               // connections of QUIC dropped at a limit
}

// caveats says what limits the whole run.
func (t *tcpTotals) caveats(s *summary) {
	if j := t.jump; j.At.Ordinal > 0 {
		way := "forward"
		step := j.At.Time - j.Before
		if step < 0 {
			way, step = "back", -step
		}
		s.Caveat(&event.Caveat{At: j.At, Name: "clock-jump", Text: fmt.Sprintf("the clock of the capture went %s by %s at packet %d "+
			"while a connection went on: times before and after it do not belong together", way, longTime(step),
			j.At.Number)})
	}
	t.limits(s)
	if t.missing == 0 {
		return
	}
	total := t.octets + t.missing
	name, why := "packets-missing", "the capture lost packets, or began in the middle"
	if t.missing > total/2 {
		name, why = "sampled", "the capture was sampled, or lost most packets"
	}
	s.Caveat(&event.Caveat{At: t.last, Name: name, Bytes: event.Some(t.missing), Text: fmt.Sprintf("%d of %d octets of the TCP streams (%.1f %%) "+
		"were not captured: %s", t.missing, total, 100*float64(t.missing)/float64(total), why)})
}

// longTime says a duration in days where it is that long.
func longTime(ns int64) string {
	const day = int64(24 * time.Hour)
	if ns >= 2*day {
		return fmt.Sprintf("%d days", ns/day)
	}
	return time.Duration(ns).Round(time.Second).String()
}

// limits says what the limits of memory cost.
func (t *tcpTotals) limits(s *summary) {
	var lost []string
	for _, row := range []struct {
		n            uint64
		one, several string
	}{
		{t.evicted, "1 open connection was dropped, the one that was silent for longest", "%d open connections were dropped, those first that were silent for longest"},
		{t.quic, "1 connection of QUIC was dropped", "%d connections of QUIC were dropped, those first of which " +
			"nothing was asked and that were silent for longest"},
		{t.holes, "1 missing segment was not waited for", "%d missing segments were not waited for"},
		{t.windows, "1 conversation lost its deflate window", "%d times a conversation lost its deflate window"},
		{s.correlate.Forgotten, "1 upgrade attempt was no longer compared with others", "%d upgrade attempts were no longer compared with others"},
	} {
		switch {
		case row.n == 1:
			lost = append(lost, row.one)
		case row.n > 1:
			lost = append(lost, fmt.Sprintf(row.several, row.n))
		}
	}
	if len(lost) > 0 {
		s.Caveat(&event.Caveat{At: t.last, Name: "memory-limit", Text: "a limit of memory was reached (--max-memory): " + strings.Join(lost, "; ")})
	}
}
