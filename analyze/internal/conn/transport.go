package conn

import (
	"fmt"
	"net/netip"
	"time"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/reassembly"
)

// transport has judged what TCP tells of the connection at its end, and names by caveats where it limits what is
// known.
func (c *Conn) transport(at event.At) {
	t := check.Transport{At: at}
	for side := range t.Sides {
		c.sent(event.Side(side), &t.Sides[side])
	}
	c.maker.Findings(c.maker.Checks.Transport(c.Conn(), &t))

	for dir := reassembly.Opener; dir <= reassembly.Acceptor; dir++ {
		if first, n := c.tcp.Damaged(dir); n > 0 {
			c.caveat(first, "checksum-wrong", fmt.Sprintf("%s of the %s with a wrong TCP checksum, the first is packet %d: "+
				"other copies were read instead", segments(n), c.side(dir), first.Number), event.Opt[uint64]{})
		}
	}
	if c.cut != nil {
		client, server := c.cut.octets[c.dir(event.Client)], c.cut.octets[c.dir(event.Server)]
		c.caveat(c.cut.first, "gap", fmt.Sprintf("%d octets of the client and %d of the server are beyond the snap length of "+
			"the capture: what was in them is not known", client, server), event.Some(client+server))
	}
	if last, fin, n := c.tcp.Revoked(); n > 0 && fin {
		c.caveat(last, "fin-revoked", fmt.Sprintf("the FIN of packet %d did not end what its sender says: octets followed in its place, so it "+
			"was sent by another, or damaged", last.Number), event.Opt[uint64]{})
	} else if n > 0 {
		c.caveat(last, "reset-revoked", fmt.Sprintf("the RST of packet %d did not end the connection: both sides "+
			"went on after it", last.Number), event.Opt[uint64]{})
	}
	if s, known := c.tcp.Skew(); known {
		what := fmt.Sprintf("the SYN was captured %s later than its answer", time.Duration(s.Late))
		if !s.SYN {
			side := c.side(s.Dir)
			what = fmt.Sprintf("octets of the %s were captured up to %s later than the %s acknowledged them", side, time.Duration(s.Late), side.Other())
		}
		c.caveat(s.At, "clock-skew", what+": two clocks made this capture, and times between the two sides are not known", event.Opt[uint64]{})
	}
}

func segments(n int) string {
	if n == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", n)
}

// sent is what became of the octets of a side.
func (c *Conn) sent(side event.Side, s *check.SentOctets) {
	dir := c.dir(side)
	if u, known := c.tcp.Unacknowledged(dir); known {
		s.Repeated, s.First, s.Last, s.Octets, s.Size, s.Through = u.Count, u.First, u.Last, u.Octets, u.Size, u.Acknowledged
		end := c.stack.Ended(side.Other())
		own := end.Why == reassembly.EndFIN || end.Why == reassembly.EndReset
		s.Heard = u.Heard || own && end.At.Ordinal > u.First.Ordinal
	}
	if p, known := c.tcp.UnansweredProbes(dir); known {
		s.Probes, s.ProbeFirst, s.ProbeLast = p.Count, p.First, p.Last
	}
	if w, known := c.tcp.Stalled(dir); known && w.Waiting {
		if ns, known := c.tcp.Elapsed(w.Since, w.Until); known {
			s.Stalled, s.StallSince, s.StallUntil, s.StallOpen = time.Duration(ns), w.Since, w.Until, w.Open
		}
	}
}

// Refused takes note of a connection that its server refused: see reassembly.RefusedHandler.
func (m *Maker) Refused(tcp *reassembly.Conn, at event.At) {
	m.NoConnect(event.NoConnect{Ordinal: tcp.First().Ordinal, First: tcp.First(), At: at, Refused: true,
		Peer: [2]netip.AddrPort{tcp.Endpoint(reassembly.Opener), tcp.Endpoint(reassembly.Acceptor)}})
}

// Behind names octets behind the end of a connection that carried an upgrade: see reassembly.BehindHandler.
func (m *Maker) Behind(tcp *reassembly.Conn, b reassembly.Behind) {
	if !tcp.Kept() {
		return
	}
	client := reassembly.Opener
	if tcp.Opened() == reassembly.OpenedMidstream && tcp.Endpoint(reassembly.Acceptor).Port() > tcp.Endpoint(reassembly.Opener).Port() {
		client = reassembly.Acceptor
	}
	end := "the end of the connection"
	if b.End.Number > 0 {
		end = fmt.Sprintf("the FIN of packet %d", b.End.Number)
		if b.Reset {
			end = fmt.Sprintf("the RST of packet %d", b.End.Number)
		}
	}
	octets := fmt.Sprintf("%d octets", b.Octets)
	if b.Octets == 1 {
		octets = "1 octet"
	}
	id := identify(tcp, client)
	m.Caveat(event.Caveat{Conn: id, At: b.First, Name: "behind-end", Bytes: event.Some(b.Octets),
		Text: fmt.Sprintf("%s after %s, from packet %d on, were not read", octets, end, b.First.Number)})
	m.Closed(id)
}
