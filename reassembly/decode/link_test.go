package decode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"wshake/capture"
	"wshake/reassembly"
)

// What is no TCP segment, and why.
func TestOutcomes(t *testing.T) {
	v4, v6 := segmentIn(4, opener), segmentIn(6, opener)
	set := func(b []byte, at int, octets string) []byte {
		b = join(b)
		copy(b[at:], x(octets))
		return b
	}
	frame, unproven := ether(opener, "0800", v4), ether(opener, "0800", set(v4, 10, "0000"))
	snap := "aaaa03 000000 0800"
	wifi := func(control, rest string) []byte {
		return join(x(control+"3000 020000000001 020000000002 020000000003 "+rest), v4)
	}
	tests := []struct {
		name string
		link capture.LinkType
		data []byte
		want Outcome
	}{
		{"unknown link", 65000, join(x("00"), v4), UnknownLink},
		{"unknown link, wrong checksum", 65000, set(v4, 10, "0000"), UnknownLink},
		{"arp", linkEthernet, ether(opener, "0806 0001080006040001", make([]byte, 20)), NotTCP},
		{"lldp", linkEthernet, ether(opener, "88cc 0207"), NotTCP},
		{"macsec encrypted", linkEthernet, ether(opener, "88e5 0c00 00000001 0800", v4), NotTCP},
		{"macsec changed", linkEthernet, ether(opener, "88e5 0400 00000001 0800", v4), NotTCP},
		{"macsec version 1", linkEthernet, ether(opener, "88e5 8000 00000001 0800", v4), NotTCP},
		{"macsec of half a packet", linkEthernet, ether(opener, "88e5 0016 00000001 0800", v4), Malformed},
		{"trill version 1", linkEthernet, ether(opener, "22f3 4003 0001 0002", frame), NotTCP},
		{"trill options beyond the packet", linkEthernet, ether(opener, "22f3 07c3 0001 0002"), Malformed},
		{"nsh oam", linkEthernet, ether(opener, "894f 2fc2 0201 000001ff", v4), NotTCP},
		{"nsh version 1", linkEthernet, ether(opener, "894f 4fc2 0201 000001ff", v4), NotTCP},
		{"nsh of nothing known", linkEthernet, ether(opener, "894f 0fc2 0209 000001ff", v4), NotTCP},
		{"nsh length 1", linkEthernet, ether(opener, "894f 0fc1 0201 000001ff", v4), Malformed},
		{"vn-tag short", linkEthernet, ether(opener, "8926 8000"), Malformed},
		{"spanning tree", linkEthernet, ether(opener, "0026 424203", make([]byte, 35)), NotTCP},
		{"netware", linkEthernet, ether(opener, "0026 ffff00", make([]byte, 35)), NotTCP},
		{"snap of another organization", linkEthernet, ether(opener, "0008 aaaa03 00000c 2000"), NotTCP},
		{"tcp checksum offload says nothing", linkRaw, set(v4, 36, "0000"), TCP},
		{"icmp quoting tcp", linkRaw, outer4(opener, layers.IPProtocolICMPv4, x("0301 0000 00000000"), v4), NotTCP},
		{"icmpv6 quoting tcp", linkRaw, outer6(opener, layers.IPProtocolICMPv6, x("0100 0000 00000000"), v6), NotTCP},
		{"esp", linkRaw, outer4(opener, layers.IPProtocolESP, x("00000001 00000001"), v4), NotTCP},
		{"no next header", linkRaw, set(v6, 6, "3b"), NotTCP},
		{"dns", linkRaw, udpTo(opener, 53, set(v4, 10, "0000")), NotTCP},
		{"sll netlink", linkSLL, join(x("0000 0338 0000 0000000000000000 0800"), v4), NotTCP},
		{"sll can", linkSLL, join(x("0000 0118 0000 0000000000000000 000c"), v4), NotTCP},
		{"null osi", linkNull, join(x("07000000"), v4), NotTCP},
		{"cisco keepalive", linkCHDLC, x("8f00 8035 00000002"), NotTCP},
		{"ppp lcp", linkPPP, x("ff03 c021 01010004"), NotTCP},
		{"pppoe padt", linkEthernet, ether(opener, "8864 11a7 0001 0000"), NotTCP},
		{"pppoe version", linkEthernet, ether(opener, "8864 2200 0001 0002 0021"), Malformed},
		{"802.11 beacon", link80211, wifi("8000", "1000"+snap), NotTCP},
		{"802.11 acknowledgment", link80211, x("d400 0000 020000000001"), NotTCP},
		{"802.11 encrypted", link80211, wifi("0841", "1000"+snap), NotTCP},
		{"802.11 null", link80211, wifi("4801", "1000"), NotTCP},
		{"802.11 fragment", link80211, wifi("0801", "1100"+snap), NotTCP},
		{"802.11 more fragments", link80211, wifi("0805", "1000"+snap), NotTCP},
		{"802.11 aggregate of nonsense", link80211, wifi("8801", "1000 8000"+snap), NotTCP},
		{"radiotap damaged frame", linkRadiotap, join(x("0000 0900 02000000 40"), wifi("0801", "1000"+snap)), Malformed},
		{"radiotap length", linkRadiotap, join(x("0000 0700 00000000"), wifi("0801", "1000"+snap)), Malformed},
		{"radiotap endless bitmap", linkRadiotap, x("0000 0c00 02000080 ffffffff"), Malformed},
		{"pktap length", linkPKTAP, join(x("00000000 01000000 01000000"), frame), Malformed},
		{"nflog no payload", linkNFLOG, x("02000000 08000300 05000a00"), NotTCP},
		{"nflog length", linkNFLOG, x("02000000 03000300 05000a00"), Malformed},
		{"mpls of something", linkEthernet, ether(opener, "8847 00064140 10000000"), NotTCP},
		{"mpls without bottom", linkEthernet, ether(opener, "8847 00064040"), Malformed},
		{"ip version 5", linkRaw, set(v4, 0, "55"), Malformed},
		{"ipv4 type, ipv6 packet", linkEthernet, ether(opener, "0800", v6), Malformed},
		{"ipv6 type, ipv4 packet", linkEthernet, ether(opener, "86dd", v4), Malformed},
		{"ipv4 header length 4 words", linkRaw, set(v4, 0, "44"), Malformed},
		{"ipv4 total length below header", linkRaw, set(v4, 2, "0013"), Malformed},
		{"ipv4 options beyond the packet", linkRaw, set(v4[:20], 0, "4f 00 003c"), Malformed},
		{"ipv6 mapped addresses", linkRaw, set(v6, 8, "00000000000000000000ffff0a010001"), Malformed},
		{"ipv6 extension beyond the packet", linkRaw, chained(opener, layers.IPProtocolIPv6Destination, "06ff 010400000000"), Malformed},
		{"tcp data offset 4", linkRaw, set(v4, 32, "40"), Malformed},
		{"tcp data offset beyond the segment", linkRaw, set(v4[:52], 2, "0034 0000 0000 4006 0000 0a010001 0a010002 9c40 0050 00000000 00000000 f0"), Malformed},
		{"tcp of 19 octets", linkRaw, set(v4[:39], 2, "0027"), Malformed},
		{"tcp malformed option", linkRaw, set(v4, 40, "0800"), TCP},
		{"vxlan without identifier", linkRaw, udpTo(opener, 4789, x("00000000 00000100"), frame), NotTCP},
		{"vxlan of nonsense", linkRaw, udpTo(opener, 4789, x("08000000 00000100"), ether(opener, "0800 ff")), NotTCP},
		{"udp length 7", linkRaw, set(udpTo(opener, 4789, x("08000000 00000100"), frame), 24, "0007"), NotTCP},
		{"udp length 0", linkRaw, set(udpTo(opener, 4789, x("08000000 00000100"), frame), 24, "0000"), TCP},
		{"vxlan-gpe of nothing known", linkRaw, udpTo(opener, 4790, x("0c000009 00000100"), frame), NotTCP},
		{"vxlan from, not to, the port", linkRaw, serialize(ipv4Layer(opener, "192.0.2.1", "192.0.2.2", layers.IPProtocolUDP),
			noChecksum{&layers.UDP{SrcPort: 4789, DstPort: 5000}}, octets(x("08000000 00000100"), unproven)), NotTCP},
		{"vxlan on another port, unproven", linkRaw, udpTo(opener, 5000, x("08000000 00000100"), unproven), NotTCP},
		{"vxlan on another port, other flags", linkRaw, udpTo(opener, 5000, x("0c000000 00000100"), frame), NotTCP},
		{"vxlan on another port, ipv6 with a wrong checksum", linkRaw,
			udpTo(opener, 5000, x("08000000 00000100"), ether(opener, "86dd", altered(segmentIn(6, opener)))), NotTCP},
		{"geneve on another port, unproven", linkRaw, udpTo(opener, 5000, x("0000 6558 00000100"), unproven), NotTCP},
		{"geneve on another port, reserved bits", linkRaw, udpTo(opener, 5000, x("0010 6558 00000100"), frame), NotTCP},
		{"ip in udp, half", linkRaw, udpTo(opener, 5000, v4[:60]), NotTCP},
		{"gue, unproven", linkRaw, udpTo(opener, 6080, x("00040000"), set(v4, 10, "0000")), NotTCP},
		{"gue control", linkRaw, udpTo(opener, 6080, x("20040000"), v4), NotTCP},
		{"adb", linkRaw, udpTo(opener, 5555, x("434e584e 00000001")), NotTCP},
		{"tzsp keepalive", linkRaw, udpTo(opener, 37008, x("01040001 01")), NotTCP},
		{"tzsp version 2", linkRaw, udpTo(opener, 37008, x("02000001 01"), frame), NotTCP},
		{"tzsp of nothing known", linkRaw, udpTo(opener, 37008, x("01000009 01"), frame), NotTCP},
		{"tzsp tags without end", linkRaw, udpTo(opener, 37008, x("01000001 0a01")), NotTCP},
		{"capwap keepalive", linkRaw, udpTo(opener, 5247, x("00 100208 00000000 0011")), NotTCP},
		{"capwap dtls", linkRaw, udpTo(opener, 5247, x("01 000000 17fefd")), NotTCP},
		{"capwap version 1", linkRaw, udpTo(opener, 5247, x("10 100200 00000000"), frame), NotTCP},
		{"capwap header of 4 octets", linkRaw, udpTo(opener, 5247, x("00 080200 00000000"), frame), NotTCP},
		{"l2tp control", linkRaw, udpTo(opener, 1701, x("c802 0014 0001 0000 0000 0000")), NotTCP},
		{"l2tp reserved bits", linkRaw, udpTo(opener, 1701, x("1002 0001 0002 ff03 0021"), v4), NotTCP},
		{"l2tpv3 control", linkRaw, outer4(opener, protocolL2TP, x("00000000 c803")), NotTCP},
		{"l2tpv3, unproven", linkRaw, outer4(opener, protocolL2TP, x("00000001"), unproven), NotTCP},
		{"lisp reserved bit", linkRaw, udpTo(opener, 4341, x("04000000 00000000"), v4), NotTCP},
		{"lisp of nonsense", linkRaw, udpTo(opener, 4341, x("00000000 00000000 11111111")), NotTCP},
		{"eoip keepalive", linkRaw, outer4(opener, layers.IPProtocolGRE, x("2001 6400 0000 0700")), NotTCP},
		{"ppi version 1", linkPPI, join(x("0100 0800 01000000"), frame), Malformed},
		{"ppi of an unknown link", linkPPI, join(x("0000 0800 0f0f0000"), frame), NotTCP},
		{"user2 that is no pktap", linkUser2, join(x("00"), frame), UnknownLink},
		{"enc osi", linkENC, join(x("07000000 00000001 00000000"), v4), NotTCP},
		{"exported http without addresses", linkExported, x("000c 0004 68747470 0000 0000 474554"), NotTCP},
		{"exported http without ports", linkExported, x("000c 0004 68747470 0014 0004 c0000201 0015 0004 c0000202 0000 0000 474554"), NotTCP},
		{"exported dns", linkExported, x("000c 0004 646e7300 0014 0004 c0000201 0015 0004 c0000202 0019 0004 00001234 001a 0004 00000050 0000 0000 474554"), NotTCP},
		{"exported http", linkExported, x("000c 0004 68747470 0014 0004 c0000201 0015 0004 c0000202 0019 0004 00001234 001a 0004 00000050 0000 0000 474554"), TCP},
		{"exported tcp without addresses", linkExported, join(x("000c 0004 74637000 0000 0000"), v4[20:]), NotTCP},
		{"vxlan-gpe oam", linkRaw, udpTo(opener, 4790, x("0d000003 00000100"), frame), NotTCP},
		{"geneve control", linkRaw, udpTo(opener, 6081, x("0080 6558 00000100"), frame), NotTCP},
		{"geneve version 1", linkRaw, udpTo(opener, 6081, x("4000 6558 00000100"), frame), NotTCP},
		{"gtp echo", linkRaw, udpTo(opener, 2152, x("3201 0004 00000000 0001 00 00")), NotTCP},
		{"gtp empty extension", linkRaw, udpTo(opener, 2152, x("34ff 0008 00000000 0001 00 85 00010203")), NotTCP},
		{"gtp of nonsense", linkRaw, udpTo(opener, 2152, x("30ff 0004 00000000 11111111")), NotTCP},
		{"gre keepalive", linkRaw, outer4(opener, layers.IPProtocolGRE, x("0000 0000")), NotTCP},
		{"gre routing", linkRaw, outer4(opener, layers.IPProtocolGRE, x("4000 0800 00000000"), v4), NotTCP},
		{"gre version 2", linkRaw, outer4(opener, layers.IPProtocolGRE, x("0002 0800"), v4), NotTCP},
		{"gre short", linkRaw, outer4(opener, layers.IPProtocolGRE, x("b000 0800 00000000")), Malformed},
		{"erspan II version", linkRaw, outer4(opener, layers.IPProtocolGRE, x("1000 88be 00000001 2064 0001 00000000"), frame), Malformed},
		{"etherip version", linkRaw, outer4(opener, layers.IPProtocolEtherIP, x("4000"), frame), Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s reassembly.Segment
			if o := NewDecoder(Config{}).Decode(packet(test.link, test.data), &s); o != test.want {
				t.Errorf("%v, want %v\n%x", o, test.want, test.data)
			} else if o != TCP && s.Payload != nil {
				t.Errorf("%v, but the segment was touched", o)
			}
		})
	}
}

// noChecksum serializes UDP without asking for the network layer.
type noChecksum struct{ *layers.UDP }

func (u noChecksum) SerializeTo(b gopacket.SerializeBuffer, o gopacket.SerializeOptions) error {
	o.ComputeChecksums = false
	return u.UDP.SerializeTo(b, o)
}

func octets(parts ...[]byte) gopacket.Payload { return join(parts...) }

func TestEmptyPackets(t *testing.T) {
	for link := range capture.LinkType(300) {
		for _, length := range []uint32{0, 60} {
			p := capture.Packet{Link: link, Length: length}
			var s reassembly.Segment
			switch o := NewDecoder(Config{}).Decode(&p, &s); {
			case o == UnknownLink:
			case length == 0 && o != Malformed, length != 0 && o != Truncated:
				t.Errorf("link type %d, %d octets on the wire: %v", link, length, o)
			}
		}
	}
}

func TestCounts(t *testing.T) {
	d := NewDecoder(Config{})
	good, arp := ether(opener, "0800", segmentIn(4, opener)), ether(opener, "0806", make([]byte, 28))
	for i, data := range [][]byte{good, arp, good, arp, good[:30], arp} {
		p := packet(linkEthernet, data)
		p.Ordinal, p.Number = uint64(100+i), uint64(i+1)
		if i == 4 {
			p.Length = 100
		}
		if i == 5 {
			p.Link = 147
		}
		var s reassembly.Segment
		d.Decode(p, &s)
	}
	at := func(i uint64) reassembly.At {
		return reassembly.At{Ordinal: 100 + i, Number: 1 + i, Time: 1e18, File: 1, Acked: -1}
	}
	var want Counts
	want.Packets[TCP] = Tally{2, at(0), linkEthernet}
	want.Packets[NotTCP] = Tally{2, at(1), linkEthernet}
	want.Packets[Truncated] = Tally{1, at(4), linkEthernet}
	want.Packets[UnknownLink] = Tally{1, at(5), 147}
	want.Cut = Cut{1, 70, 30, at(4)}
	if diff := cmp.Diff(want, d.Counts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
