package filter

// primitive is a condition on a packet, free of how its link layer looks.
type primitive interface {
	// lower tells how the condition is tested behind so many tags.
	lower(f *framing, tags int) predicate
}

// families is a set of network protocols.
type families uint8

const (
	ip4 families = 1 << iota
	ip6
	arp
	rarp
)

var etherTypes = map[families]uint32{ip4: 0x0800, ip6: 0x86dd, arp: 0x0806, rarp: 0x8035}

// direction says which of a packet's two addresses or ports is meant.
type direction uint8

const (
	unsaidDirection direction = iota // as eitherDirection
	eitherDirection
	bothDirections
	source
	destination
)

// of joins the tests of the two ends.
func (d direction) of(src, dst predicate) predicate {
	switch d {
	case source:
		return src
	case destination:
		return dst
	case bothDirections:
		return allOf(src, dst)
	}
	return eitherOf(src, dst)
}

// network is a packet of one of the families.
type network struct{ families families }

func (n network) lower(f *framing, tags int) predicate { return f.network(n.families, tags) }

// carries is a packet of IP that carries a protocol.
type carries struct {
	families families
	number   uint32
}

func (c carries) lower(f *framing, tags int) predicate {
	at := f.payload(tags)
	number := func(off uint32) predicate { return field(at+off, 1, c.number) }
	var list []predicate
	if c.families&ip4 != 0 {
		list = append(list, allOf(f.network(ip4, tags), number(9)))
	}
	if c.families&ip6 != 0 {
		list = append(list, allOf(f.network(ip6, tags), eitherOf(number(6), allOf(field(at+6, 1, protoFragment), number(40)))))
	}
	return eitherOf(list...)
}

// address is a packet from or to a network, which may be a single host.
type address struct {
	families    families
	direction   direction
	value, mask []uint32 // one word of IPv4, four of IPv6
}

// ends are where the addresses of a packet stand behind its link layer. Those of ARP are of RFC 826 for Ethernet and
// IPv4.
var ends = map[families][2]uint32{ip4: {12, 16}, ip6: {8, 24}, arp: {14, 24}, rarp: {14, 24}}

func (a address) lower(f *framing, tags int) predicate {
	var list []predicate
	for _, one := range []families{ip4, arp, rarp, ip6} {
		if a.families&one != 0 {
			at := f.payload(tags)
			list = append(list, allOf(f.network(one, tags), a.direction.of(a.at(at+ends[one][0]), a.at(at+ends[one][1]))))
		}
	}
	return eitherOf(list...)
}

// at tests the address at an offset.
func (a address) at(off uint32) predicate {
	var list []predicate
	for i, mask := range a.mask {
		list = append(list, test{size: 4, off: off + 4*uint32(i), mask: mask, comparison: equal, value: a.value[i]})
	}
	return allOf(list...)
}

// port is a packet of one of the transport protocols from or to a port between low and high.
type port struct {
	protocols []uint32
	direction direction
	low, high uint32
}

func (p port) lower(f *framing, tags int) predicate {
	at := f.payload(tags)
	protocol := func(off uint32) predicate {
		var list []predicate
		for _, number := range p.protocols {
			list = append(list, field(at+off, 1, number))
		}
		return eitherOf(list...)
	}
	ends := func(t test) predicate {
		dst := t
		dst.off += 2
		return p.direction.of(p.in(t), p.in(dst))
	}
	first := negationOf(test{size: 2, off: at + 6, mask: whole, comparison: anyBit, value: 0x1fff})
	return eitherOf(
		allOf(f.network(ip6, tags), protocol(6), ends(test{size: 2, off: at + 40})),
		allOf(f.network(ip4, tags), protocol(9), first, ends(test{from: behindIPv4, header: at, size: 2, off: at})))
}

// in tests whether the field of t is between low and high.
func (p port) in(t test) predicate {
	t.mask = whole
	least, most := t, t
	t.comparison, t.value = equal, p.low
	least.comparison, least.value = atLeast, p.low
	most.comparison, most.value = atMost, p.high
	if p.low == p.high {
		return t
	}
	return allOf(least, most)
}

// tagged is a packet with a tag of IEEE 802.1Q.
type tagged struct{ id uint32 }

// anyTag stands for each id; those of tags have twelve bits.
const anyTag = 1 << 12

func (t tagged) lower(f *framing, tags int) predicate { return f.tag(t.id, tags) }

// length is a packet that was at least or at most so long on the wire.
type length struct {
	comparison comparison
	octets     uint32
}

func (l length) lower(f *framing, _ int) predicate {
	if l.octets < f.hidden {
		return constant(l.comparison == atLeast)
	}
	return test{from: wireLength, mask: whole, comparison: l.comparison, value: l.octets - f.hidden}
}
