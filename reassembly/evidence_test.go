package reassembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is the evidence of a connection as text, asked for when its last End comes.
func told(c *Conn) string {
	var lines []string
	for d, arrow := range []string{">", "<"} {
		d := Dir(d)
		add := func(format string, args ...any) { lines = append(lines, arrow+" "+fmt.Sprintf(format, args...)) }
		if u, ok := c.Unacknowledged(d); ok {
			add("unacknowledged %d from %d, size %d of %d, %d times @%d-%d",
				u.Octets, u.Offset, u.Size, u.Acknowledged, u.Count, u.First.Ordinal, u.Last.Ordinal)
		}
		if p, ok := c.UnansweredProbes(d); ok {
			add("probes %d @%d-%d", p.Count, p.First.Ordinal, p.Last.Ordinal)
		}
		if s, ok := c.Stalled(d); ok {
			ns, _ := c.Elapsed(s.Since, s.Until)
			add("stalled @%d-%d %d ms open %t waiting %t", s.Since.Ordinal, s.Until.Ordinal, ns/1e6, s.Open, s.Waiting)
		}
		if at, n := c.RefusedResets(d); n > 0 {
			add("refused RST %d @%d", n, at.Ordinal)
		}
	}
	if at, _, n := c.Revoked(); n > 0 {
		lines = append(lines, fmt.Sprintf("revoked RST %d @%d", n, at.Ordinal))
	}
	return strings.Join(lines, "\n")
}

func TestEvidence(t *testing.T) {
	big := strings.Repeat("x", 1400)
	for _, tt := range []struct{ name, script, want string }{
		{"nothing unusual", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 world
			> 6 ack 6 FIN
			< 6 ack 7 FIN`, ``},
		{"the peer vanished", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 world
			< 6 ack 6 more
			< 6 ack 6 more
			< 6 ack 6 more`, `
			< unacknowledged 4 from 5, size 4 of 0, 2 times @7-8`},
		{"sent again and then acknowledged", handshake + `
			> 1 ack 1 hello
			> 1 ack 1 hello
			> 1 ack 1 hello
			< 1 ack 6 world`, ``},
		{"acknowledgements were not captured", `
			> SYN 0
			> 1 ack 1 hello
			> 1 ack 1 hello`, ``},
		{"large segments are lost", handshake + `
			> 1 ack 1 ` + big[:200] + `
			< 1 ack 201
			> 201 ack 1 ` + big + `
			> 201 ack 1 ` + big + `
			> 201 ack 1 ` + big, `
			> unacknowledged 1400 from 200, size 1400 of 200, 2 times @7-8`},
		{"the second copy is lost, too, and a later one acknowledged", handshake + `
			> 1 ack 1 ab
			> 1 ack 1 ab
			< 1 ack 3
			> 3 ack 1 cd
			> 3 ack 1 cd`, `
			> unacknowledged 2 from 2, size 2 of 2, 1 times @8-8`},
		{"keep-alives, answered", handshake + `
			> 1 ack 1 x
			> 1 ack 1
			< 1 ack 2`, ``},
		{"keep-alives, not answered", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 world
			< 5 ack 6
			pause 30s
			< 5 ack 6 x
			pause 30s
			< 5 ack 6`, `
			< probes 3 @6-8`},
		{"keep-alives, the first answered", handshake + `
			< 1 ack 1 world
			< 5 ack 1
			> 1 ack 6
			pause 30s
			< 5 ack 1`, `
			< probes 1 @7-7`},
		{"a window of 0, opened again", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 window 0
			pause 10s
			> 5 ack 1
			< 1 ack 6 window 0
			pause 10s
			< 1 ack 6 window 5`, `
			> stalled @5-8 20003 ms open false waiting true`},
		{"a window of 0 that stays, with octets under way", handshake + `
			> 1 ack 1 hello
			> 6 ack 1 world
			< 1 ack 6 window 0
			pause 10s
			< 1 ack 6 window 0`, `
			> stalled @6-7 10001 ms open true waiting true`},
		{"a window of 0, nothing to send", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 window 0
			pause 10s
			< 1 ack 6 window 0`, `
			> stalled @5-6 10001 ms open true waiting false`},
		{"the longest of several", handshake + `
			> 1 ack 1 hello
			< 1 ack 6 window 0
			pause 5s
			< 1 ack 6 window 9
			< 1 ack 6 window 0
			pause 1s
			< 1 ack 6 window 9`, `
			> stalled @5-6 5001 ms open false waiting false`},
		{"RSTs out of the window", handshake + `
			> 1 ack 1 hello
			< RST 2000000
			< RST 3000000
			< 1 ack 6 world`, `
			< refused RST 2 @5`},
		{"a RST that both contradict", handshake + `
			> 1 ack 1 hello
			> RST 6
			> 6 ack 1 world
			< 1 ack 11 yes`, `
			revoked RST 1 @5`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(Config{})
			s.evidence = true
			s.run(t, tt.script+"\nclose")
			if d := cmp.Diff(transcript(tt.want), strings.Join(s.told, "\n")); d != "" {
				t.Errorf("want(-), got(+)\n%s", d)
			}
			s.empty(t)
		})
	}
}

// Octets behind an end are counted once, and told when the connection is forgotten.
func TestBehind(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"nothing", handshake + "> 1 hello\n> RST 6", ``},
		{"of its receiver, under way", handshake + `
			> 1 ack 1 hello
			> RST 6
			< 1 ack 6 fourteenoctets
			< 1 ack 6 fourteenoctets`, `behind @4 14 @6 end @5 RST true`},
		{"long after the RST", handshake + `
			> 1 ack 1 hello
			> RST 6
			pause 10s
			< 1 ack 6 abc
			< 4 ack 6 def`, `behind @4 6 @6 end @5 RST true`},
		{"behind a FIN", handshake + `
			> 1 ack 1 x FIN
			> 3 y
			> 4 zz`, `behind @4 3 @5 end @4 RST false`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(Config{})
			s.run(t, tt.script+"\nclose")
			if got := strings.ReplaceAll(strings.Join(s.behind, "\n"), "behind @1", "behind @4"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// What lies behind a hole that the receiver says it misses is not confirmed.
func TestConfirmed(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"acknowledged", handshake + `
			> 1 hel
			> 6 world
			< 1 ack 11
			wait 1s`, `true true`},
		{"no acknowledgement captured", handshake + `
			> 1 hel
			> 6 world
			wait 3s`, `true true`},
		{"missed by the receiver, too", handshake + `
			> 1 hel
			> 6 world
			< 1 ack 4
			wait 61s`, `true false`},
		{"missed, sent again and acknowledged", handshake + `
			> 1 hel
			> 6 world
			< 1 ack 4
			> 4 lo
			< 1 ack 11`, `true true true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(Config{})
			s.confirmed = new([]string)
			s.run(t, tt.script)
			if got := strings.Join(*s.confirmed, " "); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
