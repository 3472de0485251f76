//go:build !libpcap

package live

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"wshake/capture"
)

// TestTagsOnAny: libpcap does not put tags back in this link type.
func TestTagsOnAny(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{Any}, Filter: "vlan and tcp"})
	w.sendTagged()
	settleDown()
	source.Stop()
	packets := drain(t, source)
	if len(packets) != 60 {
		t.Fatalf("%d packets", len(packets))
	}
	near0, err := net.InterfaceByName("near0")
	if err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("\x81\x00\x00\x00\x00\x00\x00%c\x00\x01\x03\x06\x02\x00\x00\x00\x00\x02\x00\x00\xe0\x05\x08\x00\x45", near0.Index)
	p := packets[0]
	if !strings.HasPrefix(string(p.Data), head) || len(p.Data) != 20+4+60 || int(p.Length) != len(p.Data) || p.Link != linkSLL2 {
		t.Errorf("%+v\n% x\n% x", p, p.Data, head)
	}
}

// TestNanoseconds: times are not rounded to microseconds.
func TestNanoseconds(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"lo"}, Filter: "tcp"})
	w.talk(w.listen("127.0.0.1"), 100_000)
	settleDown()
	source.Stop()
	packets := drain(t, source)
	if !slices.ContainsFunc(packets, func(p capture.Packet) bool { return p.Time%1000 != 0 }) {
		t.Errorf("the times of %d packets are whole microseconds", len(packets))
	}
}

func TestAnyNamesInterfaces(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{Any}, Filter: "tcp"})
	w.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")
	w.talk(w.listen("127.0.0.1"), 1000)
	var address string
	w.inFar(func() { address = w.listen(farHost) })
	w.talk(address, 1000)
	settleDown()
	source.Stop()
	count := make(map[string]uint64)
	for i, p := range drain(t, source) {
		name := source.Names()[p.File]
		if count[name]++; p.Number != count[name] || p.Ordinal != uint64(i+1) {
			t.Fatalf("packet %d of %s, %d of all, has the numbers %d and %d", count[name], name, i+1, p.Number, p.Ordinal)
		}
	}
	if len(count) != 2 || count["lo"] < 8 || count["near0"] < 8 {
		t.Errorf("packets by interface: %v", count)
	}
}

func TestInterfacesComeAndGo(t *testing.T) {
	w := newWorld(t)
	w.run("ip", "link", "add", "passing", "type", "veth", "peer", "name", "other")
	w.run("ip", "link", "set", "other", "up")
	w.run("ip", "link", "set", "passing", "up")
	source, problems := w.open(Options{Interfaces: []string{"passing", "lo"}, Filter: "tcp"})
	done := make(chan []capture.Packet)
	go func() { done <- drain(t, source) }()
	expect := func(want string) {
		t.Helper()
		if got := <-problems; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	w.run("ip", "link", "set", "passing", "down")
	expect("passing: the interface is down; nothing is captured on it until it is up")
	w.run("ip", "link", "set", "passing", "up")
	expect("passing: the interface is up again")
	w.run("ip", "link", "set", "passing", "name", "moved")
	expect("passing: the interface is now called moved")
	w.run("ip", "link", "delete", "moved")
	expect("passing: the interface is down; nothing is captured on it until it is up")
	expect("passing: the interface is gone; nothing more is captured on it")
	w.talk(w.listen("127.0.0.1"), 1000)
	settleDown()
	source.Stop()
	if packets := <-done; len(packets) < 8 {
		t.Errorf("%d packets on lo after the other interface was gone", len(packets))
	}
}

func TestEndsWhenAllInterfacesAreGone(t *testing.T) {
	w := newWorld(t)
	source, problems := w.open(Options{Interfaces: []string{"near0"}})
	w.run("ip", "link", "delete", "near0")
	drain(t, source)
	var last string
	for len(problems) > 0 {
		last = <-problems
	}
	if want := "near0: the interface is gone; nothing more is captured on it"; last != want {
		t.Errorf("got %q, want %q", last, want)
	}
	source.Stats()
}

func TestOpensAnInterfaceThatIsDown(t *testing.T) {
	w := newWorld(t)
	w.run("ip", "link", "add", "asleep", "type", "veth", "peer", "name", "asleep1")
	_, problems := w.open(Options{Interfaces: []string{"asleep"}})
	if got, want := <-problems, "asleep: the interface is down; nothing is captured on it until it is up"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBatchesThatAreKeptCostPackets: the kernel finds no block, drops and counts; when they are released, the capture
// goes on.
func TestBatchesThatAreKeptCostPackets(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"lo"}, Buffer: MinBuffer, Filter: "tcp"})
	address := w.listen("127.0.0.1")
	var kept []*capture.Batch
	read := func() (n int) {
		for {
			b := new(capture.Batch)
			if err := source.Read(b); err != nil {
				t.Fatal(err)
			}
			if len(b.Packets) == 0 {
				return n
			}
			n += len(b.Packets)
			kept = append(kept, b)
		}
	}
	for range 10 {
		w.talk(address, 1<<20)
	}
	before := read()
	w.talk(address, 1<<20)
	if n := read(); n != 0 {
		t.Errorf("%d packets came while all blocks were borrowed", n)
	}
	s := source.Stats()
	if s.KernelDrops == 0 || s.Packets != s.KernelDrops+uint64(before) {
		t.Errorf("%+v, but %d packets were read", s, before)
	}
	for _, b := range kept {
		b.Release()
	}
	kept = nil
	w.talk(address, 1000)
	if n := read(); n < 8 {
		t.Errorf("%d packets after all was released", n)
	}
}

func TestSeveralInterfacesAreMergedByTime(t *testing.T) {
	w := newWorld(t)
	source, _ := w.open(Options{Interfaces: []string{"near0", "lo"}, Filter: "tcp"})
	local := w.listen("127.0.0.1")
	var remote string
	w.inFar(func() { remote = w.listen(farHost) })
	for range 50 {
		w.talk(local, 2000)
		w.talk(remote, 2000)
	}
	settleDown()
	source.Stop()
	packets := drain(t, source)
	// On one interface two processors may overtake each other between looking at the clock and entering the ring.
	var latest [2]int64
	for i, p := range packets {
		if late := latest[1-p.File] - p.Time; late > int64(100*time.Microsecond) {
			t.Errorf("packet %d comes %v too late", i+1, time.Duration(late))
		}
		latest[p.File] = max(latest[p.File], p.Time)
	}
	seen := [2]int{}
	for _, p := range packets {
		seen[p.File]++
	}
	if seen[0] < 400 || seen[1] < 400 || !slices.Equal(source.Names(), []string{"near0", "lo"}) {
		t.Errorf("%v packets of %v", seen, source.Names())
	}
}

// anyLink is tcpdump's name for the link type of packets from any.
const anyLink = "LINUX_SLL2"

func TestNoSuchInterface(t *testing.T) {
	newWorld(t)
	_, err := Open(Options{Interfaces: []string{"eth99"}})
	if want := "eth99: no such interface; there are lo, near0"; err == nil || !strings.HasPrefix(err.Error(), "eth99: no such interface; there are lo, ") {
		t.Errorf("%v, want %s", err, want)
	}
}
