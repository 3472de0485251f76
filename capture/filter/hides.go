package filter

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"wshake/capture"
)

// Hides says in one sentence how a filter hides what a handshake consists of: all TCP, one direction of a connection,
// or packets of some lengths. It returns "" if it does not, or if expr is refused.
//
// It finds out by trying: connections between the addresses and ports that the expression names, those next to them,
// and others are shown to it in both directions. Of an expression with more than a few dozen values only some are
// tried, so that "" is no proof.
func Hides(expr string) string {
	n, err := parse(expr)
	if err != nil || n == nil {
		return ""
	}
	f, _ := n.on(linkEthernet, framings) // has tags
	b := hiding{passes: n.lower(f), named: mentioned{ports: []uint32{50123}, octets: []uint32{shortest, 600, 1514}, ids: []uint32{1}}}
	b.named.collect(n)
	return b.describe()
}

const linkEthernet capture.LinkType = 1

// shortest is the length of a segment without options and data in an Ethernet frame that was captured where it is
// sent.
const shortest = 54

// mentioned is what an expression names.
type mentioned struct {
	addresses [2][]netip.Addr // IPv4, IPv6
	ports     []uint32
	octets    []uint32 // lengths of packets
	ids       []uint32 // of tags
	tags      int      // primitives vlan
}

func (s *mentioned) collect(n *node) {
	if n == nil {
		return
	}
	s.collect(n.left)
	s.collect(n.right)
	switch p := n.primitive.(type) {
	case address:
		var first, last []byte
		for i, v := range p.value {
			first = binary.BigEndian.AppendUint32(first, v)
			last = binary.BigEndian.AppendUint32(last, v|^p.mask[i])
		}
		for _, octets := range [][]byte{first, last} {
			a, _ := netip.AddrFromSlice(octets)
			s.addresses[len(p.value)/4] = append(s.addresses[len(p.value)/4], a)
		}
	case port:
		s.ports = append(s.ports, p.low, p.high, (p.low-1)&0xffff, (p.high+1)&0xffff)
	case length:
		for _, n := range []uint32{p.octets - 1, p.octets, p.octets + 1} {
			if n >= shortest {
				s.octets = append(s.octets, n)
			}
		}
	case tagged:
		s.tags++
		if p.id != anyTag {
			s.ids = append(s.ids, p.id)
		}
	}
}

// maxValues is how many values of a kind are tried, maxTries how many pairs of them.
const (
	maxValues = 24
	maxTries  = 200_000
)

// distinct gives the first of the different values of a list.
func distinct[T comparable](list []T) (different []T) {
	for _, v := range list {
		if len(different) < maxValues && !slices.Contains(different, v) {
			different = append(different, v)
		}
	}
	return different
}

// otherAddresses are addresses for documentation (RFC 5737, RFC 3849, RFC 9637), which an expression hardly names.
var otherAddresses = [2][]netip.Addr{
	{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.2")},
	{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("3fff::2")},
}

type hiding struct {
	passes predicate
	named  mentioned

	tried int  // pairs of verdicts
	any   bool // TCP passes at all
	parts bool // of a connection only some lengths pass
}

func (b *hiding) describe() string {
	b.named.octets, b.named.ids = distinct(b.named.octets), distinct(b.named.ids)
	for version := range otherAddresses {
		ends := b.ends(version)
		for _, from := range ends {
			for _, to := range ends {
				if from.Addr() != to.Addr() && b.oneWay(from, to) {
					return fmt.Sprintf("the filter hides one direction: packets from %s to %s pass, the answers to them do not", from, to)
				}
			}
		}
	}
	switch {
	case !b.any:
		return "the filter hides all handshakes: no TCP passes"
	case b.parts:
		return "the filter hides packets by their length, and the parts of handshakes that are in them"
	}
	return ""
}

func (b *hiding) ends(version int) (list []netip.AddrPort) {
	for _, a := range distinct(slices.Concat(otherAddresses[version], b.named.addresses[version])) {
		for _, p := range distinct(b.named.ports) {
			list = append(list, netip.AddrPortFrom(a, uint16(p)))
		}
	}
	return list
}

// oneWay shows a connection to the filter and reports whether only what goes there passes.
func (b *hiding) oneWay(from, to netip.AddrPort) bool {
	lengths := uint32(1)<<len(b.named.octets) - 1
	for tags := range b.named.tags + 1 {
		for _, id := range b.named.ids {
			if b.tried == maxTries {
				return false
			}
			b.tried++
			there := b.passing(from, to, tags, id)
			if there == 0 {
				continue
			}
			if b.passing(to, from, tags, id) == 0 {
				return true
			}
			b.any = true
			b.parts = b.parts || there != lengths
		}
	}
	return false
}

// passing tells which lengths of packets pass, a bit each.
func (b *hiding) passing(from, to netip.AddrPort, tags int, id uint32) (set uint32) {
	v := view{octets: segment(from, to, tags, id)}
	for i, n := range b.named.octets {
		v.length, v.short = n, false
		if b.passes.holds(&v) && !v.short {
			set |= 1 << i
		}
	}
	return set
}

// segment is the headers of a TCP segment in an Ethernet frame, as far as filters look at them.
func segment(from, to netip.AddrPort, tags int, id uint32) []byte {
	f := make([]byte, 12, 14+4*tags+40+20)
	for range tags {
		f = binary.BigEndian.AppendUint16(f, 0x8100)
		f = binary.BigEndian.AppendUint16(f, uint16(id))
	}
	if from.Addr().Is4() {
		f = binary.BigEndian.AppendUint16(f, 0x0800)
		f = append(f, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, protoTCP, 0, 0)
	} else {
		f = binary.BigEndian.AppendUint16(f, 0x86dd)
		f = append(f, 0x60, 0, 0, 0, 0, 20, protoTCP, 64)
	}
	f = append(f, from.Addr().AsSlice()...)
	f = append(f, to.Addr().AsSlice()...)
	f = binary.BigEndian.AppendUint16(f, from.Port())
	f = binary.BigEndian.AppendUint16(f, to.Port())
	return f[:len(f)+16]
}
