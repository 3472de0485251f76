package check

import (
	"fmt"
	"time"
	"wshake/analyze/event"
)

var checkAnswerDelayed = Check{
	ID: "MID-05", Name: "answer-delayed", Level: event.Note, Fault: event.MiddleboxFault, Citation: "RFC 9110 §15.2.2",
	When: "a 101 on the backend's leg reached the client's leg late or never",
	Description: "The backend agreed at once, and the proxy kept its 101 for a second or more, or for ever. The " +
		"client sees a slow connection, or a handshake that times out without any answer, and the backend a " +
		"client that never speaks. The usual cause is a proxy or security filter that buffers answers to inspect " +
		"them and waits for a body that a 101 does not have (corazawaf/coraza-nginx#53).",
	Advice: "let the proxy relay a 101 at once and unbuffered; switch the inspection of " +
		"answers off for the WebSocket path",
	LegAnswers: answerDelayed,
}

func answerDelayed(l *Legs, report Report) {
	b, f := l.Upstream.Response, l.Downstream.Response
	if b == nil || b.Status != 101 {
		return
	}
	switch {
	case f == nil && l.Final && l.Downstream.Evidence.Silent != nil: // else the answer may have been missed
		report(Detail{
			At: b.Last,
			Text: fmt.Sprintf("the backend answered 101 on connection %s, and %s never passed it to the client "+
				"on connection %s", l.Upstream.Conn, l.hop(), l.Downstream.Conn),
			Seen: "no answer on the client's leg", Wanted: "the 101 at once",
		})
	case f != nil && f.Status == 101 && f.Last.Time-b.Last.Time >= int64(answerLate):
		report(Detail{
			At: f.Last, Conn: l.Downstream.Conn,
			Text: fmt.Sprintf("the backend's 101 on connection %s (packet %d) reached the client on connection "+
				"%s only %s later",
				l.Upstream.Conn, b.Last.Number, l.Downstream.Conn, span(f.Last.Time-b.Last.Time)),
			Seen: span(f.Last.Time - b.Last.Time), Wanted: "the 101 at once",
		})
	}
}

// answerLate is from when on a relayed 101 is late.
const answerLate = time.Second
