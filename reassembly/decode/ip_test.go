package decode

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"wshake/reassembly"

	"github.com/google/gopacket/layers"
)

// chained is an IPv6 packet with extension headers in hexadecimal between the header and the segment; first is the
// type of the first of them.
func chained(dir reassembly.Dir, first layers.IPProtocol, headers string) []byte {
	whole := segmentIn(6, dir)
	b := join(whole[:40], x(headers), whole[40:])
	b[6] = byte(first)
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	return b
}

func TestExtensionHeaders(t *testing.T) {
	const hop, dst, routing, fragment, ah = layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Destination,
		layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Fragment, layers.IPProtocolAH
	tests := []struct {
		name    string
		first   layers.IPProtocol
		headers string // 06 is TCP
	}{
		{"hop-by-hop", hop, "0600 050200000100"},
		{"destination of 16 octets", dst, "0601 010c 000000000000000000000000"},
		{"hop-by-hop, destination, routing, atomic fragment, destination", hop,
			"3c00 010400000000 2b00 010400000000 2c00 fe0000000000 3c00 0000 00000009 0600 010400000000"},
		{"routing, no segments left", routing, "0602 0000 00000000 20010db8000000000000000000000099"},
		{"authentication header", ah, "0604 0000 00000001 00000001 000000000000000000000000"},
		{"destination, authentication header", dst, "3300 010400000000 0604 0000 00000001 00000001 000000000000000000000000"},
		{"mobility", protocolMobility, "0600 0500 0000 0000"},
		{"host identity", protocolHIP, "0600 0111 0000 0000"},
		{"shim6", protocolShim6, "0600 80000000 0000"},
		{"atomic fragment", fragment, "0600 0000 00000001"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, padding := range []string{"", "000000000000", "ffffffffffffffffffff"} {
				for dir := opener; dir <= acceptor; dir++ {
					p := packet(linkEthernet, ether(dir, "86dd", chained(dir, test.first, test.headers), x(padding)))
					var s reassembly.Segment
					o := NewDecoder(Config{CheckChecksums: true}).Decode(p, &s)
					if o != TCP || string(s.Payload) != said[dir] || s.From != uint8(dir) || s.Cut != 0 || s.Key.Tunnel != 0 {
						t.Errorf("padding %q: %v, %+v", padding, o, s)
					}
				}
			}
		})
	}
}

// Behind a routing header the connection is with the last destination, not the next hop, and checksums say so, too.
func TestRoutingHeaderDestination(t *testing.T) {
	hop := netip.MustParseAddr("2001:db8::99").As16()
	for name, header := range map[string]string{
		"type 0":  "0604 0001 00000000 20010db8000000000000000000000098 fd000000000000000000000000000002",
		"type 2":  "0602 0201 00000000 fd000000000000000000000000000002",
		"segment": "0604 0401 01000000 fd000000000000000000000000000002 20010db8000000000000000000000098",
	} {
		b := chained(opener, layers.IPProtocolIPv6Routing, header)
		copy(b[24:40], hop[:])
		var s reassembly.Segment
		o := NewDecoder(Config{CheckChecksums: true}).Decode(packet(linkRaw, b), &s)
		if o != TCP || s.Key != wantSegment(packet(linkRaw, b), 6, opener).Key {
			t.Errorf("%s: %v, %v to %v", name, o, s.Key.Endpoint(0), s.Key.Endpoint(1))
		}
	}
}

// Packets captured before the network card cut them into segments have no length, or one in an option.
func TestOffloadedLengths(t *testing.T) {
	payload := make([]byte, 150_000)
	for i := range payload {
		payload[i] = byte(i)
	}
	long := func(version int) []byte { return append(segmentIn(version, opener), payload...) }
	v4 := long(4)
	binary.BigEndian.PutUint16(v4[2:], 0)
	v6 := long(6)
	binary.BigEndian.PutUint16(v6[4:], 0)
	hopByHop := chained(opener, layers.IPProtocolIPv6HopByHop, "0600 c204 00000000")
	jumbo := append(hopByHop, payload...)
	binary.BigEndian.PutUint16(jumbo[4:], 0)
	binary.BigEndian.PutUint32(jumbo[44:], uint32(len(jumbo)-40))
	late := append(chained(opener, layers.IPProtocolIPv6HopByHop, "0601 00 010100 c20400000000 01020000"), payload...)
	binary.BigEndian.PutUint16(late[4:], 0)
	binary.BigEndian.PutUint32(late[48:], uint32(len(late)-40))
	for name, b := range map[string][]byte{
		"v4": v4, "v6": v6, "v6 jumbo": jumbo, "v6 jumbo behind other options": join(late, x("010203")), "v6 jumbo padded": join(jumbo, x("010203")),
	} {
		for _, cut := range []int{0, 1, 100_000} {
			p := packet(linkRaw, b)
			p.Data = p.Data[:len(p.Data)-cut]
			var s reassembly.Segment
			o := NewDecoder(Config{}).Decode(p, &s)
			want := len(said[opener]) + len(payload)
			if o != TCP || len(s.Payload)+int(s.Cut) != want {
				t.Errorf("%s cut by %d: %v, %d octets and %d cut, want %d", name, cut, o, len(s.Payload), s.Cut, want)
			}
		}
	}
	binary.BigEndian.PutUint32(jumbo[44:], 1<<31)
	var s reassembly.Segment
	if o := NewDecoder(Config{}).Decode(packet(linkRaw, jumbo), &s); o != Malformed {
		t.Errorf("jumbo length beyond the packet: %v", o)
	}
}

func TestIPv4Options(t *testing.T) {
	whole := segmentIn(4, opener)
	for words := 1; words <= 10; words++ {
		options := make([]byte, words*4)
		for i := range options {
			options[i] = 1 // no operation
		}
		b := join(whole[:20], options, whole[20:])
		b[0] = 0x45 + byte(words)
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		var s reassembly.Segment
		if o := NewDecoder(Config{}).Decode(packet(linkRaw, b), &s); o != TCP || string(s.Payload) != said[opener] {
			t.Errorf("%d words of options: %v, %q", words, o, s.Payload)
		}
	}
}

func TestIPv4AuthenticationHeader(t *testing.T) {
	whole := segmentIn(4, opener)
	b := join(whole[:20], x("0604 0000 00000001 00000001 000000000000000000000000"), whole[20:])
	b[9] = byte(layers.IPProtocolAH)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	var s reassembly.Segment
	if o := NewDecoder(Config{}).Decode(packet(linkRaw, b), &s); o != TCP || string(s.Payload) != said[opener] {
		t.Errorf("%v, %q", o, s.Payload)
	}
}

// A length field inside another is not believed beyond it; the outermost is believed beyond the capture's length, but
// counts as cut.
func TestLengthsDisagree(t *testing.T) {
	long := segmentIn(4, opener)
	binary.BigEndian.PutUint16(long[2:], uint16(len(long)+6))
	tests := []struct {
		name string
		data []byte
		cut  uint32
	}{
		{"ipv4 beyond the packet", ether(opener, "0800", long), 6},
		{"ipv4 beyond pppoe", ether(opener, "8864 1100 0001", be16(2+len(long)), x("0021"), long, x("000000000000")), 0},
		{"ipv4 beyond ipv4", ether(opener, "0800", outer4(opener, layers.IPProtocolIPv4, long)), 0},
	}
	for _, test := range tests {
		var s reassembly.Segment
		o := NewDecoder(Config{}).Decode(packet(linkEthernet, test.data), &s)
		if o != TCP || string(s.Payload) != said[opener] || s.Cut != test.cut {
			t.Errorf("%s: %v, payload %q, cut %d, want %d", test.name, o, s.Payload, s.Cut, test.cut)
		}
	}
}

func TestChecksums(t *testing.T) {
	for _, version := range []int{4, 6} {
		good := segmentIn(version, opener)
		strict, lenient := NewDecoder(Config{CheckChecksums: true}), NewDecoder(Config{})
		var s reassembly.Segment
		if o := strict.Decode(packet(linkRaw, good), &s); o != TCP {
			t.Errorf("ipv%d: %v", version, o)
		}
		header := 40
		if version == 4 {
			header = 20
			b := segmentIn(4, opener)
			b[8]-- // time to live
			if o := strict.Decode(packet(linkRaw, b), &s); o != BadChecksum {
				t.Errorf("ipv4 header altered: %v", o)
			}
		}
		for i := header + 20; i < len(good); i++ {
			b := segmentIn(version, opener)
			b[i] ^= 0x10
			if o := strict.Decode(packet(linkRaw, b), &s); o != BadChecksum {
				t.Errorf("ipv%d, octet %d altered: %v", version, i, o)
			}
			if o := lenient.Decode(packet(linkRaw, b), &s); o != TCP {
				t.Errorf("ipv%d, octet %d altered, not checked: %v", version, i, o)
			}
			cut := packet(linkRaw, b)
			cut.Data = cut.Data[:len(b)-1]
			if o := strict.Decode(cut, &s); o != TCP {
				t.Errorf("ipv%d, octet %d altered, not captured whole: %v", version, i, o)
			}
		}
		damaged := segmentIn(version, opener)
		pieces := fragmentsOf(altered(damaged), 3, slice{0, 24}, slice{24, 0})
		if outcomes, _ := decodeAll(strict, pieces...); fmt.Sprint(outcomes) != "[fragment held bad checksum]" {
			t.Errorf("ipv%d fragments altered: %v", version, outcomes)
		}
	}
}

func TestOnesComplement(t *testing.T) {
	simple := func(b []byte) uint16 {
		var sum uint32
		for i, c := range b {
			sum += uint32(c) << (8 * (1 - i&1))
			sum = sum>>16 + sum&0xffff
		}
		return uint16(sum)
	}
	b := make([]byte, 0, 70)
	for i := range cap(b) {
		if got, want := onesComplement(0, b), simple(b); got != want {
			t.Errorf("%d octets: %04x, want %04x", i, got, want)
		}
		b = append(b, byte(255-i*7))
	}
}
