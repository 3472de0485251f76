package decode

import (
	"encoding/binary"
	"math/bits"

	"github.com/google/gopacket/layers"

	"wshake/capture"
)

// Link types of the LINKTYPE registry (https://www.tcpdump.org/linktypes.html). Raw IP has three numbers because some
// systems write their own DLT_RAW (12, on OpenBSD 14) into files.
const (
	linkNull     capture.LinkType = 0
	linkEthernet capture.LinkType = 1
	linkPPP      capture.LinkType = 9
	linkRawBSD   capture.LinkType = 12
	linkRawOBSD  capture.LinkType = 14
	linkPPPHDLC  capture.LinkType = 50
	linkPPPoE    capture.LinkType = 51
	linkRaw      capture.LinkType = 101
	linkCHDLC    capture.LinkType = 104
	link80211    capture.LinkType = 105
	linkLoop     capture.LinkType = 108
	linkSLL      capture.LinkType = 113
	linkRadiotap capture.LinkType = 127
	linkIPv4     capture.LinkType = 228
	linkIPv6     capture.LinkType = 229
	linkNFLOG    capture.LinkType = 239
	linkPKTAP    capture.LinkType = 258
	linkSLL2     capture.LinkType = 276
)

func (d *Decoder) link(t capture.LinkType, b []byte) Outcome {
	switch t {
	case linkEthernet:
		return d.ethernet(b)
	case linkSLL:
		return d.cooked(b, sll)
	case linkSLL2:
		return d.cooked(b, sll2)
	case linkRaw, linkRawBSD, linkRawOBSD:
		return d.ip(b)
	case linkIPv4:
		return d.ipv4(b)
	case linkIPv6:
		return d.ipv6(b)
	case linkNull, linkLoop:
		return d.loopback(b)
	case linkPPP, linkPPPHDLC:
		return d.pppFraming(b)
	case linkPPPoE:
		return d.pppoe(b)
	case linkCHDLC:
		return d.ciscoHDLC(b)
	case link80211:
		return d.wireless(b, 0)
	case linkRadiotap:
		return d.radiotap(b)
	case linkPKTAP:
		return d.pktap(b)
	case linkNFLOG:
		return d.nflog(b)
	}
	return UnknownLink
}

// cookedLayout is where the two versions of the Linux "cooked" header keep what we need.
type cookedLayout struct{ size, device, protocol int }

var (
	sll  = cookedLayout{size: 16, device: 2, protocol: 14}
	sll2 = cookedLayout{size: 20, device: 8, protocol: 0}
)

// cooked decodes LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2.
func (d *Decoder) cooked(b []byte, at cookedLayout) Outcome {
	if len(b) < at.size {
		return d.short(b, at.size)
	}
	const (
		deviceNetlink = 824
		protocolLLC   = 0x0004
	)
	if binary.BigEndian.Uint16(b[at.device:]) == deviceNetlink {
		return NotTCP
	}
	protocol := binary.BigEndian.Uint16(b[at.protocol:])
	switch {
	case protocol == protocolLLC:
		return d.llc(b[at.size:])
	case protocol < firstEtherType:
		return NotTCP // the kernel's own numbers: here this is no 802.3 length
	}
	return d.etherType(protocol, b[at.size:])
}

// loopback decodes LINKTYPE_NULL and LINKTYPE_LOOP: an address family of 4 octets, in the byte order of the capturing
// machine for the first and in network order for the second.
func (d *Decoder) loopback(b []byte) Outcome {
	if len(b) < 4 {
		return d.short(b, 4)
	}
	family := binary.LittleEndian.Uint32(b)
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case 2:
		return d.ipv4(b[4:])
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin
		return d.ipv6(b[4:])
	}
	return NotTCP
}

// ciscoHDLC decodes LINKTYPE_C_HDLC: address, control, EtherType.
func (d *Decoder) ciscoHDLC(b []byte) Outcome {
	if len(b) < 4 {
		return d.short(b, 4)
	}
	protocol := binary.BigEndian.Uint16(b[2:])
	if protocol < firstEtherType {
		return NotTCP
	}
	return d.etherType(protocol, b[4:])
}

// pktap decodes LINKTYPE_PKTAP, Darwin's header before that of another link type.
func (d *Decoder) pktap(b []byte) Outcome {
	const size = 12 // up to and with the link type
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	length := binary.LittleEndian.Uint32(b)
	if length < size || uint64(length) > d.wire(b) {
		return Malformed
	}
	if uint64(length) > uint64(len(b)) {
		return Truncated
	}
	return d.link(capture.LinkType(binary.LittleEndian.Uint32(b[8:])), b[length:])
}

// nflog decodes LINKTYPE_NFLOG: attributes (length, type, value, padded to 4 octets), one of which is the IP packet.
// Lengths and types are in the byte order of the capturing machine, here taken to be little-endian.
func (d *Decoder) nflog(b []byte) Outcome {
	const header, attribute, payload = 4, 4, 9
	if len(b) < header {
		return d.short(b, header)
	}
	if b[1] != 0 {
		return NotTCP // another version
	}
	b = b[header:]
	for {
		if d.wire(b) == 0 {
			return NotTCP
		}
		if len(b) < attribute {
			return d.short(b, attribute)
		}
		length := binary.LittleEndian.Uint16(b)
		if length < attribute {
			return Malformed
		}
		if binary.LittleEndian.Uint16(b[2:]) == payload {
			return d.ip(d.limit(b, uint32(length))[attribute:])
		}
		padded := min((uint64(length)+3)&^3, d.wire(b))
		if padded > uint64(len(b)) {
			return Truncated
		}
		b = b[padded:]
	}
}

// ip decodes an IP packet whose version only its first octet tells.
func (d *Decoder) ip(b []byte) Outcome {
	if len(b) == 0 {
		return d.short(b, 1)
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(b)
	case 6:
		return d.ipv6(b)
	}
	return Malformed
}

// firstEtherType separates EtherTypes from the lengths of IEEE 802.3 §3.2.6.
const firstEtherType = 0x0600

// EtherTypes that gopacket does not name.
const (
	etherTypeVLAN9100 = 0x9100
	etherTypeVLAN9200 = 0x9200
	etherTypeITag     = 0x88e7 // IEEE 802.1ah
	etherTypePPP      = 0x880b
)

// etherType decodes what an EtherType announces, after any stack of VLAN tags.
func (d *Decoder) etherType(t uint16, b []byte) Outcome {
	for {
		switch layers.EthernetType(t) {
		case layers.EthernetTypeIPv4:
			return d.ipv4(b)
		case layers.EthernetTypeIPv6:
			return d.ipv6(b)
		case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ, etherTypeVLAN9100, etherTypeVLAN9200:
			if len(b) < 4 {
				return d.short(b, 4)
			}
			t, b = binary.BigEndian.Uint16(b[2:]), b[4:]
			continue
		case etherTypeITag:
			if len(b) < 4 {
				return d.short(b, 4)
			}
			return d.ethernet(b[4:])
		case layers.EthernetTypeMPLSUnicast, layers.EthernetTypeMPLSMulticast:
			return d.mpls(b)
		case layers.EthernetTypePPPoESession:
			return d.pppoe(b)
		case layers.EthernetTypeTransparentEthernetBridging:
			return d.ethernet(b)
		case etherTypePPP:
			return d.ppp(b)
		}
		if t < firstEtherType {
			return d.llc(d.limit(b, uint32(t)))
		}
		return NotTCP
	}
}
