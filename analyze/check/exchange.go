package check

import (
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// Exchange is one upgrade attempt with its fields read.
type Exchange struct {
	*handshake.Facts
	Policy *Policy
	// broken names the errors found in the request so far; RSP-13 speaks of them.
	broken []string
}

// Policy is what the user told us of the traffic.
type Policy struct {
	AllowOrigins []string // hosts or origins that may connect across sites (SEC-01)
}

// asked says that the whole request was captured and asks for WebSocket. Of a cut head nothing is judged: what seems to be missing may have been sent.
func (x *Exchange) asked() bool {
	return x.Attempt == handshake.WebSocketAttempt && x.Request.Cut == event.Whole
}

// answered says that a 101 to a WebSocket request, or one that can only belong to one, was captured, likewise whole.
func (x *Exchange) answered() bool {
	return x.Switched() && x.WebSocket() && x.Response.Cut == event.Whole && (x.Request == nil || x.Request.Cut == event.Whole)
}

// Handshake judges one attempt: it adds the findings that are selected to it, and a switch that breaks a MUST is no
// longer Established but Invalid.
func (s *Set) Handshake(f *handshake.Facts, policy *Policy) {
	x := Exchange{Facts: f, Policy: policy}
	h := hear(x.Conn)
	for _, h.check = range s.byStage[stageExchange] {
		before := len(h.found)
		h.check.Exchange(&x, h.report)
		if c := h.check; len(h.found) > before && c.Level == event.Error && strings.HasPrefix(c.ID, "REQ") && c.ID != "REQ-15" { // which the server cannot see
			x.broken = append(x.broken, c.Name)
		}
	}
	found := h.close()
	for _, f := range found {
		if f.Level == event.Error && x.Verdict == event.Established {
			x.Verdict = event.Invalid
		}
	}
	x.Findings = s.selected(found)
}
