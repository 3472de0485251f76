package check

import (
	"fmt"
	"strconv"
	"strings"
	"wshake/analyze/event"
)

// The version asked for: RFC 6455 §4.1, §4.4, §11.3.5; and the drafts before RFC 6455.

var checkVersionMissing = Check{
	ID: "REQ-10", Name: "version-missing", Level: event.Error, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the upgrade request has no Sec-WebSocket-Version",
	Description: "The version says which of the protocols once called WebSocket is meant; RFC 6455 is 13, and " +
		"the field is required. Servers refuse a request without it, the Node library ws and gorilla/websocket " +
		"with 400. Browsers and libraries always send it, so it is mostly missing in hand-written requests.",
	Advice:   "send Sec-WebSocket-Version: 13",
	Needs:    Asked,
	Exchange: versionMissing,
}

func versionMissing(x *Exchange, report Report) {
	if !x.Draft() && len(x.Request.Values("Sec-WebSocket-Version")) == 0 {
		report(Detail{
			At: x.Request.Last, Text: "the request has no Sec-WebSocket-Version",
			Wanted: "Sec-WebSocket-Version: 13",
		})
	}
}

var checkVersionMalformed = Check{
	ID: "REQ-10", Name: "version-malformed", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.3, §11.3.5",
	When:     "the version is repeated, is not a number from 0 to 255, or has a leading zero",
	Description: "The client sends one version, a number from 0 to 255 without leading zero, and may try again " +
		"with another if it is refused. The list form belongs to the server's answer alone. Node's HTTP joins a " +
		`field that came twice to "13, 13", which is no number any more, and the Node library ws refuses it with ` +
		"400; other servers look for 13 in the list and accept. The cause is a field set by hand beside the " +
		"library's own.",
	Advice:   "send exactly one Sec-WebSocket-Version: 13; do not set it by hand where a library writes it",
	Needs:    Asked,
	Exchange: versionMalformed,
}

func versionMalformed(x *Exchange, report Report) {
	versions := x.Request.Values("Sec-WebSocket-Version")
	switch {
	case len(versions) > 1:
		report(Detail{
			At: x.Request.Last,
			Text: fmt.Sprintf("the request has %d Sec-WebSocket-Version fields: %s",
				len(versions), quoteAll(versions)),
			Seen: strings.Join(versions, ", "), Wanted: "exactly one",
		})
	case len(versions) == 1:
		if _, ok := versionNumber(versions[0]); !ok {
			report(Detail{
				At: x.Request.Last,
				Text: fmt.Sprintf("Sec-WebSocket-Version %s is not a number from 0 to 255 without leading zero",
					quote(versions[0])),
				Seen: versions[0], Wanted: "13",
			})
		}
	}
}

// versionNumber reads the version of RFC 6455 §4.3.
func versionNumber(v string) (int, bool) {
	n, err := strconv.ParseUint(v, 10, 8)
	if err != nil || v != strconv.FormatUint(n, 10) {
		return 0, false
	}
	return int(n), true
}

var checkVersionUnsupported = Check{
	ID: "REQ-10", Name: "version-unsupported", Level: event.Warning, Fault: event.ClientFault,
	Citation: "RFC 6455 §4.1",
	When:     "the request has a version other than 13",
	Description: "13 is the version of RFC 6455 and the only one of a finished standard; the lower numbers are " +
		"its drafts. Servers answer 400 or 426 and should say in Sec-WebSocket-Version what they speak. Such " +
		"requests come from old clients and from programs that probe a server. The drafts 7 and 8 share key, " +
		"Accept and framing with 13, and the Node library ws accepts 8.",
	Advice:   "send Sec-WebSocket-Version: 13; replace a client that cannot send it",
	Needs:    Asked,
	Exchange: versionUnsupported,
}

func versionUnsupported(x *Exchange, report Report) {
	for _, v := range x.Request.Values("Sec-WebSocket-Version") {
		if n, ok := versionNumber(v); ok && n != 13 {
			report(Detail{
				At: x.Request.Last, Text: fmt.Sprintf("the request asks for WebSocket version %d", n), Seen: v,
				Wanted: "13",
			})
		}
	}
}

var checkDraftHandshake = Check{
	ID: "REQ-19", Name: "draft-handshake", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 6455 §4.4",
	When: "the request has fields or a version of a hixie or hybi draft",
	Description: "Before RFC 6455 browsers spoke its drafts: hixie-75 and hixie-76, the latter with two keys " +
		"and eight octets after the request, then the hybi drafts up to 13. Today's servers refuse them with " +
		"400 or 426, except that 7 and 8 are so close to 13 that some accept them. Such a request comes from an " +
		"abandoned library, an old device or a scanner. A proxy that does not expect the eight octets never " +
		"forwards them, and both sides wait for each other (javaee/grizzly#1013, behind HAProxy).",
	Advice:   "replace the client by one of RFC 6455, with Sec-WebSocket-Key and Sec-WebSocket-Version: 13",
	Needs:    Asked | HTTP1,
	Exchange: draftHandshake,
}

func draftHandshake(x *Exchange, report Report) {
	q := x.Request
	for _, name := range []string{"Sec-WebSocket-Key1", "Sec-WebSocket-Key2", "Sec-WebSocket-Draft", "Sec-WebSocket-Origin"} {
		if q.Has(name) {
			what := "a draft of 2010 or 2011"
			if draftKeys(q) {
				what = "the draft hixie-76 of 2010"
			}
			report(Detail{
				At: q.Last, Text: fmt.Sprintf("the request has %s, a field of %s", name, what), Seen: name,
				Wanted: "the fields of RFC 6455",
			})
			return
		}
	}
	if n, ok := versionNumber(x.Version.Value); ok && x.Version.Known && n < 13 {
		report(Detail{
			At: q.Last, Text: fmt.Sprintf("Sec-WebSocket-Version %d is a draft of RFC 6455", n),
			Seen: x.Version.Value, Wanted: "13",
		})
	} else if x.Draft() {
		report(Detail{
			At: q.Last, Text: "the handshake is the draft hixie-75 of 2010: no key, no version",
			Wanted: "the fields of RFC 6455",
		})
	}
}

// draftKeys says that the request has the two keys of hixie-76, which are followed by eight octets that belong to
// the handshake.
func draftKeys(q *event.Head) bool { return q.Has("Sec-WebSocket-Key1") || q.Has("Sec-WebSocket-Key2") }
