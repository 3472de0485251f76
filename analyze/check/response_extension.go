package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
)

// The extensions that the server accepts: RFC 6455 §9.1, §11.3.2.

var checkExtensionNotOffered = Check{
	ID: "RSP-07", Name: "extension-not-offered", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §4.1, §9.1",
	When:     "an accepted extension was not offered",
	Description: "A server may accept only what the client offered, since the client cannot read frames of an " +
		`extension it does not know. It must fail the connection: Chrome prints "Found an unsupported ` +
		`extension", the Node library ws says that no extension was requested. Causes are a server that writes ` +
		"Sec-WebSocket-Extensions into every answer, and a proxy that changes the offer on its way to the " +
		"backend and relays the answer as it is.",
	Advice: "accept only extensions that the request offers, and leave out Sec-WebSocket-Extensions where " +
		"there is none",
	Needs:    Asked | Switched,
	Exchange: extensionNotOffered,
}

func extensionNotOffered(x *Exchange, report Report) {
	if x.OfferErr != nil {
		return
	}
	for _, a := range x.Answer[:min(len(x.Answer), handshake.MaxJudged)] {
		if !offers(x.Offer, a.Name) {
			report(Detail{
				At:   x.Response.Last,
				Text: fmt.Sprintf("the server accepted the extension %s, which was not offered", quote(a.Name)),
				Seen: a.Text, Wanted: "an extension among those offered: " + orNone(x.ExtensionsOffered.Value),
			})
		}
	}
}

func offers(list []http1.Extension, name string) bool {
	for _, e := range list {
		if e.Name == name {
			return true
		}
	}
	return false
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return joined(list)
}

var checkExtensionAcceptedTwice = Check{
	ID: "RSP-08", Name: "extension-accepted-twice", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §9.1",
	When:     "the same extension is accepted more than once",
	Description: "An offer may name permessage-deflate several times with different parameters, and the answer " +
		"picks one of them. Accepted twice, nobody knows which parameters hold, and clients fail the connection; " +
		`Chrome prints "Received duplicate permessage-deflate response". Causes are a server that accepts every ` +
		"offer instead of the first that suits, and two layers that both write the field.",
	Advice:   "accept the first offer of an extension that suits, and answer it once",
	Needs:    Switched,
	Exchange: extensionAcceptedTwice,
}

func extensionAcceptedTwice(x *Exchange, report Report) {
	seen := make(map[string]int)
	for _, a := range x.Answer {
		if seen[a.Name]++; seen[a.Name] == 2 {
			report(Detail{
				At:   x.Response.Last,
				Text: fmt.Sprintf("the server accepted the extension %s more than once", quote(a.Name)),
				Seen: joined(x.Extensions.Value), Wanted: "every extension at most once",
			})
		}
	}
}

var checkExtensionAnswerMalformed = Check{
	ID: "RSP-08", Name: "extension-answer-malformed", Level: event.Error, Fault: event.ServerFault,
	Citation: "RFC 6455 §9.1, §4.2.2",
	When:     "the accepted extensions break the grammar, or the field is empty",
	Description: "The client must fail the connection when the accepted extensions do not parse: it would " +
		"otherwise guess how to read the frames. Chrome says that the header value is rejected by the parser. An " +
		"empty field is wrong as well: that nothing was accepted is said by leaving the field out, and clients " +
		"have stumbled over the empty one (uNetworking/uWebSockets.js#76). Blanks around separators are legal.",
	Advice: "leave Sec-WebSocket-Extensions out where nothing is accepted; else put commas between " +
		"extensions and semicolons before parameters",
	Needs:    Switched,
	Exchange: extensionAnswerMalformed,
}

func extensionAnswerMalformed(x *Exchange, report Report) {
	values := x.Response.Values("Sec-WebSocket-Extensions")
	switch {
	case len(values) > 0 && len(x.Extensions.Value) == 0:
		report(Detail{
			At: x.Response.Last, Text: "the answer's Sec-WebSocket-Extensions names no extension",
			Seen: strings.Join(values, ", "), Wanted: "no such field where no extension is accepted",
		})
	case x.AnswerErr != nil:
		v := strings.Join(values, ", ")
		report(Detail{
			At:   x.Response.Last,
			Text: fmt.Sprintf("the answer's Sec-WebSocket-Extensions %s does not parse: %v", quote(v), x.AnswerErr),
			Seen: v, Wanted: "a list of the extensions accepted",
		})
	}
}

var checkExtensionAnswerRepeated = Check{
	ID: "RSP-08", Name: "extension-answer-repeated", Level: event.Warning, Fault: event.ServerFault,
	Citation: "RFC 6455 §11.3.2",
	When:     "the 101 has the field Sec-WebSocket-Extensions more than once",
	Description: "RFC 6455 §11.3.2 lets this field stand once in an answer, while §9.1 lets it be split, so " +
		"that this is a warning. A client that reads only the first or only the last field misses what the other " +
		"accepts, and then fails on the first frame that uses it. The cause is two layers that each add their " +
		"own extension.",
	Advice:   "put all accepted extensions into one field, with commas between them",
	Needs:    Switched,
	Exchange: extensionAnswerRepeated,
}

func extensionAnswerRepeated(x *Exchange, report Report) {
	if v := x.Response.Values("Sec-WebSocket-Extensions"); len(v) > 1 {
		report(Detail{
			At: x.Response.Last, Text: fmt.Sprintf("the 101 has %d Sec-WebSocket-Extensions fields", len(v)),
			Seen: quoteAll(v), Wanted: "one field",
		})
	}
}
