package analyze

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// outcome tells a run in a line: the verdicts, what was said, and the names of findings and caveats.
func outcome(r *recorder) string {
	s := &r.summary
	var verdicts, names []string
	for v, n := range s.Handshakes {
		if n > 0 {
			verdicts = append(verdicts, fmt.Sprintf("%d %s", n, event.Verdict(v)))
		}
	}
	for _, f := range r.findings {
		names = append(names, f.Name)
	}
	for _, c := range r.caveats {
		names = append(names, "caveat "+c.Name)
	}
	return fmt.Sprintf("%s; %d frames, %d messages; %s", strings.Join(verdicts, ", "), s.Frames, s.Messages, strings.Join(slices.Compact(sorted(names)), ", "))
}

// Captures made after public reports, each of which was once read wrongly or passed over in silence.
func TestFieldSilence(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "field")
	if _, err := os.Stat(dir); err != nil {
		need.Lacking(t, "no captures from the field: "+dir)
	}
	const whole = "1 established; 46 frames, 32 messages; "
	for _, c := range []struct{ name, want, told string }{
		{"b2-empty-target.pcap", "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},
		{"r7-node-empty-target.pcap", "1 refused; 0 frames, 0 messages; handshake-refused, request-target", ""},
		{"c1b-proxy-v1-ok.pcap", "1 established; 3 frames, 1 messages; ", "forwarded proxy-v1 192.0.2.10:50001"},
		{"c1-proxy-v1-400.pcap", "1 refused; 0 frames, 0 messages; handshake-refused, proxy-protocol", "forwarded proxy-v1 192.0.2.10:50001"},
		{"c3-socks5.pcap", "1 established; 1 frames, 1 messages; close-missing", "forwarded socks5"},
		{"r5-haproxy-proxyprotocol-ok.pcap", "3 established; 0 frames, 0 messages; close-missing", "forwarded proxy-v"},
		{"asa_isn_both.pcap", "2 established; 92 frames, 64 messages; caveat copies", "connections 2 and 1 are one conversation"},
		{"docker_any_dnat_sll2.pcap", "2 established; 92 frames, 64 messages; caveat copies", "connections 2 and 1 are one conversation"},
		{"tenants_same5tuple_vlan.pcap", "2 established; 92 frames, 64 messages; ", ""},
		{"vxlan_mirror_2sources.pcap", whole, ""},
		{"vxlan_halfplain.pcap", whole, ""},
		{"clockstep_1970_to_2026.pcap", whole + "caveat clock-jump", "20779 days at packet 47"},
		{"skew_m5s.pcap", whole + "caveat clock-skew", "two clocks made this capture"},
		{"corrupt_hdr_then_good.pcap", whole + "caveat checksum-wrong", "the first is packet 16"},
		{"proxyproto_v1.pcap", whole, "forwarded proxy-v1"},
		{"socks5.pcap", whole, "forwarded socks5"},
		{"wss_midtls.pcap", "; 0 frames, 0 messages; caveat midstream, caveat tls-undecrypted", "TLS whose beginning was not captured"},
		{"wss_only_client.pcap", "; 0 frames, 0 messages; caveat tls-undecrypted", "no packet of the server was captured"},
		{"snap96_plain.pcap", "1 incomplete; 46 frames, 32 messages; caveat gap, caveat snap-length", "52 of 93 packets are cut by the snap length"},
		{"sampled_1of10.pcap", "; 0 frames, 0 messages; caveat not-read, caveat sampled", "22791 of 27703 octets"},
		{"tzsp37008.pcap", whole, ""},
		{"vntag8926.pcap", whole, ""},
		{"capwap5247_8023.pcap", whole, ""},
		{"greudp4754.pcap", whole, ""},
		{"amsdu.pcap", whole, ""},
		{"wireguard.pcap", "; 0 frames, 0 messages; caveat encrypted", "93 packets are WireGuard (UDP 51820)"},
		{"rawip_as_ethernet.pcap", whole + "caveat link-type-wrong", "93 packets are raw IP"},
		{"ns_in_us_magic.pcap", whole, "latency 2484"},
		{"epb_dropcount.pcapng", whole + "caveat capture-drop", "465"},
		{"twohosts_skew_70s.pcap", whole, ""},
		{"spb_only.pcapng", whole, "time unknown"},
		{"cat_two.pcap", "2 established; 92 frames, 64 messages; ", ""},
		{"link149_pktap_user2.pcap", whole, ""},
		{"link192_ppi_eth.pcap", whole, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := analyseField(t, filepath.Join(dir, c.name))
			if got := outcome(r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if said := allSaid(r); !strings.Contains(said, c.told) {
				t.Errorf("%q is not said in\n%s", c.told, said)
			}
		})
	}
}

// analyseField analyses a capture from the field, with what its file counts as lost.
func analyseField(t *testing.T, path string) *recorder {
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return analyseSource(t, src, func(c *Config) {
		c.Live.Counted = func() (event.Dropped, bool) {
			lost, known := capture.Dropped(src)
			return event.Dropped{Kernel: lost.Kernel, Interface: lost.Interface}, known
		}
	})
}

// allSaid is the sentences of a run, and what its handshakes say of their carrier and time.
func allSaid(r *recorder) string {
	var lines []string
	for _, c := range r.caveats {
		lines = append(lines, c.Text)
	}
	for i := range r.handshakes {
		h := &r.handshakes[i]
		if f := h.Forwarded; f != nil {
			lines = append(lines, fmt.Sprintf("forwarded %s %s", f.Protocol, f.Client.Value))
		}
		if h.At.Time == event.NoTime {
			lines = append(lines, "time unknown")
		} else if h.Request != nil && h.Response != nil {
			lines = append(lines, fmt.Sprintf("latency %d", (h.Response.Last.Time-h.Request.Last.Time)/1000))
		}
	}
	return strings.Join(lines, "\n")
}

// bare is the TCP segments of a tape, without IP options and other protocols, as raw IPv4.
func (t tape) bare() tape {
	return t.rewritten(func(s *reassembly.Segment) bool { return true })
}

// rewritten emits the segments of a tape anew, for which change, which may change them, is true.
func (t tape) rewritten(change func(*reassembly.Segment) bool) tape {
	var all tape
	for i, s := range t.segments() {
		if s.Key.Protocol != reassembly.ProtocolTCP || !s.Key.Endpoint(0).Addr().Is4() || !change(&s) {
			continue
		}
		const largest = 1400 // a loopback has segments that no wrapping has room for
		for first := true; first || len(s.Payload) > 0; first = false {
			p, flags := s.Payload, s.Flags
			if len(p) > largest {
				p, flags = p[:largest], flags&^(reassembly.FIN|reassembly.PSH)
			}
			b := ipv4TCP(s.Key.Endpoint(s.From), s.Key.Endpoint(s.From^1), flags, s.Seq, s.Ack, p)
			binary.BigEndian.PutUint16(b[20+14:], s.Window)
			setChecksums(b)
			all = append(all, capture.Packet{Data: b, Time: t[i].Time, Length: uint32(len(b)), Link: linkRaw})
			s.Payload, s.Seq = s.Payload[len(p):], s.Seq+uint32(len(p))
		}
	}
	return all
}

// sumOf is the Internet checksum of p, begun with start (RFC 1071).
func sumOf(start uint32, p []byte) uint16 {
	for i := 0; i+1 < len(p); i += 2 {
		start += uint32(binary.BigEndian.Uint16(p[i:]))
	}
	if len(p)%2 == 1 {
		start += uint32(p[len(p)-1]) << 8
	}
	for start > 0xFFFF {
		start = start>>16 + start&0xFFFF
	}
	return ^uint16(start)
}

// setChecksums completes an IPv4 packet with a TCP segment.
func setChecksums(b []byte) {
	binary.BigEndian.PutUint16(b[10:], sumOf(0, b[:20]))
	ends := uint32(^sumOf(6+uint32(len(b)-20), b[12:20]))
	binary.BigEndian.PutUint16(b[20+16:], sumOf(ends, b[20:]))
}

// beside has the packets of two tapes, one of each in turn.
func (t tape) beside(o tape) (all tape) {
	for i := range max(len(t), len(o)) {
		if i < len(t) {
			all = append(all, t[i])
		}
		if i < len(o) {
			all = append(all, o[i])
		}
	}
	return all
}

// One conversation that is captured at two places is told once, or as two of which it is said.
func TestCopies(t *testing.T) {
	whole := conversationOfOne(t)
	raised := func(client, server uint32) tape {
		return whole.rewritten(func(s *reassembly.Segment) bool {
			add := [2]uint32{client, server}
			if s.Key.Port[s.From] == 80 {
				add[0], add[1] = add[1], add[0]
			}
			s.Seq += add[0]
			if s.Flags&reassembly.ACK != 0 {
				s.Ack += add[1]
			}
			return true
		})
	}
	translated := func(change func(*reassembly.Key)) tape {
		return whole.rewritten(func(s *reassembly.Segment) bool {
			change(&s.Key)
			return true
		})
	}
	overlay := wrapping{"", linkRaw, func(_ int, ip []byte) []byte {
		return udp(0, 4789, x("08000000 00012300"+macs+"0800"), ip)
	}}
	late := func(o tape, ns int64) tape {
		o = slices.Clone(o)
		for i := range o {
			o[i].Time += ns
		}
		both := append(slices.Clone(whole), o...)
		slices.SortStableFunc(both, func(a, b capture.Packet) int { return int(min(max(a.Time-b.Time, -1), 1)) })
		return both
	}
	server := func(k *reassembly.Key) { setPort(k, 80, 8080) }
	client := func(k *reassembly.Key) {
		for i := range k.Port {
			if k.Port[i] != 80 {
				k.Addr[i][15], k.Port[i] = 77, 61000
			}
		}
	}
	for _, c := range []struct {
		name   string
		tape   tape
		copies bool
	}{
		{"sequence numbers of both sides changed", whole.beside(raised(1<<30, 3<<29)), true},
		{"those of the client alone", whole.beside(raised(1<<31, 0)), true},
		{"those of the server alone", whole.beside(raised(0, 1<<30+17)), false},
		{"the copy comes first", raised(1<<30, 1<<30).beside(whole), true},
		{"a translation of the server's address", whole.beside(translated(server)), true},
		{"a translation of the client's address", whole.beside(translated(client)), true},
		{"of both", whole.beside(translated(func(k *reassembly.Key) { server(k); client(k) })), true},
		{"inside and outside of an overlay", whole.beside(whole.wrapped(overlay)), true},
		{"in two overlays", whole.wrapped(overlay).beside(whole.wrapped(wrapping{"", linkRaw, func(_ int, ip []byte) []byte {
			return outer4(0, 47, x("2000 6558 00012301"+macs+"0800"), ip)
		}})), true},
		{"on two interfaces", whole.doubled(), false},
		{"on both hosts, one clock 3 ms late", late(whole, 3e6), false},
		{"on both hosts, one clock 2 s late", late(whole, 2e9), false},
		{"on both hosts, one clock 70 s late", late(whole, 70e9), false},
		{"on both hosts, one clock 70 s early", late(whole, -70e9), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, one := c.tape.analyse(t), whole.analyse(t)
			want, sights := outcome(one), 1
			if c.copies {
				sights = 2
				want = fmt.Sprintf("2 established; %d frames, %d messages; caveat copies", 2*one.summary.Frames, 2*one.summary.Messages)
			}
			if got := outcome(r); got != want || len(r.handshakes) != sights {
				t.Errorf("got %s, want %s", got, want)
			}
			for i, h := range r.handshakes {
				if c.copies && (h.OtherLeg == nil || h.OtherLeg.Role != event.CopyLeg || h.OtherLeg.Conn == h.Conn || h.OtherLeg.Again != (i == 1)) {
					t.Errorf("handshake of connection %s: other leg %+v", h.Conn, h.OtherLeg)
				}
			}
		})
	}
}

func setPort(k *reassembly.Key, from, to uint16) {
	for i := range k.Port {
		if k.Port[i] == from {
			k.Port[i] = to
			k.Addr[i][14]++
		}
	}
}

// Whatever the snap length took, a switch is established only where it was verified, and the loss is named.
func TestCutHandshakesAreNotEstablished(t *testing.T) {
	for i, path := range recordings(t) {
		if need.Brief() && i%8 != 0 {
			continue
		}
		whole := loadTape(t, path)
		for _, n := range []int{60, 68, 96, 128, 200, 256} {
			r := whole.snapped(n).analyse(t)
			for _, h := range r.handshakes {
				if h.Verdict == event.Established && h.Transport == "http/1.1" && !h.AcceptValid.Value {
					t.Errorf("%s cut to %d: established, accept %v", path, n, h.AcceptValid)
				}
			}
			if cut := r.summary.Shortened; cut.Packets > 0 && r.summary.Caveats["snap-length"] != 1 {
				t.Errorf("%s cut to %d: %v", path, n, r.summary.Caveats)
			}
		}
	}
}

// What is in cut packets is told: the 101, the headers of frames, the codes of Closes.
func TestCutPacketsAreUsed(t *testing.T) {
	whole := script(t, upgrade, talk(20, 1, 2000, 3), farewell)
	all := whole.analyse(t)
	for _, n := range []int{40 + 20, 40 + 30, 40 + 64, 40 + 100} {
		r := whole.snapped(n).analyse(t)
		if want := fmt.Sprintf("1 incomplete; %d frames, %d messages; caveat gap, caveat snap-length", all.summary.Frames, all.summary.Messages); outcome(r) != want {
			t.Errorf("cut to %d: got %s, want %s", n, outcome(r), want)
			continue
		}
		for i := range r.frames {
			if got, want := r.frames[i].Header, all.frames[i].Header; got != want || r.frames[i].Code != all.frames[i].Code {
				t.Errorf("cut to %d: frame %d is %+v, want %+v", n, i, got, want)
			}
		}
		if h := r.handshakes[0]; h.Response == nil || h.Response.Status != 101 || h.Request == nil || h.Request.Method != "GET" {
			t.Errorf("cut to %d: %+v", n, h)
		}
	}
}

// A wrong Accept is wrong, too, where the rest of the 101 is cut off.
func TestCutInvalidHandshake(t *testing.T) {
	wrong := strings.Replace(upgrade, "{accept}", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nX-Long: "+strings.Repeat("x", 300), 1)
	whole := script(t, wrong, farewell)
	if r := whole.analyse(t); r.summary.Handshakes[event.Invalid] != 1 {
		t.Fatal(outcome(r))
	}
	if got, want := outcome(whole.snapped(40+220).analyse(t)), "1 invalid; 2 frames, 0 messages; accept-mismatch, caveat gap, caveat snap-length"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// prefaces are dialogues before a request: who says what.
var prefaces = []struct {
	protocol string
	says     []saying
}{
	{"proxy-v1", []saying{{0, "PROXY TCP4 203.0.113.7 203.0.113.9 4711 443\r\n"}}},
	{"proxy-v1", []saying{{0, "PROXY UNKNOWN\r\n"}}},
	{"proxy-v2", []saying{{0, "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x07\xcb\x00\x71\x09\x12\x67\x01\xbb"}}},
	{"proxy-v2", []saying{{0, "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x16\xcb\x00\x71\x07\xcb\x00\x71\x09\x12\x67\x01\xbb\x01\x00\x02h2\x04\x00\x02\x00\x00"}}},
	{"socks4", []saying{{0, "\x04\x01\x00\x50\xc6\x33\x64\x05joe\x00"}, {1, "\x00\x5a\x00\x50\xc6\x33\x64\x05"}}},
	{"socks4", []saying{{0, "\x04\x01\x00\x50\x00\x00\x00\x01\x00app.example.test\x00"}, {1, "\x00\x5a\x00\x50\x00\x00\x00\x01"}}},
	{"socks5", []saying{{0, "\x05\x01\x00"}, {1, "\x05\x00"}, {0, "\x05\x01\x00\x03\x10app.example.test\x00\x50"}, {1, "\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50"}}},
	{"socks5", []saying{{0, "\x05\x02\x00\x02"}, {1, "\x05\x02"}, {0, "\x01\x03joe\x06secret"}, {1, "\x01\x00"},
		{0, "\x05\x01\x00\x01\xc6\x33\x64\x05\x00\x50"}, {1, "\x05\x00\x00\x01\x0a\x00\x00\x01\x00\x50"}}},
	{"connect", []saying{{0, "CONNECT app.example.test:80 HTTP/1.1\r\nHost: app.example.test:80\r\n\r\n"}, {1, "HTTP/1.1 200 OK\r\n\r\n"}}},
}

type saying struct {
	from   int // 0 is the client
	octets string
}

// prefaced puts a dialogue before what each connection says whose SYN was captured.
func (t tape) prefaced(says []saying) tape {
	type state struct {
		client uint8
		known  bool
		said   bool
		added  [2]uint32 // by index in Key
	}
	conns := make(map[reassembly.Key]*state)
	var all tape
	for i, s := range t.segments() {
		c := conns[s.Key]
		if c == nil || s.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN {
			c = &state{client: s.From, known: s.Flags&reassembly.SYN != 0}
			conns[s.Key] = c
		}
		from := s.From
		emit := func(from uint8, flags uint8, seq, ack uint32, p []byte, window uint16) {
			b := ipv4TCP(s.Key.Endpoint(from), s.Key.Endpoint(from^1), flags, seq, ack, p)
			binary.BigEndian.PutUint16(b[20+14:], window)
			setChecksums(b)
			all = append(all, capture.Packet{Data: b, Time: t[i].Time, Length: uint32(len(b)), Link: linkRaw})
		}
		if c.known && !c.said && len(s.Payload) > 0 {
			c.said = true
			var base [2]uint32
			base[from], base[from^1] = s.Seq, s.Ack
			for _, say := range says {
				who := c.client ^ uint8(say.from)
				octets := say.octets
				if _, rest, found := strings.Cut(strings.Replace(string(s.Payload), "\r\nhost: ", "\r\nHost: ", 1), "\r\nHost: "); found { // CONNECT names the host of the request
					host, _, _ := strings.Cut(rest, "\r\n")
					octets = strings.ReplaceAll(octets, "app.example.test:80", host)
				}
				emit(who, reassembly.ACK|reassembly.PSH, base[who]+c.added[who], base[who^1]+c.added[who^1], []byte(octets), 65000)
				c.added[who] += uint32(len(octets))
			}
		}
		seq, ack := s.Seq, s.Ack
		if s.Flags&reassembly.SYN == 0 {
			seq += c.added[from]
		}
		if s.Flags&reassembly.ACK != 0 {
			ack += c.added[from^1]
		}
		emit(from, s.Flags, seq, ack, s.Payload, s.Window)
	}
	return all
}

// The law of transformations that leave all octets: what is told is the same, except what they add.
func TestTransformationsTellTheSameStory(t *testing.T) {
	ways := wrappings()
	for i, path := range recordings(t) {
		if need.Brief() && i%12 != 0 {
			continue
		}
		whole := loadTape(t, path).bare()
		if len(whole) == 0 {
			continue // no TCP
		}
		secrets := withKeys(t, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
		want := whole.analyse(t, secrets)
		t.Run(filepath.Base(path), func(t *testing.T) {
			for j := range 3 {
				w := ways[(3*i+j)%len(ways)]
				if !sameStory(t, want, whole.wrapped(w).analyse(t, secrets)) {
					t.Errorf("in %s", w.name)
				}
			}
			halves := splits()
			for j := range 2 {
				w := halves[(2*i+j)%len(halves)]
				if diff := cmp.Diff(octetsOnly(want), octetsOnly(whole.wrapped(w).analyse(t, secrets))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", w.name, diff)
				}
			}
			jumps := slices.Clone(whole)
			for k := len(jumps) / 2; k < len(jumps); k++ {
				jumps[k].Time += 2 * 86400e9
			}
			if diff := cmp.Diff(octetsOnly(want), octetsOnly(jumps.analyse(t, secrets))); diff != "" {
				t.Errorf("the clock jumps (-want +got):\n%s", diff)
			}
			for j := range 2 {
				p := prefaces[(2*i+j)%len(prefaces)]
				if p.protocol == "connect" && slices.ContainsFunc(want.handshakes, func(h event.Handshake) bool { return h.TLS }) {
					continue // it would name another host than the request inside
				}
				got := whole.prefaced(p.says).analyse(t, secrets)
				if diff := cmp.Diff(octetsOnly(want), octetsOnly(got)); diff != "" {
					t.Errorf("behind %s (-want +got):\n%s", p.protocol, diff)
				}
				for _, h := range got.handshakes {
					if first := !slices.ContainsFunc(got.handshakes, func(o event.Handshake) bool { return o.Conn == h.Conn && o.At.Ordinal < h.At.Ordinal }); first &&
						!h.Conn.Midstream && (h.Forwarded == nil || h.Forwarded.Protocol != p.protocol) {
						t.Errorf("behind %s: connection %s: forwarded %+v", p.protocol, h.Conn, h.Forwarded)
					}
				}
			}
			twice := append(whole.pcap(), whole.rewritten(func(s *reassembly.Segment) bool { // other addresses: it is another day
				s.Key.Addr[0][13] ^= 1
				s.Key.Addr[1][13] ^= 1
				return true
			}).pcap()...)
			doubled := sorted(slices.Concat(octetsOnly(want), octetsOnly(want)))
			if diff := cmp.Diff(doubled, octetsOnly(analyseBytes(t, twice, secrets))); diff != "" {
				t.Errorf("concatenated (-want +got):\n%s", diff)
			}
		})
	}
}

// octetsOnly lists what octets alone tell, without order, addresses and offsets.
func octetsOnly(r *recorder) []string {
	var lines []string
	for i := range r.handshakes {
		h := &r.handshakes[i]
		lines = append(lines, fmt.Sprintf("handshake %s %s %s %v", h.Verdict, head(h.Request), head(h.Response), h.AcceptValid))
	}
	for i := range r.frames {
		f := &r.frames[i]
		lines = append(lines, fmt.Sprintf("frame %s %+v complete %v", f.From, f.Header, f.Complete))
	}
	for i := range r.messages {
		m := &r.messages[i]
		lines = append(lines, fmt.Sprintf("message %s %s %v of %v %x", m.From, m.Opcode, m.Complete, m.Length, m.SHA256.Value))
	}
	return sorted(lines)
}

// withoutData counts the TCP connections that carried none.
func withoutData(r *recorder) (n uint64) {
	for _, k := range r.summary.Spoken {
		if k.What == "without data" {
			n += k.Connections
		}
	}
	return n
}

// The law of transformations that remove octets: what is missing is named.
func TestRemovedOctetsAreNamed(t *testing.T) {
	for i, path := range recordings(t) {
		if need.Brief() && i%12 != 0 {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			whole := loadTape(t, path)
			keys := withKeys(t, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
			want := whole.analyse(t, keys)
			every := func(n, keep int) tape {
				return whole.only(func(_ *reassembly.Segment, number int) bool { return number%n < keep })
			}
			for name, left := range map[string]tape{
				"one in ten": every(10, 1), "one in three": every(3, 1), "nine in ten": every(10, 9), "two in three": every(3, 2),
				"one end": whole.oneSide(0), "the other end": whole.oneSide(1),
				"without the beginning": whole[len(whole)/3:], "without more of it": whole[2*len(whole)/3:],
				"cut to 68": whole.snapped(68), "cut to 96": whole.snapped(96), "cut to 128": whole.snapped(128),
				"cut to 200": whole.snapped(200), "cut to 256": whole.snapped(256),
			} {
				got := left.analyse(t, keys)
				if len(got.caveats)+len(got.findings) > 0 || complete(got) == complete(want) && len(got.handshakes) == len(want.handshakes) {
					continue
				}
				if got.summary.Connections < want.summary.Connections || withoutData(got) == got.summary.Connections {
					continue // whole connections are gone, or all their data, and what is left does not tell
				}
				t.Errorf("%s: %d of %d messages, %d of %d handshakes, and nothing is said: %+v", name, complete(got), complete(want),
					len(got.handshakes), len(want.handshakes), got.summary)
			}
		})
	}
}
