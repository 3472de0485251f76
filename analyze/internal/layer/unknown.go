package layer

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// UnknownFields gathers the fields of a compressed head that are not known: they refer to entries of the header table
// that were not captured.
type UnknownFields struct {
	places []string // the first few
	count  int
}

// DoubtsKept is how many caveats of its heads a stream keeps until its handshake is told: a request, an answer that
// says nothing, and the answer have two each at most.
const DoubtsKept = 6

// placesTold is how many fields are told one by one.
const placesTold = 8

// Add takes the field in a place, from 1. entry is the index of the entry in the encoder's words, 0 where it has none.
// valued says that the value was sent with the head, so that only the name is missing.
func (u *UnknownFields) Add(place int, entry uint64, valued bool) {
	if u.count++; u.count > placesTold {
		return
	}
	text := fmt.Sprintf("field %d", place)
	if entry > 0 {
		text += fmt.Sprintf(" (entry %d)", entry)
	}
	if valued {
		text += " by its name"
	}
	u.places = append(u.places, text)
}

// Of the fields that a handshake is judged by, these may stand in a request or an answer.
var (
	judgedOfRequests = [...]string{":method", ":protocol", ":scheme", ":authority", ":path", "origin", "sec-websocket-version",
		"sec-websocket-protocol", "sec-websocket-extensions"}
	judgedOfAnswers = [...]string{":status", "sec-websocket-protocol", "sec-websocket-extensions"}
)

// Caveats says what is not known of the head h of a stream, which has so many fields, and of which so many more were
// beyond the limits.
func (u *UnknownFields) Caveats(from event.Side, stream uint64, h *event.Head, fields, dropped int) (list []event.Caveat) {
	who, judged := "request", judgedOfRequests[:]
	if from == event.Server {
		who, judged = "answer", judgedOfAnswers[:]
	}
	if u.count > 0 {
		more := ""
		if u.count > placesTold {
			more = fmt.Sprintf(" and %d more", u.count-placesTold)
		}
		text := fmt.Sprintf("%d of the %d fields of the %s on stream %d are unknown, since they refer to entries of the header table that were not captured: %s%s",
			u.count, fields, who, stream, strings.Join(u.places, ", "), more)
		if missing := missingOf(h, judged); missing != nil {
			text += "; among them may be " + strings.Join(missing, ", ")
		}
		list = append(list, event.Caveat{At: h.Last, Name: "fields-unknown", Text: text})
	}
	if dropped > 0 {
		list = append(list, event.Caveat{At: h.Last, Name: "fields-limit",
			Text: fmt.Sprintf("%d more fields of the %s on stream %d are beyond the limit of a head and were left out", dropped, who, stream)})
	}
	return list
}

// missingOf lists the names of which h has no field.
func missingOf(h *event.Head, names []string) (missing []string) {
	for _, name := range names {
		if !h.Has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}
