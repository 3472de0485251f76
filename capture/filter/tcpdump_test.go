package filter_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"wshake/capture"
	"wshake/capture/filter"
	"wshake/testdata/need"
)

// expressions are compared with tcpdump, and seed the fuzzing.
var expressions = []string{
	"",
	"ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6",
	"host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.1", "src or dst host 10.0.0.1", "dst or src host 10.0.0.2",
	"src and dst host 10.0.0.1", "src 10.0.0.1", "dst 127.0.0.1", "ip host 10.0.0.1", "arp host 10.0.0.1", "rarp src host 10.0.0.2",
	"host 127.0.0.1 and tcp", "host 10.0.0.1 or 10.0.0.2", "host 10.0.0.1 and 10.0.0.2", "not host 10.0.0.1 and 10.0.0.2",
	"host 2001:db8::1", "src host 2001:db8::1", "ip6 host fe80::1", "ip6 dst 2001:db8::2", "host ::1",
	"net 10.0.0.0/8", "net 10.0.0.0/30 and tcp", "net 10", "net 10.1", "net 192.168.1", "net 10.0.0.1", "net 10.1/16", "net 0", "net 0.0.0.0/0",
	"net 10.0.0.0 mask 255.0.0.0", "net 10.0.0.1 mask 255.0.0.255", "src net 10.1.0.0/16", "dst net 192.168.0.0/16", "src and dst net 10.0.0.0/8",
	"ip net 10.0.0.0/8", "net 2001:db8::/32", "src net 2001:db8:1::/48", "net fe80::/10", "net ::/0", "net 2001:db8::1", "arp net 10.0.0.0/24",
	"port 80", "src port 80", "dst port 443", "src or dst port 8080", "src and dst port 80", "tcp port 80", "udp port 53", "sctp port 80",
	"tcp src port 443", "udp dst port 53", "port 80 or 443", "port 80 or 443 or 8080", "tcp port 80 or 443", "port 0x50", "port 0", "port 65535",
	"portrange 80-443", "tcp portrange 1-1023", "src portrange 79-81", "portrange 443-80", "portrange 80", "udp dst portrange 53-53", "portrange 0-65535",
	"proto 6", "ip proto 17", "ip6 proto 58", `ip proto \tcp`, `proto \udp`, "proto 44", "proto 0x2f",
	"vlan", "vlan 5", "vlan and tcp", "vlan 5 and port 80", "vlan 100 and vlan 5", "vlan and vlan and tcp port 443", "not vlan", "vlan 5 or tcp",
	"tcp or vlan 7", "vlan 5 and host 10.0.0.1", "vlan and ip6", "vlan 0xfff", "not (vlan and port 80) and tcp",
	"less 60", "greater 100", "less 100 and tcp", "greater 60 and less 80", "greater 0", "less 0",
	"not tcp", "! port 80", "!tcp", "not not tcp", "not (tcp port 80 or udp)", "tcp and not port 22", "tcp && port 80 || udp", "(tcp or udp) and port 80",
	"tcp or udp and port 80", "port 80 and (443 or 8080)", "port (80 or 443)", "port 80 or not 443", "host 10.0.0.1 and (tcp port 80 or udp port 53)",
	"src host 10.0.0.1 and dst port 80", "net 10.0.0.0/8 and tcp", "tcp port 80 && host 10.0.0.1", "!(port 22)", "ip and not net 10.0.0.0/8",
	"tcp port 80 or (udp port 53 or 443) or 8080", "ip or ip6", "host 10.0.0.1 and port 80 or 443", "not port 80 and not port 443",
}

// tcpdumpLinks are link types by tcpdump's name for them.
var tcpdumpLinks = []struct {
	name string
	link capture.LinkType
}{
	{"EN10MB", 1}, {"RAW", 101}, {"IPV4", 228}, {"IPV6", 229}, {"LINUX_SLL", 113}, {"LINUX_SLL2", 276}, {"NULL", 0}, {"LOOP", 108}, {"C_HDLC", 104},
}

func needTcpdump(t *testing.T) {
	t.Helper()
	need.Program(t, "tcpdump")
}

// rejectsAll is what tcpdump says of an expression that it refuses because nothing passes.
const rejectsAll = "expression rejects all packets"

// judge is a pair of programs that tcpdump makes of an expression. What a packet that was cut off gets depends on the
// order in which its octets are looked at, which the optimiser changes at will; the plain program has the order of the
// language.
type judge struct{ plain, optimised *bpf.VM }

// newJudge asks tcpdump. If it refuses the expression, refusal is what it says.
func newJudge(t *testing.T, link, expr string) (j judge, refusal string) {
	t.Helper()
	if j.plain, refusal = tcpdump(t, "-O", "-y", link, "--", expr); refusal != "" {
		return j, refusal
	}
	j.optimised, refusal = tcpdump(t, "-y", link, "--", expr)
	return j, refusal
}

// passes gives the verdict of the plain program, and reports whether the optimised one is of another opinion.
func (j judge) passes(t *testing.T, p *capture.Packet) (passed, disputed bool) {
	t.Helper()
	passed = passes(t, j.plain, p)
	return passed, passed != passes(t, j.optimised, p)
}

func tcpdump(t *testing.T, args ...string) (vm *bpf.VM, refusal string) {
	t.Helper()
	out, err := exec.Command("tcpdump", append([]string{"-ddd"}, args...)...).CombinedOutput()
	if strings.Contains(string(out), rejectsAll) {
		return machine(t, []bpf.RawInstruction{{Op: 0x06}}), "" // ret #0
	}
	if err != nil {
		return nil, strings.TrimSpace(string(out))
	}
	var raw []bpf.RawInstruction
	for _, line := range strings.Split(string(out), "\n") {
		var i bpf.RawInstruction
		if n, _ := fmt.Sscan(line, &i.Op, &i.Jt, &i.Jf, &i.K); n == 4 {
			raw = append(raw, i)
		}
	}
	return machine(t, raw), ""
}

func machine(t testing.TB, raw []bpf.RawInstruction) *bpf.VM {
	t.Helper()
	code, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatalf("instructions that cannot be read: %v", raw)
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		t.Fatalf("invalid program: %v\n%v", err, code)
	}
	return vm
}

func passes(t testing.TB, vm *bpf.VM, p *capture.Packet) bool {
	n, err := vm.Run(p.Data)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

// agree compares tcpdump, the compiled program and the Matcher, and returns how many packets passed.
func agree(t *testing.T, expr string, want judge, link capture.LinkType, packets []capture.Packet) (passed int) {
	t.Helper()
	raw, err := filter.Compile(expr, link)
	if err != nil {
		t.Fatalf("tcpdump takes %q on link type %d: %v", expr, link, err)
	}
	compiled := machine(t, raw)
	matcher, err := filter.NewMatcher(expr)
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		p := &packets[i]
		asIs := *p
		asIs.Length = uint32(len(p.Data)) // the only length that a bpf.VM knows
		match, err := matcher.Match(&asIs)
		if err != nil {
			t.Fatal(err)
		}
		judged, disputed := want.passes(t, p)
		got := passes(t, compiled, p)
		if disputed && len(p.Data) == int(p.Length) && len(p.Data) > 80 {
			t.Errorf("%q on link type %d: tcpdump's optimiser disagrees with tcpdump on\n% x", expr, link, p.Data)
		}
		if judged != got || got != match {
			t.Fatalf("%q on link type %d: tcpdump %v, compiled %v, matcher %v\n% x", expr, link, judged, got, match, p.Data)
		}
		if judged {
			passed++
		}
	}
	return passed
}

func TestVerdictsEqualThoseOfTcpdump(t *testing.T) {
	needTcpdump(t)
	need.Long(t)
	real := realPackets(t)
	for _, l := range tcpdumpLinks {
		t.Run(fmt.Sprint(l.link), func(t *testing.T) {
			n := 2000 // real packets, and as many invented ones
			if l.link == 1 {
				n = 6000
			}
			packets := mix(l.link, real[:min(len(real), n)], 2*n, rand.New(rand.NewPCG(1, uint64(l.link))))
			compared, passed := 0, 0
			for _, expr := range expressions {
				want, refused := newJudge(t, l.name, expr)
				if refused != "" {
					if l.link == 1 || !strings.Contains(refused, "VLAN") {
						t.Errorf("tcpdump refuses %q: %s", expr, refused)
					}
					continue
				}
				compared++
				passed += agree(t, expr, want, l.link, packets)
			}
			t.Logf("%d expressions, %d packets each, %d verdicts were to pass", compared, len(packets), passed)
		})
	}
}

// TestRandomExpressionsEqualTcpdump joins and nests primitives at random.
func TestRandomExpressionsEqualTcpdump(t *testing.T) {
	needTcpdump(t)
	r := rand.New(rand.NewPCG(3, 4))
	packets := mix(1, nil, 3000, r)
	for range need.Rounds(250, 20) {
		expr := randomExpression(r, 3)
		want, refused := newJudge(t, "EN10MB", expr)
		if refused != "" {
			t.Errorf("tcpdump refuses %q: %s", expr, refused)
			continue
		}
		agree(t, expr, want, 1, packets)
	}
}

func randomExpression(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		expr := expressions[1+r.IntN(len(expressions)-1)]
		if strings.ContainsAny(expr, " ") {
			expr = "(" + expr + ")"
		}
		return expr
	}
	left, right := randomExpression(r, depth-1), randomExpression(r, depth-1)
	switch r.IntN(5) {
	case 0:
		return "not " + left
	case 1:
		return "(" + left + " or " + right + ")"
	case 2:
		return "(" + left + ") and " + right
	case 3:
		return left + " || ! (" + right + ")"
	}
	return left + " && " + right
}
