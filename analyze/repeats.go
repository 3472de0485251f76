package analyze

import (
	"fmt"
	"strconv"

	"wshake/analyze/event"
	"wshake/analyze/internal/merge"
)

// repeats passes on the first findings of each connection and check, and the first caveats of each connection and name,
// and counts the rest: ten million octets can make ten million findings of one kind, of which nobody reads more than a
// few.
type repeats struct {
	most  int // of a connection and a check or caveat; none beyond any number where negative
	conns map[*event.Conn]*repeated
	order []*event.Conn // of conns, as they came, some of them gone
	tell  func(*event.Caveat)
}

// repeated counts the findings and caveats of a connection by name, in the order of their first.
type repeated struct{ kinds []repeatedKind }

type repeatedKind struct {
	name    string
	caveat  bool // else findings
	passed  int
	octets  uint64         // of caveats that are left out
	omitted *event.Omitted // nil while nothing is left out
}

const (
	// defaultFindings is how many findings of a connection and a check are passed on.
	defaultFindings = 20
	// maxCounted bounds how many connections with findings are counted for at once. Those counted for longest are told of
	// first, and then begin anew.
	maxCounted = 1 << 16
)

func newRepeats(most int, tell func(*event.Caveat)) *repeats {
	return &repeats{most: most, conns: make(map[*event.Conn]*repeated), tell: tell}
}

// passes counts a finding, and reports whether it is one of the first.
func (l *repeats) passes(f *event.Finding) bool {
	return l.most < 0 || l.of(f.Conn).by(f.Name, false).count(l.most, 1, f.At, f.At)
}

// passesCaveat counts a caveat, and reports whether it is one of the first. Those of the whole run all are.
func (l *repeats) passesCaveat(c *event.Caveat) bool {
	if l.most < 0 || c.Conn == nil || c.Omitted != nil {
		return true
	}
	by := l.of(c.Conn).by(c.Name, true)
	if by.count(l.most, 1, c.At, c.At) {
		return true
	}
	by.octets += c.Bytes.Value
	return false
}

// more counts findings or caveats that are not among the first.
func (l *repeats) more(m *merge.More) {
	by := l.of(m.Conn).by(m.Name, m.Caveat)
	by.passed = l.most
	by.count(l.most, m.Count, m.First, m.Last)
	by.octets += m.Octets
}

// of gives the counts of a connection.
func (l *repeats) of(c *event.Conn) *repeated {
	in := l.conns[c]
	if in != nil {
		return in
	}
	if len(l.conns) == maxCounted {
		l.forget()
	}
	if len(l.order) >= 2*maxCounted {
		l.tidy()
	}
	in = new(repeated)
	l.conns[c] = in
	l.order = append(l.order, c)
	return in
}

func (in *repeated) by(name string, caveat bool) *repeatedKind {
	for i := range in.kinds {
		if in.kinds[i].name == name && in.kinds[i].caveat == caveat {
			return &in.kinds[i]
		}
	}
	in.kinds = append(in.kinds, repeatedKind{name: name, caveat: caveat})
	return &in.kinds[len(in.kinds)-1]
}

// count counts n more from one packet to another, and reports whether they are among the first.
func (by *repeatedKind) count(most int, n uint64, first, last event.At) bool {
	if by.passed < most {
		by.passed++
		return true
	}
	if by.omitted == nil {
		by.omitted = &event.Omitted{Check: by.name, First: first}
	}
	by.omitted.Count += n
	by.omitted.Last = last
	return false
}

// over tells what was left out of a connection, which is over.
func (l *repeats) over(c *event.Conn) {
	in := l.conns[c]
	if in == nil {
		return
	}
	delete(l.conns, c)
	for i := range in.kinds {
		by := &in.kinds[i]
		if by.omitted == nil {
			continue
		}
		name, noun := "findings-omitted", "finding"
		e := &event.Caveat{Conn: c, At: by.omitted.Last, Omitted: by.omitted}
		if by.caveat {
			name, noun = "caveats-omitted", "caveat"
			if by.octets > 0 {
				e.Bytes = event.Some(by.octets)
			}
		}
		if by.omitted.Count > 1 {
			noun += "s"
		}
		e.Name = name
		e.Text = fmt.Sprintf("%d more %s of %s, packets %d to %d, are counted and not told (--all-findings tells them)",
			by.omitted.Count, noun, strconv.Quote(by.name), by.omitted.First.Number, by.omitted.Last.Number)
		l.tell(e)
	}
}

// forget tells of the older half of the connections.
func (l *repeats) forget() {
	for len(l.conns) > maxCounted/2 {
		l.over(l.order[0])
		l.order = l.order[1:]
	}
	l.tidy()
}

// tidy drops connections from the order that are gone.
func (l *repeats) tidy() {
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
func (l *repeats) finish() {
	for _, c := range l.order {
		l.over(c)
	}
	l.order = nil
}
