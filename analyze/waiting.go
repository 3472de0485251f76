package analyze

import (
	"slices"

	"wshake/analyze/event"
)

// Roots are told before what follows from them. What a proxy did to a request is only told when both of its legs are
// answered; what follows from it on the leg that was answered first waits until then. Likewise the end of one leg, and
// the refusal of a gateway, wait for the end of the other leg that caused them.

// mostWaiting is how many findings wait at most. The oldest are told all the same where there are more.
const mostWaiting = 1024

// put tells a finding, or lets it wait for its root.
func (s *summary) put(f *event.Finding) {
	s.total.Findings[f.Level]++
	if n := s.named(f.Conn); n != nil {
		n.findings = addOnce(n.findings, f.Name)
	}
	if passes := s.limit.passes(f); !passes || !s.wants(event.KindFinding) {
		return
	}
	if !s.correlate.Pending(f.Follows) {
		s.to.Finding(f)
		return
	}
	if len(s.waiting) == mostWaiting {
		s.to.Finding(s.waiting[0])
		s.waiting = slices.Delete(s.waiting, 0, 1)
	}
	s.waiting = append(s.waiting, f)
}

// rootsTold tells what waited for a root that was told, or that never will be.
func (s *summary) rootsTold() {
	s.release(func(f *event.Finding) bool { return !s.correlate.Pending(f.Follows) })
}

// ended tells what waits for the end of a connection that is over. Where that has no such finding, there is no root.
func (s *summary) ended(c *event.Conn) {
	s.release(func(f *event.Finding) bool {
		expected := s.correlate.Expected(f.Follows)
		if f.Follows.Conn != c || f.Name != "close-missing" && !expected {
			return false
		}
		if expected || s.correlate.Pending(f.Follows) {
			f.Follows = nil
		}
		return true
	})
}

// release tells those that wait of which is says so.
func (s *summary) release(is func(*event.Finding) bool) {
	if len(s.waiting) == 0 {
		return
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(f *event.Finding) bool {
		over := is(f)
		if over {
			s.to.Finding(f)
		}
		return over
	})
}
