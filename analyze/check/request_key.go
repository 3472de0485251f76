package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// The key that the server must answer: RFC 6455 §4.1, §11.3.1.

var checkKeyMissing = Check{
	ID: "REQ-07", Name: "key-missing", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the upgrade request has no Sec-WebSocket-Key",
	Description: "The key is 16 random octets in base64 that the server must answer in Sec-WebSocket-Accept. It " +
		"proves that the answer was made for this request by a server that speaks WebSocket, not by a cache; it " +
		"is no password and keeps nobody out. A server must refuse a request without it, the Node library ws and " +
		"gorilla/websocket with 400. It is mostly missing in requests typed by hand, such as curl with a few -H " +
		"options. The drafts hixie-75 and hixie-76 have no such field; they are reported as draft-handshake.",
	Advice: "send one Sec-WebSocket-Key, base64 of 16 fresh random octets, or let a WebSocket library " +
		`write the handshake; curl: -H "Sec-WebSocket-Key: $(openssl rand -base64 16)"`,
	Needs:    Asked | HTTP1,
	Exchange: keyMissing,
}

func keyMissing(x *Exchange, report Report) {
	if !x.Draft() && len(x.Request.Values("Sec-WebSocket-Key")) == 0 {
		report(Detail{
			At: x.Request.Last, Text: "the request has no Sec-WebSocket-Key",
			Wanted: "one Sec-WebSocket-Key, base64 of 16 random octets",
		})
	}
}

var checkKeyRepeated = Check{
	ID: "REQ-07", Name: "key-repeated", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §11.3.1",
	When: "the upgrade request has more than one Sec-WebSocket-Key",
	Description: "The field must stand once. With two, some servers take the first, some the last, and some " +
		"join them by a comma, and the Accept then answers something other than the client expects, so that it " +
		"fails the connection. The cause is one layer that adds a key beside the one another layer has written: " +
		"a program that sets the field by hand on top of its library, or a gateway that adds its own to the " +
		"client's (dotnet/yarp#2805, on the way from HTTP/2 to HTTP/1.1).",
	Advice:   "send one Sec-WebSocket-Key; do not set it by hand where a library or gateway writes it",
	Needs:    AskedPartly | HTTP1,
	Exchange: keyRepeated,
}

func keyRepeated(x *Exchange, report Report) {
	if keys := x.Request.Values("Sec-WebSocket-Key"); len(keys) > 1 {
		report(Detail{
			At:   x.Request.Last,
			Text: fmt.Sprintf("the request has %d Sec-WebSocket-Key fields: %s", len(keys), quoteAll(keys)),
			Seen: strings.Join(keys, ", "), Wanted: "exactly one Sec-WebSocket-Key",
		})
	}
}

var checkKeyMalformed = Check{
	ID: "REQ-08", Name: "key-malformed", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, §4.2.1",
	When:     "the key is not base64 of exactly 16 octets",
	Description: "The key must decode to exactly 16 octets, which makes 24 characters of base64 that end in ==. " +
		"The Node library ws answers 400 to anything else, while a server that only hashes the text accepts it, " +
		"so that such a client works with one server and fails with the next. Usual causes are 16 characters of " +
		"text or hex digits sent without encoding, a key cut off by a fixed buffer, and base64url in place of " +
		"base64. Blanks around the value are not part of it.",
	Advice:   "encode 16 random octets with standard base64: 24 characters, the last two ==",
	Needs:    AskedPartly | HTTP1,
	Exchange: keyMalformed,
}

func keyMalformed(x *Exchange, report Report) {
	for _, key := range x.Request.Values("Sec-WebSocket-Key") {
		if ws.ValidKey(key) == ws.KeyMalformed {
			report(Detail{
				At:   x.Request.Last,
				Text: fmt.Sprintf("Sec-WebSocket-Key %s is not base64 of exactly 16 octets", quote(key)), Seen: key,
				Wanted: "24 characters of base64 that decode to 16 octets",
			})
		}
	}
}

var checkKeyNoncanonical = Check{
	ID: "REQ-08", Name: "key-noncanonical", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 4648 §3.5",
	When: "the key decodes to 16 octets, but its trailing bits are not zero",
	Description: "The 22nd character of a key holds only two bits of the 16 octets; the rest of it should be " +
		"zero, which leaves A, Q, g and w. With another character most decoders give the same octets, and the " +
		"Accept is computed over the text, so that the handshake normally works; a strict decoder may refuse it " +
		"(RFC 4648 §3.5). It shows that somebody drew 22 letters instead of 16 octets.",
	Advice: "encode 16 random octets with a base64 encoder; " +
		"22 random letters are not the same",
	Needs:    Asked | HTTP1,
	Exchange: keyNoncanonical,
}

func keyNoncanonical(x *Exchange, report Report) {
	for _, key := range x.Request.Values("Sec-WebSocket-Key") {
		if ws.ValidKey(key) == ws.KeyNoncanonical {
			report(Detail{
				At: x.Request.Last,
				Text: fmt.Sprintf("Sec-WebSocket-Key %s decodes to 16 octets, but its last bits are not zero",
					quote(key)),
				Seen: key, Wanted: "a 22nd character among A, Q, g, w",
			})
		}
	}
}

var checkKeyWellKnown = Check{
	ID: "REQ-09", Name: "key-well-known", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the key is an example's, or all zero",
	Description: "Some keys are copied from documents: the sample of RFC 6455 §1.3, an encyclopaedia's example, " +
		"16 zero octets, the octets 1 to 16. Servers accept them, so nothing fails, but a key that everybody " +
		"knows does not show that the answer is fresh. In a trial with curl or in a health check it is harmless; " +
		"in a program it means that every connection has the same key.",
	Advice:   "draw 16 random octets for every connection; use a constant only for a test by hand",
	Needs:    Asked | HTTP1,
	Exchange: keyWellKnown,
}

func keyWellKnown(x *Exchange, report Report) {
	if !x.Key.Known {
		return
	}
	if what, known := wellKnownKeys[x.Key.Value]; known {
		report(Detail{
			At:   x.Request.Last,
			Text: fmt.Sprintf("Sec-WebSocket-Key %s is not random: it is %s", quote(x.Key.Value), what),
			Seen: x.Key.Value, Wanted: "16 octets chosen at random for this connection",
		})
	}
}

// wellKnownKeys are keys that stand in documents and are copied into programs.
var wellKnownKeys = map[string]string{
	"dGhlIHNhbXBsZSBub25jZQ==": "the sample of RFC 6455 §1.3",
	"x3JJHMbDL1EzLkh9GBhXDw==": "the example of an encyclopaedia's article",
	"AAAAAAAAAAAAAAAAAAAAAA==": "16 zero octets",
	"AQIDBAUGBwgJCgsMDQ4PEA==": "the octets 1 to 16",
}
