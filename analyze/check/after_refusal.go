package check

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// AfterRefusal is what a client sent behind the refusal of its upgrade that is no request.
type AfterRefusal struct {
	Answer *event.Head
	At     event.At // its first octet; the packet acknowledges the answer
	Octets []byte   // the first of them
}

// AfterRefusal judges it.
func (s *Set) AfterRefusal(conn *event.Conn, a *AfterRefusal) []*event.Finding {
	return s.selected(s.run(stageAfterRefusal, 0, conn, func(c *Check, r Report) { c.AfterRefusal(a, r) }))
}

var checkFramesAfterRefusal = Check{
	ID: "REQ-23", Name: "frames-after-refusal", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the client took a refusal for success and sent frames",
	Description: "Only a 101 with a right Accept opens a WebSocket. After any other answer the connection is still HTTP. A " +
		"client that sends frames then did not look at the status. The server reads the frames as the next request, and " +
		"answers 400 or closes. What the client reports then hides the reason, which stands in the refusal. Clients " +
		"written by hand do so, and libraries that look only for the end of the head (lua-resty-websocket#47).",
	Advice:       "let the client check status, Upgrade, Connection and Accept before it sends a frame, and report the status it got",
	Follows:      []string{"status-not-101"},
	AfterRefusal: framesAfterRefusal,
}

func framesAfterRefusal(a *AfterRefusal, report Report) {
	h, _ := ws.ParseHeader(a.Octets)
	report(Detail{
		At: a.At, Seen: show(a.Octets), Wanted: "a request, or the end of the connection",
		Text: fmt.Sprintf("the client sent a %s frame of %s after the %s in packet %d, as if it were a 101",
			h.Opcode, octets(h.Length), statusText(a.Answer), a.Answer.Last.Number),
	})
}

// LooksLikeFrame reports whether octets begin with the header of a frame as clients send it, and whether more octets
// could tell otherwise.
func LooksLikeFrame(octets []byte) (is, more bool) {
	if len(octets) == 0 {
		return false, true
	}
	op := event.Opcode(octets[0] & 0xF)
	if octets[0]&0x70 != 0 || op.Reserved() || op == event.OpContinuation || len(octets) > 1 && octets[1]&0x80 == 0 {
		return false, false
	}
	h, n := ws.ParseHeader(octets)
	if n == 0 {
		return false, true
	}
	return h.Length < 1<<32 && (!op.Control() || h.Length <= event.MaxControl), false
}
