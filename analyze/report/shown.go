package report

import "wshake/analyze/event"

// NamesHop reports whether f names a hop between client and server, which explains other findings.
func NamesHop(f *event.Finding) bool { return rank(f)%2 == 1 }
