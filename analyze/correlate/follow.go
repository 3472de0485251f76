package correlate

import (
	"slices"
	"strings"

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
	at      event.At
	seen    string // of closed-with-error: the code
	pending bool   // it will be reported: of the legs of a proxy, when the other one is answered
	// expected says that nothing is known but that it will be reported, when its connection is over.
	expected bool
}

// maxTold is how many findings of a connection are remembered; those of the handshake come first.
const maxTold = 32

// remember takes note of a finding of a's connection.
func (a *attempt) remember(f *event.Finding) {
	if t := a.toldOf(f.Name); t.expected {
		*t = toldAs(f)
		return
	}
	if len(a.told) < maxTold && !a.has(f.Name) {
		a.told = append(a.told, toldAs(f))
	}
}

func toldAs(f *event.Finding) told {
	t := told{name: f.Name, level: f.Level, fault: f.Fault, follows: f.Follows, at: f.At}
	if f.Name == "closed-with-error" {
		t.seen = strings.Clone(f.Seen)
	}
	return t
}

// expect says that a finding will be reported when the connection is over, and gives its root.
func (a *attempt) expect(name string) *event.Cause {
	if !a.has(name) && len(a.told) < maxTold {
		a.told = append(a.told, told{name: name, pending: true, expected: true})
	}
	return a.root(name)
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

// Expected says that a finding that others follow from is reported at the end of its connection, if at all.
func (c *Correlator) Expected(cause *event.Cause) bool {
	a := c.byConn[cause.Conn]
	return a != nil && a.toldOf(cause.Name).expected
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
		f.Follows = b.expect(f.Name) // the proxy passed that end on
	}
	a.passedOn(f)
	a.madeByProxy(f)
	a.remember(f)
	return true
}

// passedOn has the code of a Close follow from that of the other leg, where the same side closed with it before: the
// proxy passed it on.
func (a *attempt) passedOn(f *event.Finding) {
	if f.Name != "closed-with-error" || f.Follows != nil {
		return
	}
	for _, b := range []*attempt{a.downstream, a.upstream} {
		if b == nil {
			continue
		}
		if t := b.toldOf(f.Name); t.seen == f.Seen && t.fault == f.Fault && t.at.Ordinal < f.At.Ordinal {
			f.Follows = b.root(f.Name)
			check.ClosePassedOn(f, b.conn, t.at)
			return
		}
	}
}

// madeByProxy moves the fault for frames that do not fit what a proxy made of the handshake to the proxy, which is the
// side of this leg that sent them.
func (a *attempt) madeByProxy(f *event.Finding) {
	if f.Follows == nil || f.Follows.Name != "proxy-changed-handshake" {
		return
	}
	if a.downstream != nil && f.Fault == event.ClientFault || a.upstream != nil && f.Fault == event.ServerFault {
		f.Fault = event.MiddleboxFault
	}
}
