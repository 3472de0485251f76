package analyze

import (
	"fmt"
	"strconv"

	"wshake/analyze/event"
)

// findingsLimit passes on the first findings of each connection and check, and counts the rest: ten million octets can
// make ten million findings of one kind, of which nobody reads more than a few.
type findingsLimit struct {
	most  int // of a connection and a check; none beyond any number where negative
	conns map[*event.Conn]*foundIn
	order []*event.Conn // of conns, as they came, some of them gone
	tell  func(*event.Caveat)
}

// foundIn counts the findings of a connection by check, in the order of their first.
type foundIn struct{ checks []foundBy }

type foundBy struct {
	name    string
	passed  int
	omitted event.Omitted
}

const (
	// defaultFindings is how many findings of a connection and a check are passed on.
	defaultFindings = 20
	// maxCounted bounds how many connections with findings are counted for at once. Those counted for longest are told of
	// first, and then begin anew.
	maxCounted = 1 << 16
)

func newFindingsLimit(most int, tell func(*event.Caveat)) *findingsLimit {
	return &findingsLimit{most: most, conns: make(map[*event.Conn]*foundIn), tell: tell}
}

// passes counts a finding, and reports whether it is one of the first.
func (l *findingsLimit) passes(f *event.Finding) bool {
	if l.most < 0 {
		return true
	}
	in := l.conns[f.Conn]
	if in == nil {
		if len(l.conns) == maxCounted {
			l.forget()
		}
		if len(l.order) >= 2*maxCounted {
			l.tidy()
		}
		in = new(foundIn)
		l.conns[f.Conn] = in
		l.order = append(l.order, f.Conn)
	}
	by := in.by(f.Name)
	if by.passed < l.most {
		by.passed++
		return true
	}
	if by.omitted.Count == 0 {
		by.omitted.First = f.At
	}
	by.omitted.Count++
	by.omitted.Last = f.At
	return false
}

func (in *foundIn) by(name string) *foundBy {
	for i := range in.checks {
		if in.checks[i].name == name {
			return &in.checks[i]
		}
	}
	in.checks = append(in.checks, foundBy{name: name})
	return &in.checks[len(in.checks)-1]
}

// over tells what was left out of a connection, which is over.
func (l *findingsLimit) over(c *event.Conn) {
	in := l.conns[c]
	if in == nil {
		return
	}
	delete(l.conns, c)
	for i := range in.checks {
		by := &in.checks[i]
		if by.omitted.Count == 0 {
			continue
		}
		by.omitted.Check = by.name
		more := "findings"
		if by.omitted.Count == 1 {
			more = "finding"
		}
		l.tell(&event.Caveat{Conn: c, At: by.omitted.Last, Name: "findings-omitted", Omitted: &by.omitted,
			Text: fmt.Sprintf("%d more %s of %s, packets %d to %d, are counted and not told (--all-findings tells them)",
				by.omitted.Count, more, strconv.Quote(by.name), by.omitted.First.Number, by.omitted.Last.Number)})
	}
}

// forget tells of the older half of the connections.
func (l *findingsLimit) forget() {
	for len(l.conns) > maxCounted/2 {
		l.over(l.order[0])
		l.order = l.order[1:]
	}
	l.tidy()
}

// tidy drops connections from the order that are gone.
func (l *findingsLimit) tidy() {
	kept := l.order[:0]
	for _, c := range l.order {
		if l.conns[c] != nil {
			kept = append(kept, c)
		}
	}
	clear(l.order[len(kept):])
	l.order = kept
}

// finish tells what is left to tell.
func (l *findingsLimit) finish() {
	for _, c := range l.order {
		l.over(c)
	}
	l.order = nil
}
