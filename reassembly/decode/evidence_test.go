package decode

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/reassembly"
	"wshake/testdata/need"
)

const fieldFolder = "../../../shared/field"

// facts is a Handler and Sink that writes down what a Table knows of a connection when its last End comes.
type facts struct {
	conn  *reassembly.Conn
	ends  int
	lines *[]string
}

func (f facts) Open(c *reassembly.Conn) reassembly.Sink { return &facts{conn: c, lines: f.lines} }

func (f facts) Behind(c *reassembly.Conn, b reassembly.Behind) {
	*f.lines = append(*f.lines, fmt.Sprintf("%d: %d octets from packet %d on behind the end by packet %d, RST %t",
		c.Ordinal(), b.Octets, b.First.Number, b.End.Number, b.Reset))
}

func (*facts) Data(reassembly.Dir, reassembly.At, []byte) {}
func (*facts) Gap(reassembly.Dir, reassembly.At, uint64)  {}

func (f *facts) End(reassembly.Dir, reassembly.At, reassembly.End) {
	if f.ends++; f.ends < 2 {
		return
	}
	add := func(d reassembly.Dir, format string, args ...any) {
		side := [2]string{"opener", "acceptor"}[d]
		*f.lines = append(*f.lines, fmt.Sprintf("%d: %s: %s", f.conn.Ordinal(), side, fmt.Sprintf(format, args...)))
	}
	c := f.conn
	for d := opener; d <= acceptor; d++ {
		if u, ok := c.Unacknowledged(d); ok {
			add(d, "%d octets from %d on, %d sent again %d times in packets %d to %d; %d acknowledged",
				u.Octets, u.Offset, u.Size, u.Count, u.First.Number, u.Last.Number, u.Acknowledged)
		}
		if p, ok := c.UnansweredProbes(d); ok {
			add(d, "%d probes unanswered, packets %d to %d", p.Count, p.First.Number, p.Last.Number)
		}
		if s, ok := c.Stalled(d); ok {
			ns, known := c.Elapsed(s.Since, s.Until)
			add(d, "receiver stalled from packet %d to %d, %.1f s %t, open %t, waiting %t, %d packets",
				s.Since.Number, s.Until.Number, float64(ns)/1e9, known, s.Open, s.Waiting, s.Packets)
		}
		if at, n := c.Damaged(d); n > 0 {
			add(d, "%d damaged, first packet %d", n, at.Number)
		}
		if at, n := c.RefusedResets(d); n > 0 {
			add(d, "%d RSTs refused, first packet %d", n, at.Number)
		}
	}
	if at, _, n := c.Revoked(); n > 0 {
		add(0, "%d RSTs revoked, last packet %d", n, at.Number)
	}
}

// factsOf plays a capture.
func factsOf(t *testing.T, path string) string {
	var lines []string
	h := facts{lines: &lines}
	table := reassembly.NewTable(reassembly.Config{}, h)
	d := NewDecoder(Config{})
	packets := readCapture(t, path)
	var last reassembly.At
	for i := range packets {
		var s reassembly.Segment
		if d.Decode(&packets[i], &s) == TCP {
			table.Segment(&s)
			last = s.At
		}
	}
	table.Close(last)
	if j := table.ClockJump(); j.At.Ordinal > 0 {
		lines = append(lines, fmt.Sprintf("clock jump at packet %d, %d s", j.At.Number, (j.At.Time-j.Before)/1e9))
	}
	n := table.Stats()
	if n.Joined > 0 {
		lines = append(lines, fmt.Sprintf("%d joined", n.Joined))
	}
	if n.Missing > 0 {
		lines = append(lines, fmt.Sprintf("%d octets captured, %d missing", n.Octets, n.Missing))
	}
	return strings.Join(lines, "\n")
}

// What is known of connections on which something unusual happened, in captures made after public reports.
func TestEvidenceInField(t *testing.T) {
	if _, err := os.Stat(fieldFolder); err != nil {
		need.Lacking(t, "no captures of the field at "+fieldFolder)
	}
	want := map[string]string{
		"b4-dead-client": "1: acceptor: 6 octets from 133 on, 6 sent again 9 times in packets 13 to 21; 129 acknowledged",
		"e1-mtu-request-client-side": "1: opener: 2218 octets from 0 on, 1400 sent again 7 times in packets 6 to 12; " +
			"0 acknowledged",
		"e2-mtu-big-frame": "1: acceptor: 2800 octets from 129 on, 1400 sent again 7 times in packets 12 to 18; " +
			"129 acknowledged",
		"e5-zero-window":         "1: acceptor: receiver stalled from packet 17 to 29, 25.3 s true, open true, waiting true, 7 packets",
		"clockstep_1970_to_2026": "clock jump at packet 47, 1795332189 s",
		"corrupt_hdr_then_good":  "1: opener: 1 damaged, first packet 16",
		"vxlan_halfplain":        "1 joined",
		"vxlan_mirror_2sources":  "1 joined",
		"sampled_1of10":          "4912 octets captured, 40426 missing",
		// Nothing unusual happened in these.
		"tenants_same5tuple_vlan": "", "asa_isn_both": "", "b8-client-half-close": "", "skew_m5s": "", "wss_midtls": "",
	}
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(want, factsOf(t, filepath.Join(fieldFolder, name+".pcap"))); d != "" {
				t.Errorf("want(-), got(+)\n%s", d)
			}
		})
	}
}

// Recordings of this project, and captures of others, with nothing unusual in them give no evidence.
func TestNoEvidenceInCleanTraffic(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/captures/*.pcapng")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	for _, path := range paths {
		if got := factsOf(t, path); got != "" {
			t.Errorf("%s: %s", filepath.Base(path), got)
		}
	}
}

// A RST was injected, and its receiver's octets come behind it.
func TestBehindReset(t *testing.T) {
	path := filepath.Join(capturesFolder, "odd", "rst-inject-rae.pcap")
	if _, err := os.Stat(path); err != nil {
		need.Lacking(t, "no "+path)
	}
	want := "1: acceptor: 1 RSTs refused, first packet 2\n" +
		"1: 150 octets from packet 8 on behind the end by packet 7, RST true"
	if d := cmp.Diff(want, factsOf(t, path)); d != "" {
		t.Errorf("want(-), got(+)\n%s", d)
	}
}
