package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
	"wshake/testdata/need"
)

// A capture cut at any octet gives a message that names the offset, or none where the cut is between packets, and
// every handshake that was complete before the cut.
func TestEveryTruncation(t *testing.T) {
	t.Parallel()
	ng, err := os.ReadFile(recording("proxy-crossed-answers"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "..", "testdata", "dialogues", "handshake-refused", "bad-426-retry.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := dialogue.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	for name, whole := range map[string][]byte{"pcapng": ng, "pcap": dialogue.Pcap(s.Packets(1))} {
		t.Run(name, func(t *testing.T) {
			handshakes := func(n int) (int, int, string) {
				var out, errs bytes.Buffer
				status := run([]string{"-j", "1", "--output", "json", "--show", "handshakes", "-"}, stdio{in: bytes.NewReader(whole[:n]), out: &out, err: &errs})
				complete := 0
				for _, line := range strings.Split(out.String(), "\n") {
					if strings.Contains(line, `"status":`) && !strings.Contains(line, `"status":null`) {
						complete++
					}
				}
				return status, complete, errs.String()
			}
			offset := regexp.MustCompile(`offset \d+`)
			before, step := 0, 1
			if need.Brief() {
				step = 101
			}
			for n := 0; n <= len(whole); n += step {
				status, complete, message := handshakes(n)
				if complete < before {
					t.Fatalf("cut at %d: %d handshakes, of a shorter piece there were %d", n, complete, before)
				}
				before = complete
				switch {
				case status == exitDone && message == "":
				case status == exitInput && (offset.MatchString(message) || n < 4):
				default:
					t.Fatalf("cut at %d: status %d, %q", n, status, message)
				}
			}
			if before < 2 {
				t.Errorf("the whole capture has %d handshakes", before)
			}
		})
	}
}
