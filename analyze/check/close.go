package check

import (
	"fmt"
	"slices"

	"wshake/analyze/app"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Close frames: RFC 6455 §5.5.1, §7.4.

// closing completes a detail about a Close frame.
func (f *Frame) closing(d Detail) Detail {
	d.At = f.Last
	if d.Fault == event.NoFault {
		d.Fault = event.FaultOf(f.From)
	}
	return d
}

var checkCloseBodyShort = Check{
	ID: "CLS-01", Name: "close-body-short", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.5.1",
	When: "a Close has a body of one octet",
	Description: "The body of a Close is empty, or begins with a code of two octets. One octet is neither, and " +
		`receivers answer 1002; Chrome prints "Received a broken close frame containing an invalid size body." ` +
		"The cause is a code written as one octet. A Close without a body is legal and is shown as 1005.",
	Advice: "send a Close without a body, or with a code in two octets, most significant first, and a " +
		"reason",
	Frame: closeBodyShort,
}

func closeBodyShort(f *Frame, report Report) {
	if f.Opcode == event.OpClose && f.Length == 1 {
		report(f.closing(Detail{
			Text: fmt.Sprintf("the %s's Close has a body of one octet", f.From), Seen: "1 octet",
			Wanted: "none, or a code of two octets and a reason",
		}))
	}
}

var checkCloseCodeInvalid = Check{
	ID: "CLS-02", Name: "close-code-invalid", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 6455 §7.4.1, §7.4.2",
	When:     "a Close has a code of 0-999, 1005, 1006, 1015, 1016-2999, or 5000 and up",
	Description: "1005, 1006 and 1015 are what a library tells its own program when no code came, when TCP " +
		`broke off and when TLS failed; they must not be sent. Chrome prints "Received a broken close frame ` +
		`containing a reserved status code.", the Node library ws answers 1002. The usual cause is a relay that ` +
		"passes on the code that its library reported on the other leg. 1000-1003 and 1007-1014 are defined, " +
		"3000-3999 can be registered, 4000-4999 are for private use; other codes mean nothing.",
	Advice: "send 1000 in place of 1005, 1001 or 1011 in place of 1006, and codes of your own from 4000 to " +
		"4999",
	Frame: closeCodeInvalid,
}

func closeCodeInvalid(f *Frame, report Report) {
	if c := event.CloseCode(f.Close.Code); f.Close.HasCode && !c.MayBeSent() {
		report(f.closing(Detail{
			Text: fmt.Sprintf("the %s's Close has the code %d, which must not be sent (%s)",
				f.From, f.Close.Code, c),
			Seen: fmt.Sprint(f.Close.Code), Wanted: "1000-1003, 1007-1014, 3000-4999",
		}))
	}
}

var checkCloseCodeReserved = Check{
	ID: "CLS-03", Name: "close-code-reserved", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 6455 §7.4.1",
	When: "a Close has the code 1004",
	Description: "1004 is set aside for a meaning that was never given. RFC 6455 does not forbid it outright, " +
		"so this is a warning, but receivers such as the Node library ws take it for an invalid code and answer " +
		"1002, and the Autobahn test suite fails it.",
	Advice: "send a code with a meaning: 1000 for a normal end, 1011 for a failure, 4000 to 4999 for codes " +
		"of your own",
	Frame: closeCodeReserved,
}

func closeCodeReserved(f *Frame, report Report) {
	if f.Close.HasCode && f.Close.Code == 1004 {
		report(f.closing(Detail{
			Text: fmt.Sprintf("the %s's Close has the reserved code 1004", f.From), Seen: "1004",
			Wanted: "a code with a meaning",
		}))
	}
}

var checkCloseReasonNotUTF8 = Check{
	ID: "CLS-04", Name: "close-reason-not-utf8", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 6455 §5.5.1, §8.1",
	When:     "the reason of a Close is not UTF-8",
	Description: "The reason after the code is UTF-8 text. Receivers take the Close for broken, and its code " +
		`is lost with it: the Node library ws closes with 1007, Chrome prints "Received a broken close frame ` +
		`containing invalid UTF-8." The usual causes are a text cut to 123 octets in the middle of a character, ` +
		"a text in another encoding, and binary data.",
	Advice: "encode the reason as UTF-8 and cut it to at most 123 octets between two characters",
	Frame:  closeReasonNotUTF8,
}

func closeReasonNotUTF8(f *Frame, report Report) {
	if f.Close.ReasonUTF8 == ws.UTF8Invalid {
		report(f.closing(Detail{
			Text: fmt.Sprintf("the reason of the %s's Close is not UTF-8: %s", f.From, show(f.Close.Reason)),
			Seen: show(f.Close.Reason), Wanted: "UTF-8",
		}))
	}
}

var checkCloseCodeRole = Check{
	ID: "CLS-05", Name: "close-code-role", Level: event.Warning, Fault: event.ServerFault, Citation: "RFC 6455 §7.4.1",
	When: "a server sends a Close with the code 1010",
	Description: "1010 is how a client says that the server did not accept an extension it needs. A server has " +
		"no use for it, because it can refuse the handshake. A client shows the code and its user looks for the " +
		"fault on the wrong side.",
	Advice: "refuse the handshake where an extension is required, or close with 1008 or 1011",
	Frame:  closeCodeRole,
}

func closeCodeRole(f *Frame, report Report) {
	if f.Close.HasCode && f.Close.Code == 1010 && f.From == event.Server && !f.echo() {
		report(f.closing(Detail{
			Text: "the server closes with 1010, which is for clients whose extensions were not accepted",
			Seen: "1010", Wanted: "another code",
		}))
	}
}

var checkCloseRepeated = Check{
	ID: "CLS-09", Name: "close-repeated", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 6455 §5.5.1",
	When: "one side sends a second Close",
	Description: "A Close is the last frame of its side. A second one may be ignored or fail the closing " +
		`handshake; Chrome fails on any frame after it ("received after close"). The cause is two paths that ` +
		"both close: the library answers the peer's Close, and the program closes as well.",
	Advice: "send one Close: do not close by hand where the library does it, " +
		"and do not answer a Close that answers yours",
	Frame: closeRepeated,
}

var closeRepeated = odd(ws.OddCloseAgain, func(f *Frame) Detail {
	return Detail{
		Text: "is not the first Close of this side", Seen: "a second Close", Wanted: "nothing after the own Close",
	}
})

var checkClosedWithError = Check{
	ID: "CLS-10", Name: "closed-with-error", Level: event.Note, Fault: event.NoFault,
	Citation: "RFC 6455 §7.4.1, IANA WebSocket Close Code Number Registry",
	When:     "a Close has a code that reports a failure; the text says what it means and what came before it",
	Description: "The code is how one side tells the other what went wrong. 1002 and 1007: the other side's frames " +
		"broke a rule. 1003 and 1009: a message of a kind or size that is not taken (limits are often 64 KiB, as in " +
		"Netty and Spring, 1 MiB or 16 MiB). 1008: the other side broke a policy. 1011: the sender itself failed, " +
		"or got no answer to its ping. 1012 to 1014: a server or gateway restarts, is overloaded or lost its " +
		"backend. 3000 to 4999 have the application's own meaning. The text shows the frame before it, " +
		"which is mostly the reason. An echo of the peer's code is not reported.",
	Advice:  "look at what came before the Close, and at the log of the side that closed",
	Follows: []string{"app-error"},
	Frame:   closedWithError,
}

// httpLike are statuses of HTTP that applications make Close codes of.
var httpLike = map[event.CloseCode]string{
	4400: "400 (bad request)", 4401: "401 (unauthorized)", 4403: "403 (forbidden)", 4404: "404 (not found)",
	4408: "408 (timeout)", 4409: "409 (conflict)", 4429: "429 (too many requests)",
	4500: "500 (internal error)", 4503: "503 (unavailable)",
}

func closedWithError(f *Frame, report Report) {
	code := event.CloseCode(f.Close.Code)
	failure := code.Failure()
	if meaning := app.CloseMeaning(f.Protocol, code); meaning != "" {
		failure = meaning
	} else if likeHTTP := httpLike[code]; likeHTTP != "" {
		failure += "; many choose 4000 and an HTTP status for it: it may mean " + likeHTTP
	}
	if !f.Close.HasCode || failure == "" || f.echo() {
		return
	}
	d := Detail{
		Seen: fmt.Sprint(f.Close.Code), Text: fmt.Sprintf("the %s closed with %d (%s)", f.From, f.Close.Code, code),
		Advice: closeAdvice(code, string(f.Close.Reason), f.PeerLegal, f.From),
	}
	if len(f.Close.Reason) > 0 {
		d.Text += ", reason " + quote(string(f.Close.Reason))
	}
	if f.PeerLegal && (code == 1002 || code == 1007) {
		failure = fmt.Sprintf("it complains of what the %s sent, which breaks no rule", f.From.Other())
	}
	d.Text += ": " + failure
	if f.Before.Size > 0 {
		d.Text += fmt.Sprintf("; before it came %s, %s earlier", f.Before, span(f.First.Time-f.Before.At.Time))
	}
	switch code {
	case 1002, 1003, 1007, 1009, 1010:
		d.Follows = slices.Concat([]string{"answer-rejected"}, complaints, rejectable, []string{"pong-mismatch"})
	case 1006, 1011, 3000, 4000:
		d.Follows = []string{"pong-mismatch", "ping-unanswered"}
	}
	report(f.closing(d))
}

// complaints are what a receiver complains of by a Close.
var complaints = []string{
	"text-not-utf8", "deflate-error", "deflate-window-exceeded", "deflate-context-kept", "rsv-unnegotiated", "rsv1-misplaced",
	"client-frame-unmasked", "server-frame-masked", "opcode-reserved", "length-not-minimal", "length-top-bit", "control-too-long",
	"control-fragmented", "continuation-unexpected", "message-interrupted", "not-websocket", "data-after-close", "close-body-short",
	"close-code-invalid", "close-code-reserved", "close-reason-not-utf8", "deflate-tail-kept",
}
