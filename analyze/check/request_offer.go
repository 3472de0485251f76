package check

import (
	"fmt"
	"strings"
	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// What the client offers: RFC 6455 §4.1, §9.1.

var checkSubprotocolOfferMalformed = Check{
	ID: "REQ-11", Name: "subprotocol-offer-malformed", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1, §4.3",
	When:     "the offered subprotocols are not a list of tokens",
	Description: "A subprotocol is a token: it has no blanks and no separators such as / = @ ( and ). Browsers " +
		"throw a SyntaxError before they connect, so the request comes from another client; the Node library ws " +
		"answers 400 and lenient servers let it pass. The usual cause is a credential put where a name belongs: " +
		"the = and / of base64 are not token characters. Several fields and empty members of the list are legal.",
	Advice: "name subprotocols with letters, digits, dot, hyphen and underscore; if a credential must " +
		"travel here, encode it with base64url without padding",
	Needs:    Asked,
	Exchange: subprotocolOfferMalformed,
}

func subprotocolOfferMalformed(x *Exchange, report Report) {
	values := x.Request.Values("Sec-WebSocket-Protocol")
	if len(values) == 0 {
		return
	}
	offered := http1.SplitElements(values)
	if len(offered) == 0 {
		report(Detail{
			At: x.Request.Last, Text: "the request's Sec-WebSocket-Protocol names no subprotocol",
			Seen: strings.Join(values, ", "), Wanted: "at least one subprotocol, or no such field",
		})
	}
	for _, p := range offered {
		if !http1.IsToken(p) {
			report(Detail{
				At: x.Request.Last, Text: fmt.Sprintf("the subprotocol %s is not a token", quote(p)), Seen: p,
				Wanted: "characters U+0021 to U+007E without separators such as / = @ ( ) or blanks",
			})
		}
	}
}

var checkSubprotocolOfferDuplicate = Check{
	ID: "REQ-11", Name: "subprotocol-offer-duplicate", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1",
	When:     "a subprotocol is offered twice",
	Description: "Every subprotocol offered must differ from the others, in exact spelling. Browsers throw a " +
		"SyntaxError, the Node library ws refuses the request with 400, other servers take no notice. The usual " +
		"cause is a name that is both given to the library and set by hand as a field.",
	Advice: "offer every subprotocol once; do not set Sec-WebSocket-Protocol by hand where a library " +
		"writes it",
	Needs:    Asked,
	Exchange: subprotocolOfferDuplicate,
}

func subprotocolOfferDuplicate(x *Exchange, report Report) {
	seen := make(map[string]int)
	for _, p := range x.ProtocolsOffered.Value {
		if seen[p]++; seen[p] == 2 {
			report(Detail{
				At: x.Request.Last, Text: fmt.Sprintf("the subprotocol %s is offered more than once", quote(p)),
				Seen: p, Wanted: "every subprotocol once",
			})
		}
	}
}

var checkExtensionOfferMalformed = Check{
	ID: "REQ-12", Name: "extension-offer-malformed", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §9.1",
	When:     "the extension offer breaks the grammar",
	Description: "An offer is a list: commas between extensions, semicolons before parameters. A receiver must " +
		"fail on bad syntax rather than guess; the Node library ws, with compression enabled, answers 400. " +
		"Causes are wrong separators, quotes that do not close, and values with characters that no token has. A " +
		"comma in place of a semicolon, permessage-deflate, client_max_window_bits, is good syntax: it offers an " +
		"unknown extension with the parameter's name. Blanks around separators, empty members and several fields " +
		"are legal.",
	Advice: "write the offer as permessage-deflate; client_max_window_bits: commas between extensions, " +
		"semicolons before parameters",
	Needs:    Asked,
	Exchange: extensionOfferMalformed,
}

func extensionOfferMalformed(x *Exchange, report Report) {
	if x.OfferErr == nil {
		return
	}
	v := strings.Join(x.Request.Values("Sec-WebSocket-Extensions"), ", ")
	d := Detail{
		At:   x.Request.Last,
		Text: fmt.Sprintf("the request's Sec-WebSocket-Extensions %s does not parse: %v", quote(v), x.OfferErr),
		Seen: v, Wanted: "a list such as permessage-deflate; client_max_window_bits",
	}
	if len(x.ExtensionsOffered.Value) == 0 {
		d.Text = "the request's Sec-WebSocket-Extensions names no extension"
		d.Wanted = "at least one extension, or no such field"
	}
	report(d)
}
