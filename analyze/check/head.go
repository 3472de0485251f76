package check

import (
	"fmt"
	"wshake/analyze/event"
)

// The lines of a head, of the request or the answer: RFC 9112 §2.2, §5.

var checkHeadLineEndings = Check{
	ID: "REQ-20", Name: "head-line-endings", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 9112 §2.2",
	When: "lines of the request or answer end in a bare LF",
	Description: "Lines of HTTP end in CR LF. A receiver may accept a bare LF, and many do, which is why such a " +
		"program works until a stricter server or a proxy takes its place and answers 400 or nothing. The usual " +
		`cause is a head written with \n by a script or in firmware. Where a proxy and its backend disagree on ` +
		"line endings they can disagree on where a request ends, which is how requests are smuggled.",
	Advice:   `end every line of the head, and the empty line behind it, with \r\n`,
	Needs:    AboutWebSocket,
	Exchange: headLineEndings,
}

func headLineEndings(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		if h.BareLF > 0 {
			report(Detail{
				At: h.Last, Fault: fault,
				Text: fmt.Sprintf("%s of the %s's head %s in a bare LF", lines(h.BareLF), who, verb(h.BareLF, "end")),
				Seen: "LF", Wanted: "CR LF",
			})
		}
	})
}

var checkHeadFolded = Check{
	ID: "REQ-20", Name: "head-folded", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 9112 §5.2",
	When: "a field of the request or answer is folded over several lines",
	Description: "A line that begins with a blank once continued the field before it. HTTP has given this up: a " +
		"sender must not do it, and a server must refuse it with 400 or replace the fold by blanks. Programs " +
		"differ in which, so that a key, a cookie or a list of subprotocols is read in two ways along one path. " +
		"One cause is code that writes HTTP fields with a library for mail, which folds long lines.",
	Advice:   "write every field on one line, however long it is",
	Needs:    AboutWebSocket,
	Exchange: headFolded,
}

func headFolded(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		if h.Folded > 0 {
			report(Detail{
				At: h.Last, Fault: fault,
				Text: fmt.Sprintf("%s of the %s's head %s the field before, a folding that HTTP has given up",
					lines(h.Folded), who, verb(h.Folded, "continue")),
				Seen: "a line that begins with a blank", Wanted: "every field on one line",
			})
		}
	})
}

// eachHead visits the captured heads of a WebSocket attempt.
func eachHead(x *Exchange, visit func(h *event.Head, fault event.Fault, who string)) {
	if x.Request != nil {
		visit(x.Request, event.ClientFault, "request")
	}
	if x.Response != nil {
		visit(x.Response, event.ServerFault, "answer")
	}
}
