package part

import (
	"cmp"
	"slices"

	"wshake/analyze/correlate"
	"wshake/analyze/event"
)

// Connections that have something in common are one group, and so are groups that have a connection in common: what is
// found across connections is found inside of groups. Paired finds pairs, Groups makes groups of them.

// Pair is two connections of one group.
type Pair [2]Node

// Paired finds pairs among the connections that have one mark. leg is given the marks of legs that are to be looked at
// next: those of attempts whose key says nothing of their other leg.
func Paired(marks []Mark, pair func(Pair), leg func(*Mark)) {
	slices.SortFunc(marks, func(a, b Mark) int {
		return cmp.Or(a.Begin.Compare(b.Begin), cmp.Compare(a.Node.Run, b.Node.Run), cmp.Compare(a.Node.Conn, b.Node.Conn),
			cmp.Compare(a.Role, b.Role))
	})
	var has [Browser + 1]bool
	for i := range marks {
		has[marks[i].Role] = true
	}
	switch {
	case has[Upstream] || has[Downstream]:
		pairLegs(marks, pair)
		return
	case has[Attempted]:
		for i := range marks {
			if marks[i].Role == Attempted {
				sendLegs(marks[:i], &marks[i], leg)
			}
		}
	case !(has[Given] && has[Asked]) && !(has[NoUpgrade] && has[Browser]):
		return
	}
	for i := range marks[1:] {
		pair(Pair{marks[0].Node, marks[i+1].Node})
	}
}

// sendLegs sends the marks of an attempt's legs. It is looked for a leg toward the client only where no earlier attempt
// with its key is that or forbids one. before are those with its key that were asked for earlier.
func sendLegs(before []Mark, m *Mark, leg func(*Mark)) {
	down := Mark{Key: m.Legs[0], Role: Downstream, Node: m.Node, Begin: m.Begin, End: m.End}
	leg(&down)
	if m.Numbered && m.Key != 0 && slices.ContainsFunc(before, func(b Mark) bool {
		return b.Role == Attempted && b.Numbered && b.Node != m.Node && b.Begin != m.Begin && b.Request.Compare(m.Request) < 0
	}) {
		return
	}
	leg(&Mark{Key: m.Legs[1], Role: Upstream, Node: m.Node, Begin: m.Begin, End: m.End})
}

// Alone sends the marks of the legs of an attempt that has no key.
func Alone(m *Mark, leg func(*Mark)) { sendLegs(nil, m, leg) }

// pairLegs pairs each attempt that may be a leg toward a server with those toward a client that wait for their answers
// when it is asked for. All of these are in one group then, so the one whose answer comes last stands for all.
func pairLegs(marks []Mark, pair func(Pair)) {
	var waiting []*Mark
	for i := range marks {
		m := &marks[i]
		if m.Role == Downstream {
			waiting = append(waiting, m)
			continue
		}
		var last *Mark
		kept := waiting[:0]
		for _, b := range waiting {
			switch {
			case b.End.Compare(m.Begin) < 0:
				continue
			case b.Node == m.Node:
				kept = append(kept, b)
				continue
			}
			pair(Pair{m.Node, b.Node})
			if last == nil || b.End.Compare(last.End) > 0 {
				last = b
			}
		}
		if last != nil {
			kept = append(kept, last)
		}
		waiting = kept
	}
}

// Groups puts connections in groups. Each takes some 50 octets.
type Groups struct{ parent map[Node]Node }

// NewGroups makes Groups without connections.
func NewGroups() *Groups { return &Groups{make(map[Node]Node)} }

func (g *Groups) root(n Node) Node {
	for {
		p, known := g.parent[n]
		if !known || p == n {
			return n
		}
		if q, known := g.parent[p]; known {
			g.parent[n] = q
		}
		n = p
	}
}

// Add puts two connections in one group.
func (g *Groups) Add(p Pair) {
	a, b := g.root(p[0]), g.root(p[1])
	if a == b {
		return
	}
	if a.Run > b.Run || a.Run == b.Run && a.Conn > b.Conn {
		a, b = b, a
	}
	g.parent[b], g.parent[a] = a, a
}

// Member is a connection and the number of its group.
type Member struct {
	Node  Node
	Group uint64
}

// Members are the connections of groups of more than one run, in order. All others are compared where their run is.
func (g *Groups) Members() []Member {
	wide := make(map[Node]bool)
	for n := range g.parent {
		if root := g.root(n); root.Run != n.Run {
			wide[root] = true
		}
	}
	var list []Member
	for n := range g.parent {
		if root := g.root(n); wide[root] {
			list = append(list, Member{n, root.Run*31 + root.Conn})
		}
	}
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Node.Run, b.Node.Run), cmp.Compare(a.Node.Conn, b.Node.Conn))
	})
	return list
}

// End is the end of a conversation without a Close, and which record of which run it is.
type End struct {
	Run   uint64
	Place Place
	First Place // of the connection's first packet
	Count uint32
	Cut   *event.Abrupt
}

// Alike says which earlier ends are like the one that a record is about: nil where there is none.
type Alike struct {
	Run       uint64
	Count     uint32 // of the record
	Idle, Age *event.Abrupt
}

// Compare finds the ends that are like others which the same hop made. Of each hop the newest 128 are compared.
func Compare(ends []End, found func(*Alike) error) error {
	slices.SortFunc(ends, func(a, b End) int {
		return cmp.Or(a.Place.Compare(b.Place), a.First.Compare(b.First), cmp.Compare(a.Run, b.Run), cmp.Compare(a.Count, b.Count))
	})
	ends = slices.CompactFunc(ends, func(a, b End) bool { return a.Run == b.Run && a.Count == b.Count })
	conns := make(map[event.Conn]*event.Conn)
	var cuts correlate.Cuts
	for i := range ends {
		e := &ends[i]
		one := conns[*e.Cut.Conn]
		if one == nil {
			one = e.Cut.Conn
			conns[*one] = one
		}
		e.Cut.Conn = one
		idle, age := cuts.Compare(e.Cut)
		if idle == nil && age == nil {
			continue
		}
		if err := found(&Alike{e.Run, e.Count, idle, age}); err != nil {
			return err
		}
	}
	return nil
}
