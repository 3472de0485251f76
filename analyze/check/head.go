package check

import (
	"fmt"
	"strings"
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
	Advice:   `end every line of the head, and the empty line after it, with \r\n`,
	Needs:    AboutWebSocket | HTTP1,
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
	Needs:    AboutWebSocket | HTTP1,
	Exchange: headFolded,
}

func headFolded(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		if h.Folded > 0 {
			report(Detail{
				At: h.Last, Fault: fault,
				Text: fmt.Sprintf("%s of the %s's head %s the field before, a folding that HTTP has given up: one reader joins the "+
					"lines, another drops them or reads a field of its own there", lines(h.Folded), who, verb(h.Folded, "continue")),
				Seen: "a line that begins with a blank", Wanted: "every field on one line",
			})
		}
	})
}

var checkHeadMalformed = Check{
	ID: "REQ-21", Name: "head-malformed", Level: event.Error, Fault: event.NoFault, Citation: "RFC 9112 §2.2, §4, §5",
	When: "a line of the request's or answer's head is one that HTTP forbids",
	Description: "A line of a head is a name, a colon and a value; a name has no blanks and no control characters, " +
		"nothing stands between name and colon, and a value has no NUL, CR or other control character. A status line " +
		"has one blank after the version and one after the status, also where no reason follows. Programs differ in " +
		"what they do with other lines: strict servers and proxies answer 400 to such a request (nginx, HAProxy, " +
		"Node, Go), strict clients fail on such an answer, and a proxy then answers 502 in its place; lenient ones " +
		"drop the line, or read it in a way of their own. Where a proxy and its backend read a line differently, a " +
		"request can be smuggled past the proxy. The handshake is reported all the same.",
	Advice: "write each field as Name: value with a library that checks names and values; " +
		"do not copy text from users into fields unchecked",
	Needs:    AboutWebSocket,
	Exchange: headMalformed,
}

func headMalformed(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		lines, more := badLines(h)
		if len(lines) == 0 {
			return
		}
		does := "strict servers and proxies answer 400"
		if fault == event.ServerFault {
			does = "strict clients fail on it, and proxies answer 502 in its place"
		}
		text := fmt.Sprintf("the %s's head has a line that HTTP forbids: %s", who, lines[0])
		if n := len(lines) + more; n > 1 {
			text = fmt.Sprintf("the %s's head has %d lines that HTTP forbids: %s", who, n, strings.Join(lines, "; "))
			if more > 0 {
				text += fmt.Sprintf("; and %d more", more)
			}
		}
		report(Detail{
			At: h.Last, Fault: fault, Text: text + "; " + does, Seen: strings.Join(lines, "; "),
			Wanted: "lines of a name, a colon and a value, without control characters", Citation: lineCitation(h),
		})
	})
}

// badLinesTold is how many bad lines of one head are told; the others are counted.
const badLinesTold = 3

// badLines says which lines of a head HTTP forbids, and counts those beyond badLinesTold.
func badLines(h *event.Head) (told []string, more int) {
	tell := func(format string, args ...any) {
		if len(told) == badLinesTold {
			more++
			return
		}
		told = append(told, fmt.Sprintf(format, args...))
	}
	if start := startLineFault(h); start != "" {
		tell("%s", start)
	}
	for i := range h.Fields {
		f := &h.Fields[i]
		switch {
		case f.Anomalies&event.NoColon != 0:
			tell("%s has no colon", quote(clip(f.Name)))
		case f.Anomalies&event.BadName != 0 && f.Name == "":
			tell("a line with an empty name, and the value %s", quote(clip(f.Value)))
		case f.Anomalies&event.BadName != 0:
			tell("the name %s is no token", quote(clip(f.Name)))
		case f.Anomalies&event.SpaceBeforeColon != 0:
			tell("%s has a blank before its colon, which one reader drops, while another sees a field of another name",
				quote(clip(f.Name)))
		default:
			if c := control(f.Value); c >= 0 {
				tell("the value of %s has the control character 0x%02X at octet %d: one reader %s, another compares the value with it",
					quote(clip(f.Name)), f.Value[c], c, controlReading(f.Value[c]))
			}
		}
	}
	if len(told) == 0 && h.Bad != nil && !strings.HasPrefix(h.Bad.Section, "RFC 9112 §3") {
		tell("%s", h.Bad.Text)
	}
	return told, more
}

// requestLineFault says what is wrong with a request line beside its method and target, which have checks of their own
// (RFC 9112 §3), and what readers make of it.
func requestLineFault(h *event.Head) string {
	line := h.StartLine
	if line == "" || h.Method == "" {
		return ""
	}
	told := func() string { return quote(clip(line)) }
	switch {
	case h.BareCR > 0 && h.Bad != nil && h.Bad.Section == "RFC 9112 §2.2":
		return "all lines end in a bare CR: one reader sees a head, another a single line that does not end"
	case space(line[0]):
		return fmt.Sprintf("the request line %s begins with a blank: one reader drops it, another sees no method", told())
	case separated(h):
		return fmt.Sprintf("the request line %s has other separators than two single spaces: a reader that splits it at any white space "+
			"sees the same request, one that splits at spaces sees another target or none", told())
	case h.Version == "":
		return fmt.Sprintf("the request line %s has no HTTP version: one reader takes it for HTTP/0.9, without fields, another for HTTP/1.1", told())
	case !strings.HasSuffix(strings.TrimRight(line, " \t"), h.Version):
		return fmt.Sprintf("the request line %s goes on after its version: one reader drops that, another takes all "+
			"but the last word for the target", told())
	case !plainVersion(h.Version):
		return fmt.Sprintf("the version %s of the request line is none: one reader takes it for HTTP/1.1, another refuses it with 400 or 505",
			quote(clip(h.Version)))
	case h.Version >= "HTTP/2":
		return fmt.Sprintf("the request line claims %s, which has no request lines: one reader takes it for HTTP/1.1, another refuses it with 505", h.Version)
	}
	return ""
}

// plainVersion checks HTTP-version (RFC 9112 §2.3).
func plainVersion(v string) bool {
	return len(v) == 8 && strings.HasPrefix(v, "HTTP/") && '0' <= v[5] && v[5] <= '9' && v[6] == '.' && '0' <= v[7] && v[7] <= '9'
}

// space reports whether lenient readers split a request line at c (RFC 9112 §3).
func space(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// separated reports whether something else than one space stands behind the method or before the version. Blanks inside
// the target are told by request-target.
func separated(h *event.Head) bool {
	line := h.StartLine
	if h.Target == "" {
		return false // request-target speaks
	}
	if rest, found := strings.CutPrefix(line, h.Method); found && (len(rest) > 0 && rest[0] != ' ' || len(rest) > 1 && rest[0] == ' ' && space(rest[1])) {
		return true
	}
	trimmed := strings.TrimRight(line, " \t\r\v\f")
	before, found := strings.CutSuffix(trimmed, h.Version)
	if h.Version == "" || !found {
		return false
	}
	n := len(before)
	return len(trimmed) < len(line) || n > 0 && before[n-1] != ' ' || n > 1 && space(before[n-2])
}

// startLineFault says what is wrong with a start line that was understood all the same (RFC 9112 §3, §4).
func startLineFault(h *event.Head) string {
	if h.Status == 0 {
		return requestLineFault(h)
	}
	line := h.StartLine
	if len(line) < len("HTTP/1.1 101") {
		return ""
	}
	switch rest := line[len("HTTP/1.1"):]; {
	case rest[0] != ' ' || rest[1] == ' ':
		return fmt.Sprintf("the status line %s has more than one blank before its status", quote(clip(line)))
	case len(rest) == len(" 101"):
		return fmt.Sprintf("the status line %s lacks the blank after its status, which most clients tolerate",
			quote(line))
	case control(h.Reason) >= 0:
		return fmt.Sprintf("the status line %s has a control character", quote(clip(line)))
	}
	return ""
}

// lineCitation is the section that speaks of the line that is wrong.
func lineCitation(h *event.Head) string {
	if startLineFault(h) != "" {
		if h.Status == 0 {
			return "RFC 9112 §2.3, §3"
		}
		return "RFC 9112 §4"
	}
	for i := range h.Fields {
		if control(h.Fields[i].Value) >= 0 {
			return "RFC 9110 §5.5"
		}
		if h.Fields[i].Anomalies&(event.NoColon|event.BadName|event.SpaceBeforeColon) != 0 {
			return "RFC 9112 §5, RFC 9110 §5.1"
		}
	}
	return ""
}

// controlReading says what a lenient reader makes of a control character in a value.
func controlReading(c byte) string {
	switch {
	case c == 0:
		return "ends the value at it"
	case c == '\r':
		return "ends the line at it"
	case space(c):
		return "drops it as a blank"
	}
	return "drops it"
}

// clip shortens what is quoted of a line.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
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
