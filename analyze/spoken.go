package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wshake/analyze/event"
	protocols "wshake/analyze/internal/spoken"
)

// spokenTotals sums up what TCP connections without WebSocket speak.
type spokenTotals struct {
	connections map[string]uint64
	silent      uint64 // that carried no octet
}

// finish puts the sums into the summary, and names what was not looked into where that may matter: where no WebSocket
// was found, or where one connection in a hundred may have been one.
func (n *spokenTotals) finish(s *summary, last event.At) {
	const share = 100
	var list []event.Spoken
	var unread, unknown uint64
	for what, connections := range n.connections {
		bare, inTLS := strings.CutSuffix(what, " in TLS")
		row := event.Spoken{What: what, Connections: connections}
		row.Unknown = what == protocols.BeforeBegan || what == protocols.HTTPPart || what == protocols.HTTP2Part || what == protocols.CutOff || what == protocols.Broken
		row.Unread = row.Unknown || inTLS || what != protocols.HTTP && what != protocols.HTTP2
		if row.Unread {
			unread += connections
		}
		if row.Unknown || bare == protocols.Unknown {
			unknown += connections
		}
		list = append(list, row)
	}
	if n.silent > 0 {
		list = append(list, event.Spoken{What: protocols.Silent, Connections: n.silent})
	}
	slices.SortFunc(list, func(a, b event.Spoken) int {
		return cmp.Or(cmp.Compare(b.Connections, a.Connections), strings.Compare(a.What, b.What))
	})
	s.total.Spoken = list
	found := s.total.WebSocket > 0
	for _, handshakes := range s.total.Handshakes {
		found = found || handshakes > 0
	}
	if unread == 0 || found && unknown*share < s.total.Connections {
		return
	}
	var kinds []string
	for _, row := range list {
		if row.Unread {
			kinds = append(kinds, fmt.Sprintf("%d %s", row.Connections, row.What))
		}
	}
	text := "1 TCP connection was"
	if unread > 1 {
		text = fmt.Sprintf("%d TCP connections were", unread)
	}
	if more := len(kinds) - rowsNamed; more > 0 {
		kinds = append(kinds[:rowsNamed], fmt.Sprintf("%d more kinds", more))
	}
	s.Caveat(&event.Caveat{At: last, Name: "not-read", Text: text + " not looked into, by what the first octets are: " + strings.Join(kinds, ", ")})
}
