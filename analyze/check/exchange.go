package check

import (
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http1"
)

// Exchange is one upgrade attempt with its fields read.
type Exchange struct {
	*handshake.Facts
	Policy *Policy
	// broken names the errors found in the request so far; RSP-13 speaks of them.
	broken []string
	// framed are the heads whose framing is known, request and answer.
	framed   [2]*event.Head
	framings [2]event.Framing
}

// framing is that of the request's head or of the answer's.
func (x *Exchange) framing(h *event.Head) *event.Framing {
	i := 0
	if h == x.Response {
		i = 1
	}
	if x.framed[i] != h {
		x.framed[i], x.framings[i] = h, http1.FramingOf(h)
	}
	return &x.framings[i]
}

// Policy is what the user told us of the traffic.
type Policy struct {
	AllowOrigins []string // hosts or origins that may connect across sites (SEC-01)
	Hosts        []HostPolicy
	Ignore       []Ignored
}

// Handshake judges one attempt: it adds the findings that are selected to it, and a switch that breaks a MUST is no
// longer Established, or Incomplete, but Invalid.
func (s *Set) Handshake(f *handshake.Facts, policy *Policy) {
	x := Exchange{Facts: f, Policy: policy}
	seen := seenOfExchange(f)
	l := collect(x.Conn)
	unseen := needsOf[stageExchange] &^ seen
	for _, c := range s.byStage[stageExchange] {
		if c.Needs&unseen != 0 {
			continue
		}
		before := len(l.found)
		l.check = c
		c.Exchange(&x, l.report)
		for _, found := range l.found[before:] {
			// What came too early the server cannot see; an answer's own head is no fault of the request.
			if found.Level == event.Error && found.Fault == event.ClientFault && c.ID != "REQ-15" && !contains(x.broken, c.Name) {
				x.broken = append(x.broken, c.Name)
			}
		}
	}
	found := l.close()
	x.Evidence.Legal = legalHandshake(f, seen, found)
	for _, f := range found {
		if f.Level == event.Error && (x.Verdict == event.Established || x.Verdict == event.Incomplete && x.Switched()) {
			x.Verdict = event.Invalid
		}
	}
	x.Findings = s.selected(found)
}
