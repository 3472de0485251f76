package html

import "wshake/analyze/report"

// legs pairs the handshakes in front of a proxy with those behind it, as the events say. Indexes of the two, the one in
// front first.
func legs(list []*handshake) [][2]int {
	var waiting report.Legs
	pairs := [][2]int{}
	for i, h := range list {
		switch j, paired := waiting.Pair(h.leg, i); {
		case !paired:
		case h.leg.Front():
			pairs = append(pairs, [2]int{i, j})
		default:
			pairs = append(pairs, [2]int{j, i})
		}
	}
	return pairs
}
