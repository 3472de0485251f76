package filter

import "encoding/binary"

// predicate is a condition on the octets of a packet. It can be evaluated, or emitted as instructions.
type predicate interface {
	// holds evaluates it. What it returns means nothing once v.short is set.
	holds(v *view) bool
	// emit adds instructions that go on at the label yes or no, and returns the label where they begin.
	emit(e *emitter, yes, no label) label
}

// view is a packet under evaluation.
type view struct {
	octets []byte
	length uint32 // on the wire
	short  bool   // an octet was looked at that was not captured
}

// constant is a condition that is the same for all packets of a link type.
type constant bool

func (c constant) holds(*view) bool { return bool(c) }

// all holds if each of its members does, either if one of them does. Later members are not looked at when it is
// decided.
type (
	all    []predicate
	either []predicate
)

func (a all) holds(v *view) bool {
	for _, p := range a {
		if !p.holds(v) || v.short {
			return false
		}
	}
	return true
}

func (e either) holds(v *view) bool {
	for _, p := range e {
		if p.holds(v) || v.short {
			return true
		}
	}
	return false
}

type negation struct{ predicate }

func (n negation) holds(v *view) bool { return !n.predicate.holds(v) }

func allOf(list ...predicate) predicate {
	var rest all
	for _, p := range list {
		if p == constant(false) {
			return p
		}
		if p != constant(true) {
			rest = append(rest, p)
		}
	}
	switch len(rest) {
	case 0:
		return constant(true)
	case 1:
		return rest[0]
	}
	return rest
}

func eitherOf(list ...predicate) predicate {
	var rest either
	for _, p := range list {
		if p == constant(true) {
			return p
		}
		if p != constant(false) {
			rest = append(rest, p)
		}
	}
	switch len(rest) {
	case 0:
		return constant(false)
	case 1:
		return rest[0]
	}
	return rest
}

func negationOf(p predicate) predicate {
	if c, ok := p.(constant); ok {
		return !c
	}
	return negation{p}
}

// test compares one number of the packet.
type test struct {
	from       origin
	size       uint8  // of the number, in octets: 1, 2 or 4
	off        uint32 // from the start of what was captured, and behindIPv4 from there
	header     uint32 // with behindIPv4: where the header of IPv4 is
	mask       uint32
	comparison comparison
	value      uint32
}

// origin is where the number of a test is.
type origin uint8

const (
	captured   origin = iota // at off
	behindIPv4               // at off and the length of the IPv4 header at header
	wireLength               // the length of the packet
	// What follows the kernel knows besides the octets; it is not there to be evaluated.
	metaProtocol   // EtherType of the packet without its tag
	metaTagPresent // 1 if the kernel has taken off a tag
	metaTag        // that tag
	metaInterface  // index of the interface
	metaType       // sll_pkttype of packet(7)
)

const whole = 0xffffffff

type comparison uint8

const (
	equal comparison = iota
	atLeast
	atMost
	anyBit // a bit of value is set
)

// field tests that the number at off is value.
func field(off uint32, size uint8, value uint32) predicate {
	return test{size: size, off: off, mask: whole, comparison: equal, value: value}
}

func (t test) holds(v *view) bool {
	n := t.load(v) & t.mask
	switch t.comparison {
	case atLeast:
		return n >= t.value
	case atMost:
		return n <= t.value
	case anyBit:
		return n&t.value != 0
	}
	return n == t.value
}

func (t test) load(v *view) uint32 {
	switch t.from {
	case captured:
		return v.number(t.off, t.size)
	case behindIPv4:
		header := 4 * (v.number(t.header, 1) & 0xf)
		return v.number(t.off+header, t.size)
	case wireLength:
		return v.length
	}
	return 0
}

func (v *view) number(off uint32, size uint8) uint32 {
	if uint64(off)+uint64(size) > uint64(len(v.octets)) {
		v.short = true
		return 0
	}
	b := v.octets[off:]
	switch size {
	case 1:
		return uint32(b[0])
	case 2:
		return uint32(binary.BigEndian.Uint16(b))
	}
	return binary.BigEndian.Uint32(b)
}

// lower turns an expression into a predicate.
func (n *node) lower(f *framing) predicate {
	switch {
	case n == nil:
		return constant(true)
	case n.operator == not:
		return negationOf(n.left.lower(f))
	case n.operator == and:
		return allOf(n.left.lower(f), n.right.lower(f))
	case n.operator == or:
		return eitherOf(n.left.lower(f), n.right.lower(f))
	}
	return n.primitive.lower(f, n.tags)
}
