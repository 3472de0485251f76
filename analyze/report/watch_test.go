package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
)

var begun = time.Unix(0, epoch)

// moment is two seconds after the beginning.
func moment(width, height int) Moment {
	return Moment{Width: width, Height: height, Began: begun, Now: begun.Add(2 * time.Second), Source: "eth0", Dropped: event.Dropped{Kernel: 3}}
}

func TestScreen(t *testing.T) {
	for _, c := range []struct {
		name   string
		color  bool
		moment func() Moment
	}{
		{"watch-40.txt", false, func() Moment { m := moment(40, 24); m.Problem = "eth0: the interface is down"; return m }},
		{"watch-80.txt", false, func() Moment { return moment(80, 24) }},
		{"watch-120-color.txt", true, func() Moment { return moment(120, 50) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := NewWatch(io.Discard, Options{Color: c.color})
			before := c.moment()
			before.Now = before.Began
			w.Screen(before)
			tell(w)
			for range 12 {
				w.Handshake(refused())
			}
			got := strings.Join(w.Screen(c.moment()), "\n") + "\n"
			path := filepath.Join("testdata", c.name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("differs from %s (-update rewrites it):\n%s", path, diff)
			}
		})
	}
}

// Whatever the size of the terminal, no line is wider and there are not more of them; hostile text shows as text.
func TestScreenFits(t *testing.T) {
	w := NewWatch(io.Discard, Options{})
	tell(w)
	evil := established()
	evil.Request.Fields[0].Value = "\x1b[2J\u202eevil\r\n\x9b" + strings.Repeat("世", 500)
	w.Handshake(evil)
	w.Finding(&event.Finding{Conn: chat, Name: "secret-in-handshake", Text: "\x1b]0;title\a" + strings.Repeat("\u0301", 5000)})
	for width := range 130 {
		for _, height := range []int{0, 1, 2, 5, 9, 12, 24, 100} {
			m := moment(width, height)
			m.Problem = "\x1b[?1049l"
			lines := w.Screen(m)
			if len(lines) > height {
				t.Fatalf("%d lines on a terminal of %d", len(lines), height)
			}
			for _, line := range lines {
				if columns(line) > width || line != Sanitise(line) {
					t.Fatalf("a line of %d columns on a terminal of %d: %q", columns(line), width, line)
				}
			}
		}
	}
}

// However many hosts there are, few are kept; the busy ones are among them, and no handshake is lost.
func TestManyHosts(t *testing.T) {
	w := NewWatch(io.Discard, Options{})
	const many = 20_000
	for i := range many {
		h := established()
		h.Conn = conn(uint64(i), "127.0.0.1:47328", "127.0.0.1:9000")
		h.Request.Fields[0].Value = fmt.Sprintf("%d.example", i)
		if i%10 == 0 {
			h.Request.Fields[0].Value = "busy.example"
		}
		w.Handshake(h)
		w.Connection(&event.Connection{Conn: h.Conn})
	}
	if n := len(w.hosts.byName); n > hostsKept {
		t.Errorf("%d hosts are kept", n)
	}
	if len(w.open) != 0 {
		t.Errorf("%d connections are open", len(w.open))
	}
	list := w.hosts.listed(5, new(Controls))
	if len(list) != 5 || list[0].name != "busy.example" || list[0].handshakes != many/10 || list[4].name != "other hosts" {
		t.Fatalf("%+v", list)
	}
	total := uint64(0)
	for _, h := range list {
		total += h.handshakes
	}
	if total != many {
		t.Errorf("%d handshakes of %d are counted", total, many)
	}
	for range 10 * latestKept {
		w.Finding(mismatch)
	}
	if len(w.latest) > latestKept {
		t.Errorf("%d findings are kept", len(w.latest))
	}
}

// The numbers of all hosts stand below each other, whatever their names are.
func TestNumbersOfHostsAreAligned(t *testing.T) {
	w := NewWatch(io.Discard, Options{})
	for _, name := range []string{"a.example", strings.Repeat("long", 14) + ".example"} {
		h := established()
		h.Request.Fields[0].Value = name
		w.Handshake(h)
	}
	for _, width := range []int{60, 80, 120, 200} {
		var ends []int
		for _, line := range w.Screen(Moment{Width: width, Height: 24, Began: begun, Now: begun}) {
			if strings.HasPrefix(line, "host ") || strings.HasPrefix(line, "a.example") ||
				strings.HasPrefix(line, "longlong") {
				ends = append(ends, columns(line))
			}
		}
		if len(ends) != 3 || ends[0] != ends[1] || ends[1] != ends[2] {
			t.Errorf("width %d: lines end in columns %v", width, ends)
		}
	}
}

func TestPace(t *testing.T) {
	var p pace
	for s := range 100 {
		got := p.perSecond(begun.Add(time.Duration(s)*time.Second/4), uint64(s)*5)
		if want := 20.0; s > 0 && got != want {
			t.Errorf("after %d samples: %v, want %v", s, got, want)
		}
	}
	if len(p) > 50 {
		t.Errorf("%d samples are kept", len(p))
	}
	for s := range 100 {
		p.perSecond(begun.Add(25*time.Second+time.Duration(s)*time.Second/4), 500)
	}
	if got := p.perSecond(begun.Add(time.Minute), 500); got != 0 {
		t.Errorf("%v when there were none", got)
	}
}

// After the screen comes what the table prints at its end.
func TestWatchEndsAsTheTableDoes(t *testing.T) {
	end := func(make func(io.Writer) writer) string { return string(printed(t, make)) }
	table := end(func(w io.Writer) writer {
		return NewText(w, Options{Width: 80, Show: event.KindFinding | event.KindCaveat | event.KindSummary})
	})
	if watched := end(func(w io.Writer) writer { return NewWatch(w, Options{Width: 80, Show: event.AllKinds}) }); watched != table {
		t.Error(cmp.Diff(table, watched))
	}
}

// Keys choose what is seen; the screen keeps to its size, and its last line tells the keys.
func TestControls(t *testing.T) {
	w := NewWatch(io.Discard, Options{})
	tell(w)
	shown := func(c Controls) string {
		m := moment(80, 30)
		m.Keys, m.Controls = true, c
		lines := w.Screen(m)
		if len(lines) > 30 {
			t.Errorf("%d lines", len(lines))
		}
		return strings.Join(lines, "\n")
	}
	if got := shown(Controls{}); !strings.Contains(got, "? help") || !strings.Contains(got, "accept-mismatch") || !strings.Contains(got, "bar.example") {
		t.Errorf("plain: %s", got)
	}
	if got := shown(Controls{Filter: "MISMATCH"}); !strings.Contains(got, "accept-mismatch") || strings.Contains(got, "subprotocol-unanswered") || strings.Contains(got, "bar.example") {
		t.Errorf("filtered: %s", got)
	}
	if got := shown(Controls{Typing: true, Filter: "x\x1b"}); !strings.Contains(got, "filter: x") || strings.Contains(got, "\x1b") {
		t.Errorf("typing: %q", got)
	}
	if got := shown(Controls{Scroll: 1}); strings.Contains(got, "subprotocol-unanswered") || !strings.Contains(got, "accept-mismatch") {
		t.Errorf("scrolled: %s", got)
	}
	if got := shown(Controls{Paused: true}); !strings.Contains(got, "paused") {
		t.Errorf("paused: %s", got)
	}
	if got := shown(Controls{Help: true}); !strings.Contains(got, "scroll the findings") {
		t.Errorf("help: %s", got)
	}
}

// An attempt through a proxy is seen on both sides of it, and counts once.
func TestWatchCountsAttemptsOnce(t *testing.T) {
	w := NewWatch(io.Discard, Options{})
	back, front := legs(1, 502)
	w.Handshake(back)
	w.Handshake(front)
	if got := strings.Join(w.Screen(moment(80, 24)), "\n"); !strings.Contains(got, "handshakes     1,") {
		t.Error(got)
	}
}
