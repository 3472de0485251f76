package check

import (
	"fmt"
	"strings"
	"time"
	"wshake/analyze/event"
)

// Words for sentences. Values from the wire are quoted with their control characters escaped.

// maxListed is how many values of a list a sentence shows.
const maxListed = 64

func quoteAll(values []string) string {
	quoted := make([]string, min(len(values), maxListed))
	for i := range quoted {
		quoted[i] = quote(values[i])
	}
	return joined(quoted) + andMore(len(values))
}

// joined lists values, and counts those beyond maxListed.
func joined(values []string) string {
	return strings.Join(values[:min(len(values), maxListed)], ", ") + andMore(len(values))
}

func andMore(n int) string {
	if n <= maxListed {
		return ""
	}
	return fmt.Sprintf(" and %d more", n-maxListed)
}

func lines(n int) string { return count(n, "line") }

func octets[N int | uint64](n N) string { return count(n, "octet") }

func count[N int | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// verb is the form of a verb that goes with n things.
func verb(n int, plural string) string {
	if n == 1 {
		return plural + "s"
	}
	return plural
}

// show gives the first octets of p readable: as quoted text where it is text, else in hex.
func show(p []byte) string {
	const most = 48
	cut := ""
	if len(p) > most {
		p, cut = p[:most], "…"
	}
	for _, c := range p {
		if c < 0x20 && c != '\r' && c != '\n' && c != '\t' || c >= 0x7f {
			return fmt.Sprintf("% x%s", p, cut)
		}
	}
	return fmt.Sprintf("%q%s", p, cut)
}

// quote shows a wire value in a sentence: quoted, control characters escaped, cut after a few hundred octets.
func quote(s string) string {
	const most = 200
	if len(s) > most {
		return fmt.Sprintf("%q… (%d octets)", s[:most], len(s))
	}
	return fmt.Sprintf("%q", s)
}

// span shows a duration in nanoseconds with the precision a reader can use.
func span(ns int64) string {
	const longest = 10 * 365 * 24 * time.Hour
	d := time.Duration(ns)
	switch {
	case d < 0, d > longest: // two clocks, or a packet without a time
		return "an unknown time"
	case d >= time.Second:
		return fmt.Sprintf("%.3f s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.0f µs", float64(d)/1e3)
}

// escape shows a wire value without quotes, its control characters escaped.
func escape(s string) string {
	q := quote(s)
	if strings.HasSuffix(q, `"`) {
		return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	return q
}

// rsv names the bits of r: "RSV1", "RSV2 and RSV3", "RSV1, RSV2 and RSV3".
func rsv(r event.RSV) string {
	var names []string
	for i, bit := range []event.RSV{event.RSV1, event.RSV2, event.RSV3} {
		if r&bit != 0 {
			names = append(names, fmt.Sprintf("RSV%d", i+1))
		}
	}
	return and(names)
}

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// firstValues are the values that are compared with another list.
func firstValues(values []string) []string { return values[:min(len(values), maxListed)] }
