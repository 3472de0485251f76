package analyze

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// delayed has the packets of one end of each connection later, in the order of their new times.
func (t tape) delayed(from uint8, ns int64) tape {
	late := slices.Clone(t)
	for i, s := range t.segments() {
		if s.From == from {
			late[i].Time += ns
		}
	}
	slices.SortStableFunc(late, func(a, b capture.Packet) int { return int(min(max(a.Time-b.Time, -1), 1)) })
	return late
}

// byIPv6 has the segments of a tape in packets of IPv6.
func (t tape) byIPv6() tape {
	var all tape
	for i, s := range t.segments() {
		ip := t[i].Data
		if s.Key.Protocol != reassembly.ProtocolTCP || len(ip) < 40 || ip[0]>>4 != 4 {
			continue
		}
		tcp := slices.Clone(ip[int(ip[0]&15)*4 : binary.BigEndian.Uint16(ip[2:])])
		b := append(x("60000000"), be16(len(tcp))...)
		b = append(b, 6, 64)
		for _, at := range []int{12, 16} {
			b = append(b, x("20010db8 00000000 00000000")...)
			b = append(b, ip[at:at+4]...)
		}
		tcp[16], tcp[17] = 0, 0
		ends := uint32(^sumOf(6+uint32(len(tcp)), b[8:40]))
		binary.BigEndian.PutUint16(tcp[16:], sumOf(ends, tcp))
		b = append(b, tcp...)
		all = append(all, capture.Packet{Data: b, Time: t[i].Time, Length: uint32(len(b)), Link: linkRaw})
	}
	return all
}

// spoilt has a copy of a packet with a payload before it, octets of which changed on the way.
func (t tape) spoilt(which int, how func(payload []byte)) tape {
	var all tape
	n := 0
	for i, s := range t.segments() {
		if len(s.Payload) > 0 {
			if n == which {
				bad := t[i]
				bad.Data = slices.Clone(bad.Data)
				how(bad.Data[len(bad.Data)-len(s.Payload):])
				all = append(all, bad)
			}
			n++
		}
		all = append(all, t[i])
	}
	return all
}

// microMagic writes nanoseconds into a file that says it counts microseconds.
func (t tape) microMagic(order binary.ByteOrder) []byte {
	type appender interface {
		AppendUint16([]byte, uint16) []byte
		AppendUint32([]byte, uint32) []byte
	}
	w := order.(appender)
	b := w.AppendUint32(nil, 0xa1b2c3d4)
	b = w.AppendUint16(b, 2)
	b = w.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = w.AppendUint32(b, 65535)
	b = w.AppendUint32(b, uint32(t[0].Link))
	for _, p := range t {
		b = w.AppendUint32(b, uint32(p.Time/1e9))
		b = w.AppendUint32(b, uint32(p.Time%1e9))
		b = w.AppendUint32(b, uint32(len(p.Data)))
		b = w.AppendUint32(b, p.Length)
		b = append(b, p.Data...)
	}
	return b
}

// packetBlocks writes a tape into pcapng, with the packets for which simple is true in simple packet blocks and others
// in enhanced ones with these options.
func (t tape) packetBlocks(simple func(i int) bool, options string) []byte {
	le := binary.LittleEndian
	var out []byte
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		n := uint32(len(body) + 12)
		out = le.AppendUint32(le.AppendUint32(out, kind), n)
		out = le.AppendUint32(append(out, body...), n)
	}
	block(0x0a0d0d0a, x("4d3c2b1a 0100 0000 ffffffffffffffff"))
	block(1, append(le.AppendUint16(nil, uint16(t[0].Link)), x("0000 00000400 0900 0100 09000000 0000 0000")...))
	for i, p := range t {
		if simple(i) {
			block(3, append(le.AppendUint32(nil, uint32(len(p.Data))), p.Data...))
			continue
		}
		b := le.AppendUint32(nil, 0)
		b = le.AppendUint32(b, uint32(p.Time>>32))
		b = le.AppendUint32(b, uint32(p.Time))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = append(le.AppendUint32(b, p.Length), p.Data...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		block(6, append(b, x(options)...))
	}
	return out
}

// in wraps the packets of a tape.
func (t tape) in(link capture.LinkType, wrap func(from int, ip []byte) []byte) tape {
	return t.wrapped(wrapping{"", link, wrap})
}

// behind puts octets before each packet of a tape.
func (t tape) behind(link capture.LinkType, octets string) tape {
	return t.in(link, func(_ int, ip []byte) []byte { return join(x(octets), ip) })
}

// inUDP puts octets before each packet of a tape, in a UDP datagram to a port.
func (t tape) inUDP(port int, octets string) tape {
	return t.in(linkRaw, func(from int, ip []byte) []byte { return udp(from, port, x(octets), ip) })
}

// numbered adds to the sequence numbers of both sides.
func (t tape) numbered(add uint32) tape {
	return t.rewritten(func(s *reassembly.Segment) bool {
		s.Seq += add
		if s.Flags&reassembly.ACK != 0 {
			s.Ack += add
		}
		return true
	})
}

// silenceKinds names the kind of each capture of the field that was once passed over in silence.
var silenceKinds = map[string]string{
	"b2-empty-target.pcap": "request line", "r7-node-empty-target.pcap": "request line",
	"c1-proxy-v1-400.pcap": "PROXY protocol, refused", "c1b-proxy-v1-ok.pcap": "PROXY protocol", "proxyproto_v1.pcap": "PROXY protocol",
	"r5-haproxy-proxyprotocol-ok.pcap": "PROXY protocol", "c3-socks5.pcap": "SOCKS", "socks5.pcap": "SOCKS",
	"asa_isn_both.pcap": "sequence numbers changed", "docker_any_dnat_sll2.pcap": "addresses translated",
	"tenants_same5tuple_vlan.pcap": "two tenants", "vxlan_mirror_2sources.pcap": "directions in two tunnels",
	"vxlan_halfplain.pcap": "one direction in a tunnel", "clockstep_1970_to_2026.pcap": "clock jump", "skew_m5s.pcap": "two clocks",
	"twohosts_skew_70s.pcap": "both hosts, two clocks", "corrupt_hdr_then_good.pcap": "damaged segment", "wss_midtls.pcap": "TLS from the middle",
	"wss_only_client.pcap": "half of TLS", "snap96_plain.pcap": "snap length", "sampled_1of10.pcap": "sampled", "tzsp37008.pcap": "TZSP",
	"vntag8926.pcap": "VN-Tag", "capwap5247_8023.pcap": "CAPWAP", "greudp4754.pcap": "GRE in UDP", "amsdu.pcap": "A-MSDU",
	"wireguard.pcap": "encrypted tunnel", "rawip_as_ethernet.pcap": "wrong link type", "ns_in_us_magic.pcap": "nanoseconds under the wrong magic",
	"epb_dropcount.pcapng": "drops counted in the file", "spb_only.pcapng": "packets without a time", "cat_two.pcap": "two files in one",
	"link149_pktap_user2.pcap": "pktap", "link192_ppi_eth.pcap": "PPI",
}

// Other captures of each kind, made here: what they tell is what is in them.
func TestSilenceVariants(t *testing.T) {
	whole := conversationOfOne(t)
	six := whole.byIPv6()
	other := script(t, strings.Replace(upgrade, "4tAjitqO9So2Wu8lkrsq3w==", "8LrS5mUvQ0yq3nDkXw1bZA==", 1), "-- client frames --\ntext \"of the second\"", farewell)
	read := func(b []byte) func(*testing.T) *recorder {
		return func(t *testing.T) *recorder {
			path := filepath.Join(t.TempDir(), "capture")
			if err := os.WriteFile(path, b, 0o666); err != nil {
				t.Fatal(err)
			}
			return analyseField(t, path)
		}
	}
	played := func(tp tape) func(*testing.T) *recorder {
		return func(t *testing.T) *recorder { return tp.analyse(t) }
	}
	none := func(int) bool { return false }
	target := func(line string, answer string) func(*testing.T) *recorder {
		return func(t *testing.T) *recorder {
			return exchanged(t, strings.Replace(asked("/", "app.example.org"), "GET / HTTP/1.1", line, 1), answer)
		}
	}
	early := func(tp tape, says ...saying) func(*testing.T) *recorder { return played(tp.prefaced(says)) }
	tls := func(name string, part func(tape) tape, keys bool) func(*testing.T) *recorder {
		return func(t *testing.T) *recorder {
			if tp := part(loadTape(t, tlsRecording(name))); keys {
				return tp.analyse(t, withKeys(t, name))
			} else {
				return tp.analyse(t)
			}
		}
	}
	spoil := func(p []byte) { p[len(p)/2] ^= 0x20 }
	at := func(tp tape, from int, ns int64) tape {
		tp = slices.Clone(tp)
		for i := from; i < len(tp); i++ {
			tp[i].Time += ns
		}
		return tp
	}
	merged := func(a, b tape) tape {
		both := append(slices.Clone(a), b...)
		slices.SortStableFunc(both, func(a, b capture.Packet) int { return int(min(max(a.Time-b.Time, -1), 1)) })
		return both
	}
	elsewhere := other.rewritten(func(s *reassembly.Segment) bool {
		s.Key.Addr[0][15] ^= 9
		return true
	})
	inVLAN := func(id string) string { return macs + "8100 " + id + " 0800" }
	const (
		base     = "1 established; 22 frames, 20 messages; "
		nothing  = "; 0 frames, 0 messages; "
		wireless = "0801 3000 020000000001 020000000002 020000000003 1000 "
		bad      = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
		v1       = "PROXY TCP4 203.0.113.7 203.0.113.9 4711 443\r\n"
	)
	v6ends := strings.Repeat("\x20\x01\x0d\xb8", 8) + "\x12\x67\x01\xbb"
	variants := []struct {
		kind, name string
		run        func(*testing.T) *recorder
		want, told string
	}{
		{"request line", "no target at all", target("GET HTTP/1.1", bad), "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},
		{"request line", "three blanks", target("GET   HTTP/1.1", bad), "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},
		{"request line", "a control octet", target("GET /\x01 HTTP/1.1", bad), "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},
		{"request line", "an escape sequence", target("GET /\x1b[2J HTTP/1.1", bad), "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},

		{"PROXY protocol", "version 1, IPv6", early(whole, saying{0, "PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n"}), base, "forwarded proxy-v1 [2001:db8::1]:4711"},
		{"PROXY protocol", "in three segments", early(whole, saying{0, v1[:8]}, saying{0, v1[8 : len(v1)-1]}, saying{0, "\n"}), base, "forwarded proxy-v1 203.0.113.7:4711"},
		{"PROXY protocol", "version 2, IPv6", early(whole, saying{0, "\r\n\r\n\x00\r\nQUIT\n\x21\x21\x00\x24" + v6ends}), base, "forwarded proxy-v2 [2001:db8:"},
		{"PROXY protocol", "version 2, sockets of Unix", early(six, saying{0, "\r\n\r\n\x00\r\nQUIT\n\x21\x31\x00\xd8" + strings.Repeat("\x00", 216)}), base, "forwarded proxy-v2"},
		{"PROXY protocol", "of two proxies", early(whole, saying{0, v1}, saying{0, "PROXY TCP4 203.0.113.8 203.0.113.9 4712 443\r\n"}), base, "forwarded proxy-v1 203.0.113.7:4711"},
		{"PROXY protocol", "over IPv6 packets", played(whole.prefaced([]saying{{0, v1}}).byIPv6()), base, "forwarded proxy-v1 203.0.113.7:4711"},
		{"PROXY protocol, refused", "version 2", func(t *testing.T) *recorder {
			return exchanged(t, "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x07\xcb\x00\x71\x09\x12\x67\x01\xbb"+asked("/", "app.example.org"), bad)
		}, "1 refused; 0 frames, 0 messages; handshake-refused, proxy-protocol", "forwarded proxy-v2 203.0.113.7:4711"},
		{"PROXY protocol, refused", "version 1 without addresses", func(t *testing.T) *recorder {
			return exchanged(t, "PROXY UNKNOWN\r\n"+asked("/", "app.example.org"), bad)
		}, "1 refused; 0 frames, 0 messages; handshake-refused, proxy-protocol", "forwarded proxy-v1"},

		{"SOCKS", "5, IPv6", early(whole, saying{0, "\x05\x01\x00"}, saying{1, "\x05\x00"}, saying{0, "\x05\x01\x00\x04" + v6ends[:16] + "\x00\x50"},
			saying{1, "\x05\x00\x00\x04" + strings.Repeat("\x00", 16) + "\x00\x50"}), base, "forwarded socks5"},
		{"SOCKS", "5, all at once", early(six, saying{0, "\x05\x01\x00\x05\x01\x00\x03\x10app.example.test\x00\x50"},
			saying{1, "\x05\x00\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50"}), base, "forwarded socks5"},
		{"SOCKS", "4", early(whole, prefaces[4].says...), base, "forwarded socks4"},
		{"SOCKS", "5 behind PROXY", early(whole, append([]saying{{0, v1}}, prefaces[6].says...)...), base, "203.0.113.7:4711"},
		{"SOCKS", "5 with GSSAPI", early(whole, saying{0, "\x05\x01\x01"}, saying{1, "\x05\x01"}, saying{0, "\x01\x01\x00\x04abcd"}, saying{1, "\x01\x01\x00\x04abcd"}),
			nothing + "caveat not-read", "1 SOCKS5 with GSSAPI"},

		{"sequence numbers changed", "of both sides", played(whole.beside(whole.numbered(1 << 30))), "2 established; 44 frames, 40 messages; caveat copies", ""},
		{"sequence numbers changed", "the copy first, IPv6", played(whole.numbered(3 << 29).byIPv6().beside(six)), "2 established; 44 frames, 40 messages; caveat copies", ""},
		{"addresses translated", "of the server, one after the other", played(whole.beside(whole.rewritten(func(s *reassembly.Segment) bool {
			setPort(&s.Key, 80, 8080)
			return true
		}))), "2 established; 44 frames, 40 messages; caveat copies", ""},
		{"addresses translated", "to IPv6 (NAT64)", played(whole.beside(six)), "2 established; 44 frames, 40 messages; caveat copies", ""},

		{"two tenants", "in VLANs, numbered alike", played(whole.behind(1, inVLAN("000a")).beside(other.behind(1, inVLAN("0014")))), "2 established; 25 frames, 21 messages; ", ""},
		{"two tenants", "in VXLANs", played(whole.inUDP(4789, "08000000 00000100"+macs+"0800").beside(other.inUDP(4789, "08000000 00000200"+macs+"0800"))), "2 established; 25 frames, 21 messages; ", ""},
		{"two tenants", "in NVGRE, IPv6 inside", played(six.in(linkRaw, func(from int, ip []byte) []byte {
			return outer4(from, 47, x("2000 6558 00000100"+macs+"86dd"), ip)
		}).beside(other.byIPv6().in(linkRaw, func(from int, ip []byte) []byte {
			return outer4(from, 47, x("2000 6558 00000200"+macs+"86dd"), ip)
		}))), "2 established; 25 frames, 21 messages; ", ""},

		{"directions in two tunnels", "Geneve", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return udp(0, 6081, x("0000 6558 "+[]string{"000001", "000002"}[from]+"00"+macs+"0800"), ip)
		})), base, ""},
		{"directions in two tunnels", "GRE and IPv6", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return [][]byte{outer4(0, 47, x("0000 0800"), ip), outer6(0, 4, ip)}[from]
		})), base, ""},
		{"one direction in a tunnel", "ERSPAN", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return [][]byte{ip, outer4(0, 47, x("1000 88be 00000001 1064 0001 00000000"+macs+"0800"), ip)}[from]
		})), base, ""},
		{"one direction in a tunnel", "a VLAN, of the client", played(whole.in(1, func(from int, ip []byte) []byte {
			return join(x([]string{macs + "0800", inVLAN("0007")}[from]), ip)
		})), base, ""},

		{"clock jump", "two days back", played(at(whole, 30, -3*86400e9)), base + "caveat clock-jump", "went back by 2 days"},
		{"clock jump", "from 1970, behind the request", played(at(whole, 4, 1_800_000_000e9)), base + "caveat clock-jump", "went forward"},
		{"clock jump", "there and back", played(at(at(whole, 20, 40*86400e9), 30, -40*86400e9)), base + "caveat clock-jump", "went forward by 40 days at packet 21"},

		{"two clocks", "the server's 5 s fast", played(whole.delayed(1, 5e9)), base + "caveat clock-skew", "octets of the server were captured up to 4.999s later"},
		{"two clocks", "the client's 5 s fast, IPv6", played(six.delayed(0, 5e9)), base + "caveat clock-skew", "the SYN was captured 4.999s later than its answer"},
		{"two clocks", "the server's 7 ms slow", played(whole.delayed(1, -7e6)), base + "caveat clock-skew", "two clocks"},
		{"two clocks", "without the SYNs, the answer first", played(whole[3:].delayed(1, -5e9)), base + "caveat clock-skew, caveat midstream", "octets of the client were captured up to 4.999s later"},
		{"two clocks", "without the SYNs, the request first", played(six[3:].delayed(1, 90e9)), base + "caveat clock-skew, caveat midstream", "octets of the server were captured up to"},
		{"two clocks", "from the middle", played(whole[12:].delayed(0, -5e9)), "; 18 frames, 16 messages; caveat clock-skew, caveat midstream", "octets of the server"},
		{"both hosts, two clocks", "3 s late", played(merged(whole, at(whole, 0, 3e9))), base, ""},
		{"both hosts, two clocks", "an hour early, IPv6", played(merged(six, at(six, 0, -3600e9))), "2 established; 44 frames, 40 messages; caveat copies", ""},

		{"damaged segment", "the answer", played(whole.spoilt(1, spoil)), base + "caveat checksum-wrong", "1 segment of the server with a wrong TCP checksum, the first is packet 6"},
		{"damaged segment", "a frame, IPv6", played(six.spoilt(3, spoil)), base + "caveat checksum-wrong", "of the server with a wrong TCP checksum, the first is packet 10"},
		{"damaged segment", "the header of a frame", played(whole.spoilt(2, func(p []byte) { p[1] ^= 0x7f })), base + "caveat checksum-wrong", "the first is packet 8"},
		{"damaged segment", "in a tunnel", played(whole.spoilt(2, spoil).inUDP(4789, "08000000 00012300"+macs+"0800")), base + "caveat checksum-wrong", "the first is packet 8"},

		{"TLS from the middle", "1.3", tls("tls-13-aes-128-gcm", func(t tape) tape { return t[len(t)/2:] }, false), nothing + "caveat midstream, caveat tls-undecrypted", "TLS whose beginning was not captured"},
		{"TLS from the middle", "1.2 with CBC, with keys", tls("tls-12-aes-128-cbc-sha", func(t tape) tape { return t[len(t)/3:] }, true), nothing + "caveat midstream, caveat tls-undecrypted", "TLS whose beginning was not captured"},
		{"TLS from the middle", "one side of it", tls("tls-python", func(t tape) tape { return t[len(t)/2:].oneSide(1) }, false), nothing + "caveat midstream, caveat tls-undecrypted", "TLS whose beginning was not captured"},
		{"half of TLS", "the client, with keys", tls("tls-12-aes-128-gcm", func(t tape) tape { return t.oneSide(1) }, true), nothing + "caveat tls-undecrypted", "no packet of the server was captured"},
		{"half of TLS", "the server", tls("tls-13-aes-128-gcm", func(t tape) tape { return t.oneSide(0) }, false), nothing + "caveat gap, caveat sampled, caveat tls-undecrypted", "no packet of the client was captured"},
		{"half of TLS", "the client of a browser", tls("tls-chromium", func(t tape) tape { return t.oneSide(1) }, false), nothing + "caveat tls-undecrypted", "no packet of the server was captured"},

		{"snap length", "68 octets", played(whole.snapped(68)), "1 incomplete; 10 frames, 9 messages; caveat gap, caveat resynchronised, caveat snap-length, caveat undecoded", "28 of 57 packets are cut"},
		{"snap length", "128 octets, IPv6", played(six.snapped(128)), "1 incomplete; 10 frames, 9 messages; caveat gap, caveat resynchronised, caveat snap-length, caveat undecoded", "28 of 57 packets are cut"},
		{"snap length", "inside the TCP header", played(six.snapped(54)), nothing + "caveat packet-truncated, caveat snap-length", "57 of 57 packets are cut"},
		{"snap length", "TLS", tls("tls-13-aes-128-gcm", func(t tape) tape { return t.snapped(96) }, true), nothing + "caveat snap-length, caveat tls-undecrypted", "the snap length of the capture cut its handshake"},
		{"sampled", "one in three", played(whole.only(func(_ *reassembly.Segment, n int) bool { return n%3 == 1 })), "1 incomplete; 0 frames, 0 messages; caveat gap, caveat sampled", "19940 of 30338 octets"},
		{"sampled", "one in ten, IPv6", played(six.only(func(_ *reassembly.Segment, n int) bool { return n%10 == 0 })), nothing + "caveat not-read, caveat sampled", "17115 of 22963 octets"},

		{"TZSP", "with more tags, sent", played(whole.inUDP(37008, "01010001 00 0a01c4 0b0102 290400000001 01"+macs+"0800")), base, ""},
		{"TZSP", "on another port", played(whole.inUDP(37009, "01000001 01"+macs+"0800")), base, ""},
		{"TZSP", "wireless, IPv6 inside", played(six.inUDP(37008, "01000012 0a01c4 01"+wireless+"aaaa03 000000 86dd")), base, ""},
		{"VN-Tag", "in a VLAN", played(whole.behind(1, macs+"8100 0005 8926 80000005 0800")), base, ""},
		{"VN-Tag", "before a VLAN, IPv6", played(six.behind(1, macs+"8926 80000005 8100 0007 86dd")), base, ""},
		{"VN-Tag", "an E-Tag", played(whole.behind(1, macs+"893f 0000 0001 0000 0800")), base, ""},
		{"CAPWAP", "with a radio's MAC address", played(whole.inUDP(5247, "00 200210 00000000 06 020304050607 00"+macs+"0800")), base, ""},
		{"CAPWAP", "802.11 with wireless information", played(whole.inUDP(5247, "00 200320 00000000 04 01020304 000000"+wireless+snap)), base, ""},
		{"CAPWAP", "in DTLS", played(whole.inUDP(5247, "01000000 17feff 0001000000000001 0100")), nothing + "caveat encrypted", "57 packets are DTLS (UDP 5247), which is encrypted"},
		{"GRE in UDP", "Ethernet inside", played(whole.inUDP(4754, "0000 6558"+macs+"0800")), base, ""},
		{"GRE in UDP", "ERSPAN inside", played(whole.inUDP(4754, "1000 88be 00000001 1064 0001 00000000"+macs+"0800")), base, ""},
		{"GRE in UDP", "in DTLS", played(whole.inUDP(4755, "17fefd 0001000000000001 0020")), nothing + "caveat encrypted", "57 packets are DTLS (UDP 4755), which is encrypted"},
		{"A-MSDU", "two in each frame", played(whole.in(105, func(_ int, ip []byte) []byte {
			pad := make([]byte, (4-(14+8+len(ip))%4)%4)
			return join(x("88"+wireless[2:]+"8000"+macs), be16(8+len(ip)), x(snap), ip, pad, x(macs), be16(8+len(ip)), x(snap), ip)
		})), base, ""},
		{"A-MSDU", "four addresses, radiotap", played(whole.in(127, func(_ int, ip []byte) []byte {
			return join(x("0000 0800 00000000 8803 3000 020000000001 020000000002 020000000003 1000 020000000004 8000 "+macs), be16(8+len(ip)), x(snap), ip)
		})), base, ""},
		{"encrypted tunnel", "WireGuard on another port", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return udp(from, 41641, x("04000000 01020304 0000000000000000"), make([]byte, len(ip)/16*16+32))
		})), nothing + "caveat encrypted", "57 packets are WireGuard (UDP 41641)"},
		{"encrypted tunnel", "OpenVPN", played(whole.inUDP(1194, "48 000001")), nothing + "caveat encrypted", "57 packets are OpenVPN (UDP 1194)"},
		{"encrypted tunnel", "ESP over IPv6", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return outer6(from, 50, x("12345678 00000001"), ip)
		})), nothing + "caveat encrypted", "57 packets are IPsec ESP"},
		{"encrypted tunnel", "ZeroTier", played(whole.in(linkRaw, func(from int, ip []byte) []byte {
			return udp(from, 9993, make([]byte, 28), ip)
		})), nothing + "caveat encrypted", "57 packets are ZeroTier (UDP 9993)"},
		{"wrong link type", "IPv6 as Ethernet", played(six.behind(1, "")), base + "caveat link-type-wrong", "57 packets are raw IP, though the capture says Ethernet"},
		{"wrong link type", "Ethernet as raw IP", played(whole.behind(linkRaw, macs+"0800")), base + "caveat link-type-wrong", "57 packets are Ethernet, though the capture says raw IP"},
		{"wrong link type", "Linux cooked 2 as Ethernet", played(whole.behind(1, "0800 0000 00000002 0001 00 06 02000000000a0000")), base + "caveat link-type-wrong", "Linux cooked v2"},
		{"wrong link type", "Ethernet as a type for users", played(whole.behind(150, macs+"0800")), base + "caveat link-type-wrong", "Ethernet"},
		{"nanoseconds under the wrong magic", "little-endian", read(at(whole, 0, 2484).microMagic(binary.LittleEndian)), base, "latency 2000"},
		{"nanoseconds under the wrong magic", "big-endian, IPv6", read(six.microMagic(binary.BigEndian)), base, "latency 2000"},
		{"drops counted in the file", "one packet before each", read(whole.packetBlocks(none, "0400 0800 0100000000000000 0000 0000")), base + "caveat capture-drop", "57 by the system"},
		{"drops counted in the file", "only in the statistics of the interface", read(append(whole.pcapng(), x("05000000 34000000 00000000 0000000000000000 0500 0800 0300000000000000 0700 0800 0400000000000000 00000000 34000000")...)), base + "caveat capture-drop", "4 by the system or not said by what, 3 by the interface"},
		{"packets without a time", "all, IPv6", read(six.packetBlocks(func(int) bool { return true }, "")), base, "time unknown"},
		{"packets without a time", "behind others", read(whole.packetBlocks(func(i int) bool { return i >= 3 }, "")), base, "time unknown"},
		{"packets without a time", "before others", read(whole.packetBlocks(func(i int) bool { return i < 3 }, "")), base, "latency 2000"},
		{"packets without a time", "every other", read(whole.packetBlocks(func(i int) bool { return i%2 == 0 }, "")), base, "latency 2000"},
		{"two files in one", "pcap behind pcapng", read(append(whole.pcapng(), elsewhere.pcap()...)), "2 established; 25 frames, 21 messages; ", ""},
		{"two files in one", "three, one cut in the middle", read(slices.Concat(whole[:20].pcap(), elsewhere.pcapng(), whole[20:].pcap())), "2 established; 25 frames, 21 messages; ", ""},
		{"pktap", "raw IP inside", played(whole.behind(258, "14000000 01000000 0c000000 0000000000000000")), base, ""},
		{"pktap", "as another type for users, IPv6", played(six.behind(149, "6c000000 01000000 01000000 656e3000"+strings.Repeat("00", 92)+macs+"86dd")), base, ""},
		{"PPI", "with a field, IPv6", played(six.behind(192, "0000 1000 01000000 0200 0400 01020304"+macs+"86dd")), base, ""},
		{"PPI", "raw IP inside", played(whole.behind(192, "0000 0800 65000000")), base, ""},
		{"PPI", "wireless", played(whole.behind(192, "0000 0800 69000000"+wireless+snap)), base, ""},
	}
	made := make(map[string]int)
	for _, c := range variants {
		made[c.kind]++
		t.Run(c.kind+"/"+c.name, func(t *testing.T) {
			r := c.run(t)
			if got := outcome(r); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, allSaid(r))
			}
			if said := allSaid(r); !strings.Contains(said, c.told) {
				t.Errorf("%q is not said in\n%s", c.told, said)
			}
			if c.kind == "two clocks" && strings.Contains(c.told, "SYN") { // known when the answer comes
				if latency, known := r.handshakes[0].Latency(); known {
					t.Errorf("latency of %d ns between two clocks", latency)
				}
			}
		})
	}
	for capture, kind := range silenceKinds {
		if made[kind] < 2 {
			t.Errorf("%s: %d variants of its kind, %s", capture, made[kind], kind)
		}
	}
}

// exported has the octets of each segment as an exported PDU (LINKTYPE_WIRESHARK_UPPER_PDU): a dissector's name,
// addresses, ports.
func (t tape) exported(name func(payload []byte) string) tape {
	var all tape
	for i, s := range t.segments() {
		if len(s.Payload) == 0 {
			continue
		}
		b := []byte{0, 12, 0, 12}
		b = append(b, name(s.Payload)...)
		b = append(b, make([]byte, 16-len(b))...)
		for at, end := range []uint8{s.From, s.From ^ 1} {
			address := s.Key.Endpoint(end).Addr().AsSlice()
			tag := byte(20 + at)
			if len(address) == 16 {
				tag += 2
			}
			b = append(append(b, 0, tag, 0, byte(len(address))), address...)
			port := s.Key.Endpoint(end).Port()
			b = append(b, 0, byte(25+at), 0, 4, 0, 0, byte(port>>8), byte(port))
		}
		b = append(append(b, 0, 24, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0), s.Payload...)
		all = append(all, capture.Packet{Data: b, Time: t[i].Time, Length: uint32(len(b)), Link: 252})
	}
	return all
}

// What was exported without its headers is read as what it is.
func TestExportedData(t *testing.T) {
	whole := conversationOfOne(t)
	want := octetsOnly(whole.analyse(t))
	names := func(p []byte) string {
		if string(p[:4]) == "GET " || string(p[:4]) == "HTTP" {
			return "http"
		}
		return "websocket"
	}
	for version, tp := range map[string]tape{"IPv4": whole, "IPv6": whole.byIPv6()} {
		if diff := cmp.Diff(want, octetsOnly(tp.exported(names).analyse(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
	const frames = "; 22 frames, 20 messages; caveat midstream"
	if got := outcome(whole[7:].exported(names).analyse(t)); got != frames {
		t.Errorf("frames alone: got %s, want %s", got, frames)
	}
	tls := func([]byte) string { return "tls" }
	for _, name := range []string{"tls-13-aes-128-gcm", "tls-12-chacha20"} {
		original := loadTape(t, tlsRecording(name))
		if diff := cmp.Diff(octetsOnly(original.analyse(t, withKeys(t, name))), octetsOnly(original.exported(tls).analyse(t, withKeys(t, name)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Every capture that the index of the field calls silence has its kind.
func TestSilenceKindsAreAll(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "field", "INDEX.json")
	b, err := os.ReadFile(path)
	if err != nil {
		need.Lacking(t, "no captures from the field: "+path)
	}
	var rows []struct{ Capture, For string }
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.For == "silence" && silenceKinds[r.Capture] == "" {
			t.Errorf("%s has no kind", r.Capture)
		}
	}
}
