package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// Where programs disagree on the length of a message they disagree on where the next one begins: RFC 9112 §6.3, §11.2.

var checkAmbiguousFraming = Check{
	ID: "SEC-06", Name: "ambiguous-framing", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 9112 §6.1, §6.3, §11.2, RFC 9110 §8.6",
	When: "Content-Length and Transfer-Encoding of the upgrade request or its answer can be read in two ways: both, several, " +
		"no number, another coding than chunked, or oddly spelled",
	Description: "Content-Length and Transfer-Encoding say where a body ends. A head has one of them, once, with a number " +
		"or with chunked as the last coding. In any other a proxy and the server behind it may find different ends: what one " +
		"takes for a body the other takes for the next request, or for frames. So a request is smuggled past the proxy's " +
		"rules, or the answer to one client reaches another. The text says what each of two readers makes of it. A program " +
		"that is only wrong writes such a head, too: a library that adds a length beside chunked, a proxy that copies both.",
	Advice: "let the proxy refuse such a message with 400 and close the connection; send an upgrade request without a body, " +
		"and any other with one Content-Length or with Transfer-Encoding: chunked",
	Needs:    AboutWebSocket | HTTP1,
	Exchange: ambiguousFraming,
}

func ambiguousFraming(x *Exchange, report Report) {
	eachHead(x, func(h *event.Head, fault event.Fault, who string) {
		f := x.framing(h)
		if f.Doubts == 0 {
			return
		}
		report(Detail{
			At: h.Last, Fault: fault, Seen: framingSeen(f), Wanted: "one length, that all read alike",
			Text: fmt.Sprintf("where the %s's body ends can be read in two ways: %s", who, readings(f)),
		})
	})
}

var checkAmbiguousFramingEarlier = Check{
	ID: "SEC-07", Name: "ambiguous-framing-earlier", Level: event.Warning, Fault: event.NoFault,
	Citation: "RFC 9112 §6.3, §11.2",
	When:     "an ordinary request or answer before the upgrade, on the same connection, has a length that can be read in two ways",
	Description: "The connection carried another message before this upgrade, whose Content-Length and Transfer-Encoding " +
		"programs read differently. Then they also disagree on which octets are the upgrade request: it may stand in what " +
		"the other takes for a body. wshake reads the message by RFC 9112 §6.3; where that gives no length the request of " +
		"the upgrade may be missing in what is shown.",
	Advice:   "let the proxy refuse such a message with 400 and close the connection; find out what this client is",
	Needs:    HTTP1,
	Exchange: ambiguousFramingEarlier,
}

func ambiguousFramingEarlier(x *Exchange, report Report) {
	d := x.Evidence.Doubtful
	if d == nil || !x.WebSocket() {
		return
	}
	who, fault := "request", event.ClientFault
	if d.Answer {
		who, fault = "answer", event.ServerFault
	}
	report(Detail{
		At: d.Last, Fault: fault, Seen: framingSeen(&d.Framing), Wanted: "one length, that all read alike",
		Text: fmt.Sprintf("where the body of an earlier %s on this connection (%s) ends can be read in two ways: %s; so can which "+
			"octets are the upgrade", who, quote(clip(d.StartLine)), readings(&d.Framing)),
	})
}

// framingSeen shows the values that make the doubt.
func framingSeen(f *event.Framing) string {
	var seen []string
	for _, v := range f.Lengths {
		seen = append(seen, "Content-Length: "+clip(v))
	}
	for _, v := range f.Codings {
		seen = append(seen, "Transfer-Encoding: "+clip(v))
	}
	return strings.Join(seen, ", ")
}

// readings says of each doubt what it is and what two readers make of it.
func readings(f *event.Framing) string {
	var told []string
	for _, r := range []struct {
		doubt event.Doubt
		text  string
	}{
		{event.LengthWithCoding, "Content-Length %L stands beside Transfer-Encoding %C: a front end that goes by the length passes on " +
			"that many octets, a back end that goes by the coding reads chunks and takes what is left for the next request, or the other way round"},
		{event.LengthsDiffer, "Content-Length is %A: a front end that takes the first and a back end that takes the last end the body at different octets"},
		{event.LengthRepeated, "Content-Length stands more than once, as %A: one reader takes one of them, another joins them to a " +
			"list, which is no number, and sees no body"},
		{event.LengthMalformed, "Content-Length %A is no number: a front end that reads what it can of it waits for so many octets, " +
			"a back end that drops it sees no body and takes what follows for the next request"},
		{event.LengthHuge, "Content-Length %L has more than 63 bits: one reader waits for all of it, in another the number overflows to a small one"},
		{event.CodingUnknown, "the last coding of Transfer-Encoding %C is not chunked: a reader that looks for the word reads chunks, one that does " +
			"not know the coding goes by Content-Length, or sees no body"},
		{event.CodingRepeated, "chunked is applied more than once: one reader takes chunks apart once, another twice or not at all"},
		{event.CodingOddlySpelled, "Transfer-Encoding %C is oddly spelled: a reader that drops quotes and control octets reads chunks, one that " +
			"compares the value sees an unknown coding and goes by Content-Length, or sees no body"},
		{event.CodingInOldHTTP, "Transfer-Encoding stands in a message below HTTP/1.1: a reader of HTTP/1.1 reads chunks, one of HTTP/1.0 does not know the field"},
		{event.NameOddlySpelled, "the name has a blank, a control octet or _ in it: a reader that drops or changes these obeys the field, " +
			"one that compares the name does not know it"},
		{event.FramingFolded, "the value is folded: a reader that joins the lines obeys it, one that reads line by line sees an empty value and " +
			"a line without a name"},
	} {
		if f.Doubts&r.doubt == 0 {
			continue
		}
		text := strings.NewReplacer("%L", firstQuoted(f.Lengths), "%C", firstQuoted(f.Codings), "%A", quoteClipped(f.Lengths)).Replace(r.text)
		told = append(told, text)
	}
	return strings.Join(told, "; ")
}

func firstQuoted(values []string) string {
	if len(values) == 0 {
		return `""`
	}
	return quote(clip(values[0]))
}

func quoteClipped(values []string) string {
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, quote(clip(v)))
	}
	return and(quoted)
}
