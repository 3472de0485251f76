package analyze

import (
	"testing"
	"time"

	"wshake/analyze/event"
)

// silent makes a tape of a recording in which the peers are silent for longer, once: where they were silent longest.
func silent(t *testing.T, d time.Duration) tape {
	packets := loadTape(t, recording("close-idle"))
	longest := 1
	for i := 1; i < len(packets); i++ {
		if packets[i].Time-packets[i-1].Time > packets[longest].Time-packets[longest-1].Time {
			longest = i
		}
	}
	for i := longest; i < len(packets); i++ {
		packets[i].Time += int64(d)
	}
	return packets
}

// A WebSocket may be silent for hours. Longer than was asked for, and its end is an expiry and no fault of
// anybody; what comes later is met in mid-stream. Where nothing at all was captured for very long, that says
// nothing about a connection.
func TestIdleWebSockets(t *testing.T) {
	brief := func(c *Config) { c.Limits.Reassembly.KeptTimeout = 10 * time.Minute }
	for _, c := range []struct {
		name    string
		silence time.Duration
		change  func(*Config)
		ended   event.Ended // the first connection
	}{
		{"a night", 12 * time.Hour, func(*Config) {}, event.EndedClose},
		{"two days", 48 * time.Hour, func(*Config) {}, event.EndedClose}, // or the clock was set: its numbers go on
		{"shorter than asked for", 9 * time.Minute, brief, event.EndedClose},
		{"longer than asked for", 11 * time.Minute, brief, event.EndedTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			packets := silent(t, c.silence)
			got := packets.analyse(t, c.change)
			first := got.connections[0]
			if first.Ended != c.ended || first.EndedBy.Known != (c.ended == event.EndedClose) {
				t.Errorf("ended %v, by %v", first.Ended, first.EndedBy)
			}
			if expired := len(got.connections) > 1; expired != (c.ended == event.EndedTimeout) {
				t.Errorf("%d connections", len(got.connections))
			}
			if len(got.findings) != 0 {
				t.Errorf("findings: %v", got.names())
			}
			if n := len(got.handshakes); n != 1 {
				t.Errorf("%d handshakes", n)
			}
			// The expiry goes by the capture's clock, however many workers there are.
			if other := packets.analyse(t, c.change, func(c *Config) { c.Workers = 4 }); story(other) != story(got) {
				t.Errorf("with four workers:\n%s\nwith one:\n%s", story(other), story(got))
			}
		})
	}
}
