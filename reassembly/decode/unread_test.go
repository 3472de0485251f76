package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/gopacket/layers"

	"wshake/capture"
	"wshake/reassembly"
)

// datagramTo is a UDP datagram between two ports.
func datagramTo(source, destination layers.UDPPort, payload ...[]byte) []byte {
	udp := &layers.UDP{SrcPort: source, DstPort: destination}
	ip := ipv4Layer(opener, "192.0.2.1", "192.0.2.2", layers.IPProtocolUDP)
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(ip, udp, octets(payload...))
}

// unreadOf decodes packets and prints what was not read.
func unreadOf(link capture.LinkType, packets ...[]byte) string {
	d := NewDecoder(Config{})
	for i, b := range packets {
		p := packet(link, b)
		p.Ordinal, p.Number = uint64(i+1), uint64(i+1)
		var s reassembly.Segment
		if d.Decode(p, &s) == UDP { // handed out, and nobody opens it
			d.AddUnread(Unread{What: Protocol{Registry: UDPPort, Shape: QUIC, Number: uint32(s.Key.Port[s.Service])}, Packets: 1, First: s.At})
		}
	}
	var rows []string
	for _, u := range d.Unread() {
		encrypted := ""
		if u.What.Encrypted() {
			encrypted = " encrypted"
		}
		rows = append(rows, fmt.Sprintf("%d %s%s", u.Packets, u.What, encrypted))
	}
	return strings.Join(rows, "; ")
}

// Every packet that carries no TCP is counted as what it is.
func TestUnread(t *testing.T) {
	v4 := segmentIn(4, opener)
	three := "3000 020000000001 020000000002 020000000003 1000 "
	ip := func(protocol layers.IPProtocol, b string) []byte { return outer4(opener, protocol, x(b)) }
	quicLong, quicShort := x("c3 00000001 08 0102030405060708 00 0044"), x("41 0102030405060708 0000000000")
	greased := x("01 0102030405060708 0000000000")
	wg := func(kind string, n int) []byte { return append(x(kind), make([]byte, n-len(x(kind)))...) }
	for _, c := range []struct {
		name    string
		link    capture.LinkType
		packets [][]byte
		want    string
	}{
		{"nothing", linkRaw, [][]byte{v4}, ""},
		{"arp, lldp, unknown", linkEthernet, [][]byte{
			ether(opener, "0806", make([]byte, 28)), ether(opener, "88cc 0207"), ether(opener, "0806", make([]byte, 28)), ether(opener, "8100 0001 7777 00"),
		}, "2 ARP (EtherType 0806); 1 EtherType 7777; 1 LLDP (EtherType 88cc)"},
		{"spanning tree", linkEthernet, [][]byte{ether(opener, "0026 424203", make([]byte, 35))}, "1 spanning tree (LLC SAP 42)"},
		{"macsec", linkEthernet, [][]byte{ether(opener, "88e5 2c00 00000001 0200000000010001", v4)}, "1 encrypted MACsec (EtherType 88e5) encrypted"},
		{"icmp, esp", linkRaw, [][]byte{ip(1, "0800 0000 00010001"), ip(50, "00000001 00000001"), ip(200, "00")},
			"1 ICMP (IP protocol 1); 1 IPsec ESP (IP protocol 50) encrypted; 1 IP protocol 200"},
		{"fragments of another protocol", linkRaw, [][]byte{fragment4(outer4(opener, 132, make([]byte, 64)), 1, slice{0, 32})}, "1 SCTP (IP protocol 132)"},
		{"dns, both directions", linkRaw, [][]byte{datagramTo(40000, 53, x("0001")), datagramTo(53, 40000, x("0001"))}, "2 DNS (UDP 53)"},
		{"unknown port, both directions", linkRaw, [][]byte{datagramTo(40000, 9999, x("0001")), datagramTo(9999, 40000, x("0001"))}, "2 UDP 9999"},
		{"wireguard", linkRaw, [][]byte{
			datagramTo(51820, 40001, wg("01000000", 148)), datagramTo(40001, 51820, wg("02000000", 92)), datagramTo(51820, 40001, wg("04000000 01020304", 96)),
			datagramTo(51820, 40001, wg("03000000", 64)),
		}, "4 WireGuard (UDP 51820) encrypted"},
		{"wireguard elsewhere", linkRaw, [][]byte{datagramTo(60000, 41000, wg("04000000 01020304", 33))}, "1 WireGuard (UDP 41000) encrypted"},
		{"nearly wireguard", linkRaw, [][]byte{datagramTo(60000, 41000, wg("04000000", 36)), datagramTo(60000, 41000, wg("01000000", 149)),
			datagramTo(60000, 41000, wg("04000000 01020304 01020304 01", 96)),
		}, "3 UDP 41000"},
		{"quic with short headers", linkRaw, [][]byte{
			datagramTo(50000, 443, quicLong), datagramTo(50000, 443, quicShort), datagramTo(50000, 443, quicShort), datagramTo(50000, 4433, quicLong),
		}, "4 QUIC (UDP 443) encrypted"},
		{"quic with the fixed bit cleared", linkRaw, [][]byte{
			datagramTo(50000, 443, quicLong), datagramTo(50000, 443, greased), datagramTo(443, 50000, greased),
			datagramTo(50001, 8443, greased),
		}, "3 QUIC (UDP 443) encrypted; 1 UDP 8443"},
		{"no quic", linkRaw, [][]byte{datagramTo(50000, 443, x("c3 00000009 08 0102030405060708 00 0044")), datagramTo(50000, 443, x("c3 00000001 15")), datagramTo(50000, 443, quicShort)},
			"3 HTTPS port (UDP 443)"},
		{"dtls", linkRaw, [][]byte{datagramTo(50000, 5684, x("16 fefd 0000 000000000001 0002 0101"))}, "1 DTLS (UDP 5684) encrypted"},
		{"nearly dtls", linkRaw, [][]byte{datagramTo(50000, 5684, x("16 fefd 0000 000000000001 0012 0101"))}, "1 UDP 5684"},
		{"ipsec in udp", linkRaw, [][]byte{datagramTo(4500, 4500, x("00000001 00000001 0000")), datagramTo(500, 500, x("00"))},
			"1 IPsec in UDP (UDP 4500) encrypted; 1 IKE (UDP 500)"},
		{"capwap over dtls", linkRaw, [][]byte{datagramTo(50000, 5247, x("01 000000 17fefd0001"))}, "1 DTLS (UDP 5247) encrypted"},
		{"vxlan with arp inside", linkRaw, [][]byte{datagramTo(50000, 4789, x("08000000 00000100"), ether(opener, "0806", make([]byte, 28)))}, "1 ARP (EtherType 0806)"},
		{"vxlan of nonsense", linkRaw, [][]byte{datagramTo(50000, 4789, x("00000000 00000100"))}, "1 VXLAN (UDP 4789)"},
		{"802.11", link80211, [][]byte{
			x("8000" + strings.ReplaceAll(three, " ", "")), x("d400 0000 020000000001"), join(x("8841"+three+"0000"), v4), join(x("8841"+three+"0000"), v4),
		}, "2 encrypted IEEE 802.11 data encrypted; 1 IEEE 802.11 management; 1 IEEE 802.11 control"},
		{"ppp", linkPPP, [][]byte{x("ff03 c021 01010004"), x("ff03 00fd 90000000")},
			"1 PPP control (PPP protocol c021); 1 encrypted or compressed PPP (PPP protocol 00fd) encrypted"},
		{"bluetooth", 187, [][]byte{x("0102030405"), x("0102030405")}, "2 Bluetooth HCI (link type 187)"},
		{"fragments of tcp", linkRaw, fragmentsOf(v4, 1, slice{0, 24}, slice{24, 40}, slice{40, 0}), ""},
		{"fragments of dns", linkRaw, fragmentsOf(datagramTo(40000, 53, make([]byte, 100)), 1, slice{0, 24}, slice{24, 40}, slice{40, 0}), "3 DNS (UDP 53)"},
		{"fragments without the rest", linkRaw, fragmentsOf(v4, 1, slice{0, 24}, slice{40, 0}), "2 IP fragments without the rest"},
		{"fragments that contradict each other", linkRaw, [][]byte{
			fragmentsOf(v4, 1, slice{0, 24})[0], fragmentsOf(altered(v4), 1, slice{0, 48})[0], fragmentsOf(v4, 1, slice{24, 0})[0], fragmentsOf(altered(v4), 1, slice{24, 0})[0],
			fragmentsOf(v4, 1, slice{24, 0})[0],
		}, "2 IP fragments that could not be joined"},
		{"damaged", linkRaw, [][]byte{v4[:10], x("4400")}, "2 malformed headers"},
	} {
		if got := unreadOf(c.link, c.packets...); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Someone uses every port: the table stays small, and nothing is lost of the sum.
func TestUnreadIsBounded(t *testing.T) {
	d := NewDecoder(Config{})
	const all = 4 * maxUnread
	for i := range all {
		var s reassembly.Segment
		d.Decode(packet(linkRaw, datagramTo(65000, layers.UDPPort(10000+i), x("00"))), &s)
	}
	list := d.Unread()
	var sum uint64
	for _, u := range list {
		sum += u.Packets
	}
	if len(list) > maxUnread+1 || sum != all || list[0].What.String() != "other protocols" || list[0].Packets != all-maxUnread {
		t.Errorf("%d rows of %d packets, first %+v", len(list), sum, list[0])
	}
}

func TestUnreadDoesNotAllocate(t *testing.T) {
	d := NewDecoder(Config{})
	a, b := packet(linkRaw, datagramTo(40000, 9999, x("0001"))), packet(linkEthernet, ether(opener, "0806", make([]byte, 28)))
	var s reassembly.Segment
	decodeBoth := func() {
		d.Decode(a, &s)
		d.Decode(b, &s)
	}
	decodeBoth()
	if n := testing.AllocsPerRun(100, decodeBoth); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}
