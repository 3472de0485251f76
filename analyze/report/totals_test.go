package report

import (
	"strings"
	"testing"

	"wshake/analyze/event"
)

func TestTotals(t *testing.T) {
	for _, c := range []struct {
		name string
		run  event.Summary
		want string
	}{
		{"some", *summary(), "4 handshakes: 1 established, 1 refused, 1 invalid, 1 incomplete · 7 frames, 2 messages · 3 findings (1 error, 1 warning, 1 note) · 1,204 packets, 96.3 kB, 4 connections, from 2024-05-01 10:00:00 UTC"},
		{"one of each", event.Summary{Handshakes: [event.Verdicts]uint64{1}, Frames: 1, Messages: 1, Findings: [event.Levels]uint64{0, 1}, Packets: 1, Bytes: 1, Connections: 1},
			"1 handshake: 1 established · 1 frame, 1 message · 1 finding (1 warning) · 1 packet, 1 B, 1 connection"},
		{"two of each", event.Summary{Handshakes: [event.Verdicts]uint64{event.OtherUpgrade: 2}, Findings: [event.Levels]uint64{2, 2, 2}, Packets: 2, Bytes: 1000, Connections: 2},
			"2 handshakes: 2 other-upgrade · 0 frames, 0 messages · 6 findings (2 errors, 2 warnings, 2 notes) · 2 packets, 1.0 kB, 2 connections"},
		{"none", event.Summary{Packets: 1204, Bytes: 96300, Connections: 14}, "no WebSocket handshake in 1,204 packets; 14 TCP connections · 96.3 kB"},
		{"nothing", event.Summary{}, "no WebSocket handshake in 0 packets; 0 TCP connections · 0 B"},
		{"from before", event.Summary{Packets: 9, Connections: 1, WebSocket: 1, Frames: 3}, "no WebSocket handshake in 9 packets; 1 TCP connection · 1 WebSocket from before the capture · 3 frames, 0 messages · no findings · 0 B"},
		{"dropped", event.Summary{Packets: 9, Dropped: &event.Dropped{Kernel: 1000}}, "no WebSocket handshake in 9 packets; 0 TCP connections · 0 B · dropped by the kernel 1,000, by the interface 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(totals(&c.run), " · "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 96300: "96.3 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 1<<64 - 1: "18.4 EB"} {
		if got := size(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
