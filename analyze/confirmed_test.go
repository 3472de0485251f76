package analyze

import (
	"slices"
	"strings"
	"testing"

	"wshake/reassembly"
)

// Behind octets that the capture and the other side lack, nothing is found fault with: the other side never took it. If
// it took it, the fault is found.
func TestNothingIsFoundBehindWhatThePeerLacks(t *testing.T) {
	whole := script(t, upgrade,
		"-- client frames --\ntext \"first\"", "-- server frames --\ntext \"yes\"",
		"-- client frames --\nbinary "+strings.Repeat("ab", 2500), "-- server frames --\ntext \"yes\"",
		"-- client frames --\ntext unmasked \"bare\"", "-- server frames --\ntext \"yes\"",
		"-- client frames --\ncontinuation \"stray\"", "-- server frames --\ntext \"yes\"")
	if names := whole.analyse(t).names(); !slices.Contains(names, "client-frame-unmasked") || !slices.Contains(names, "continuation-unexpected") {
		t.Fatal(names)
	}
	hole := uint32(0) // the sequence number of the second segment of the binary message
	for _, s := range whole.segments() {
		if strings.HasPrefix(string(s.Payload), "\x82\xfe") {
			hole = s.Seq + uint32(len(s.Payload))
		}
	}
	for _, acknowledged := range []bool{false, true} {
		left := whole.rewritten(func(s *reassembly.Segment) bool {
			if s.Key.Port[s.From] == 80 && int32(s.Ack-hole) > 0 && !acknowledged {
				s.Ack = hole
			}
			return !(s.Key.Port[s.From] != 80 && s.Seq == hole && len(s.Payload) > 0)
		})
		r := left.analyse(t)
		found := len(r.findings) > 0
		if found != acknowledged {
			t.Errorf("acknowledged %v: %v", acknowledged, r.names())
		}
		if !slices.ContainsFunc(sorted(outcomes(r)), func(s string) bool { return s == "caveat gap" }) {
			t.Errorf("acknowledged %v: %s", acknowledged, outcome(r))
		}
	}
}

func outcomes(r *recorder) (names []string) {
	for _, c := range r.caveats {
		names = append(names, "caveat "+c.Name)
	}
	return names
}
