package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A transcript of one leg of a proxy shows the other one, too, whichever is asked for.
func TestFollowShowsBothLegs(t *testing.T) {
	for _, c := range []struct{ capture, conn, words, not string }{
		{"caddy-right", "1", "the leg of connection 1 to the backend|connection 1  127", ""},
		{"caddy-right", "6", "the leg of connection 6 to the client|connection 6  127", ""},
		{"nginx-rewrites-host", "1", "the leg of connection 1 to the backend|proxy-changed-handshake", ""},
		{"gorilla-plain", "1", "connection 1", "the leg of"},
	} {
		status, out, errs := wshake("--follow", c.conn, filepath.Join("..", "..", "testdata", "captures", c.capture+".pcapng"))
		if status != exitDone || errs != "" {
			t.Errorf("%s: status %d, %s", c.capture, status, errs)
		}
		for _, words := range strings.Split(c.words, "|") {
			if !strings.Contains(out, words) {
				t.Errorf("--follow %s %s: no %q in\n%s", c.conn, c.capture, words, out)
			}
		}
		if c.not != "" && strings.Contains(out, c.not) {
			t.Errorf("--follow %s %s: %q in\n%s", c.conn, c.capture, c.not, out)
		}
	}
}
