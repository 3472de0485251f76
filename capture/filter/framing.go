package filter

import (
	"fmt"

	"wshake/capture"
)

// framing is how a link layer tells what it carries.
type framing struct {
	name string
	// outer tests for a family where no tag is before the network layer.
	outer func(family families) predicate
	// ether tests the outer EtherType; nil where no tags are possible.
	ether func(value uint32) predicate
	start uint32 // offset of the network layer without tags
	// hidden are the octets of a packet's length that the filter is not shown.
	hidden uint32
	// stripped says that the kernel has taken the first tag off the packet.
	stripped bool
}

// payload is where the network layer begins behind so many tags.
func (f *framing) payload(tags int) uint32 { return f.start + 4*uint32(f.inside(tags)) }

// inside is how many of so many tags are among the octets.
func (f *framing) inside(tags int) int {
	if f.stripped && tags > 0 {
		return tags - 1
	}
	return tags
}

func (f *framing) network(set families, tags int) predicate {
	var list []predicate
	for _, one := range []families{ip4, ip6, arp, rarp} {
		if set&one == 0 {
			continue
		}
		if f.inside(tags) == 0 {
			list = append(list, f.outer(one))
		} else {
			list = append(list, f.etherType(etherTypes[one], f.inside(tags)))
		}
	}
	return eitherOf(list...)
}

// etherType tests the one behind so many tags among the octets.
func (f *framing) etherType(value uint32, inside int) predicate {
	if inside == 0 {
		return f.ether(value)
	}
	return field(f.start+4*uint32(inside)-2, 2, value)
}

// tag tests for a tag with the id, behind so many others.
func (f *framing) tag(id uint32, tags int) predicate {
	if f.ether == nil {
		return constant(false) // refused before
	}
	present := predicate(constant(true))
	number := test{from: metaTag, mask: 0xfff, comparison: equal, value: id}
	if !f.stripped || tags > 0 {
		var list []predicate
		for _, protocol := range []uint32{0x8100, 0x88a8, 0x9100} {
			list = append(list, f.etherType(protocol, f.inside(tags)))
		}
		present = eitherOf(list...)
		number = test{size: 2, off: f.payload(tags), mask: 0xfff, comparison: equal, value: id}
	}
	if id == anyTag {
		return present
	}
	return allOf(present, number)
}

// ethernetLike is a framing with an EtherType at an offset.
func ethernetLike(name string, at, start uint32) *framing {
	ether := func(value uint32) predicate { return field(at, 2, value) }
	return &framing{name: name, ether: ether, start: start, outer: func(one families) predicate { return ether(etherTypes[one]) }}
}

// rawIP is a framing without a link layer.
func rawIP(name string, can families) *framing {
	return &framing{name: name, outer: func(one families) predicate {
		switch {
		case can&one == 0:
			return constant(false)
		case can == one:
			return constant(true)
		}
		version := uint32(0x40)
		if one == ip6 {
			version = 0x60
		}
		return test{size: 1, mask: 0xf0, comparison: equal, value: version}
	}}
}

// loopback is a framing that begins with an address family of the system that wrote it.
func loopback(name string, orders ...func(uint32) uint32) *framing {
	return &framing{name: name, start: 4, outer: func(one families) predicate {
		var list []predicate
		for _, number := range addressFamilies[one] {
			for _, order := range orders {
				list = append(list, field(0, 4, order(number)))
			}
		}
		return eitherOf(list...)
	}}
}

// addressFamilies are those of all systems: IPv6 has 10 on Linux, 23 on Windows, 24 on OpenBSD and NetBSD, 28 on
// FreeBSD, 30 on macOS.
var addressFamilies = map[families][]uint32{ip4: {2}, ip6: {10, 23, 24, 28, 30}}

func bigEndian(n uint32) uint32    { return n }
func littleEndian(n uint32) uint32 { return n << 24 } // of a number below 256

// framings by link type (https://www.tcpdump.org/linktypes.html).
var framings = map[capture.LinkType]*framing{
	0:   loopback("BSD loopback", littleEndian, bigEndian),
	1:   ethernetLike("Ethernet", 12, 14),
	12:  rawIP("raw IP", ip4|ip6),
	14:  rawIP("raw IP", ip4|ip6),
	101: rawIP("raw IP", ip4|ip6),
	104: ethernetLike("Cisco HDLC", 2, 4),
	108: loopback("OpenBSD loopback", bigEndian),
	113: ethernetLike("Linux cooked", 14, 16),
	228: rawIP("raw IPv4", ip4),
	229: rawIP("raw IPv6", ip6),
	276: ethernetLike("Linux cooked v2", 0, 20),
}

// inKernel are the framings of what a packet socket of Linux shows to its filter: with SOCK_RAW on Ethernet the frame,
// with SOCK_DGRAM the network layer, for which the cooked link type stands.
var inKernel = map[capture.LinkType]*framing{
	1:   framings[1],
	276: cooked(),
}

func cooked() *framing {
	ether := func(value uint32) predicate {
		return test{from: metaProtocol, mask: whole, comparison: equal, value: value}
	}
	return &framing{name: "cooked", ether: ether, hidden: framings[276].start, outer: func(one families) predicate { return ether(etherTypes[one]) }}
}

// on finds the framing of a link type.
func (n *node) on(link capture.LinkType, table map[capture.LinkType]*framing) (*framing, error) {
	f := table[link]
	if f == nil {
		return nil, fmt.Errorf("filter: packets of link type %d cannot be filtered", link)
	}
	if f.ether == nil && n.hasTag() {
		return nil, &Error{Word: "vlan", Reason: f.name + " has no tags"}
	}
	return f, nil
}

func (n *node) hasTag() bool {
	if n == nil {
		return false
	}
	_, ok := n.primitive.(tagged)
	return ok || n.left.hasTag() || n.right.hasTag()
}
