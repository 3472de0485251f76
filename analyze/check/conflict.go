package check

import (
	"fmt"
	"wshake/analyze/event"
)

// Conflict is a retransmission that differs from the first copy.
type Conflict struct {
	At            event.At
	From          event.Side
	Offset        uint64
	First, Second []byte
	Unmasked      bool // First and Second are payload of a masked frame, unmasked
}

// Conflict judges a retransmission.
func (s *Set) Conflict(conn *event.Conn, k *Conflict) []*event.Finding {
	return s.selected(s.run(stageConflict, 0, conn, func(c *Check, r Report) { c.Conflict(k, r) }))
}

var checkOverlapConflict = Check{
	ID: "SEC-05", Name: "overlap-conflict", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 9293 §3.10.7.4",
	When: "retransmitted TCP octets differ from the first copy",
	Description: "TCP may send octets again, but they must be the same. Where copies differ, systems differ in " +
		"which they keep, so that an analyser and the receiver may see different data: a known way to hide an " +
		"attack. Other causes are an injected packet, a middlebox that rewrites part of the stream, and faulty " +
		"hardware. A keep-alive probe may carry one octet of garbage and is harmless. The first copy was " +
		"analysed, and what the receiver took is not certain. Copies are compared as long as the first is among the " +
		"last 16 KiB of its side, of a connection that is no WebSocket the last 4 KiB.",
	Advice: "compare both copies in the named packets, their TTL, and a capture at the other end, to find " +
		"which host or box sent the second",
	Conflict: overlapConflict,
}

func overlapConflict(k *Conflict, report Report) {
	unmasked := ""
	if k.Unmasked {
		unmasked = " (unmasked)"
	}
	report(Detail{
		At: k.At,
		Text: fmt.Sprintf("the %s's retransmission differs from the first copy at stream offset %d: first %s, "+
			"then %s%s; the first copy was analysed", k.From, k.Offset, show(k.First), show(k.Second), unmasked),
		Seen: show(k.Second), Wanted: show(k.First),
	})
}
