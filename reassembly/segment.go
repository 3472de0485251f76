package reassembly

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Key names the two ends of a connection, the same for both directions.
type Key struct {
	// Addr and Port hold the two endpoints, the smaller (address, then port) first. IPv4 addresses are in the
	// IPv4-mapped form.
	Addr [2][16]byte
	Port [2]uint16
	// Protocol is the number of the IP protocol, ProtocolTCP for a Table.
	Protocol uint8
	// Tunnel tells apart connections inside different tunnels and VLANs: a hash of the outer addresses, without regard to
	// their order, and of the networks' identifiers. 0 outside any tunnel and VLAN.
	Tunnel uint64
}

// Numbers in the registry of IP protocols.
const (
	ProtocolTCP = 6
	ProtocolUDP = 17
)

// TCP header flags (RFC 9293 §3.1).
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG

	// Flags is all of them.
	Flags = FIN | SYN | RST | PSH | ACK | URG
)

// Segment is one captured TCP segment, or a UDP datagram that is read: Key names the protocol. A datagram has no flags,
// window and numbers.
type Segment struct {
	Key Key
	// From is the index in Key of the sender.
	From  uint8
	Flags uint8
	// Window is the window field, not scaled (RFC 9293 §3.1).
	Window uint16
	Seq    uint32
	Ack    uint32 // valid with the ACK flag
	// Service is the index in Key of the end that is taken for the server, of a datagram.
	Service uint8
	// Guessed says that nothing shows the datagram to be of QUIC: it may be of a connection whose beginning was not captured.
	Guessed bool
	// Long says that a datagram begins with a long header of QUIC. Its octets may be in the cache of another processor.
	Long bool
	// Payload holds the captured octets of the segment, borrowed as the packet's data is.
	Payload []byte
	// Cut counts the payload octets that were on the wire behind Payload but not captured (snap length).
	Cut uint32
	// Wire is the length of the whole packet on the wire.
	Wire uint32
	// Raw is the TCP segment as captured, header included, borrowed like Payload; nil if it is not available.
	Raw []byte
	// At has Ordinal, Number, Time and File; Acked is filled in by the table.
	At At
}

// Set names a connection by its two ends, in the order of Key, and returns the index of the sender. Tunnel stays
// as it is.
func (k *Key) Set(protocol uint8, src, dst *[16]byte, srcPort, dstPort uint16) (from uint8) {
	k.Protocol = protocol
	a, b := binary.BigEndian.Uint64(src[:]), binary.BigEndian.Uint64(dst[:])
	if a == b {
		a, b = binary.BigEndian.Uint64(src[8:]), binary.BigEndian.Uint64(dst[8:])
	}
	if a > b || a == b && srcPort > dstPort {
		k.Addr[0], k.Addr[1], k.Port = *dst, *src, [2]uint16{dstPort, srcPort}
		return 1
	}
	k.Addr[0], k.Addr[1], k.Port = *src, *dst, [2]uint16{srcPort, dstPort}
	return 0
}

// sameEnds reports whether k and o differ in Tunnel at most.
func (k *Key) sameEnds(o *Key) bool {
	return k.Port == o.Port && k.Protocol == o.Protocol && k.Addr == o.Addr
}

// Endpoint gives address and port of the i-th end, IPv4 unmapped.
func (k *Key) Endpoint(i uint8) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(k.Addr[i]).Unmap(), k.Port[i])
}

// Hash spreads keys evenly. Keys with equal ends have equal hashes, also in different tunnels, in every run and
// on every machine: the two directions of a connection that were captured in different tunnels belong to the same
// partition.
func (k *Key) Hash() uint64 { return k.hash(0) }

// HashEnd spreads one end of keys evenly, whatever the other is: in every run and on every machine.
func (k *Key) HashEnd(i uint8) uint64 {
	a := &k.Addr[i&1]
	h := fold(uint64(k.Protocol^ProtocolTCP)<<32^uint64(k.Port[i&1]), 0)
	return fold(h^binary.LittleEndian.Uint64(a[:8]), binary.LittleEndian.Uint64(a[8:]))
}

// hash is Hash for seed 0, and unrelated to it for any other.
func (k *Key) hash(seed uint64) uint64 {
	h := fold(seed^uint64(k.Protocol^ProtocolTCP)<<32^uint64(k.Port[0])<<16^uint64(k.Port[1]), seed)
	for i := range k.Addr {
		a := &k.Addr[i]
		h = fold(h^binary.LittleEndian.Uint64(a[:8]), seed^binary.LittleEndian.Uint64(a[8:]))
	}
	return h
}

// fold multiplies its arguments, each with some bits turned round, and adds the halves of the product without
// carry: one step of wyhash, which costs a third of MurmurHash3's finalizer for twice as many bits.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return high ^ low
}
