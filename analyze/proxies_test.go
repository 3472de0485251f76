package analyze

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/capture"
)

// slowed is a capture whose clock runs factor times as fast: a time-out of 3 s becomes one of 60 s.
type slowed struct {
	capture.Source
	factor, start int64
}

func (s *slowed) Read(b *capture.Batch) error {
	err := s.Source.Read(b)
	for i := range b.Packets {
		if s.start == 0 {
			s.start = b.Packets[i].Time
		}
		b.Packets[i].Time = s.start + (b.Packets[i].Time-s.start)*s.factor
	}
	return err
}

// Both legs of real proxies, recorded right and wrong: what is said of the hop.
func TestProxies(t *testing.T) {
	for _, c := range []struct {
		recording string
		factor    int64 // of the clock
		want      string
	}{
		{"nginx-right", 1, ""},
		{"nginx-concurrent", 1, ""},
		{"nginx-sequential", 1, ""},
		{"nginx-deflate", 1, ""},
		{"nginx-rewrites-path", 1, ""},
		{"nginx-default", 1, "proxy-http10 proxy-stripped-upgrade"},
		{"nginx-http10-with-upgrade", 1, "proxy-http10"},
		{"nginx-http11-only", 1, "proxy-stripped-upgrade"},
		{"nginx-wrong-variable", 1, "proxy-stripped-upgrade"},
		{"nginx-read-timeout", 1, "idle-timeout idle-timeout"},
		{"nginx-read-timeout", 20, "idle-timeout idle-timeout"},
		{"nginx-drops-extensions", 1, "proxy-changed-handshake"},
		{"haproxy-right", 1, ""},
		{"haproxy-drops-upgrade", 1, "proxy-stripped-upgrade"},
		{"haproxy-tunnel-timeout", 1, "idle-timeout idle-timeout"},
		{"haproxy-tunnel-timeout", 20, "idle-timeout idle-timeout"},
		{"apache-upgrade-websocket", 1, ""},
		{"apache-wstunnel", 1, ""},
		{"apache-plain-proxypass", 1, "proxy-stripped-upgrade"},
		{"http-proxy-right", 1, ""},
		{"proxy-late-answer", 1, "answer-delayed"},
		{"nat-both-sides", 1, ""},
		{"same-packets-twice", 1, ""},
		{"same-packets-twice-routed", 1, ""},
	} {
		t.Run(c.recording, func(t *testing.T) {
			src, err := capture.Open([]string{filepath.Join("..", "testdata", "captures", c.recording+".pcapng")}, capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			var got []string
			for _, f := range analyseSource(t, &slowed{Source: src, factor: c.factor}).findings {
				if strings.HasPrefix(f.ID, "MID-") || f.Name == "key-reused" {
					got = append(got, f.Name)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}
