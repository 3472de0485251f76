package filter

import (
	"golang.org/x/net/bpf"

	"wshake/capture"
)

// Keep is what programs return for a packet that passes, in octets: more than a packet has.
const Keep = 262144

// Compile gives the program for packets of a link type, as they stand in a file: it returns Keep for those that pass,
// else 0. It is validated and has at most 4096 instructions. An empty expression passes all packets.
//
// The error is an *Error if the expression is at fault.
func Compile(expr string, link capture.LinkType) ([]bpf.RawInstruction, error) {
	n, err := parse(expr)
	if err != nil {
		return nil, err
	}
	f, err := n.on(link, framings)
	if err != nil {
		return nil, err
	}
	return program(n.lower(f), Keep)
}

// Socket is what Kernel compiles for.
type Socket struct {
	// Link is LINKTYPE_ETHERNET (1) for a socket of type SOCK_RAW on an interface that has such frames, or
	// LINKTYPE_LINUX_SLL2 (276) for one of type SOCK_DGRAM on any interface.
	Link capture.LinkType
	// Keep is how many octets to keep of a packet that passes, from where the filter sees it.
	Keep uint32
	// Loopback is the index of an interface whose outgoing packets do not pass, because each comes in again; 0 if there
	// is none.
	Loopback uint32
}

// Kernel gives the program for a packet socket of Linux (packet(7)). There the kernel has taken the outer tag of IEEE
// 802.1Q off the frame: as with tcpdump, vlan then looks at that tag, and what stands before vlan in the expression
// sees the packet without it.
func Kernel(expr string, s Socket) ([]bpf.RawInstruction, error) {
	n, err := parse(expr)
	if err != nil {
		return nil, err
	}
	f, err := n.on(s.Link, inKernel)
	if err != nil {
		return nil, err
	}
	p := n.lower(f)
	if n.hasTag() {
		stripped := *f
		stripped.stripped = true
		tag := test{from: metaTagPresent, mask: whole, comparison: equal, value: 1}
		p = eitherOf(allOf(tag, n.lower(&stripped)), allOf(negationOf(tag), p))
	}
	if s.Loopback != 0 {
		again := allOf(
			test{from: metaInterface, mask: whole, comparison: equal, value: s.Loopback},
			test{from: metaType, mask: whole, comparison: equal, value: outgoing})
		p = allOf(negationOf(again), p)
	}
	return program(p, s.Keep)
}

// outgoing is PACKET_OUTGOING of packet(7).
const outgoing = 4
