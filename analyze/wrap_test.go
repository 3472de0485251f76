package analyze

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
)

// wrapping is a way for IPv4 packets to travel. from is who sends: 0 or 1.
type wrapping struct {
	name string
	link capture.LinkType
	wrap func(from int, ip []byte) []byte
}

const (
	macs   = "02000000000a 02000000000b "
	snap   = "aaaa03 000000 0800 "
	labels = "00064040 00065040 00066140 "
)

// x reads hexadecimal digits, spaces ignored.
func x(digits string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

// outer4 is an IPv4 header between the ends of a tunnel.
func outer4(from int, protocol byte, inside ...[]byte) []byte {
	p := join(inside...)
	b := append(x("45000000 00000000 40"), protocol, 0, 0, 192, 0, 2, byte(1+from), 192, 0, 2, byte(2-from))
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(p)))
	return append(b, p...)
}

func outer6(from int, next byte, inside ...[]byte) []byte {
	p := join(inside...)
	b := append(x("60000000"), be16(len(p))...)
	b = append(b, next, 64)
	end := x("20010db8 00000000 00000000 000000")
	return join(b, end, []byte{byte(1 + from)}, end, []byte{byte(2 - from)}, p)
}

func udp(from int, port int, inside ...[]byte) []byte {
	p := join(inside...)
	return outer4(from, 17, be16(55555), be16(port), be16(8+len(p)), be16(0), p)
}

func ether(from int, typeAndTags string, inside ...[]byte) []byte {
	return join(x([2]string{macs, "02000000000b 02000000000a "}[from]+typeAndTags), join(inside...))
}

func wrappings() []wrapping {
	var all []wrapping
	add := func(name string, link capture.LinkType, wrap func(from int, ip []byte) []byte) {
		all = append(all, wrapping{name, link, wrap})
	}
	// behind adds a wrapping that is no more than octets before the packet.
	behind := func(name string, link capture.LinkType, octets string) {
		add(name, link, func(_ int, ip []byte) []byte { return join(x(octets), ip) })
	}
	const (
		ethernet = 1
		wireless = "0801 3000 020000000001 020000000002 020000000003 1000 "
	)
	behind("ethernet", ethernet, macs+"0800")
	behind("VLAN", ethernet, macs+"8100 0064 0800")
	behind("VLANs stacked, 802.1ad", ethernet, macs+"88a8 0064 8100 0065 0800")
	behind("VLANs stacked, 9100", ethernet, macs+"9100 0064 8100 0065 0800")
	behind("VLANs stacked, 9200 three deep", ethernet, macs+"9200 0064 9200 0065 8100 0066 0800")
	behind("MAC in MAC", ethernet, macs+"88a8 0001 88e7 00000123"+macs+"0800")
	behind("MPLS", ethernet, macs+"8847 "+labels)
	behind("MPLS pseudowire", ethernet, macs+"8847 00064140 021122334455 021122334456 0800")
	behind("MPLS pseudowire with control word", ethernet, macs+"8847 00064140 00000001 "+macs+"0800")
	behind("linux cooked", 113, "0000 0001 0006 02000000000a0000 0800")
	behind("linux cooked 2", 276, "0800 0000 00000002 0001 00 06 02000000000a0000")
	behind("null", 0, "02000000")
	behind("loop", 108, "00000002")
	behind("raw", 12, "")
	behind("ipv4", 228, "")
	behind("ppp", 9, "ff03 0021")
	behind("ppp in hdlc", 50, "0f00 0800")
	behind("cisco hdlc", 104, "0f00 0800")
	behind("802.11", 105, wireless+snap)
	behind("802.11 qos", 105, "88"+wireless[2:]+"0000"+snap)
	behind("radiotap", 127, "0000 0800 00000000 "+wireless+snap)
	add("802.11 with FCS", 127, func(_ int, ip []byte) []byte {
		return join(x("0000 0900 02000000 10 "+wireless+snap), ip, x("deadbeef"))
	})
	behind("pktap", 258, "14000000 01000000 01000000 0000000000000000"+macs+"0800")
	behind("Cisco metadata", ethernet, macs+"8909 0101 0001 0010 0800")
	behind("VN-Tag in a VLAN", ethernet, macs+"8926 80000005 8100 0007 0800")
	behind("timestamp tag", ethernet, macs+"8988 000102030405 0800")
	behind("HSR", ethernet, macs+"892f 0034 0007 0800")
	add("PRP trailer", ethernet, func(_ int, ip []byte) []byte { return join(x(macs+"0800"), ip, x("0001 a05e 88fb")) })
	add("MACsec without encryption", ethernet, func(_ int, ip []byte) []byte {
		return join(x(macs+"88e5 2000 00000001 020000000001 0001 0800"), ip, x("000102030405060708090a0b0c0d0e0f"))
	})
	behind("TRILL", ethernet, macs+"22f3 0003 0001 0002"+macs+"8100 0001 0800")
	behind("NSH", ethernet, macs+"894f 0fc6 0103 000001ff 00000001 00000002 00000003 00000004"+macs+"0800")
	behind("PPI", 192, "0000 0800 69000000"+wireless+snap)
	behind("ENC", 109, "02000000 00001234 00000002")
	behind("exported PDU", 252, "000c 0004 69700000 0000 0000")
	add("A-MSDU", 105, func(_ int, ip []byte) []byte {
		return join(x("88"+wireless[2:]+"8000"+macs), be16(8+len(ip)), x(snap), ip)
	})
	add("ethernet with padding", ethernet, func(_ int, ip []byte) []byte { return join(x(macs+"0800"), ip, make([]byte, 18)) })
	add("nflog", 239, func(_ int, ip []byte) []byte {
		return join(x("02 00 0000 0800 0100 08000300"), binary.LittleEndian.AppendUint16(nil, uint16(4+len(ip))), x("0900"), ip)
	})
	add("802.3 snap", ethernet, func(from int, ip []byte) []byte {
		return ether(from, "", be16(8+len(ip)), x(snap), ip)
	})
	add("pppoe", ethernet, func(from int, ip []byte) []byte { return ether(from, "8864 1100 0f07", be16(2+len(ip)), x("0021"), ip) })
	add("ip in ip", linkRaw, func(from int, ip []byte) []byte { return outer4(from, 4, ip) })
	add("ip in ipv6", linkRaw, func(from int, ip []byte) []byte { return outer6(from, 4, ip) })
	add("ip in ip in ip in ipv6", linkRaw, func(from int, ip []byte) []byte { return outer6(from, 4, outer4(from, 4, outer4(from, 4, ip))) })
	add("etherip", linkRaw, func(from int, ip []byte) []byte { return outer4(from, 97, x("3000"), ether(from, "0800", ip)) })
	for _, g := range []struct{ name, header, inside string }{
		{"gre", "0000 0800", ""},
		{"gre with everything", "b000 0800 00000000 00000007 00000001", ""},
		{"gre ppp", "3001 880b 0100 0007 00000001 ff03 0021", ""},
		{"gre mpls", "0000 8847", labels},
		{"nvgre", "2000 6558 00012301", macs + "0800"},
		{"erspan I", "0000 88be", macs + "0800"},
		{"erspan II", "1000 88be 00000001 1064 0001 00000000", macs + "0800"},
		{"erspan III", "1000 22eb 00000001 2064 0001 00000000 0000 0000", macs + "8100 0009 0800"},
	} {
		add(g.name, linkRaw, func(from int, ip []byte) []byte { return outer4(from, 47, x(g.header+g.inside), ip) })
	}
	for _, u := range []struct {
		name   string
		port   int
		header string
	}{
		{"vxlan", 4789, "08000000 00012300" + macs + "0800"},
		{"vxlan 8472", 8472, "08000000 00012300" + macs + "8100 0002 0800"},
		{"vxlan-gpe", 4790, "0c000001 00012300"},
		{"geneve", 6081, "0000 6558 00012300" + macs + "0800"},
		{"geneve with options", 6081, "0240 0800 00012300 0102030405060708"},
		{"vxlan-gpe nsh", 4790, "0c000004 00012300 0fc2 0201 000001ff"},
		{"vxlan on another port", 14789, "08000000 00012300" + macs + "0800"},
		{"geneve on another port", 16081, "0000 6558 00012300" + macs + "8100 0003 0800"},
		{"tzsp", 37008, "01000001 0a01c4 01" + macs + "0800"},
		{"tzsp 802.11", 37008, "01000012 01" + wireless + snap},
		{"capwap", 5247, "00 100200 00000000" + macs + "0800"},
		{"capwap 802.11", 5247, "00 100300 00000000" + wireless + snap},
		{"l2tp", 1701, "0002 0001 0002 ff03 0021"},
		{"l2tpv3 in udp", 1701, "0003 0000 00000001 0102030405060708" + macs + "0800"},
		{"mpls in udp", 6635, labels},
		{"gre in udp", 4754, "2000 0800 00000007"},
		{"lisp", 4341, "08000000 00000500"},
		{"fou", 5555, ""},
		{"fou gre", 5555, "0000 0800"},
		{"gue", 6080, "01040000 00000001"},
	} {
		add(u.name, linkRaw, func(from int, ip []byte) []byte { return udp(from, u.port, x(u.header), ip) })
	}
	add("l2tpv3", linkRaw, func(from int, ip []byte) []byte { return outer4(from, 115, x("00000001"+macs+"0800"), ip) })
	add("eoip", linkRaw, func(from int, ip []byte) []byte {
		return outer4(from, 47, x("2001 6400"), be16(14+len(ip)), x("0700"+macs+"0800"), ip)
	})
	add("gtp", linkRaw, func(from int, ip []byte) []byte {
		return udp(from, 2152, x("30ff"), be16(len(ip)), x([2]string{"00000001", "7fffffff"}[from]), ip)
	})
	add("vxlan in gre in MPLS in a VLAN", ethernet, func(from int, ip []byte) []byte {
		return join(x(macs+"8100 0001 8847 00064140"), outer4(from, 47, x("0000 0800"), udp(from, 4789, x("08000000 00012300"+macs+"0800"), ip)))
	})
	return all
}

// wrapped wraps every packet of a tape of raw IPv4.
func (t tape) wrapped(w wrapping) tape {
	wrapped := slices.Clone(t)
	for i, s := range t.segments() {
		wrapped[i].Data, wrapped[i].Link = w.wrap(int(s.From), t[i].Data), w.link
		wrapped[i].Length = uint32(len(wrapped[i].Data))
	}
	return wrapped
}

// fragmented cuts every IPv4 packet into fragments of n octets, a multiple of 8, of which order says the sequence.
func (t tape) fragmented(n int, order func(fragments tape)) tape {
	var all tape
	for i := range t {
		head, body := t[i].Data[:20], t[i].Data[20:]
		var fragments tape
		for at := 0; at < len(body); at += n {
			piece := body[at:min(at+n, len(body))]
			b := join(head, piece)
			binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
			binary.BigEndian.PutUint16(b[4:], uint16(i)) // identification
			field := at / 8
			if at+n < len(body) {
				field |= 0x2000
			}
			binary.BigEndian.PutUint16(b[6:], uint16(field))
			p := t[i]
			p.Data, p.Length = b, uint32(len(b))
			fragments = append(fragments, p)
		}
		order(fragments)
		all = append(all, fragments...)
	}
	return all
}

func conversationOfOne(t *testing.T) tape {
	return script(t, upgrade, talk(20, 2, 3000, 3), farewell)
}

// However a conversation travels, its story is the same.
func TestWrappingsTellTheSameStory(t *testing.T) {
	bare := conversationOfOne(t)
	want := bare.analyse(t)
	if len(want.handshakes) != 1 || complete(want) != 20 {
		t.Fatal(story(want))
	}
	for _, w := range wrappings() {
		t.Run(w.name, func(t *testing.T) { sameStory(t, want, bare.wrapped(w).analyse(t)) })
	}
	for name, order := range map[string]func(tape){
		"fragments":                 func(tape) {},
		"fragments, the last ahead": func(f tape) { slices.Reverse(f) },
	} {
		t.Run(name, func(t *testing.T) {
			sameStory(t, want, bare.fragmented(64, order).analyse(t))
			sameStory(t, want, bare.fragmented(8, order).analyse(t))
		})
	}
	t.Run("fragments in a tunnel in fragments", func(t *testing.T) {
		tunnel := wrapping{"", linkRaw, func(_ int, ip []byte) []byte { return outer4(0, 4, ip) }}
		inner := bare.fragmented(400, func(tape) {})
		for i := range inner {
			inner[i].Data = tunnel.wrap(0, inner[i].Data)
			inner[i].Length = uint32(len(inner[i].Data))
		}
		sameStory(t, want, inner.fragmented(160, func(f tape) { slices.Reverse(f) }).analyse(t))
	})
}

// Connections between the same addresses in different tunnels are two.
func TestTunnelsKeepConnectionsApart(t *testing.T) {
	first := script(t, upgrade, "-- client frames --\ntext \"in the first\"", farewell)
	second := script(t, upgrade, "-- client frames --\ntext \"in the second\"", farewell)
	in := func(vni string) wrapping {
		return wrapping{"", linkRaw, func(from int, ip []byte) []byte {
			return udp(from, 4789, x("08000000"+vni+"00"+macs+"0800"), ip)
		}}
	}
	var mixed tape
	a, b := first.wrapped(in("000001")), second.wrapped(in("000002"))
	for i := range a {
		mixed = append(mixed, a[i], b[i])
	}
	r := mixed.analyse(t)
	if len(r.connections) != 2 || len(r.messages) != 2 || r.messages[0].SHA256 == r.messages[1].SHA256 {
		t.Errorf("%d connections, %d messages:\n%s", len(r.connections), len(r.messages), story(r))
	}
	for _, c := range r.connections {
		if c.Ended != event.EndedClose || len(c.Caveats) > 0 {
			t.Errorf("%+v", c)
		}
	}
}

// Mirrors often have a tunnel, an identifier or a tag of their own for each direction, or one of them none: it is one
// conversation all the same.
func TestDirectionsInDifferentTunnelsAreOneConversation(t *testing.T) {
	bare := conversationOfOne(t)
	want := bare.analyse(t)
	for _, w := range splits() {
		t.Run(w.name, func(t *testing.T) { sameStory(t, want, bare.wrapped(w).analyse(t)) })
	}
}

// splits are wrappings that are not the same for both directions.
func splits() []wrapping {
	vxlan := func(vni string, end int, ip []byte) []byte {
		return udp(end, 4789, x("08000000"+vni+"00"+macs+"0800"), ip)
	}
	return []wrapping{
		{"an identifier each", linkRaw, func(from int, ip []byte) []byte {
			return vxlan([2]string{"000001", "000002"}[from], from, ip)
		}},
		{"one direction in a tunnel", linkRaw, func(from int, ip []byte) []byte {
			return [2][]byte{ip, vxlan("000001", 0, ip)}[from]
		}},
		{"a tunnel each", linkRaw, func(from int, ip []byte) []byte {
			return [2][]byte{outer4(0, 47, x("0000 0800"), ip), outer6(0, 4, ip)}[from]
		}},
		{"ERSPAN from two switches", linkRaw, func(from int, ip []byte) []byte {
			b := outer4(0, 47, x("1000 88be 00000001 1064 0001 00000000"+macs+"0800"), ip)
			b[15] += byte(10 * from) // source
			return b
		}},
		{"a VLAN each", 1, func(from int, ip []byte) []byte {
			return join(x(macs+[2]string{"8100 000a 0800", "8100 0014 0800"}[from]), ip)
		}},
		{"one direction tagged", 1, func(from int, ip []byte) []byte {
			return join(x(macs+[2]string{"8100 000a 0800", "0800"}[from]), ip)
		}},
	}
}
