package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Loss judges octets that could not be read as frames.
func (s *Set) Loss(conn *event.Conn, l *ws.Loss) []*event.Finding {
	return s.selected(s.run(stageLoss, 0, conn, func(c *Check, r Report) { c.Loss(l, r) }))
}

var checkNotWebSocket = Check{
	ID: "FRM-17", Name: "not-websocket", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.2",
	When: "octets after the 101 cannot be frames (HTTP text, a chunk, a TLS record; a header that breaks three rules " +
		"at once): the text says what they are",
	Description: "Behind the 101 there may be frames only. Other octets are read as frame headers and the peer " +
		`fails, in Chrome mostly with "Invalid frame header". HTTP text is a second answer or an error page ` +
		"written after the 101: with several servers of the Node library ws on one HTTP server, the one whose " +
		"path does not match writes its 400 into the connection of the other. 30 0d 0a 0d 0a is the end of a " +
		"chunked body, 16 03 a TLS record of a tunnel that was put directly onto the connection. Where the text " +
		"names nothing the stream has lost step, or two writers mixed their octets.",
	Advice: "find out what wrote these octets, and send frames only after the 101; Node ws, several " +
		"servers on one HTTP server: noServer: true and one listener for the upgrade event",
	Loss: notWebSocket, Frame: borderLost,
}

func notWebSocket(l *ws.Loss, report Report) {
	d := Detail{At: l.At, Fault: event.FaultOf(l.From), Wanted: "WebSocket frames"}
	switch l.Kind {
	case ws.LossForeign:
		d.Seen = l.What
		d.Text = fmt.Sprintf("the %s's octets at offset %d are no WebSocket frames but %s",
			l.From, l.Offset, withArticle(l.What))
		if strings.HasSuffix(l.What, "HTTP body") {
			d.Follows = []string{"response-body-fields"}
			d.Advice = "leave Transfer-Encoding out of the 101, and write frames to the connection itself, not as the answer's body"
		}
	case ws.LossDesync:
		d.Seen = "impossible frame headers"
		d.Text = fmt.Sprintf("the %s's octets from offset %d on cannot be frames; the rest of this direction is "+
			"counted, not decoded", l.From, l.Offset)
	default:
		return // a gap is nobody's fault
	}
	report(d)
}

// withArticle puts the article before what package ws recognised.
func withArticle(what string) string {
	switch {
	case strings.HasSuffix(what, " text"):
		return what
	case strings.HasPrefix(what, "end of"):
		return "the " + what
	case strings.HasPrefix(what, "TLS"), strings.HasPrefix(what, "chunk"):
		return "a " + what
	}
	return "an " + what // the first letter of HTTP, SSH and RFB is spoken with a vowel
}
