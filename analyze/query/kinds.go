package query

import (
	"slices"
	"strings"

	"wshake/analyze/event"
)

// only are the names that only events of some kinds have, and which of these kinds is meant where none is shown. Some
// are those of the JSON output only.
var only = []struct {
	names string
	kinds event.Kinds
	meant event.Kinds
}{
	{"fin rsv1 rsv2 rsv3 masked mask header_length offset", event.KindFrame, event.KindFrame},
	{"wire_length frames compressed sha256 kind app unknown_bytes", event.KindMessage, event.KindMessage},
	{"from opcode length first_packet complete text base64 truncated unknown", event.KindFrame | event.KindMessage,
		event.KindMessage},
	{"packets duration_us ended ended_by reset_code close longest_idle_us pings ping_rtt_us sides",
		event.KindConnection, event.KindConnection},
	{"close_code code close_reason", event.KindFrame | event.KindConnection, event.KindConnection},
}

// Brings are the kinds of events that an expression asks for by a name, or a word, that no kind in shown has.
func (q *Query) Brings(shown event.Kinds) event.Kinds { return bring(q.named, shown, q.Uses) }

// Brings are the kinds of events that names ask for which no kind in shown has.
func Brings(names []string, shown event.Kinds) event.Kinds {
	return bring(0, shown, func(name string) bool { return slices.Contains(names, name) })
}

func bring(brings, shown event.Kinds, uses func(name string) bool) event.Kinds {
	for _, o := range only {
		if (shown|brings)&o.kinds != 0 {
			continue
		}
		for _, name := range strings.Fields(o.names) {
			if uses(name) {
				brings |= o.meant
			}
		}
	}
	return brings &^ shown
}

// namedBy is the kind that a word beside a name asks for, 0 where it asks for none.
func namedBy(name, word string) event.Kinds {
	switch {
	case name == "type":
		for kind, w := range kindWords {
			if w == word {
				return kind
			}
		}
	case name == "opcode" && word != event.OpText.String() && word != event.OpBinary.String():
		return event.KindFrame
	}
	return 0
}
