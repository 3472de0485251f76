package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
)

// Sec-WebSocket-Accept: RFC 6455 §4.2.2 step 5, §11.3.3.

var checkAcceptMissing = Check{
	ID: "RSP-06", Name: "accept-missing", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When:     "the 101 has no Sec-WebSocket-Accept",
	Description: "Sec-WebSocket-Accept proves that the server read this key and speaks WebSocket; without it " +
		`the client must fail the connection, and Chrome does with "'Sec-WebSocket-Accept' header is missing". ` +
		"The cause is a hand-written server that answers a bare 101, or a filter that drops fields of the " +
		"answer. The spelling Sec-Websocket-Accept, which many Go programs send, is legal: names of fields have " +
		"no case, and a client that misses the field for its spelling is at fault.",
	Advice:   `answer Sec-WebSocket-Accept: base64(SHA-1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))`,
	Needs:    Switched | HTTP1,
	Exchange: acceptMissing,
}

func acceptMissing(x *Exchange, report Report) {
	if !x.Draft() && !x.Accept.Known {
		report(Detail{At: x.Response.Last, Text: "the 101 has no Sec-WebSocket-Accept", Wanted: wantedAccept(x)})
	}
}

var checkAcceptRepeated = Check{
	ID: "RSP-06", Name: "accept-repeated", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 6455 §11.3.3",
	When: "the 101 has more than one Sec-WebSocket-Accept",
	Description: "The field must stand once. Browsers fail the connection, also when one of the values is " +
		"right; Chrome says that the header must not appear more than once in a response. The cause is two " +
		"layers that both answer the handshake: the application and its framework, or a gateway and the backend " +
		"after it.",
	Advice: "let one layer answer: either the gateway ends the handshake itself, or it relays the " +
		"backend's 101 and adds nothing to it",
	Needs:    SwitchedPartly | HTTP1,
	Exchange: acceptRepeated,
}

func acceptRepeated(x *Exchange, report Report) {
	if v := x.Response.Values("Sec-WebSocket-Accept"); len(v) > 1 {
		report(Detail{
			At:   x.Response.Last,
			Text: fmt.Sprintf("the 101 has %d Sec-WebSocket-Accept fields: %s", len(v), quoteAll(v)),
			Seen: strings.Join(v, ", "), Wanted: wantedAccept(x),
		})
	}
}

var checkAcceptMismatch = Check{
	ID: "RSP-06", Name: "accept-mismatch", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §4.2.2",
	When: "Sec-WebSocket-Accept does not answer the key; the text explains how it came about where that " +
		"can be found out",
	Description: "The value must be base64 of the SHA-1 over the key as it was sent, followed by " +
		"258EAFA5-E914-47DA-95CA-C5AB0DC85B11. Browsers and most libraries fail the connection at once: Chrome " +
		`prints "Incorrect 'Sec-WebSocket-Accept' header value", and on the wire the client's FIN, RST or Close ` +
		"1002 follows the 101. Usual mistakes are to hash the decoded key, to encode the digest's hex digits, to " +
		"hash a blank or line end with the key, and to mistype the GUID; the text names the one that fits. Else " +
		"the answer belongs to another request, or the key was overridden by hand (websockets/ws#1684).",
	Advice: `compute base64(SHA-1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) over the 24 characters of ` +
		"the key as sent, and encode the 20 octets of the digest, not its hex digits",
	Needs:    AskedPartly | SwitchedPartly | HTTP1,
	Exchange: acceptMismatch,
}

func acceptMismatch(x *Exchange, report Report) {
	if !x.AcceptExpected.Known {
		return
	}
	keys := x.Request.Values("Sec-WebSocket-Key")
	for _, accept := range x.Response.Values("Sec-WebSocket-Accept") {
		if accept == x.AcceptExpected.Value {
			continue
		}
		d := Detail{At: x.Response.Last, Seen: accept, Wanted: x.AcceptExpected.Value,
			Text: fmt.Sprintf("Sec-WebSocket-Accept %s does not answer key %s", quote(accept), quote(keys[0]))}
		report(d)
	}
}

func wantedAccept(x *Exchange) string {
	if x.AcceptExpected.Known {
		return x.AcceptExpected.Value
	}
	return "exactly one Sec-WebSocket-Accept"
}
