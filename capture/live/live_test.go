//go:build linux

package live

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/capture"
	"wshake/capture/filter"
	"wshake/testdata/need"
)

// TestSameAsTcpdump compares packets with tcpdump's recording of the same traffic: each octet and each time.
func TestSameAsTcpdump(t *testing.T) {
	far := func(host string) func(w *world) {
		return func(w *world) {
			var address string
			w.inFar(func() { address = w.listen(host) })
			for range 20 {
				w.talk(address, 3000)
			}
			w.talk(address, 3<<20)
		}
	}
	near := func(w *world) {
		address := w.listen("127.0.0.1")
		for range 20 {
			w.talk(address, 3000)
		}
		w.talk(address, 3<<20)
	}
	both := func(w *world) { far(farHost)(w); near(w) }
	for i, c := range []struct {
		name    string
		traffic func(w *world)
		live    Options
		tcpdump []string
		longest int // at least so long a packet must have been among them, in octets
	}{
		{name: "veth", traffic: far(farHost), live: Options{Interfaces: []string{"near0"}}, tcpdump: []string{"-i", "near0"}, longest: 40000},
		{name: "IPv6", traffic: far(farHost6), live: Options{Interfaces: []string{"near0"}, Promiscuous: true}, tcpdump: []string{"-i", "near0"}, longest: 40000},
		{name: "loopback", traffic: near, live: Options{Interfaces: []string{"lo"}}, tcpdump: []string{"-i", "lo"}, longest: 32000},
		{name: "any", traffic: both, live: Options{Interfaces: []string{"any"}}, tcpdump: []string{"-i", "any", "-y", anyLink}, longest: 32000},
		{name: "tags", traffic: (*world).sendTagged, live: Options{Interfaces: []string{"near0"}}, tcpdump: []string{"-i", "near0"}},
		{name: "filter", traffic: both, live: Options{Interfaces: []string{"near0"}, Filter: "tcp and src host " + farHost},
			tcpdump: []string{"-i", "near0", "tcp and src host " + farHost}},
		{name: "filter by tag", traffic: (*world).sendTagged,
			live: Options{Interfaces: []string{"near0"}, Filter: "vlan 5 and tcp"}, tcpdump: []string{"-i", "near0", "vlan 5 and tcp"}},
		{name: "filter by two tags", traffic: (*world).sendTagged,
			live: Options{Interfaces: []string{"near0"}, Filter: "vlan 7 and vlan 5 and host 10.9.5.1"}, tcpdump: []string{"-i", "near0", "vlan 7 and vlan 5 and host 10.9.5.1"}},
		{name: "filter sees tagged packets without their tag", traffic: (*world).sendTagged,
			live: Options{Interfaces: []string{"near0"}, Filter: "tcp and net 10.9.5.0/24"}, tcpdump: []string{"-i", "near0", "tcp and net 10.9.5.0/24"}},
		{name: "filter on any", traffic: both, live: Options{Interfaces: []string{"any"}, Filter: "tcp and dst host 127.0.0.1"},
			tcpdump: []string{"-i", "any", "-y", anyLink, "tcp and dst host 127.0.0.1"}},
	} {
		if i%3 != 0 && need.Brief() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			source, problems := w.open(c.live)
			recorded := w.record(c.tcpdump...)
			c.traffic(w)
			settleDown()
			source.Stop()
			got := drain(t, source)
			want := recorded.stop()
			compare(t, got, want)
			longest := 0
			for i := range got {
				longest = max(longest, len(got[i].Data))
			}
			t.Logf("%d packets, the longest has %d octets; %+v", len(got), longest, source.Stats())
			if longest < c.longest {
				t.Errorf("no packet has more than %d octets", longest)
			}
			if s := source.Stats(); s.KernelDrops != 0 || s.Packets < uint64(len(got)) {
				t.Errorf("%+v, %d packets were read", s, len(got))
			}
			if len(problems) != 0 {
				t.Error(<-problems)
			}
		})
	}
}

// compare compares the packets of TCP; others may come between the two beginnings and ends.
func compare(t *testing.T, got, want []capture.Packet) {
	t.Helper()
	got, want = onlyTCP(t, got), onlyTCP(t, want)
	if len(want) < 20 {
		t.Fatalf("tcpdump recorded %d packets only", len(want))
	}
	if len(got) != len(want) {
		t.Errorf("%d packets, tcpdump recorded %d", len(got), len(want))
	}
	// Two processors may show a packet each to the two sockets in different orders.
	for _, list := range [][]capture.Packet{got, want} {
		slices.SortStableFunc(list, func(a, b capture.Packet) int { return bytes.Compare(a.Data, b.Data) })
	}
	for i := range min(len(got), len(want)) {
		g, w := &got[i], &want[i]
		apart := time.Duration(g.Time - w.Time).Abs() // the kernel looks at its clock for each socket
		if !bytes.Equal(g.Data, w.Data) || g.Length != w.Length || g.Link != w.Link || apart > time.Second {
			t.Fatalf("packet %d: link type %d, %d octets, time %d\n% x\ntcpdump: link type %d, %d octets, time %d\n% x", i+1,
				g.Link, g.Length, g.Time, g.Data[:min(len(g.Data), 80)], w.Link, w.Length, w.Time, w.Data[:min(len(w.Data), 80)])
		}
	}
}

func onlyTCP(t *testing.T, packets []capture.Packet) []capture.Packet {
	m, err := filter.NewMatcher("tcp or (vlan and tcp) or (vlan and tcp)")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(packets, func(p capture.Packet) bool {
		is, err := m.Match(&p)
		if err != nil {
			t.Fatal(err)
		}
		return !is
	})
}

func TestCloseEndsAWaitingRead(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"lo"}})
	done := make(chan error)
	go func() {
		var b capture.Batch
		var err error
		for err == nil {
			err = source.Read(&b)
		}
		done <- err
	}()
	source.Close()
	if err := <-done; err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	if err := source.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	source.Stop()
	source.Stats()
}

func TestAReadWithoutPacketsReturns(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"lo"}})
	var b capture.Batch
	if err := source.Read(&b); err != nil || len(b.Packets) != 0 {
		t.Errorf("%d packets, %v", len(b.Packets), err)
	}
}

func TestBatchesOutliveTheSource(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"lo"}})
	w.talk(w.listen("127.0.0.1"), 100_000)
	settleDown()
	var b capture.Batch
	if err := source.Read(&b); err != nil || len(b.Packets) < 8 {
		t.Fatalf("%d packets, %v", len(b.Packets), err)
	}
	source.Close()
	sum := 0
	for _, p := range b.Packets {
		for _, octet := range p.Data {
			sum += int(octet)
		}
	}
	b.Release()
	if sum == 0 {
		t.Error("the packets are empty")
	}
}

func TestSnaplen(t *testing.T) {
	for _, name := range []string{"lo", Any} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			source, _ := w.open(Options{Interfaces: []string{name}, Snaplen: 96, Filter: "tcp"})
			w.talk(w.listen("127.0.0.1"), 10_000)
			settleDown()
			source.Stop()
			longest, longestSent := 0, uint32(0)
			for _, p := range drain(t, source) {
				longest, longestSent = max(longest, len(p.Data)), max(longestSent, p.Length)
			}
			if longest != 96 || longestSent < 5000 {
				t.Errorf("at most %d octets of %d", longest, longestSent)
			}
		})
	}
}

func TestPacketsAppearSoon(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"near0", "lo"}, Filter: "udp"})
	c, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	best := time.Hour // the system may be busy, but not always
	var b capture.Batch
	for range 10 {
		for len(b.Packets) == 0 {
			c.Write([]byte("x")) // nobody listens, so that each other one fails
			if err := source.Read(&b); err != nil {
				t.Fatal(err)
			}
		}
		best = min(best, time.Since(time.Unix(0, b.Packets[0].Time)))
		b.Release()
	}
	t.Logf("%v after the packet", best)
	if best > 100*time.Millisecond {
		t.Errorf("never before %v", best)
	}
}

func TestRefusals(t *testing.T) {
	newWorld(t)
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, "no interface to capture from"},
		{Options{Interfaces: []string{"lo", "lo"}}, "lo: interface named twice"},
		{Options{Interfaces: []string{"lo", "any"}}, "any is all interfaces; name no others beside it"},
		{Options{Interfaces: []string{"eth99"}}, "eth99: "},
		{Options{Interfaces: []string{"lo"}, Filter: "no such word"}, "lo: "},
	} {
		_, err := Open(c.options)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.options, err, c.want)
		}
	}
}

func TestMissingPrivilege(t *testing.T) {
	runtime.LockOSThread() // for ever: capabilities are the thread's
	header, none := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, [2]unix.CapUserData{}
	if err := unix.Capset(&header, &none[0]); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Options{Interfaces: []string{"lo"}})
	if !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("%v is no fs.ErrPermission", err)
	}
	program, _ := os.Executable()
	for _, want := range []string{"lo: ", "CAP_NET_RAW", "sudo setcap cap_net_raw,cap_net_admin=eip " + program} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestInterfaces(t *testing.T) {
	w := newWorld(t)
	w.run("ip", "link", "add", "asleep", "type", "veth", "peer", "name", "asleep1")
	state := make(map[string]State)
	for state["near0"] != Up { // the kernel tells a second late that something is at the other end
		list, err := Interfaces()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			state[i.Name] = i.State
			if i.Name == "near0" && (len(i.Addresses) < 2 || i.Addresses[0].String() != nearHost+"/24") {
				t.Errorf("addresses of near0: %v", i.Addresses)
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	if state["lo"] != Up || state["near0"] != Up || state["asleep"] != Down {
		t.Errorf("states: %v", state)
	}
}
