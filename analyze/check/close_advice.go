package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// closeAdvices say what to do about each Close code that reports a failure (RFC 6455 §7.4.1 and the IANA registry).
var closeAdvices = map[event.CloseCode]string{
	1002: "look at the frame before the Close, and at the log of the side that closed for the rule it names",
	1003: "send the kind of message that the receiver takes: text in place of binary, or the other way round",
	1007: "look at the message before the Close: text must be UTF-8, and its content what the receiver expects",
	1008: "see the log of the side that closed for the policy that it names: credentials, rate of messages, Origin, " +
		"rights",
	1009: "split the message, or raise the receiver's limit (Node ws: maxPayload; gorilla/websocket and " +
		"coder/websocket: SetReadLimit; " +
		"Python websockets: max_size; Tomcat: maxTextMessageBufferSize)",
	1010: "let the server accept the extension that the client needs, or let the client do without it",
	1011: "see the log of the side that closed for this time: most often its program failed",
	1012: "let clients connect again after a pause of random length, so that they do not all come at once",
	1013: "let clients connect again later, with a pause that grows",
	1014: "look at the gateway's leg to its backend, and at the logs of both",
	3000: "check the token, cookie or key that the client sends",
	3003: "check the rights of this user",
	3008: "see which step the side that closed waited for, and why it did not come in time",
}

// pingAdvice is for a side that closed since its ping was not answered.
const pingAdvice = "see why the other side did not answer the ping in time: it read too slowly, was busy, or the way " +
	"was broken; " +
	"or raise the time that the ping may take (Python websockets: ping_timeout)"

// closeAdvice says what to do about a Close of this code and reason.
func closeAdvice(code event.CloseCode, reason string, legal bool, from event.Side) string {
	advice, known := closeAdvices[code]
	switch {
	case legal && (code == 1002 || code == 1007):
		return fmt.Sprintf("see the log of the %s for what it could not read: the fault is there, or something on "+
			"the way changed the octets", from)
	case code == 1011 && containsAny(strings.ToLower(reason), "ping", "keepalive", "heartbeat"):
		return pingAdvice
	case known:
		return advice
	case code.Range() == event.ClosePrivate, code.Range() == event.CloseLibraries:
		return "look up what the application means by this code, and see the log of the side that closed"
	}
	return ""
}
