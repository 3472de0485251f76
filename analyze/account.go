package analyze

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// account begins the connection event: what package reassembly knows of the connection and of its end.
func (s *session) account(at event.At) event.Connection {
	s.accounted = true
	c := s.conn
	for _, side := range []event.Side{event.Client, event.Server} {
		if !s.seen(side) {
			s.caveatOnce(c.First(), "one-direction", fmt.Sprintf("no packet of the %s was captured: what it sent is not known", side))
		}
	}
	e := event.Connection{Conn: s.event(), At: at, WebSocket: s.websocket, Packets: c.Packets(), Bytes: c.Bytes(), Duration: c.Last().Time - c.First().Time,
		TLS: s.below.account(), Findings: s.findings, Caveats: s.caveats}
	switch f := s.first(); f.why {
	case reassembly.EndFIN:
		e.Ended = event.EndedFIN
		// A FIN that acknowledges more than the other side's octets answers a FIN, of which it may not be known where it belongs.
		other := f.side.Other()
		switch dir := s.dir(other); {
		case f.at.Acked <= int64(s.heard[dir]):
			e.EndedBy = event.Some(f.side)
		case s.ends[dir] == reassembly.EndFIN:
			e.EndedBy = event.Some(other)
		}
	case reassembly.EndReset:
		e.Ended, e.EndedBy = event.EndedReset, event.Some(f.side)
	case reassembly.EndPeerReset:
		e.Ended, e.EndedBy = event.EndedReset, event.Some(f.side.Other())
	case reassembly.EndTimeout, reassembly.EndEvicted, reassembly.EndReplaced:
		e.Ended = event.EndedTimeout
	default:
		e.Ended = event.EndedCaptureEnd
	}
	return e
}
