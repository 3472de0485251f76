//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
	"wshake/testdata/need"
	"wshake/testdata/netns"
)

// TestLiveAsRecorded runs real servers, clients and a proxy, listens to them with both backends, and holds what is
// said live to what is said of tcpdump's recording of the same packets: all but times.
func TestLiveAsRecorded(t *testing.T) {
	netns.Need(t, "ip", "tcpdump", "node", "nginx", "gcc")
	if exec.Command("node", "-e", "require('ws')").Run() != nil {
		need.Lacking(t, "node finds no package ws; NODE_PATH may name the folder of packages where it is")
	}
	if _, err := os.Stat("/usr/include/pcap/pcap.h"); err != nil {
		need.Lacking(t, "no headers of libpcap: "+err.Error())
	}
	ring, err := program()
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]string{"ring": ring, "libpcap": programWithLibpcap(t)}

	const host, host6, hostTagged = "10.9.0.1:8080", "[fd00:9::1]:8080", "10.9.5.1:8080"
	for _, c := range []struct {
		name    string
		on      string // the interface
		client  func(w *liveWorld) *netns.Namespace
		address string   // of the proxy, for the client
		filters []string // "" for none
		// What there must be, so that equal does not mean empty: handshakes by packets that each filter takes, and a packet
		// that is longer than a segment on the wire.
		handshakes []int
		joined     bool
	}{
		{name: "veth", on: "near0", client: far, address: host, filters: []string{"", "tcp port 8080"}, handshakes: []int{13, 13}, joined: true},
		{name: "IPv6", on: "near0", client: far, address: host6, filters: []string{"tcp", "ip6 and tcp port 8080"}, handshakes: []int{13, 13}, joined: true},
		{name: "loopback", on: "lo", client: near, address: "127.0.0.1:8080", filters: []string{"", "tcp port 9000"}, handshakes: []int{26, 13}, joined: true},
		{name: "any", on: "any", client: far, address: host, filters: []string{"", "tcp port 9000"}, handshakes: []int{26, 13}, joined: true},
		{name: "VLAN", on: "near0", client: far, address: hostTagged, filters: []string{"", "vlan 5 and tcp port 8080"}, handshakes: []int{13, 13}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newLiveWorld(t)
			switch c.address {
			case hostTagged:
				w.tag(5)
			case host6:
				w.join("fd00:9::1/64", "fd00:9::2/64")
			default:
				w.join("10.9.0.1/24", "10.9.0.2/24")
			}
			w.serve()
			var compared []*comparison
			for i, filter := range c.filters {
				o := &comparison{world: w, on: c.on, filter: filter, handshakes: c.handshakes[i], joined: c.joined}
				o.begin(programs)
				compared = append(compared, o)
			}
			w.talk(c.client(w), c.address)
			for _, o := range compared {
				t.Run("filter "+o.filter, func(t *testing.T) { o.end(t, ring) })
			}
		})
	}
}

// comparison is a recording and, beside it, the program that listens to the same packets, in each of its builds.
type comparison struct {
	world      *liveWorld
	on, filter string
	handshakes int
	joined     bool
	recorder   *listener
	path       string // of the recording
	live       map[string]*listener
}

// begin starts to record and to listen. In tcpdump's immediate mode each packet would take as much of its ring as the
// longest may, and it would lose some on a busy machine.
func (o *comparison) begin(programs map[string]string) {
	w := o.world
	w.Helper()
	o.path = filepath.Join(w.TempDir(), "tcpdump.pcap")
	filter := strings.Fields(o.filter)
	o.recorder = w.listen(append([]string{"tcpdump", "-i", o.on, "-w", o.path, "-Z", "root", "-U", "-B", "65536"}, filter...)...)
	o.live = make(map[string]*listener)
	for name, program := range programs {
		o.live[name] = w.listen(program, "-i", o.on, "-f", o.filter, "-o", "json", "--show", "all", "--payload", "40")
	}
}

// end ends both and compares.
func (o *comparison) end(t *testing.T, program string) {
	for _, l := range o.live {
		l.Process.Signal(os.Interrupt)
	}
	for name, l := range o.live {
		if err := l.Wait(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, &l.said)
		}
	}
	wait(t, "all is recorded", func() (bool, error) { return o.recorded(t) })
	o.recorder.Process.Signal(os.Interrupt)
	o.recorder.Wait()
	if !strings.Contains(o.recorder.said.String(), "\n0 packets dropped by kernel") {
		t.Fatalf("tcpdump: %s", &o.recorder.said)
	}
	read := exec.Command(program, "-o", "json", "--show", "all", "--payload", "40", o.path)
	read.Env = append(os.Environ(), noRaceSleep)
	said, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := o.timeless(said)
	if n := strings.Count(want, `{"type":"handshake"`); n != o.handshakes {
		t.Errorf("the recording has %d handshakes, not %d", n, o.handshakes)
	}
	for name, l := range o.live {
		said, err := os.ReadFile(l.out)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(said, []byte(`"dropped":{"kernel":0,"interface":0}`)) {
			t.Errorf("%s lost packets, or does not say that it did not", name)
		}
		if got := o.timeless(said); got != want {
			t.Errorf("%s, live (got), is not what was recorded (want): %s", name, difference(want, got))
		}
	}
}

var (
	times   = regexp.MustCompile(`("(?:time|first_time|last_time|[a-z_]+_us)":)(?:"[^"]*"|[0-9]+|\{[^}]*\})`)
	sources = regexp.MustCompile(`"(?:files|file|dropped)":(?:\[[^]]*\]|\{[^}]*\}|"[^"]*"|null),`)
	numbers = regexp.MustCompile(`(packet"?[: ]|"bytes":)[0-9]+`)
)

// timeless takes off what may differ between a recording and what was heard: times, which the kernel takes for each
// listener anew, and where packets are from. On any also the numbers of packets, which are counted for each interface
// live, and octets, as there are two sorts of headers that stand for those of the link.
func (o *comparison) timeless(ndjson []byte) string {
	s := times.ReplaceAll(ndjson, []byte(`${1}0`))
	s = sources.ReplaceAll(s, nil)
	if o.on == "any" {
		s = numbers.ReplaceAll(s, []byte(`${1}0`))
	}
	return string(s)
}

// recorded reports whether the last packets are in the recording: a SYN to where nothing listened, and its refusal.
func (o *comparison) recorded(t *testing.T) (bool, error) {
	port := uint16(proxyPort)
	if o.on != "near0" {
		port = serverPort
	}
	src, err := capture.Open([]string{o.path}, capture.Options{Problem: func(*capture.Problem) {}})
	if err != nil {
		return false, nil // nothing is written yet
	}
	defer src.Close()
	decoder := decode.NewDecoder(decode.Config{})
	var b capture.Batch
	defer b.Release()
	refused, longest := false, 0
	for {
		if err := src.Read(&b); err != nil {
			if refused && o.joined && longest < 32<<10 {
				t.Errorf("no packet is longer than %d octets", longest)
			}
			return refused, nil
		}
		for i := range b.Packets {
			var s reassembly.Segment
			longest = max(longest, len(b.Packets[i].Data))
			refused = decoder.Decode(&b.Packets[i], &s) == decode.TCP && s.Key.Port[s.From] == port && s.Flags&reassembly.RST != 0
		}
	}
}
