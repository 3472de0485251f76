package filter

import "wshake/capture"

// Matcher tells which packets pass a filter. It is used from one goroutine.
type Matcher struct {
	expression *node
	lowered    map[capture.LinkType]verdict
	last       capture.LinkType
	current    verdict // of last
	view       view    // of the packet at hand
}

// verdict is what a link type makes of the expression.
type verdict struct {
	predicate predicate // nil before the first packet
	err       error
}

// NewMatcher parses an expression. The error is an *Error.
func NewMatcher(expr string) (*Matcher, error) {
	n, err := parse(expr)
	if err != nil {
		return nil, err
	}
	return &Matcher{expression: n, lowered: make(map[capture.LinkType]verdict)}, nil
}

// Match reports whether p passes. It returns an error, and the same one for each such packet, if the link type is not
// supported, or has no tags and the expression asks for them.
func (m *Matcher) Match(p *capture.Packet) (bool, error) {
	if p.Link != m.last || m.current.predicate == nil {
		m.last, m.current = p.Link, m.on(p.Link)
	}
	if m.current.err != nil {
		return false, m.current.err
	}
	m.view = view{octets: p.Data, length: p.Length}
	passes := m.current.predicate.holds(&m.view) && !m.view.short
	m.view.octets = nil // borrowed
	return passes, nil
}

func (m *Matcher) on(link capture.LinkType) verdict {
	if v, ok := m.lowered[link]; ok {
		return v
	}
	f, err := m.expression.on(link, framings)
	v := verdict{predicate: constant(false), err: err}
	if err == nil {
		v.predicate = m.expression.lower(f)
	}
	m.lowered[link] = v
	return v
}
