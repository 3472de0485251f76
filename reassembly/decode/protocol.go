package decode

import (
	"fmt"
	"strconv"

	"wshake/capture"
)

// Registry says whose numbers a Protocol uses.
type Registry uint8

const (
	LinkType   Registry = iota // the LINKTYPE registry
	EtherType                  // IEEE 802 numbers
	SAP                        // service access points of IEEE 802.2 LLC
	PPP                        // PPP protocol numbers
	IPProtocol                 // IP protocol numbers
	UDPPort                    // the port of the side that looks like the service
	Wireless                   // IEEE 802.11: frames other than data, by type (0 management, 1 control, 3 extension)
	Undecoded                  // an Outcome: the packet ended before its protocol was known
	Remainder                  // everything for which the table had no row left
)

// Shape is what the octets behind a number look like, where the number alone does not say enough.
type Shape uint8

const (
	NoShape   Shape = iota
	QUIC            // RFC 9000, RFC 9369
	WireGuard       // protocol & cryptography, section 5.4
	DTLS            // RFC 9147, RFC 6347
	Protected       // encrypted by what the number names: IEEE 802.11 protected frames, MACsec with the E or C bit
)

// Protocol names what a packet carries instead of TCP that can be read.
type Protocol struct {
	Registry Registry
	Shape    Shape
	Number   uint32
}

// Numbers of protocols that this file names; those of gopacket have their names there.
const (
	protocolESP   = 50
	protocolL2TP  = 115
	pppEncrypted  = 0x0053 // RFC 1968
	pppCompressed = 0x00fd // RFC 1962; also MPPE, RFC 3078
	portIKE       = 500
	portOpenVPN   = 1194
	portNATT      = 4500 // ESP in UDP, RFC 3948
	portTailscale = 41641
	portZeroTier  = 9993
	portGREInDTLS = 4755 // RFC 8086

	portMPLSInDTLS = 6636 // RFC 7510
)

var etherTypeNames = map[uint32]string{
	0x0806: "ARP", 0x0842: "Wake-on-LAN", 0x2000: "CDP", 0x22f0: "AVTP", 0x22f3: "TRILL", 0x22f4: "IS-IS",
	0x8035: "RARP", 0x809b: "AppleTalk",
	0x8100: "VLAN tag", 0x8137: "IPX", 0x8204: "QNX", 0x8808: "Ethernet flow control",
	0x8809: "LACP and other slow protocols", 0x880b: "PPP",
	0x8847: "MPLS", 0x8848: "MPLS", 0x8863: "PPPoE discovery", 0x8864: "PPPoE", 0x886d: "Intel ANS",
	0x888e: "EAPOL", 0x8892: "PROFINET",
	0x889a: "HyperSCSI", 0x88a2: "ATA over Ethernet", 0x88a4: "EtherCAT", 0x88b8: "GOOSE",
	0x88ba: "IEC 61850 sampled values",
	0x88cc: "LLDP", 0x88e1: "HomePlug", 0x88e5: "MACsec", 0x88f5: "MVRP", 0x88f7: "PTP",
	0x88fb: "PRP supervision", 0x8902: "CFM",
	0x8906: "FCoE", 0x8909: "Cisco metadata", 0x890d: "IEEE 802.11 TDLS", 0x8914: "FCoE initialization", 0x8915: "RoCE",
	0x8926: "VN-Tag", 0x892f: "HSR", 0x893a: "IEEE 1905", 0x894f: "NSH", 0x8988: "Cisco timestamp",
	0x9000: "loopback test", 0xf1c1: "IEEE 802.1CB",
}

var sapNames = map[uint32]string{0x42: "spanning tree", 0xe0: "IPX", 0xf0: "NetBIOS", 0xfe: "IS-IS"}

var ipProtocolNames = map[uint32]string{
	0: "IPv6 hop-by-hop", 1: "ICMP", 2: "IGMP", 4: "IP in IP", 8: "EGP", 9: "IGP", 17: "UDP", 27: "RDP",
	33: "DCCP", 41: "IPv6 in IP",
	46: "RSVP", 47: "GRE", protocolESP: "IPsec ESP", 51: "IPsec AH", 58: "ICMPv6", 59: "no next header",
	88: "EIGRP", 89: "OSPF", 94: "IPIP",
	97: "EtherIP", 103: "PIM", 108: "IPComp", 112: "VRRP", protocolL2TP: "L2TPv3", 124: "IS-IS", 132: "SCTP",
	136: "UDP-Lite", 137: "MPLS in IP",
}

var udpPortNames = map[uint32]string{
	53: "DNS", 67: "DHCP", 68: "DHCP", 69: "TFTP", 88: "Kerberos", 111: "RPC", 123: "NTP", 137: "NetBIOS",
	138: "NetBIOS", 161: "SNMP",
	162: "SNMP", 319: "PTP", 320: "PTP", 389: "LDAP", 443: "HTTPS port", portIKE: "IKE", 514: "syslog",
	520: "RIP", 546: "DHCPv6", 547: "DHCPv6",
	623: "IPMI", 853: "DNS over QUIC", portOpenVPN: "OpenVPN", portL2TP: "L2TP", 1812: "RADIUS", 1813: "RADIUS",
	1900:           "SSDP",
	portGTPControl: "GTP control", portGTP: "GTP-U", 2055: "NetFlow", 3478: "STUN", 3702: "WS-Discovery",
	3784: "BFD", 4342: "LISP control",
	portLISP: "LISP", portNATT: "IPsec in UDP", portGRE: "GRE in UDP", portGREInDTLS: "GRE in DTLS", portVXLAN: "VXLAN",
	portVXLANGPE: "VXLAN-GPE", 5060: "SIP",
	5246: "CAPWAP control", portCAPWAP: "CAPWAP data", 5349: "STUN over DTLS", 5353: "mDNS", 5355: "LLMNR",
	portFOU: "", portGUE: "GUE",
	portGeneve: "Geneve", 6343: "sFlow", portMPLS: "MPLS in UDP", portMPLSInDTLS: "MPLS in DTLS", portVXLANOld: "VXLAN",
	portTZSP: "TZSP", portZeroTier: "ZeroTier",
	51820: "WireGuard port", portTailscale: "Tailscale port",
}

var undecodedNames = map[Outcome]string{
	FragmentHeld: "IP fragments without the rest", FragmentDropped: "IP fragments that could not be joined",
	Truncated: "headers cut off",
	Malformed: "malformed headers", BadChecksum: "wrong checksums", TooDeep: "too many headers",
}

var shapeNames = [...]string{QUIC: "QUIC", WireGuard: "WireGuard", DTLS: "DTLS"}

// Encrypted says whether the protocol is known to hide what it carries.
func (p Protocol) Encrypted() bool {
	switch {
	case p.Shape != NoShape:
		return true
	case p.Registry == IPProtocol:
		return p.Number == protocolESP
	case p.Registry == PPP:
		return p.Number == pppEncrypted || p.Number == pppCompressed
	case p.Registry == UDPPort:
		switch p.Number {
		case portNATT, portOpenVPN, portZeroTier, portGREInDTLS, portMPLSInDTLS:
			return true
		}
	}
	return false
}

// Harmless says whether the protocol is known, and known not to carry TCP: nothing is lost by not reading it.
func (p Protocol) Harmless() bool {
	if p.Shape != NoShape {
		return false
	}
	switch p.Registry {
	case EtherType:
		switch p.Number {
		case 0x8847, 0x8848, 0x880b, 0x8100, etherTypeMACsec, etherTypeTRILL, etherTypeNSH, etherTypeCMD, etherTypeVNTag,
			etherTypeHSR:
			return false
		}
		return etherTypeNames[p.Number] != ""
	case SAP:
		return true
	case PPP:
		return p.Number >= 0x8000
	case IPProtocol:
		switch p.Number {
		case 1, 2, 8, 9, 58, 59, 88, 89, 103, 112, 132: // ICMP, routing, multicast, SCTP
			return true
		}
	case UDPPort:
		switch p.Number {
		case 443, portOpenVPN, portNATT, portTailscale, 51820, portGTP, portLISP, portGRE, portGREInDTLS, portVXLAN,
			portVXLANGPE, portCAPWAP, portFOU, portGUE, portGeneve, portMPLS, portMPLSInDTLS, portVXLANOld, portTZSP, portL2TP, portZeroTier, 853:
			return false
		}
		return isNamed(uint16(p.Number))
	case Wireless:
		return true
	}
	return false
}

// String names the protocol for a reader: "WireGuard (UDP 51820)", "ARP (EtherType 0806)".
func (p Protocol) String() string {
	named := func(name, number string) string {
		if name == "" {
			return number
		}
		return name + " (" + number + ")"
	}
	switch p.Registry {
	case LinkType:
		return named(linkTypeNames[capture.LinkType(p.Number)], fmt.Sprintf("link type %d", p.Number))
	case EtherType:
		name := etherTypeNames[p.Number]
		if p.Shape == Protected {
			name = "encrypted " + name
		}
		return named(name, fmt.Sprintf("EtherType %04x", p.Number))
	case SAP:
		return named(sapNames[p.Number], fmt.Sprintf("LLC SAP %02x", p.Number))
	case PPP:
		name := ""
		switch {
		case p.Number >= 0x8000:
			name = "PPP control"
		case p.Encrypted():
			name = "encrypted or compressed PPP"
		}
		return named(name, fmt.Sprintf("PPP protocol %04x", p.Number))
	case IPProtocol:
		return named(ipProtocolNames[p.Number], fmt.Sprintf("IP protocol %d", p.Number))
	case UDPPort:
		name := shapeNames[min(int(p.Shape), len(shapeNames)-1)]
		if p.Shape == NoShape && isNamed(uint16(p.Number)) {
			name = udpPortNames[p.Number]
		}
		return named(name, "UDP "+strconv.FormatUint(uint64(p.Number), 10))
	case Wireless:
		switch {
		case p.Shape == Protected:
			return "encrypted IEEE 802.11 data"
		case p.Number == 0:
			return "IEEE 802.11 management"
		case p.Number == 1:
			return "IEEE 802.11 control"
		}
		return "other IEEE 802.11 frames"
	case Undecoded:
		return undecodedNames[Outcome(p.Number)]
	}
	return "other protocols"
}
