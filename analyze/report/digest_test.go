package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// refusal is a refused attempt at a host, with a reason.
func refusal(c *event.Conn, packet uint64, host, says string) *event.Finding {
	return &event.Finding{Conn: c, At: at(packet, int64(packet)), Host: host, ID: "RSP-01", Name: "handshake-refused", Level: event.Note,
		Fault: event.ServerFault, Text: "the server refused the upgrade with 403 Forbidden and says \"" + says + "\"", Seen: "HTTP/1.1 403 Forbidden",
		Advice: "act on what it says"}
}

func told(t *testing.T, o Options, hosts []event.Host, found ...*event.Finding) string {
	t.Helper()
	var b bytes.Buffer
	o.Show = overviewKinds
	w := NewText(&b, o)
	for _, f := range found {
		w.Finding(f)
	}
	w.Summary(&event.Summary{Hosts: hosts})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Findings of one cause and host are one story; what has another cause, or is of another host, is another.
func TestStoriesHaveOneCause(t *testing.T) {
	var found []*event.Finding
	for i := range 20 {
		found = append(found, refusal(crossed, uint64(i+1), "a.example", "token expired"))
	}
	found = append(found, refusal(crossed, 30, "a.example", "no such room"), refusal(crossed, 31, "b.example", "token expired"))
	out := told(t, Options{}, nil, found...)
	for _, want := range []string{"a.example, 20 times\n", "… and 17 more of the same cause, packets 4, 5, 6, 7, 8, … (--all lists them)",
		`says "no such room"`, "b.example\n", "packet 2  192.168.100.200:50514 → 10.0.0.7:443  the same\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	all := told(t, Options{All: true}, nil, found...)
	if n := strings.Count(all, "  packet "); n != len(found) || strings.Contains(all, "the same") {
		t.Errorf("--all lists %d of %d\n%s", n, len(found), all)
	}
}

// A consequence is a line below its root, whichever was told first, and so is what follows from it.
func TestConsequencesStandBelowTheirRoot(t *testing.T) {
	root := &event.Finding{Conn: crossed, At: at(5, 1), ID: "MID-03", Name: "proxy-changed-handshake", Level: event.Warning, Text: "the cause"}
	first := refusal(crossed, 7, "a.example", "no")
	first.Follows = &event.Cause{Conn: crossed, Name: "proxy-changed-handshake"}
	second := &event.Finding{Conn: crossed, At: at(9, 2), ID: "CLS-08", Name: "close-missing", Level: event.Warning, Text: "the end",
		Follows: &event.Cause{Conn: crossed, Name: "handshake-refused"}}
	for _, order := range [][]*event.Finding{{root, first, second}, {second, first, root}, {first, root, second}} {
		out := told(t, Options{}, nil, order...)
		if strings.Count(out, "  follows: ") != 2 || !strings.HasPrefix(out, "warning proxy-changed-handshake") || strings.Contains(out, "act on") {
			t.Errorf("got\n%s", out)
		}
	}
	if out := told(t, Options{}, nil, first); strings.Contains(out, "follows:") || !strings.Contains(out, "handshake-refused") {
		t.Errorf("without its root:\n%s", out)
	}
}

// Hosts of which every attempt was refused come first.
func TestRefusedHostsComeFirst(t *testing.T) {
	note := &event.Finding{Conn: crossed, At: at(1, 1), ID: "CLS-08", Name: "close-missing", Level: event.Warning, Text: "the end"}
	hosts := []event.Host{{Name: "a.example", Attempts: 3, Verdicts: [event.Verdicts]uint64{event.Refused: 3},
		Statuses: []event.StatusCount{{Status: 403, Count: 3}}, Latency: &event.Latency{P50: 1000, P90: 2000, P99: 3000, Max: 3000}}}
	out := told(t, Options{}, hosts, note, refusal(crossed, 7, "a.example", "no"))
	if !strings.HasPrefix(out, "note handshake-refused") || !strings.Contains(out, "all 3 attempts at this host were refused, which counts as a warning") {
		t.Errorf("got\n%s", out)
	}
	hosts = append(hosts, event.Host{Name: "b.example", Attempts: 2, Verdicts: [event.Verdicts]uint64{event.Established: 2}})
	out = told(t, Options{}, hosts, note)
	if !strings.Contains(out, "403 ×3") || !strings.Contains(out, "1.0/2.0/3.0 ms") ||
		!strings.Contains(out, "b.example") {
		t.Errorf("got\n%s", out)
	}
}

// What is kept is bounded, whatever comes.
func TestDigestIsBounded(t *testing.T) {
	var d digest
	for i := range 5000 {
		c := &event.Conn{Ordinal: uint64(i), Peer: crossed.Peer}
		d.add(refusal(c, uint64(i), fmt.Sprintf("h%d.example", i), fmt.Sprintf("%c", rune('a'+i%26))), "packet")
		f := refusal(c, uint64(i), "h", "x")
		f.Name, f.Follows = "close-missing", &event.Cause{Conn: c, Name: "not told"}
		d.add(f, "packet")
	}
	d.settle()
	if len(d.stories) > maxStories+1 || len(d.follows) > maxFollowing {
		t.Errorf("%d stories, %d consequences", len(d.stories), len(d.follows))
	}
}
