package reassembly

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"wshake/capture"
)

// play decodes packets into a new table and returns what came out of it.
func play(t *testing.T, packets []capture.Packet) recorders {
	t.Helper()
	var got recorders
	table := NewTable(Config{}, &got)
	d := NewDecoder(DecoderConfig{})
	var last At
	for i := range packets {
		var s Segment
		if d.Decode(&packets[i], &s) == TCP {
			table.Segment(&s)
			last = s.At
		}
	}
	table.Close(last)
	(&script{table: table}).empty(t)
	for _, r := range got {
		if len(r.faults) > 0 || r.ends[0] == 0 || r.ends[1] == 0 {
			t.Errorf("connection %d: %q, ends %d", r.ordinal, r.faults, r.ends)
		}
	}
	return got
}

// TestStreamsLikeTshark compares whole streams, as far as they were captured whole. tshark goes on behind a RST.
func TestStreamsLikeTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("tshark takes a third of a second for each connection")
	}
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		missing(t, "no tshark to compare with")
	}
	eachCapture(t, "odd", func(t *testing.T, path string, packets []capture.Packet) {
		run := func(args ...string) string {
			out, err := exec.Command(tshark, append([]string{"-r", path}, args...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		streams := map[uint64]int{} // by the number of their first packet
		seen := map[int]bool{}
		for line := range strings.Lines(run("-T", "fields", "-E", "occurrence=l", "-Y", "tcp.stream", "-e", "tcp.stream", "-e", "frame.number")) {
			var stream int
			var number uint64
			if fmt.Sscan(line, &stream, &number); !seen[stream] {
				streams[number], seen[stream] = stream, true
			}
		}
		for _, r := range play(t, packets) {
			stream, ok := streams[r.ordinal]
			if !ok {
				t.Errorf("connection %d is none for tshark", r.ordinal)
				continue
			}
			var want [2][]byte
			var node Dir // who is not indented
			for line := range strings.Lines(run("-q", "-z", fmt.Sprintf("follow,tcp,raw,%d", stream))) {
				d := node
				if strings.HasPrefix(line, "\t") {
					d = node.Other()
				}
				if port, ok := strings.CutPrefix(strings.TrimSpace(line), "Node 0: "); ok && !strings.HasSuffix(port, fmt.Sprint(":", r.port)) {
					node = Acceptor
				} else if p, err := hex.DecodeString(strings.TrimSpace(line)); err == nil {
					want[d] = append(want[d], p...)
				}
			}
			for d := range want {
				got := r.text[d]
				if r.gaps[d] > 0 {
					t.Logf("connection %d, direction %d: %d of %d octets in %d gaps", r.ordinal, d, bytes.Count(got, []byte("?")), len(got), r.gaps[d])
					continue
				}
				if r.ends[d] == EndReset || r.ends[d] == EndPeerReset {
					want[d] = want[d][:min(len(got), len(want[d]))]
				}
				if !bytes.Equal(got, want[d]) {
					t.Errorf("connection %d, direction %d: %d octets, tshark has %d:\n%.80q\n%.80q", r.ordinal, d, len(got), len(want[d]), got, want[d])
				}
			}
		}
	})
}

// TestStreamsOfAutobahn plays a large clean capture: nothing is missing in it, and nothing was sent again.
func TestStreamsOfAutobahn(t *testing.T) {
	eachCapture(t, "autobahn", func(t *testing.T, _ string, packets []capture.Packet) {
		got := play(t, packets)
		if len(got) != 298 {
			t.Errorf("%d connections, want 298", len(got))
		}
		for _, r := range got {
			if r.gaps != [2]int{} || len(r.conflicts) > 0 || !bytes.HasPrefix(r.text[Opener], []byte("GET ")) || !bytes.HasPrefix(r.text[Acceptor], []byte("HTTP/1.1 ")) {
				t.Errorf("connection %d: gaps %d, conflicts %q, %.20q, %.20q", r.ordinal, r.gaps, r.conflicts, r.text[0], r.text[1])
			}
		}
	})
}
