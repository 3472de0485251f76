package report

import "wshake/analyze/event"

// ShownHandshake is h as it may be shown: without secrets where they are to be hidden.
func (o *Options) ShownHandshake(h *event.Handshake) *event.Handshake { return o.handshake(h) }

// ShownFinding is f as it may be shown.
func (o *Options) ShownFinding(f *event.Finding) *event.Finding { return o.finding(f) }

// NamesHop reports whether f names a hop between client and server, which explains other findings.
func NamesHop(f *event.Finding) bool { return rank(f)%2 == 1 }
