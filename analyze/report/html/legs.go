package html

import "wshake/analyze/event"

// otherLeg is what an event says of the other connection that carries the same attempt.
type otherLeg struct {
	conn connID
	role event.LegRole
}

// legs pairs the handshakes in front of a proxy with those behind it, as the events say. A connection may carry
// several attempts: of them the one whose request is nearest in time is taken. Indexes of the two, the one in front
// first.
func legs(list []*handshake) [][2]int {
	byConn := make(map[connID][]int)
	for i, h := range list {
		byConn[h.id] = append(byConn[h.id], i)
	}
	pairs, paired := [][2]int{}, make(map[int]bool)
	for i, h := range list {
		if h.other == nil || h.other.role == event.CopyLeg || paired[i] {
			continue
		}
		best := -1
		for _, j := range byConn[h.other.conn] {
			if i != j && !paired[j] && (best < 0 || distance(h, list[j]) < distance(h, list[best])) {
				best = j
			}
		}
		if best < 0 {
			continue // it is not listed
		}
		paired[i], paired[best] = true, true
		if h.other.role == event.UpstreamLeg {
			pairs = append(pairs, [2]int{i, best})
		} else {
			pairs = append(pairs, [2]int{best, i})
		}
	}
	return pairs
}

// distance is the time between two handshakes, ns.
func distance(a, b *handshake) int64 { return max(a.Time-b.Time, b.Time-a.Time) }
