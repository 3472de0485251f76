package decode

import (
	"encoding/binary"
	"wshake/reassembly"

	"github.com/google/gopacket/layers"
)

// Where no number says what follows, it must prove itself: every length has to fit, and a checksum has to be right.

// longestTrailer is how many octets may follow an IP packet: padding to the shortest frame, a frame check
// sequence, a redundancy trailer.
const longestTrailer = 64

// provenIP says whether b is one IP packet of a protocol that may carry TCP, and little more behind it.
func (d *Decoder) provenIP(b []byte) bool {
	if len(b) < ipv4Header {
		return false
	}
	d.guessed = true
	switch b[0] >> 4 {
	case 4:
		total := uint64(binary.BigEndian.Uint16(b[2:]))
		known := carries(b[9]) || b[9] == uint8(layers.IPProtocolICMPv4)
		return known && d.soundIPv4(b) && total+longestTrailer >= d.wire(b)
	case 6:
		return d.provenIPv6(b)
	}
	return false
}

// provenIPv6 has no checksum of a header to go by: a TCP segment that was captured whole must have the right one.
func (d *Decoder) provenIPv6(b []byte) bool {
	if len(b) < ipv6Header {
		return false
	}
	next, end := b[6], ipv6Header+uint64(binary.BigEndian.Uint16(b[4:]))
	if end > d.wire(b) || end+longestTrailer < d.wire(b) || b[7] == 0 {
		return false
	}
	if next != reassembly.ProtocolTCP {
		return carries(next) || next == uint8(layers.IPProtocolIPv6Fragment)
	}
	if end > uint64(len(b)) {
		return true
	}
	segment := b[ipv6Header:end]
	sum := uint64(onesComplement(0, b[8:40])) + reassembly.ProtocolTCP + uint64(len(segment))
	return onesComplement(sum, segment) == 0xffff
}

// provenFrame says whether b is an Ethernet frame, with VLAN tags or without, around a proven IP packet.
func (d *Decoder) provenFrame(b []byte) bool {
	if len(b) < ethernetHeader {
		return false
	}
	return d.provenType(binary.BigEndian.Uint16(b[12:]), b[ethernetHeader:])
}

// provenType says whether b is the proven IP packet that an EtherType announces, behind at most two VLAN tags.
func (d *Decoder) provenType(t uint16, b []byte) bool {
	for range 3 {
		switch layers.EthernetType(t) {
		case layers.EthernetTypeIPv4:
			return len(b) > 0 && b[0]>>4 == 4 && d.provenIP(b)
		case layers.EthernetTypeIPv6:
			return len(b) > 0 && b[0]>>4 == 6 && d.provenIP(b)
		case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ:
			if len(b) < 4 {
				return false
			}
			t, b = binary.BigEndian.Uint16(b[2:]), b[4:]
		default:
			return false
		}
	}
	return false
}
