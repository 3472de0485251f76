package decode

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/google/gopacket/layers"

	"wshake/capture"
)

// Link types of the LINKTYPE registry (https://www.tcpdump.org/linktypes.html). Raw IP has three numbers because
// some systems write their own DLT_RAW (12, on OpenBSD 14) into files, and PKTAP has two because Darwin once used
// a number for private use.
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
	linkENC      capture.LinkType = 109
	linkSLL      capture.LinkType = 113
	linkPFLOG    capture.LinkType = 117
	linkPrism    capture.LinkType = 119
	linkRadiotap capture.LinkType = 127
	linkUser2    capture.LinkType = 149
	linkAVS      capture.LinkType = 163
	linkPPPD     capture.LinkType = 166
	linkPPI      capture.LinkType = 192
	linkPPPDir   capture.LinkType = 204
	linkCHDLCDir capture.LinkType = 205
	linkIPv4     capture.LinkType = 228
	linkIPv6     capture.LinkType = 229
	linkNFLOG    capture.LinkType = 239
	linkNetANA   capture.LinkType = 240
	linkExported capture.LinkType = 252
	linkPKTAP    capture.LinkType = 258
	linkSLL2     capture.LinkType = 276
)

// linkTypeNames names the link types that a reader of messages may meet.
var linkTypeNames = map[capture.LinkType]string{
	linkNull: "BSD loopback", linkEthernet: "Ethernet", linkPPP: "PPP", linkRaw: "raw IP", linkRawBSD: "raw IP",
	linkRawOBSD: "raw IP",
	linkIPv4:    "raw IPv4", linkIPv6: "raw IPv6", linkLoop: "OpenBSD loopback", linkSLL: "Linux cooked",
	linkSLL2:  "Linux cooked v2",
	link80211: "IEEE 802.11", linkRadiotap: "IEEE 802.11 with radiotap", linkExported: "exported PDUs",
	187: "Bluetooth HCI", 189: "USB",
	195: "IEEE 802.15.4", 220: "USB", 227: "CAN", 249: "USB", 251: "Bluetooth LE", 253: "Netlink", 265: "VSOCK",
}

// LinkTypeName names a link type for a reader.
func LinkTypeName(t capture.LinkType) string {
	if name := linkTypeNames[t]; name != "" {
		return name
	}
	return fmt.Sprintf("link type %d", t)
}

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
	case linkPPPD, linkPPPDir:
		return d.direction(linkPPP, b)
	case linkCHDLCDir:
		return d.direction(linkCHDLC, b)
	case linkPPPoE:
		return d.pppoe(b)
	case linkCHDLC:
		return d.ciscoHDLC(b)
	case link80211:
		return d.wireless(b, 0)
	case linkRadiotap:
		return d.radiotap(b)
	case linkAVS:
		return d.avs(b)
	case linkPrism:
		return d.prism(b)
	case linkPPI:
		return d.ppi(b)
	case linkPKTAP:
		return d.pktap(b)
	case linkUser2:
		return d.user2(b)
	case linkENC:
		return d.enc(b)
	case linkPFLOG:
		return d.pflog(b)
	case linkNFLOG:
		return d.nflog(b)
	case linkNetANA:
		return d.netANALYZER(b)
	case linkExported:
		return d.exported(b)
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
	protocol := binary.BigEndian.Uint16(b[at.protocol:])
	if binary.BigEndian.Uint16(b[at.device:]) == deviceNetlink {
		return d.other(LinkType, 253)
	}
	switch {
	case protocol == protocolLLC:
		return d.llc(b[at.size:])
	case protocol < firstEtherType:
		return d.other(EtherType, uint32(protocol)) // the kernel's own numbers: here this is no 802.3 length
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
	return d.family(family, b[4:])
}

// family decodes what an address family of the capturing machine announces.
func (d *Decoder) family(family uint32, b []byte) Outcome {
	switch {
	case family == familyINET:
		return d.ipv4(b)
	case isFamily(family):
		return d.ipv6(b)
	}
	return d.other(LinkType, uint32(d.packet.Link))
}

const familyINET = 2

// isFamily says whether a number is AF_INET, or AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
func isFamily(family uint32) bool {
	switch family {
	case familyINET, 10, 23, 24, 28, 30:
		return true
	}
	return false
}

// ciscoHDLC decodes LINKTYPE_C_HDLC: address, control, EtherType.
func (d *Decoder) ciscoHDLC(b []byte) Outcome {
	if len(b) < 4 {
		return d.short(b, 4)
	}
	protocol := binary.BigEndian.Uint16(b[2:])
	if protocol < firstEtherType {
		return d.other(EtherType, uint32(protocol))
	}
	return d.etherType(protocol, b[4:])
}

// nflog decodes LINKTYPE_NFLOG: attributes (length, type, value, padded to 4 octets), one of which is the IP packet.
// Lengths and types are in the byte order of the capturing machine, here taken to be little-endian.
func (d *Decoder) nflog(b []byte) Outcome {
	const header, attribute, payload = 4, 4, 9
	if len(b) < header {
		return d.short(b, header)
	}
	d.other(LinkType, uint32(linkNFLOG))
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
	etherTypeTRILL    = 0x22f3
	etherTypeVLAN9100 = 0x9100
	etherTypeVLAN9200 = 0x9200
	etherTypeMACsec   = 0x88e5
	etherTypeITag     = 0x88e7 // IEEE 802.1ah
	etherTypePPP      = 0x880b
	etherTypeCMD      = 0x8909 // Cisco metadata: version, length, a security group
	etherTypeVNTag    = 0x8926 // Cisco's virtual interfaces
	etherTypeHSR      = 0x892f // IEC 62439-3 §5: path and size, sequence number
	etherTypeETag     = 0x893f // IEEE 802.1BR
	etherTypeNSH      = 0x894f
	etherTypeTTag     = 0x8988 // Cisco: a time of 48 bits
	etherTypeRTag     = 0xf1c1 // IEEE 802.1CB §7.8: reserved, sequence number
)

// etherType decodes what an EtherType announces, after any stack of tags.
func (d *Decoder) etherType(t uint16, b []byte) Outcome {
	for {
		tag := 0 // octets between one EtherType and the next
		switch layers.EthernetType(t) {
		case layers.EthernetTypeIPv4:
			return d.ipv4(b)
		case layers.EthernetTypeIPv6:
			return d.ipv6(b)
		case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ, etherTypeVLAN9100, etherTypeVLAN9200:
			tag = 2
			if len(b) >= 2 {
				d.tag(tunnelVLAN, uint32(binary.BigEndian.Uint16(b)&0x0fff))
			}
		case etherTypeVNTag, etherTypeHSR, etherTypeRTag:
			tag = 4
		case etherTypeCMD, etherTypeTTag, etherTypeETag:
			tag = 6
		case etherTypeITag:
			if len(b) < 4 {
				return d.short(b, 4)
			}
			d.tag(tunnelService, binary.BigEndian.Uint32(b)&0xffffff)
			return d.ethernet(b[4:])
		case layers.EthernetTypeMPLSUnicast, layers.EthernetTypeMPLSMulticast:
			return d.mpls(b)
		case layers.EthernetTypePPPoESession:
			return d.pppoe(b)
		case layers.EthernetTypeTransparentEthernetBridging:
			return d.ethernet(b)
		case etherTypePPP:
			return d.ppp(b)
		case etherTypeNSH:
			return d.nsh(b)
		case etherTypeTRILL:
			return d.trill(b)
		case etherTypeMACsec:
			inner, o := d.macsec(b)
			if inner == nil {
				return o
			}
			b, tag = inner, 0
		default:
			if t < firstEtherType {
				return d.llc(d.limit(b, uint32(t)))
			}
			return d.other(EtherType, uint32(t))
		}
		if len(b) < tag+2 {
			return d.short(b, tag+2)
		}
		t, b = binary.BigEndian.Uint16(b[tag:]), b[tag+2:]
	}
}
