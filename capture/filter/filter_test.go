package filter_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"wshake/capture"
	"wshake/capture/filter"
)

func TestLongJumps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	packets := mix(1, nil, 500, r)
	expr := "port 1" + strings.Repeat(" or 2", 100) + " or 443 and not port 53"
	raw, err := filter.Compile(expr, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) < 1000 {
		t.Fatalf("%d instructions need no long jump", len(raw))
	}
	long, short := machine(t, raw), compiled(t, "port 443 and not port 53", 1)
	for i := range packets {
		if p := &packets[i]; passes(t, long, p) != passes(t, short, p) {
			t.Fatalf("verdicts differ on % x", p.Data)
		}
	}
}

func compiled(t testing.TB, expr string, link capture.LinkType) *bpf.VM {
	t.Helper()
	raw, err := filter.Compile(expr, link)
	if err != nil {
		t.Fatal(err)
	}
	return machine(t, raw)
}

func TestMatcherComparesTheLengthOnTheWire(t *testing.T) {
	p := capture.Packet{Data: make([]byte, 60), Length: 1500, Link: 1}
	for expr, want := range map[string]bool{"less 100": false, "greater 1500": true, "greater 1501": false, "less 1500": true} {
		m, err := filter.NewMatcher(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Match(&p); got != want || err != nil {
			t.Errorf("%s: %v, %v", expr, got, err)
		}
	}
}

func TestMatcherTellsLinkTypesThatItCannotJudge(t *testing.T) {
	m, err := filter.NewMatcher("vlan and tcp")
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[capture.LinkType]string{
		127: "filter: packets of link type 127 cannot be filtered",
		101: `filter: "vlan": raw IP has no tags`,
		113: "", 1: "",
	} {
		for range 2 {
			_, err := m.Match(&capture.Packet{Data: make([]byte, 100), Link: link})
			if got := errorText(err); got != want {
				t.Errorf("link type %d: %q, want %q", link, got, want)
			}
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestLoopbackFamilies: tcpdump knows only the numbers of the system that it runs on.
func TestLoopbackFamilies(t *testing.T) {
	six := framed(101, 0x86dd, append([]byte{0x60, 0, 0, 0, 0, 40, 6, 64}, make([]byte, 60)...))
	m, _ := filter.NewMatcher("ip6 and tcp")
	for head, want := range map[string]bool{
		"\x0a\x00\x00\x00": true, "\x17\x00\x00\x00": true, "\x18\x00\x00\x00": true, "\x1c\x00\x00\x00": true, "\x1e\x00\x00\x00": true,
		"\x00\x00\x00\x1e": true, "\x02\x00\x00\x00": false,
	} {
		p := capture.Packet{Data: append([]byte(head), six...), Link: 0}
		if got, err := m.Match(&p); got != want || err != nil {
			t.Errorf("% x: %v, %v", head, got, err)
		}
	}
}

// TestTagsOfCookedFrames: tcpdump has no vlan there, but the kernel writes the tag behind the header.
func TestTagsOfCookedFrames(t *testing.T) {
	frame := layer{tags: []byte{0x81, 0, 0, 5}, kind: 0x0800, content: append([]byte{0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0}, make([]byte, 40)...)}
	for expr, want := range map[string]bool{"vlan 5 and tcp": true, "vlan 6": false, "tcp": false, "vlan and udp": false, "vlan and vlan": false} {
		m, err := filter.NewMatcher(expr)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range []capture.LinkType{1, 113, 276} {
			if got, err := m.Match(&capture.Packet{Data: framed(link, 0, nil, frame), Link: link}); got != want || err != nil {
				t.Errorf("%s on link type %d: %v, %v", expr, link, got, err)
			}
		}
	}
}

func TestKernelPrograms(t *testing.T) {
	cooked := filter.Socket{Link: 276, Keep: filter.Keep}
	for _, c := range []struct {
		name, expr string
		socket     filter.Socket
		want       []string
	}{
		{"no filter", "", filter.Socket{Link: 1, Keep: 96}, []string{"ret #96", "ret #0"}},
		{"cooked: EtherType of the kernel, network layer at 0", "ip proto 6", cooked,
			[]string{"ld #proto", "jneq #2048,3", "ldb [9]", "jneq #6,1", "ret #262144", "ret #0"}},
		{"cooked: lengths include the header that is put before", "less 60", cooked,
			[]string{"ld #len", "jgt #40,1", "ret #262144", "ret #0"}},
		{"stripped tag", "vlan 5", filter.Socket{Link: 1, Keep: filter.Keep}, []string{
			"ld #vlan_avail", "jneq #1,3", "ld #vlan_tci", "and #4095", "jeq #5,11",
			"ld #vlan_avail", "jeq #1,10",
			"ldh [12]", "jeq #33024,4", "ldh [12]", "jeq #34984,2", "ldh [12]", "jneq #37120,4",
			"ldh [14]", "and #4095", "jneq #5,1", "ret #262144", "ret #0"}},
		{"loopback: what goes out comes in again", "", filter.Socket{Link: 276, Keep: filter.Keep, Loopback: 1},
			[]string{"ld #ifidx", "jneq #1,2", "ld #type", "jeq #4,1", "ret #262144", "ret #0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := filter.Kernel(c.expr, c.socket)
			if err != nil {
				t.Fatal(err)
			}
			code, _ := bpf.Disassemble(raw)
			var got []string
			for _, i := range code {
				got = append(got, i.(interface{ String() string }).String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
	if _, err := filter.Kernel("", filter.Socket{Link: 101}); err == nil {
		t.Error("a kernel program for raw IP")
	}
}

func TestHides(t *testing.T) {
	const oneWay, none, lengths = "hides one direction: ", "hides all handshakes", "hides packets by their length"
	for _, c := range []struct{ expr, want string }{
		{"", ""}, {"tcp", ""}, {"port 80", ""}, {"tcp port 80 or 443", ""}, {"host 10.0.0.1", ""}, {"not port 22", ""}, {"net 10.0.0.0/8 and tcp", ""},
		{"src port 80 or dst port 80", ""}, {"src or dst port 80", ""}, {"src and dst net 10.0.0.0/8", ""}, {"vlan", ""}, {"vlan 7 and port 80", ""},
		{"(src host 10.0.0.1 and dst host 10.0.0.2) or (src host 10.0.0.2 and dst host 10.0.0.1)", ""}, {"greater 54", ""}, {"no such word", ""},
		{"src port 80", oneWay + "packets from 192.0.2.1:80 to 198.51.100.2:50123 pass, the answers to them do not"},
		{"dst port 80", oneWay + "packets from 192.0.2.1:50123 to 198.51.100.2:80 pass, the answers to them do not"},
		{"src host 10.0.0.1", oneWay + "packets from 10.0.0.1:50123 to 192.0.2.1:50123 pass"}, {"dst net 10.0.0.0/8", oneWay},
		{"port 80 and not src host 10.0.0.1", oneWay}, {"ip6 and dst net 2001:db8::/32", oneWay + "packets from [3fff::2]:50123"},
		{"src portrange 8000-8010", oneWay}, {"vlan 9 and vlan 9 and src port 80", oneWay},
		// Evaluated from left to right: the last word decides alone.
		{"src host 10.0.0.1 and dst host 10.0.0.2 or src host 10.0.0.2 and dst host 10.0.0.1", oneWay},
		{"udp", none}, {"icmp or arp", none}, {"tcp and udp", none}, {"ip proto 17", none},
		{"less 100", lengths}, {"greater 60", lengths}, {"tcp and greater 100", lengths},
	} {
		got := filter.Hides(c.expr)
		if want := c.want; got != want && !strings.HasPrefix(strings.TrimPrefix(got, "the filter "), want) || want == "" && got != "" {
			t.Errorf("%q: got %q, want %q", c.expr, got, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for i, expr := range expressions {
		packets := mix(1, nil, 1, r)
		f.Add(expr, uint8(i), packets[0].Data)
	}
	links := []capture.LinkType{0, 1, 12, 14, 101, 104, 108, 113, 228, 229, 276}
	f.Fuzz(func(t *testing.T, expr string, which uint8, data []byte) {
		m, err := filter.NewMatcher(expr)
		if err != nil {
			if filter.Hides(expr) != "" {
				t.Fatalf("%q is refused, but hides something", expr)
			}
			return
		}
		p := capture.Packet{Data: data, Length: uint32(len(data)), Link: links[int(which)%len(links)]}
		raw, err := filter.Compile(expr, p.Link)
		match, refused := m.Match(&p)
		if err != nil {
			if refused == nil && !strings.Contains(err.Error(), "instructions") {
				t.Fatalf("%q is not compiled, but evaluated: %v", expr, err)
			}
			return
		}
		if refused != nil {
			t.Fatalf("%q is compiled, but not evaluated: %v", expr, refused)
		}
		if vm := machine(t, raw); passes(t, vm, &p) != match {
			t.Fatalf("%q on % x: evaluated %v, the program says otherwise", expr, data, match)
		}
		for _, link := range []capture.LinkType{1, 276} {
			if raw, err := filter.Kernel(expr, filter.Socket{Link: link, Keep: filter.Keep, Loopback: 1}); err == nil {
				if _, ok := bpf.Disassemble(raw); !ok {
					t.Fatalf("%q: kernel program that cannot be read", expr)
				}
			}
		}
		if len(expr) < 200 {
			filter.Hides(expr)
		}
	})
}

func BenchmarkMatcher(b *testing.B) {
	packets := mix(1, nil, 1000, rand.New(rand.NewPCG(9, 10)))
	for _, expr := range []string{"tcp port 80 or 443", "host 10.0.0.1 and not udp"} {
		b.Run(strings.ReplaceAll(expr, " ", "-"), func(b *testing.B) {
			m, _ := filter.NewMatcher(expr)
			b.ReportAllocs()
			for i := range b.N {
				m.Match(&packets[i%len(packets)])
			}
		})
	}
}
