package event

import "strings"

// Kinds is a set of kinds of events: what somebody wants, what is made, what is shown. It is the only list of them.
type Kinds uint16

// The kinds, in the order in which they are listed to people.
const (
	KindHandshake Kinds = 1 << iota
	KindFrame
	KindMessage
	KindConnection
	KindFinding
	KindCaveat
	KindSummary
	AllKinds Kinds = 1<<iota - 1
	// KindTLS asks for the connection events of all TLS connections, not of those only that carry a WebSocket. It is not
	// in AllKinds: there may be many more of them than of all other events.
	KindTLS Kinds = 1 << 15
)

// kindNames are the words for the kinds, by the order of their bits.
var kindNames = [...]string{"handshakes", "frames", "messages", "connections", "findings", "caveats", "summary"}

// KindNames lists the words for the kinds in AllKinds, in their order.
func KindNames() []string { return kindNames[:] }

// KindNamed is the kind that a word stands for, 0 where it stands for none.
func KindNamed(word string) Kinds {
	for i, name := range kindNames {
		if name == word {
			return 1 << i
		}
	}
	return 0
}

// Has reports whether any kind of other is in k.
func (k Kinds) Has(other Kinds) bool { return k&other != 0 }

// String lists the words, with commas between.
func (k Kinds) String() string {
	var list []string
	for i, name := range kindNames {
		if k.Has(1 << i) {
			list = append(list, name)
		}
	}
	return strings.Join(list, ",")
}
