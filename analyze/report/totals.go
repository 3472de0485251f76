package report

import (
	"slices"
	"strings"

	"wshake/analyze/event"
)

// totals sums a run up in phrases.
func totals(s *event.Summary) []string {
	var parts []string
	traffic := []string{count(s.Packets, "packet"), size(s.Bytes), count(s.Connections, "connection")}
	if n := sum(s.Handshakes[:]); n > 0 {
		parts = append(parts, count(n, "handshake")+": "+verdicts(s))
	} else {
		parts = append(parts, "no WebSocket handshake in "+traffic[0]+"; "+count(s.Connections, "TCP connection"))
		traffic = traffic[1:2]
		if s.WebSocket > 0 {
			parts = append(parts, count(s.WebSocket, "WebSocket")+" from before the capture")
		}
	}
	if sum(s.Handshakes[:]) > 0 || s.Frames > 0 {
		parts = append(parts, count(s.Frames, "frame")+", "+count(s.Messages, "message"))
	}
	if n := sum(s.Findings[:]); n > 0 {
		parts = append(parts, count(n, "finding")+" ("+levels(s)+")")
	} else if sum(s.Handshakes[:]) > 0 || s.Frames > 0 {
		parts = append(parts, "no findings")
	}
	if t := s.TLS; t.Decrypted+t.Undecrypted > 0 {
		secured := count(t.Decrypted+t.Undecrypted, "TLS connection")
		if t.Undecrypted > 0 {
			secured += ", " + number(t.Undecrypted) + " not decrypted"
		}
		parts = append(parts, secured)
	}
	if q := s.QUIC; q.Decrypted+q.Undecrypted > 0 {
		secured := count(q.Decrypted+q.Undecrypted, "QUIC connection")
		if q.Undecrypted > 0 {
			secured += ", " + number(q.Undecrypted) + " not decrypted"
		}
		parts = append(parts, secured)
	}
	if s.FirstTime.Known {
		traffic = append(traffic, "from "+day(s.FirstTime.Value)+" "+clock(s.FirstTime.Value)[:len("15:04:05")]+" UTC")
	}
	parts = append(parts, strings.Join(traffic, ", "))
	if d := s.Dropped; d != nil && d.Kernel+d.Interface > 0 {
		parts = append(parts, "dropped by the kernel "+number(d.Kernel)+", by the interface "+number(d.Interface))
	}
	return parts
}

func sum(counts []uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// verdicts counts those that there were: 9 established, 2 refused.
func verdicts(s *event.Summary) string {
	var said []string
	for v, n := range s.Handshakes {
		if n > 0 {
			said = append(said, number(n)+" "+event.Verdict(v).String())
		}
	}
	return strings.Join(said, ", ")
}

// levels counts those that there were, the worst first: 1 error, 2 warnings.
func levels(s *event.Summary) string {
	var said []string
	for l, n := range slices.Backward(s.Findings[:]) {
		if n > 0 {
			said = append(said, count(n, event.Level(l).String()))
		}
	}
	return strings.Join(said, ", ")
}
