package decode

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// stream is what a Table delivered of one connection.
type stream struct {
	ordinal   uint64
	port      uint16    // of the opener
	text      [2][]byte // '?' in a gap
	gaps      [2]int
	ends      [2]reassembly.End
	conflicts int
}

func (s *stream) Data(d reassembly.Dir, _ reassembly.At, p []byte) {
	s.text[d] = append(s.text[d], p...)
}

func (s *stream) Gap(d reassembly.Dir, _ reassembly.At, n uint64) {
	s.gaps[d]++
	s.text[d] = append(s.text[d], bytes.Repeat([]byte("?"), int(min(n, 1<<20)))...) // hostile numbers
}

func (s *stream) End(d reassembly.Dir, _ reassembly.At, why reassembly.End) { s.ends[d] = why }

func (s *stream) Conflict(reassembly.Dir, reassembly.At, uint64, []byte, []byte) { s.conflicts++ }

type streams []*stream

func (all *streams) Open(c *reassembly.Conn) reassembly.Sink {
	*all = append(*all, &stream{ordinal: c.Ordinal(), port: c.Endpoint(opener).Port()})
	return (*all)[len(*all)-1]
}

// play decodes packets into a new table and returns what came out of it.
func play(t *testing.T, packets []capture.Packet) streams {
	t.Helper()
	var got streams
	table := reassembly.NewTable(reassembly.Config{}, &got)
	d := NewDecoder(Config{})
	var last reassembly.At
	for i := range packets {
		var s reassembly.Segment
		for ok := d.Decode(&packets[i], &s) == TCP; ok; ok = d.Next(&s) {
			table.Segment(&s)
			last = s.At
		}
	}
	table.Close(last)
	if n := table.Stats(); n.Remembered != 0 || n.Buffered != 0 || n.History != 0 {
		t.Errorf("left after Close: %d connections, %d octets queued, %d kept", n.Remembered, n.Buffered, n.History)
	}
	for _, s := range got {
		if s.ends[0] == 0 || s.ends[1] == 0 {
			t.Errorf("connection %d: ends %d", s.ordinal, s.ends)
		}
	}
	return got
}

// TestStreamsLikeTshark compares whole streams, as far as they were captured whole. tshark goes on behind a RST; since 4.6
// it shows nothing behind one that came before the handshake was over.
func TestStreamsLikeTshark(t *testing.T) {
	need.Long(t) // tshark takes a third of a second for each connection
	tshark := need.Program(t, "tshark")
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
			var node reassembly.Dir // who is not indented
			for line := range strings.Lines(run("-q", "-z", fmt.Sprintf("follow,tcp,raw,%d", stream))) {
				d := node
				if strings.HasPrefix(line, "\t") {
					d = node.Other()
				}
				if port, ok := strings.CutPrefix(strings.TrimSpace(line), "Node 0: "); ok && !strings.HasSuffix(port, fmt.Sprint(":", r.port)) {
					node = acceptor
				} else if p, err := hex.DecodeString(strings.TrimSpace(line)); err == nil {
					want[d] = append(want[d], p...)
				}
			}
			for d := range want {
				got := r.text[d]
				if filepath.Base(path) == "rst-inject-rae.pcap" && want[0] == nil && want[1] == nil {
					continue
				}
				if r.gaps[d] > 0 {
					t.Logf("connection %d, direction %d: %d of %d octets in %d gaps", r.ordinal, d, bytes.Count(got, []byte("?")), len(got), r.gaps[d])
					continue
				}
				if r.ends[d] == reassembly.EndReset || r.ends[d] == reassembly.EndPeerReset {
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
			if r.gaps != [2]int{} || r.conflicts > 0 || !bytes.HasPrefix(r.text[opener], []byte("GET ")) ||
				!bytes.HasPrefix(r.text[acceptor], []byte("HTTP/1.1 ")) {
				t.Errorf("connection %d: gaps %d, conflicts %d, %.20q, %.20q", r.ordinal, r.gaps, r.conflicts, r.text[0], r.text[1])
			}
		}
	})
}
