package check

import (
	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// Needs is a set of what must have been seen before a check can speak. Where it was not seen the check is not run:
// it does not apply, or nothing can be concluded. Of a head that was cut only what is there is judged: what seems to
// be missing may have been sent.
type Needs uint16

// Of a handshake:
const (
	Asked          Needs = 1 << iota // a request for WebSocket, its head whole
	Refused                          // a final answer that does not switch
	WholeAnswer                      // the whole head of an answer
	Switched                         // a switch to WebSocket; its head, and the request's if it was captured, are whole
	AboutWebSocket                   // a request for WebSocket, or, with no request captured, an answer to one
	HTTP1                            // HTTP/1.x: the upgrade of RFC 6455
	HTTP2                            // a stream of HTTP/2: RFC 8441
	AskedPartly                      // a request for WebSocket, of which a part may not have been captured
	SwitchedPartly                   // a switch to WebSocket, likewise
)

// Of a message, of the end of a conversation, of the two legs of a proxy:
const (
	MessageEnd   Needs = 1 << (iota + 9) // the message's last frame, or the end of what was sent of it
	Ended                                // the connection itself ended, not our sight of it
	EveryOctet                           // all octets of both sides were captured and read as frames
	BothRequests                         // the requests of both legs
)

// needsOf are the needs that each stage can answer.
var needsOf = [stages]Needs{
	stageExchange:    Asked | Refused | WholeAnswer | Switched | AboutWebSocket | HTTP1 | HTTP2 | AskedPartly | SwitchedPartly,
	stageMessage:     MessageEnd,
	stageEnding:      Ended | EveryOctet,
	stageLegRequests: BothRequests, stageLegAnswers: BothRequests,
}

// seenOfExchange says what was seen of an attempt.
func seenOfExchange(f *handshake.Facts) (seen Needs) {
	q, r := f.Request, f.Response
	seen = HTTP1
	if f.Multiplexed() {
		seen = HTTP2
	}
	about := f.WebSocket()
	if about {
		seen |= AboutWebSocket
	}
	if about && q != nil && f.AskedKnown() && q.Method != "" {
		seen |= AskedPartly
		if q.Cut == event.Whole {
			seen |= Asked
		}
	}
	if r == nil {
		return seen
	}
	if r.Cut == event.Whole {
		seen |= WholeAnswer
	}
	switch {
	case !f.Switched():
		seen |= Refused
	case about && (r.Cut != event.Whole || q != nil && q.Cut != event.Whole):
		seen |= SwitchedPartly
	case about:
		seen |= Switched | SwitchedPartly
	}
	return seen
}

// seen says what was seen of a message.
func (m *Message) seen() Needs {
	if m.Over {
		return MessageEnd
	}
	return 0
}

// seen says what was seen of the end of a conversation.
func (e *Ending) seen() (seen Needs) {
	if e.Ended != event.EndedCaptureEnd && e.Ended != event.EndedTimeout {
		seen |= Ended
	}
	if e.Whole[event.Client] && e.Whole[event.Server] {
		seen |= EveryOctet
	}
	return seen
}

// seen says what was seen of the legs.
func (l *Legs) seen() Needs {
	if l.Downstream.Request != nil && l.Upstream.Request != nil {
		return BothRequests
	}
	return 0
}
