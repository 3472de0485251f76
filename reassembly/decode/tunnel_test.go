package decode

import (
	"testing"

	"github.com/google/gopacket/layers"

	"wshake/capture"
	"wshake/reassembly"
)

// Equal inside, different outside: these must be different connections. (That both directions are the same one is in
// TestWrappings.)
func TestTunnelIdentity(t *testing.T) {
	inner, frame := segmentIn(4, opener), ether(opener, "0800", segmentIn(4, opener))
	vxlan := func(vni string) []byte { return udpTo(opener, 4789, x("08000000"+vni+"00"), frame) }
	other := outer4(opener, layers.IPProtocolIPv4, inner)
	other[19] = 9 // another end
	different := map[string][]byte{
		"none":           inner,
		"ip in ip":       outer4(opener, layers.IPProtocolIPv4, inner),
		"another end":    other,
		"ip in ipv6":     outer6(opener, layers.IPProtocolIPv4, inner),
		"ip in ip twice": outer4(opener, layers.IPProtocolIPv4, outer4(opener, layers.IPProtocolIPv4, inner)),
		"gre":            outer4(opener, layers.IPProtocolGRE, x("0000 0800"), inner),
		"nvgre 1":        outer4(opener, layers.IPProtocolGRE, x("2000 6558 00000105"), frame),
		"nvgre 2":        outer4(opener, layers.IPProtocolGRE, x("2000 6558 00000205"), frame),
		"vxlan 1":        vxlan("000001"),
		"vxlan 2":        vxlan("000002"),
		"geneve 1":       udpTo(opener, 6081, x("0000 6558 00000100"), frame),
		"gre in vxlan":   udpTo(opener, 4789, x("08000000 00000100"), ether(opener, "0800", outer4(opener, layers.IPProtocolGRE, x("0000 0800"), inner))),
		"vxlan in gre":   outer4(opener, layers.IPProtocolGRE, x("0000 0800"), vxlan("000001")),
	}
	vlans := map[string][]byte{
		"vlan 1":     ether(opener, "8100 0001 0800", inner),
		"vlan 2":     ether(opener, "8100 0002 0800", inner),
		"vlan 1.2":   ether(opener, "88a8 0001 8100 0002 0800", inner),
		"vlan 2.1":   ether(opener, "88a8 0002 8100 0001 0800", inner),
		"service 1":  ether(opener, "88e7 00000001 02000000000a 02000000000b 0800", inner),
		"vxlan tag":  ether(opener, "0800", udpTo(opener, 4789, x("08000000 00000100"), ether(opener, "8100 0001 0800", inner))),
		"gre, outer": ether(opener, "8100 0001 0800", outer4(opener, layers.IPProtocolGRE, x("0000 0800"), inner)),
	}
	seen := map[uint64]string{}
	for name, b := range vlans {
		id := tunnelOf(t, linkEthernet, b)
		if was, ok := seen[id]; ok || id == 0 {
			t.Errorf("%s and %s are the same network (%x)", name, was, id)
		}
		seen[id] = name
	}
	for name, b := range different {
		id := tunnelOf(t, linkRaw, b)
		if was, ok := seen[id]; ok {
			t.Errorf("%s and %s are the same tunnel", name, was)
		}
		seen[id] = name
	}
	// What does not tell connections apart.
	same := [][2][]byte{
		{ether(opener, "8100 0000 0800", inner), ether(opener, "0800", inner)}, // a priority
		{ether(opener, "8100 2001 0800", inner), ether(opener, "8100 0001 0800", inner)},
		{ether(opener, "8926 80000005 0800", inner), ether(opener, "0800", inner)},
		{ether(opener, "8847 00001140", inner), ether(opener, "8847 00002140", inner)},
		{ether(opener, "0800", outer4(opener, layers.IPProtocolGRE, x("2000 0800 00000001"), inner)), ether(opener, "0800", outer4(opener, layers.IPProtocolGRE, x("2000 0800 00000002"), inner))},
		{ether(opener, "0800", outer4(opener, layers.IPProtocolGRE, x("2000 6558 00000101"), frame)), ether(opener, "0800", outer4(opener, layers.IPProtocolGRE, x("2000 6558 00000102"), frame))},
	}
	for i, pair := range same {
		if a, b := tunnelOf(t, linkEthernet, pair[0]), tunnelOf(t, linkEthernet, pair[1]); a != b {
			t.Errorf("pair %d: tunnels %x and %x", i, a, b)
		}
	}
}

func tunnelOf(t *testing.T, link capture.LinkType, b []byte) uint64 {
	t.Helper()
	var s reassembly.Segment
	if o := NewDecoder(Config{}).Decode(packet(link, b), &s); o != TCP {
		t.Fatalf("%v: %x", o, b)
	}
	return s.Key.Tunnel
}

func TestNesting(t *testing.T) {
	b := segmentIn(4, opener)
	for depth := 1; depth <= MaxLayers+3; depth++ {
		want := TCP
		if depth > MaxLayers {
			want = TooDeep
		}
		var s reassembly.Segment
		if o := NewDecoder(Config{}).Decode(packet(linkRaw, b), &s); o != want {
			t.Errorf("%d IP headers: %v, want %v", depth, o, want)
		}
		b = outer4(opener, layers.IPProtocolIPv4, b)
	}
	// VLAN tags do not count, and link types that contain others cannot go round for ever.
	var tags string
	for range 100 {
		tags += "8100 0001 "
	}
	var s reassembly.Segment
	if o := NewDecoder(Config{}).Decode(packet(linkEthernet, ether(opener, tags+"0800", segmentIn(4, opener))), &s); o != TCP {
		t.Errorf("100 VLAN tags: %v", o)
	}
	var headers []byte
	for range 100 {
		headers = append(headers, x("0c000000 01000000 02010000")...)
	}
	if o := NewDecoder(Config{}).Decode(packet(linkPKTAP, headers), &s); o != TooDeep {
		t.Errorf("100 PKTAP headers: %v", o)
	}
}
