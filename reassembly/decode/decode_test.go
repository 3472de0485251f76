package decode

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"wshake/capture"
	"wshake/reassembly"
)

// The two directions of every conversation here.
const opener, acceptor = reassembly.Opener, reassembly.Acceptor

// One conversation, of which every packet in these tests carries a segment: 10.1.0.1:40000 (or fd00::1) asks
// 10.1.0.2:80 (fd00::2). Tunnels run between 192.0.2.1 and 192.0.2.2 (2001:db8::1 and ::2).
var said = [2]string{"GET /chat HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"}

// segmentIn is an IP packet of the given version with the segment that dir says.
func segmentIn(version int, dir reassembly.Dir) []byte {
	ports := [2]layers.TCPPort{40000, 80}
	tcp := &layers.TCP{
		SrcPort: ports[dir], DstPort: ports[dir.Other()], Seq: 1000, Ack: 2000, ACK: true, PSH: true, Window: 512,
		Options: []layers.TCPOption{
			{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop},
			{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: make([]byte, 8)},
		},
	}
	payload := gopacket.Payload(said[dir])
	if version == 4 {
		ip := ipv4Layer(dir, "10.1.0.1", "10.1.0.2", layers.IPProtocolTCP)
		tcp.SetNetworkLayerForChecksum(ip)
		return serialize(ip, tcp, payload)
	}
	ip := ipv6Layer(dir, "fd00::1", "fd00::2", layers.IPProtocolTCP)
	tcp.SetNetworkLayerForChecksum(ip)
	return serialize(ip, tcp, payload)
}

func ipv4Layer(dir reassembly.Dir, client, server string, protocol layers.IPProtocol) *layers.IPv4 {
	ends := [2]netip.Addr{netip.MustParseAddr(client), netip.MustParseAddr(server)}
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: ends[dir].AsSlice(), DstIP: ends[dir.Other()].AsSlice()}
}

func ipv6Layer(dir reassembly.Dir, client, server string, next layers.IPProtocol) *layers.IPv6 {
	ends := [2]netip.Addr{netip.MustParseAddr(client), netip.MustParseAddr(server)}
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, SrcIP: ends[dir].AsSlice(), DstIP: ends[dir.Other()].AsSlice()}
}

func serialize(parts ...gopacket.SerializableLayer) []byte {
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, parts...); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// outer4 and outer6 are the outside of a tunnel.
func outer4(dir reassembly.Dir, protocol layers.IPProtocol, inside ...[]byte) []byte {
	return serialize(ipv4Layer(dir, "192.0.2.1", "192.0.2.2", protocol), gopacket.Payload(join(inside...)))
}

func outer6(dir reassembly.Dir, next layers.IPProtocol, inside ...[]byte) []byte {
	return serialize(ipv6Layer(dir, "2001:db8::1", "2001:db8::2", next), gopacket.Payload(join(inside...)))
}

// udpTo has the same destination port in both directions, as tunnels do.
func udpTo(dir reassembly.Dir, port layers.UDPPort, inside ...[]byte) []byte {
	udp := &layers.UDP{SrcPort: 55555, DstPort: port}
	ip := ipv4Layer(dir, "192.0.2.1", "192.0.2.2", layers.IPProtocolUDP)
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(ip, udp, gopacket.Payload(join(inside...)))
}

// ether is an Ethernet frame without padding; the octets after the addresses are given in hexadecimal.
func ether(dir reassembly.Dir, typeAndTags string, inside ...[]byte) []byte {
	addresses := [2]string{"02000000000a 02000000000b", "02000000000b 02000000000a"}
	return join(x(addresses[dir]), x(typeAndTags), join(inside...))
}

// x reads hexadecimal digits, spaces ignored.
func x(digits string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// be16 is a length field.
func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }

func packet(link capture.LinkType, data []byte) *capture.Packet {
	return &capture.Packet{Data: data, Length: uint32(len(data)), Link: link, Time: 1e18, Ordinal: 7, Number: 3, File: 1}
}

// wantSegment is what every wrapping of segmentIn decodes to, but for Key.Tunnel.
func wantSegment(p *capture.Packet, version int, dir reassembly.Dir) reassembly.Segment {
	ends := map[int][2]string{4: {"10.1.0.1", "10.1.0.2"}, 6: {"fd00::1", "fd00::2"}}[version]
	return reassembly.Segment{
		Key: reassembly.Key{
			Addr: [2][16]byte{netip.MustParseAddr(ends[0]).As16(), netip.MustParseAddr(ends[1]).As16()},
			Port: [2]uint16{40000, 80}, Protocol: reassembly.ProtocolTCP,
		},
		From: uint8(dir), Flags: reassembly.ACK | reassembly.PSH, Seq: 1000, Ack: 2000,
		Payload: []byte(said[dir]), Wire: p.Length, Window: 512,
		Raw: segmentIn(version, dir)[map[int]int{4: 20, 6: 40}[version]:],
		At:  reassembly.At{Ordinal: 7, Number: 3, Time: 1e18, Acked: -1, File: 1},
	}
}

// wrapping is one way for the segment to travel.
type wrapping struct {
	name    string
	link    capture.LinkType
	version int  // of the innermost IP packet
	tunnel  bool // whether Key.Tunnel tells it apart
	proven  bool // what is inside is found by its own lengths and checksums
	data    func(dir reassembly.Dir) []byte
}

// tagged says whether there is a tag that names a network in a header given in hexadecimal.
func tagged(header string) bool { return networkTag.MatchString(header) }

var networkTag = regexp.MustCompile(`(8100|88a8|9100|9200) 0*[1-9a-f]|88e7 0*[1-9a-f]`)

func wrappings() []wrapping {
	var all []wrapping
	add := func(name string, link capture.LinkType, version int, tunnel bool, data func(reassembly.Dir) []byte) {
		all = append(all, wrapping{name: name, link: link, version: version, tunnel: tunnel, data: data})
	}
	// plain adds a link, for IPv4 and IPv6, that is no more than octets before the IP packet.
	plain := func(name string, link capture.LinkType, before4, before6 string) {
		if before4 != "-" {
			add(name+"/ipv4", link, 4, tagged(before4), func(dir reassembly.Dir) []byte { return join(x(before4), segmentIn(4, dir)) })
		}
		if before6 != "-" {
			add(name+"/ipv6", link, 6, tagged(before6), func(dir reassembly.Dir) []byte { return join(x(before6), segmentIn(6, dir)) })
		}
	}
	const macs = "02000000000a 02000000000b"
	plain("ethernet", linkEthernet, macs+"0800", macs+"86dd")
	plain("802.1Q", linkEthernet, macs+"8100 0064 0800", macs+"8100 0064 86dd")
	plain("priority tag", linkEthernet, macs+"8100 0000 0800", macs+"8100 0000 86dd")
	plain("802.1ad", linkEthernet, macs+"88a8 0064 8100 0065 0800", macs+"88a8 0064 8100 0065 86dd")
	plain("QinQ 9100", linkEthernet, macs+"9100 0064 8100 0065 0800", macs+"9100 0064 8100 0065 86dd")
	plain("QinQ 9200", linkEthernet,
		macs+"9200 0064 9200 0065 8100 0066 0800",
		macs+"9200 0064 9200 0065 8100 0066 86dd")
	plain("802.1ah", linkEthernet,
		macs+"88a8 0001 88e7 00000123"+macs+"0800",
		macs+"88e7 00000123"+macs+"8100 0001 86dd")
	plain("sll", linkSLL, "0000 0001 0006 02000000000a0000 0800", "0000 0001 0006 02000000000a0000 86dd")
	plain("sll vlan", linkSLL,
		"0000 0001 0006 02000000000a0000 8100 0005 0800",
		"0000 0001 0006 02000000000a0000 8100 0005 86dd")
	plain("sll2", linkSLL2,
		"0800 0000 00000002 0001 00 06 02000000000a0000",
		"86dd 0000 00000002 0001 00 06 02000000000a0000")
	plain("raw 12", linkRawBSD, "", "")
	plain("raw 14", linkRawOBSD, "", "")
	plain("raw 101", linkRaw, "", "")
	plain("ipv4", linkIPv4, "", "-")
	plain("ipv6", linkIPv6, "-", "")
	plain("null little-endian", linkNull, "02000000", "1e000000")
	plain("null big-endian", linkNull, "00000002", "0000001c")
	plain("null linux", linkNull, "02000000", "0a000000")
	plain("loop", linkLoop, "00000002", "00000018")
	plain("ppp", linkPPP, "0021", "0057")
	plain("ppp framed", linkPPP, "ff03 0021", "ff03 0057")
	plain("ppp compressed", linkPPP, "ff03 21", "ff03 57")
	plain("ppp hdlc", linkPPPHDLC, "ff03 0021", "ff03 0057")
	plain("ppp hdlc cisco", linkPPPHDLC, "0f00 0800", "8f00 86dd")
	plain("ppp mpls", linkPPP, "ff03 0281 00064140", "ff03 0281 00064140")
	plain("cisco hdlc", linkCHDLC, "0f00 0800", "8f00 86dd")
	plain("mpls", linkEthernet, macs+"8847 00064140", macs+"8847 00064140")
	plain("mpls 3 labels", linkEthernet,
		macs+"8100 0002 8848 00064040 00065040 00066140",
		macs+"8848 00064040 00065040 00066140")
	const snap = "aaaa03 000000 "
	const three = "3000 020000000001 020000000002 020000000003 1000 " // duration, addresses, sequence
	plain("802.11 to access point", link80211, "0801 "+three+snap+"0800", "0801 "+three+snap+"86dd")
	plain("802.11 qos", link80211, "8802 "+three+"0000"+snap+"0800", "8802 "+three+"0500"+snap+"86dd")
	plain("802.11 qos, ht control", link80211,
		"8882 "+three+"0000 00000000"+snap+"0800",
		"8882 "+three+"0500 01020304"+snap+"86dd")
	plain("802.11 4 addresses", link80211,
		"0803 "+three+"020000000004"+snap+"0800",
		"8803 "+three+"020000000004 0000"+snap+"86dd")
	plain("radiotap", linkRadiotap, "0000 0800 00000000 0801 "+three+snap+"0800",
		"0000 0900 02000000 00 0801 "+three+snap+"86dd")
	plain("radiotap time, padded header", linkRadiotap,
		"0000 1100 03000000 0102030405060708 20 8801 "+three+"0000 0000"+snap+"0800",
		"0000 1900 030000a0 00000020 00000000 0102030405060708 20 8801 "+three+"0000 0000"+snap+"86dd"[:4])
	plain("pktap", linkPKTAP,
		"14000000 01000000 01000000 0000000000000000"+macs+"0800",
		"14000000 01000000 0c000000 0000000000000000")
	plain("cisco metadata", linkEthernet, macs+"8909 0101 0001 0010 0800", macs+"8909 0101 0001 0010 8100 0001 86dd")
	plain("vn-tag", linkEthernet, macs+"8926 80000005 0800", macs+"8926 00050000 8100 0001 86dd")
	plain("ttag", linkEthernet, macs+"8988 000102030405 0800", macs+"8988 000102030405 86dd")
	plain("e-tag", linkEthernet, macs+"893f 000000050000 0800", macs+"893f 000000050000 8100 0001 86dd")
	plain("hsr", linkEthernet, macs+"892f 0034 0007 0800", macs+"8100 0001 892f 1034 0007 86dd")
	plain("r-tag", linkEthernet, macs+"f1c1 0000 0007 0800", macs+"8100 0001 f1c1 0000 0007 86dd")
	plain("macsec without encryption", linkEthernet, macs+"88e5 0000 00000001 0800", macs+"88e5 0300 00000001 86dd")
	plain("macsec with identifier", linkEthernet,
		macs+"88e5 2000 00000001 020000000001 0001 8100 0005 0800",
		macs+"88e5 2100 00000001 020000000001 0001 86dd")
	plain("trill", linkEthernet, macs+"22f3 0003 0001 0002"+macs+"8100 0001 0800", macs+"22f3 0043 0001 0002 00000000"+macs+"86dd")
	plain("nsh", linkEthernet, macs+"894f 0fc2 0201 000001ff", macs+"894f 0fc2 0202 000001ff")
	plain("nsh with context, ethernet", linkEthernet,
		macs+"894f 0fc6 0103 000001ff 00000001 00000002 00000003 00000004"+macs+"0800",
		macs+"894f 0fc6 0103 000001ff 00000001 00000002 00000003 00000004"+macs+"86dd")
	plain("nsh in nsh, mpls", linkEthernet,
		macs+"894f 0fc2 0204 000001ff 0fc2 0205 000001ff 00064140",
		macs+"894f 0fc2 0204 000001ff 0fc2 0205 000001ff 00064140")
	plain("ppi", linkPPI, "0000 0800 01000000"+macs+"0800", "0000 1000 69000000 0000000000000000 0801 "+three+snap+"86dd")
	darwin := "6c000000 01000000 01000000" + strings.Repeat("00", 96)
	plain("pktap under another number", linkUser2, darwin+macs+"0800", darwin+macs+"86dd")
	plain("enc", linkENC, "02000000 00001234 00000002", "18000000 00001234 00000002")
	plain("enc big-endian", linkENC, "00000002 00001234 00000002", "00000018 00001234 00000002")
	plain("pflog", linkPFLOG, "3d02"+strings.Repeat("00", 62), "3d18"+strings.Repeat("00", 62))
	plain("avs", linkAVS, "80211001 00000040"+strings.Repeat("00", 56)+"0801 "+three+snap+"0800",
		"80211001 00000040"+strings.Repeat("00", 56)+"8801 "+three+"0000"+snap+"86dd")
	plain("prism", linkPrism, "44000000 90000000"+strings.Repeat("00", 136)+"0801 "+three+snap+"0800",
		"80211001 00000040"+strings.Repeat("00", 56)+"0801 "+three+snap+"86dd")
	plain("pppd", linkPPPD, "0003 0021", "0103 0057")
	plain("ppp with direction", linkPPPDir, "00 0021", "01 ff03 0057")
	plain("cisco hdlc with direction", linkCHDLCDir, "00 0f00 0800", "01 0f00 86dd")
	plain("netanalyzer", linkNetANA, "00000000"+macs+"0800", "00000000"+macs+"86dd")
	plain("exported ip", linkExported, "000c 0004 69700000 0000 0000", "000c 0004 69707636 0000 0000")
	plain("exported ethernet", linkExported, "000c 0010 6574685f776974686f757466637300 00 0000 0000"+macs+"0800",
		"0014 0004 0a000001 000c 0004 65746800 0000 0000"+macs+"86dd")
	for _, version := range []int{4, 6} {
		etherType := map[int]string{4: "0800", 6: "86dd"}[version]
		family := "/ipv" + string('0'+rune(version))
		ppp := map[int]string{4: "0021", 6: "0057"}[version]
		add("802.3 snap"+family, linkEthernet, version, false, func(dir reassembly.Dir) []byte {
			b := join(x("aaaa03 000000"+etherType), segmentIn(version, dir))
			return ether(dir, "", be16(len(b)), b)
		})
		if version == 4 {
			add("802.3 ip sap", linkEthernet, 4, false, func(dir reassembly.Dir) []byte {
				b := join(x("060603"), segmentIn(4, dir))
				return ether(dir, "", be16(len(b)), b)
			})
		}
		add("vlan, 802.3 snap 0000f8"+family, linkEthernet, version, true, func(dir reassembly.Dir) []byte {
			b := join(x("aaaa03 0000f8"+etherType), segmentIn(version, dir))
			return ether(dir, "8100 0003", be16(len(b)), b)
		})
		add("sll llc"+family, linkSLL, version, false, func(dir reassembly.Dir) []byte {
			return join(x("0000 0001 0006 02000000000a0000 0004 aaaa03 000000"+etherType), segmentIn(version, dir))
		})
		add("pppoe"+family, linkEthernet, version, true, func(dir reassembly.Dir) []byte {
			b := join(x(ppp), segmentIn(version, dir))
			return ether(dir, "88a8 0001 8100 0002 8864 1100 0f07", be16(len(b)), b)
		})
		add("pppoe link"+family, linkPPPoE, version, false, func(dir reassembly.Dir) []byte {
			b := join(x(ppp), segmentIn(version, dir))
			return join(x("1100 0f07"), be16(len(b)), b)
		})
		add("nflog"+family, linkNFLOG, version, false, func(dir reassembly.Dir) []byte {
			b := segmentIn(version, dir)
			return join(x("02 00 0000  0800 0100 08000300  0500 0a00 41 000000"), le16(4+len(b)), x("0900"), b)
		})
		add("pseudowire"+family, linkEthernet, version, false, func(dir reassembly.Dir) []byte {
			return ether(dir, "8847 00064140 021122334455 021122334456"+etherType, segmentIn(version, dir))
		})
		add("pseudowire with control word"+family, linkEthernet, version, false, func(dir reassembly.Dir) []byte {
			return ether(dir, "8847 00064140 00000001", ether(dir, etherType, segmentIn(version, dir)))
		})
		add("pseudowire, address like IPv4"+family, linkEthernet, version, true, func(dir reassembly.Dir) []byte {
			return ether(dir, "8847 00064140 4500003c0001 4510abcdef00 8100 0007"+etherType, segmentIn(version, dir))
		})
		add("pseudowire, address like IPv6"+family, linkEthernet, version, false, func(dir reassembly.Dir) []byte {
			return ether(dir, "8847 00064140 600000000010 06aabbccddee"+etherType, segmentIn(version, dir))
		})

		inner := func(dir reassembly.Dir) []byte { return segmentIn(version, dir) }
		frame := func(dir reassembly.Dir) []byte { return ether(dir, "8100 0009"+etherType, inner(dir)) }
		tunnel := func(name string, ip func(reassembly.Dir) []byte) {
			add(name+family, linkRaw, version, true, ip)
		}
		protocol := map[int]layers.IPProtocol{4: layers.IPProtocolIPv4, 6: layers.IPProtocolIPv6}[version]
		tunnel("ip in ipv4", func(dir reassembly.Dir) []byte { return outer4(dir, protocol, inner(dir)) })
		tunnel("ip in ipv6", func(dir reassembly.Dir) []byte { return outer6(dir, protocol, inner(dir)) })
		tunnel("etherip", func(dir reassembly.Dir) []byte { return outer4(dir, layers.IPProtocolEtherIP, x("3000"), frame(dir)) })
		tunnel("mpls in ip", func(dir reassembly.Dir) []byte {
			return outer6(dir, layers.IPProtocolMPLSInIP, x("00064140"), inner(dir))
		})
		gre := func(name, header string, inside func(reassembly.Dir) []byte) {
			tunnel("gre "+name, func(dir reassembly.Dir) []byte { return outer4(dir, layers.IPProtocolGRE, x(header), inside(dir)) })
		}
		gre("plain", "0000"+etherType, inner)
		gre("checksum, key, sequence", "b000"+etherType+"00000000 00000007 00000001", inner)
		gre("gretap", "0000 6558", frame)
		gre("nvgre", "2000 6558 00012301", frame)
		gre("pptp", "3081 880b 0100 0007 00000001 00000002 ff03"+ppp, inner)
		gre("pptp no ack", "3001 880b 0100 0007 00000001"+ppp, inner)
		gre("mpls", "0000 8847 00064140", inner)
		gre("erspan I", "0000 88be", frame)
		gre("erspan II", "1000 88be 00000001 1064 0001 00000000", frame)
		gre("erspan III", "1000 22eb 00000001 2064 0001 00000000 0000 0000", frame)
		gre("erspan III with subheader", "1000 22eb 00000001 2064 0001 00000000 0000 0001 1020304050607080", frame)
		udp := func(name string, port layers.UDPPort, header string, inside func(reassembly.Dir) []byte) {
			tunnel(name, func(dir reassembly.Dir) []byte { return udpTo(dir, port, x(header), inside(dir)) })
		}
		udp("vxlan", 4789, "08000000 00012300", frame)
		udp("vxlan group policy", 4789, "88000005 00012300", frame)
		udp("vxlan 8472", 8472, "08000000 00012300", frame)
		udp("vxlan-gpe", 4790, map[int]string{4: "0c000001 00012300", 6: "0c000002 00012300"}[version], inner)
		udp("vxlan-gpe ethernet", 4790, "0c000003 00012300", frame)
		udp("vxlan-gpe mpls", 4790, "0c000005 00012300 00064140", inner)
		udp("vxlan-gpe unspecified", 4790, "08000000 00012300", frame)
		udp("geneve", 6081, "0000 6558 00012300", frame)
		udp("geneve with options", 6081, "0240"+etherType+"00012300 0102030405060708", inner)
		udp("vxlan in gre", 4789, "08000000 00012300 "+macs+"0800", func(dir reassembly.Dir) []byte {
			return outer4(dir, layers.IPProtocolGRE, x("0000"+etherType), inner(dir))
		})
		gtp := func(name, flags, optional string) {
			tunnel(name, func(dir reassembly.Dir) []byte {
				b := join(x(optional), inner(dir))
				return udpTo(dir, 2152, x(flags+"ff"), be16(len(b)), x([2]string{"00000001", "7fffffff"}[dir]), b)
			})
		}
		udp("vxlan-gpe nsh", 4790, map[int]string{4: "0c000004 00012300 0fc2 0201 000001ff", 6: "0c000004 00012300 0fc2 0202 000001ff"}[version], inner)
		udp("tzsp", 37008, "01000001 01", frame)
		udp("tzsp with tags", 37008, "01000001 00 0a01c4 00 2906000000000001 01", frame)
		udp("tzsp 802.11", 37008, "01000012 0a01c4 01 0801 "+three+snap+etherType, inner)
		udp("tzsp avs", 37008, "0101007f 01 80211001 00000040"+strings.Repeat("00", 56)+"0801 "+three+snap+etherType, inner)
		udp("capwap 802.3", 5247, "00 100200 00000000", frame)
		udp("capwap 802.3, the only fragment", 5247, "00 1002c0 00090000", frame)
		udp("capwap 802.11", 5247, "00 100300 00000000 8801 "+three+"0000"+snap+etherType, inner)
		udp("capwap 802.11, octets swapped", 5247, "00 100300 00000000 0188 "+three+"0000"+snap+etherType, inner)
		udp("capwap with radio", 5247, "00 200310 00000000 06 020000000001 00 0801 "+three+snap+etherType, inner)
		udp("l2tp", 1701, "0002 0001 0002 ff03 "+ppp, inner)
		udp("l2tp sequence, offset", 1701, "0a02 0001 0002 0005 0000 0002 aabb "+ppp, inner)
		tunnel("l2tp length", func(dir reassembly.Dir) []byte {
			b := inner(dir)
			return udpTo(dir, 1701, x("4002"), be16(12+len(b)), x("0001 0002 ff03 "+ppp), b)
		})
		udp("lisp", 4341, "c0000001 00000001", inner)
		udp("lisp instance", 4341, "08000000 00000500", inner)
		udp("gre in udp", 4754, "0000"+etherType, inner)
		udp("gre in udp, key, frame", 4754, "2000 6558 00000101", frame)
		udp("mpls in udp", 6635, "00064140", inner)
		tunnel("eoip", func(dir reassembly.Dir) []byte {
			b := frame(dir)
			return outer4(dir, layers.IPProtocolGRE, x("2001 6400"), be16(len(b)), x("0700"), b)
		})
		tunnel("gre nsh", func(dir reassembly.Dir) []byte {
			return outer4(dir, layers.IPProtocolGRE, x("0000 894f 0fc2 0203 000001ff"), frame(dir))
		})
		proven := func(name string, ip func(reassembly.Dir) []byte) {
			tunnel(name, ip)
			all[len(all)-1].proven = true
		}
		number := map[int]string{4: "04", 6: "29"}[version]
		provenUDP := func(name string, port layers.UDPPort, header string, inside func(reassembly.Dir) []byte) {
			proven(name, func(dir reassembly.Dir) []byte { return udpTo(dir, port, x(header), inside(dir)) })
		}
		provenUDP("vxlan on another port", 14789, "08000000 00012300", frame)
		provenUDP("geneve on another port", 16081, "0000 6558 00012300", frame)
		provenUDP("geneve on another port, options, ip", 16081, "0240"+etherType+"00012300 0102030405060708", inner)
		provenUDP("fou", 5555, "", inner)
		provenUDP("fou on another port", 7777, "", inner)
		provenUDP("fou gre", 5555, "0000"+etherType, inner)
		provenUDP("gue", 6080, "00"+number+"0000", inner)
		provenUDP("gue with a field", 6080, "01"+number+"0000 00000001", inner)
		provenUDP("gue gre", 6080, "002f0000 2000 6558 00000001", frame)
		provenUDP("gue version 1", 6080, "", inner)
		provenUDP("l2tpv3 in udp", 1701, "0003 0000 00000001", frame)
		provenUDP("l2tpv3 in udp, cookie", 1701, "0003 0000 00000001 0102030405060708", frame)
		proven("l2tpv3", func(dir reassembly.Dir) []byte { return outer4(dir, protocolL2TP, x("00000001"), frame(dir)) })
		proven("l2tpv3 cookie, sublayer", func(dir reassembly.Dir) []byte {
			return outer4(dir, protocolL2TP, x("00000001 01020304 40000001"), frame(dir))
		})
		proven("l2tpv3 ppp", func(dir reassembly.Dir) []byte {
			return outer6(dir, protocolL2TP, x("00000001 ff03"+ppp), inner(dir))
		})
		gtp("gtp", "30", "")
		gtp("gtp sequence", "32", "0001 00 00")
		gtp("gtp extensions", "34", "0000 00 85 01 1001 c0 02 010203040506 00")
	}
	return all
}

func TestWrappings(t *testing.T) {
	for _, w := range wrappings() {
		t.Run(w.name, func(t *testing.T) {
			d := NewDecoder(Config{CheckChecksums: true})
			var tunnel [2]uint64
			for dir := opener; dir <= acceptor; dir++ {
				p := packet(w.link, w.data(dir))
				var got reassembly.Segment
				if o := d.Decode(p, &got); o != TCP {
					t.Fatalf("direction %d: %v\n%x", dir, o, p.Data)
				}
				tunnel[dir] = got.Key.Tunnel
				want := wantSegment(p, w.version, dir)
				want.Key.Tunnel = got.Key.Tunnel
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("direction %d (-want +got):\n%s", dir, diff)
				}
			}
			if tunnel[0] != tunnel[1] || tunnel[0] != 0 != w.tunnel {
				t.Errorf("tunnel %x in one direction, %x in the other; want one: %v", tunnel[0], tunnel[1], w.tunnel)
			}
		})
	}
}

// What follows the IP packet (Ethernet padding, a frame check sequence) is never payload.
func TestWrappingsPadded(t *testing.T) {
	for _, w := range wrappings() {
		d := NewDecoder(Config{CheckChecksums: true})
		p := packet(w.link, append(w.data(opener), "padding and trailer"...))
		var s reassembly.Segment
		if o := d.Decode(p, &s); o != TCP || string(s.Payload) != said[opener] || s.Cut != 0 {
			t.Errorf("%s: %v, payload %q, cut %d", w.name, o, s.Payload, s.Cut)
		}
	}
}

// However short the snap length, the payload is what was captured of it and Cut is the rest.
func TestWrappingsCut(t *testing.T) {
	for _, w := range wrappings() {
		d := NewDecoder(Config{})
		whole := packet(w.link, w.data(opener))
		for n := range whole.Data {
			p := *whole
			p.Data = p.Data[:n:n]
			var s reassembly.Segment
			switch o := d.Decode(&p, &s); o {
			case TCP:
				if !strings.HasPrefix(said[opener], string(s.Payload)) || len(s.Payload)+int(s.Cut) != len(said[opener]) || s.Seq != 1000 {
					t.Errorf("%s cut at %d: payload %q, cut %d", w.name, n, s.Payload, s.Cut)
				}
				captured := max(0, n-(len(whole.Data)-len(said[opener])))
				if len(s.Payload) != captured {
					t.Errorf("%s cut at %d: payload of %d octets, want %d", w.name, n, len(s.Payload), captured)
				}
			case Truncated:
				if left := len(whole.Data) - n; left <= len(said[opener])+12 {
					t.Errorf("%s cut at %d: %v, but the fixed TCP header is there", w.name, n, o)
				}
			case NotTCP:
				// What an MPLS label stack carries can only be guessed from enough of it.
				if !strings.Contains(w.name, "pseudowire") && !w.proven {
					t.Errorf("%s cut at %d: %v", w.name, n, o)
				}
			case UnknownLink:
				if w.link != linkUser2 || n >= 12 {
					t.Errorf("%s cut at %d: %v", w.name, n, o)
				}
			default:
				t.Errorf("%s cut at %d: %v", w.name, n, o)
			}
		}
	}
}

func TestWrappingsDoNotAllocate(t *testing.T) {
	for _, w := range wrappings() {
		d := NewDecoder(Config{CheckChecksums: true})
		p := packet(w.link, w.data(opener))
		var s reassembly.Segment
		if n := testing.AllocsPerRun(10, func() { d.Decode(p, &s) }); n != 0 {
			t.Errorf("%s: %v allocations per packet", w.name, n)
		}
	}
}
