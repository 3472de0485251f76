package check

import (
	"fmt"

	"wshake/analyze/event"
)

// Pongs is what a side answered the other side's Pings with, where none of its Pongs has the payload of a Ping.
type Pongs struct {
	From       event.Side // who sent the Pongs
	Count      int        // Pongs with another payload, each behind a Ping without answer
	Ping, Pong event.At   // the first of them, and its Ping
	Sent, Got  []byte     // their payloads
}

// Pongs judges them.
func (s *Set) Pongs(conn *event.Conn, p *Pongs) []*event.Finding {
	return s.selected(s.run(stagePongs, 0, conn, func(c *Check, r Report) { c.Pongs(p, r) }))
}

var checkPongMismatch = Check{
	ID: "FRM-19", Name: "pong-mismatch", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 6455 §5.5.3",
	When: "Pongs answer Pings with another payload, and no Pong has the right one",
	Description: "A Pong repeats the payload of the Ping that it answers, octet for octet; that is how the sender of the Ping " +
		"knows what was answered. A peer that checks (Python websockets, uWSGI, Autobahn) does not count a Pong with another " +
		"payload, and gives the connection up after its time-out, often with Close 1011 \"keepalive ping timeout\". The " +
		"usual cause is a client that answers with an empty Pong, or with a text of its own. A Pong that no Ping asked for " +
		"is legal, and so is one answer to several Pings; neither is reported.",
	Advice: "unmask the payload of the Ping, and send it in the Pong under the Pong's own mask",
	Pongs:  pongMismatch,
}

func pongMismatch(p *Pongs, report Report) {
	text := fmt.Sprintf("the %s's pong carries %s, and the %s's ping in packet %d had %s: it is no answer to it",
		p.From, payloadWord(p.Got), p.From.Other(), p.Ping.Number, payloadWord(p.Sent))
	if p.Count > 1 {
		text = fmt.Sprintf("%d pongs of the %s answer no ping; this one carries %s, and the %s's ping in packet %d had %s",
			p.Count, p.From, payloadWord(p.Got), p.From.Other(), p.Ping.Number, payloadWord(p.Sent))
	}
	report(Detail{
		At: p.Pong, Fault: event.FaultOf(p.From), Text: text, Seen: payloadWord(p.Got), Wanted: payloadWord(p.Sent),
	})
}

func payloadWord(p []byte) string {
	if len(p) == 0 {
		return "no payload"
	}
	return "the payload " + show(p)
}
