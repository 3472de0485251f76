package correlate

import (
	"slices"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// What follows from what: findings that one mistake causes are one story, and only its root is told in full.

// told is a finding that was reported.
type told struct {
	name    string
	level   event.Level
	fault   event.Fault
	follows *event.Cause
	pending bool // it will be reported: of the legs of a proxy, when the other one is answered
	// expected says that nothing is known but that it will be reported, when its connection is over.
	expected bool
}

// maxTold is how many findings of a connection are remembered; those of the handshake come first.
const maxTold = 32

// remember takes note of a finding of a's connection.
func (a *attempt) remember(f *event.Finding) {
	if t := a.toldOf(f.Name); t.expected {
		*t = told{name: f.Name, level: f.Level, fault: f.Fault, follows: f.Follows}
		return
	}
	if len(a.told) < maxTold && !a.has(f.Name) {
		a.told = append(a.told, told{name: f.Name, level: f.Level, fault: f.Fault, follows: f.Follows})
	}
}

func (a *attempt) has(name string) bool {
	return slices.ContainsFunc(a.told, func(t told) bool { return t.name == name })
}

// toldOf is what is remembered of a finding, the zero value where nothing is.
func (a *attempt) toldOf(name string) *told {
	for i := range a.told {
		if a.told[i].name == name {
			return &a.told[i]
		}
	}
	return new(told)
}

// Pending says that the finding which is a cause was not reported yet, and will be: what follows from it can wait.
func (c *Correlator) Pending(cause *event.Cause) bool {
	if cause == nil {
		return false
	}
	a := c.byConn[cause.Conn]
	return a != nil && a.toldOf(cause.Name).pending
}

// root is the cause that a finding of a follows from, or that finding itself where it is a root.
func (a *attempt) root(name string) *event.Cause {
	for _, t := range a.told {
		if t.name == name && t.follows != nil {
			return t.follows
		}
	}
	return &event.Cause{Conn: a.conn, Name: name}
}

// follow finds the roots of a handshake's findings, and puts roots before what follows from them.
func (c *Correlator) follow(a *attempt, h *event.Handshake) {
	for _, f := range h.Findings {
		if b := a.leg(f.Conn); b != nil {
			b.remember(f)
		}
	}
	for _, f := range h.Findings {
		if f.Follows == nil && f.Conn == h.Conn {
			if f.Name == "handshake-refused" && a.explained != "" {
				f.Causes = slices.Concat([]string{a.explained}, f.Causes)
				check.Explained(f, h, a.explained)
			}
			if f.Follows = a.cause(f); f.Name == "handshake-refused" && f.Follows != nil && f.Follows.Name == "affinity" {
				check.Explained(f, h, "affinity")
			}
		}
	}
	for range 2 { // the second time what follows from what follows is known
		for _, f := range h.Findings {
			if f.Conn != h.Conn || f.Follows == nil {
				continue
			}
			if f.Follows.Conn == h.Conn {
				f.Follows = a.root(f.Follows.Name)
			}
			a.toldOf(f.Name).follows = f.Follows
		}
	}
	slices.SortStableFunc(h.Findings, func(f, g *event.Finding) int {
		switch {
		case f.Follows == nil && g.Follows != nil:
			return -1
		case f.Follows != nil && g.Follows == nil:
			return 1
		}
		return 0
	})
}

// leg is a, or the leg of a that a connection is; nil where it is none.
func (a *attempt) leg(conn *event.Conn) *attempt {
	for _, b := range []*attempt{a, a.downstream, a.upstream} {
		if b != nil && b.conn == conn {
			return b
		}
	}
	return nil
}

// cause finds the root of a finding among what was reported of its connection.
func (a *attempt) cause(f *event.Finding) *event.Cause {
	for _, name := range f.Causes {
		if name != f.Name && a.has(name) {
			return a.root(name)
		}
	}
	return nil
}

// Finding finds the root of a finding that came behind the handshake of its connection, and reports whether it is to be
// told.
func (c *Correlator) Finding(f *event.Finding) bool {
	if f.Conn == nil {
		return true
	}
	a := c.byConn[f.Conn]
	if a == nil {
		return true
	}
	if a.downstream != nil && f.Name == "answer-rejected" {
		return false // the client of this leg is a proxy, which only passes on what its own client does
	}
	f.Host = a.host
	if f.Follows == nil {
		f.Follows = a.cause(f)
	}
	if b := c.byConn[a.relayed]; f.Follows == nil && b != nil && f.Name == "close-missing" {
		if !b.has(f.Name) && len(b.told) < maxTold {
			b.told = append(b.told, told{name: f.Name, pending: true, expected: true})
		}
		f.Follows = b.root(f.Name) // the proxy passed that end on
	}
	a.remember(f)
	return true
}
