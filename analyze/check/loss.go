package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Loss judges octets that could not be read as frames.
func (s *Set) Loss(conn *event.Conn, l *ws.Loss) []*event.Finding {
	return s.selected(s.run(stageLoss, conn, func(c *Check, r Report) { c.Loss(l, r) }))
}

func notWebSocket(l *ws.Loss, report Report) {
	d := Detail{At: l.At, Fault: event.FaultOf(l.From), Wanted: "WebSocket frames"}
	switch l.Kind {
	case ws.LossForeign:
		d.Seen = l.What
		d.Text = fmt.Sprintf("the %s's octets at offset %d are no WebSocket frames but %s", l.From, l.Offset, withArticle(l.What))
	case ws.LossDesync:
		d.Seen = "impossible frame headers"
		d.Text = fmt.Sprintf("the %s's octets from offset %d on cannot be frames; the rest of this direction is counted, not decoded", l.From, l.Offset)
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
	case strings.HasPrefix(what, "TLS"):
		return "a " + what
	}
	return "an " + what // the first letter of HTTP, SSH and RFB is spoken with a vowel
}
