package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
	"wshake/analyze/event"
	"wshake/testdata/need"
)

// floodOfFindings is an upgrade and then n frames with the octets 01 00: each begins a message inside a message,
// without a mask.
func floodOfFindings(t testing.TB, n int) []byte {
	t.Helper()
	s, err := dialogue.Parse([]byte("conn 1: 10.0.0.1:4001 > 10.0.0.2:80\n" + `-- client --
GET /chat HTTP/1.1
Host: example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}
-- client hex --
` + strings.Repeat("0100", n) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return dialogue.Pcap(s.Packets(1000))
}

// Findings of one kind are told a few times and then counted; all of them count.
func TestFindingsAreBounded(t *testing.T) {
	frames := 50_000
	if need.Brief() {
		frames = 10_000
	}
	pcap := floodOfFindings(t, frames)
	for _, c := range []struct{ limit, most int }{{0, defaultFindings}, {3, 3}, {-1, frames}} {
		t.Run(fmt.Sprint(c.limit), func(t *testing.T) {
			r := analyseBytes(t, pcap, func(cfg *Config) { cfg.Limits.Findings = c.limit })
			told := make(map[string]uint64)
			for _, f := range r.findings {
				told[f.Name]++
			}
			for name, n := range told {
				if n > uint64(c.most) {
					t.Errorf("%s is told %d times", name, n)
				}
			}
			all := uint64(len(r.findings))
			for _, e := range r.caveats {
				if e.Omitted == nil {
					continue
				}
				all += e.Omitted.Count
				if told[e.Omitted.Check] != uint64(c.most) || e.Omitted.First.Number == 0 || e.Omitted.Last.Number < e.Omitted.First.Number || e.Conn == nil {
					t.Errorf("%+v, %+v", e, e.Omitted)
				}
			}
			counted := uint64(0)
			for _, n := range r.summary.Findings {
				counted += n
			}
			if all != counted || counted < uint64(frames) {
				t.Errorf("%d findings are told or counted by caveats, the summary has %d", all, counted)
			}
			if named := slices.ContainsFunc(r.connections, func(e event.Connection) bool { return slices.Contains(e.Caveats, "findings-omitted") }); named != (c.limit >= 0) {
				t.Errorf("the connection names the caveat: %v", named)
			}
		})
	}
}

// However many connections have findings, what is counted for them is bounded, and nothing is lost.
func TestFindingsLimitIsBounded(t *testing.T) {
	var told, omitted uint64
	l := newRepeats(1, func(c *event.Caveat) { omitted += c.Omitted.Count })
	const conns = 3 * maxCounted
	for i := range uint64(conns) {
		c := &event.Conn{Ordinal: i + 1}
		for range 3 {
			if l.passes(&event.Finding{Conn: c, Name: "x"}) {
				told++
			}
		}
		if i%2 == 0 {
			l.over(c)
		}
		if len(l.conns) > maxCounted || len(l.order) > 2*maxCounted {
			t.Fatalf("%d connections are counted for, %d remembered", len(l.conns), len(l.order))
		}
	}
	l.finish()
	if told != conns || omitted != 2*conns || len(l.conns) != 0 {
		t.Errorf("%d told, %d omitted, %d left", told, omitted, len(l.conns))
	}
}
