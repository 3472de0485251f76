package reassembly

import (
	"net/netip"
	"testing"
)

func TestKeySet(t *testing.T) {
	tests := []struct {
		name             string
		src, dst         string
		srcPort, dstPort uint16
		from             uint8
	}{
		{"smaller address sends", "10.0.0.1", "10.0.0.2", 9, 1, 0},
		{"larger address sends", "10.0.0.2", "10.0.0.1", 1, 9, 1},
		{"one address, smaller port sends", "127.0.0.1", "127.0.0.1", 80, 40000, 0},
		{"one address, larger port sends", "127.0.0.1", "127.0.0.1", 40000, 80, 1},
		{"one end", "127.0.0.1", "127.0.0.1", 80, 80, 0},
		{"ipv6, last octet", "2001:db8::2", "2001:db8::1", 1, 2, 1},
	}
	for _, test := range tests {
		src, dst := netip.MustParseAddr(test.src), netip.MustParseAddr(test.dst)
		a, b := src.As16(), dst.As16()
		var s, back Segment
		s.From = 1 // a Segment is used again and again
		s.From = s.Key.Set(ProtocolTCP, &a, &b, test.srcPort, test.dstPort)
		back.From = back.Key.Set(ProtocolTCP, &b, &a, test.dstPort, test.srcPort)
		if s.From != test.from || s.Key != back.Key {
			t.Errorf("%s: from %d, want %d; keys %v and %v", test.name, s.From, test.from, s.Key, back.Key)
		}
		if got, want := s.Key.Endpoint(s.From), netip.AddrPortFrom(src, test.srcPort); got != want {
			t.Errorf("%s: sender %v, want %v", test.name, got, want)
		}
	}
}

// The protocol tells connections apart, in Key and in its hash.
func TestKeyNamesTheProtocol(t *testing.T) {
	src, dst := netip.MustParseAddr("10.0.0.1").As16(), netip.MustParseAddr("10.0.0.2").As16()
	var tcp, udp Key
	tcp.Set(ProtocolTCP, &src, &dst, 40000, 443)
	udp.Set(17, &src, &dst, 40000, 443)
	if tcp == udp || tcp.Hash() == udp.Hash() {
		t.Errorf("%+v and %+v, hashes %x and %x", tcp, udp, tcp.Hash(), udp.Hash())
	}
}
