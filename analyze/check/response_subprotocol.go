package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// The subprotocol that the server selects: RFC 6455 §4.2.2, §11.3.4.

var checkSubprotocolNotOffered = Check{
	ID: "RSP-09", Name: "subprotocol-not-offered", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When:     "a subprotocol was selected that was not offered",
	Description: "A server may select only what the client offered, letter for letter. Browsers fail the " +
		"connection: Chrome says that the value does not match any of sent values, or that the response must not " +
		"include the field at all. The Node library ws does likewise, while other clients go on. Causes are a " +
		"server that always answers its own name, a comparison without regard to case, and a proxy that dropped " +
		"the offer.",
	Advice: "select one of the offered subprotocols, in the client's spelling, and leave the field out " +
		"where none was offered or none fits",
	Needs:    Asked | Switched,
	Exchange: subprotocolNotOffered,
}

func subprotocolNotOffered(x *Exchange, report Report) {
	for _, p := range firstValues(x.Response.Values("Sec-WebSocket-Protocol")) {
		if !http1.IsToken(p) {
			continue // subprotocol-answer-malformed speaks
		}
		if !contains(x.ProtocolsOffered.Value, p) {
			report(Detail{
				At:   x.Response.Last,
				Text: fmt.Sprintf("the server selected the subprotocol %s, which was not offered", quote(p)),
				Seen: p, Wanted: "one of those offered: " + orNone(x.ProtocolsOffered.Value),
			})
		}
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

var checkSubprotocolAnswerMalformed = Check{
	ID: "RSP-09", Name: "subprotocol-answer-malformed", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.2.2, §11.3.4",
	When:     "the selected subprotocol is empty, a list, not a token, or in two fields",
	Description: "The answer selects one subprotocol: one token in one field. Browsers fail the connection on a " +
		"list, on two fields and on an empty value. The usual causes are a server that sends the whole offer " +
		"back, a framework and an application that both write the field (h3js/crossws#141), and a configured " +
		"name that is empty (joewalnes/websocketd#7).",
	Advice: "answer with exactly one of the offered names, in one field; leave the field out instead of " +
		"sending it empty",
	Needs:    Switched,
	Exchange: subprotocolAnswerMalformed,
}

func subprotocolAnswerMalformed(x *Exchange, report Report) {
	values := x.Response.Values("Sec-WebSocket-Protocol")
	d := Detail{
		At: x.Response.Last, Seen: strings.Join(values, ", "), Wanted: "one subprotocol in one field, or no field",
	}
	switch {
	case len(values) > 1:
		d.Text = fmt.Sprintf("the 101 has %d Sec-WebSocket-Protocol fields: %s", len(values), quoteAll(values))
	case len(values) == 0 || http1.IsToken(values[0]):
		return
	case values[0] == "":
		d.Text = "the answer's Sec-WebSocket-Protocol is empty"
		d.Wanted = "no such field where no subprotocol is selected"
	case strings.Contains(values[0], ","):
		d.Text = fmt.Sprintf("the server answers with a list of subprotocols: %s", quote(values[0]))
	default:
		d.Text = fmt.Sprintf("the subprotocol %s is not a token", quote(values[0]))
	}
	report(d)
}

var checkSubprotocolUnanswered = Check{
	ID: "RSP-10", Name: "subprotocol-unanswered", Level: event.Warning, Fault: event.ServerFault,
	Citation: "WHATWG WebSockets, establish a WebSocket connection",
	When:     "subprotocols were offered and none selected: legal, but browsers fail the connection",
	Description: "By RFC 6455 a server declines subprotocols by naming none, and many native clients then go " +
		"on. The WHATWG standard makes a browser fail the connection: Chrome closes right after the 101 without " +
		`a frame and prints "Sent non-empty 'Sec-WebSocket-Protocol' header but no response was received", and ` +
		`the Node library ws gives up with "Server sent no subprotocol". Not every browser enforces it, so that ` +
		"the same page may work in one and fail in another. Usual causes are a server without any list of " +
		"subprotocols, a proxy that drops the field, and a page that puts a token into the offer.",
	Advice: "select one of the offered subprotocols in the 101 (gorilla/websocket: Upgrader.Subprotocols; " +
		"Node ws: return it from handleProtocols), or do not offer any in the client",
	Needs:    Switched,
	Exchange: subprotocolUnanswered,
}

func subprotocolUnanswered(x *Exchange, report Report) {
	if len(x.ProtocolsOffered.Value) > 0 && !x.Response.Has("Sec-WebSocket-Protocol") {
		report(Detail{
			At: x.Response.Last,
			Text: fmt.Sprintf("the client offered %s and the server selected none: legal, but browsers fail the "+
				"connection", quoteAll(x.ProtocolsOffered.Value)),
			Wanted: "Sec-WebSocket-Protocol with one of them",
		})
	}
}
