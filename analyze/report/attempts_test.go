package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// legs are the two halves of an upgrade through a proxy: the backend answers first.
func legs(n uint64, status int) (back, front *event.Handshake) {
	front, back = incomplete(), incomplete()
	front.Conn, back.Conn = conn(n, "10.0.0.1:4000", "10.0.0.2:80"), conn(n+1, "10.0.0.2:5000", "10.0.0.3:9000")
	front.OtherLeg, back.OtherLeg = &event.OtherLeg{Conn: back.Conn, Role: event.UpstreamLeg}, &event.OtherLeg{Conn: front.Conn, Role: event.DownstreamLeg}
	for _, h := range []*event.Handshake{back, front} {
		h.Verdict, h.Response = event.Refused, response(at(21, 2010), status, "No")
	}
	return back, front
}

func overviewOf(t *testing.T, o Options, tell func(w writer)) string {
	t.Helper()
	var b bytes.Buffer
	o.Show = event.KindHandshake
	w := NewText(&b, o)
	tell(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Two legs are one row, whichever comes first, also behind the rows that widths are learnt from.
func TestLegsAreOneRow(t *testing.T) {
	for _, before := range []int{0, learnt + 5} {
		got := overviewOf(t, Options{}, func(w writer) {
			for range before {
				w.Handshake(refused())
			}
			back, front := legs(1, 502)
			w.Handshake(back)
			w.Handshake(front)
			back, front = legs(3, 400)
			front.Response.Status = 502
			w.Handshake(front)
			w.Handshake(back)
		})
		if strings.Count(got, "\n") != before+3 || !strings.Contains(got, "\n1→2 ") || !strings.Contains(got, "502 refused (400)") {
			t.Errorf("%d before: %s", before, got)
		}
	}
}

// Of thousands of attempts the first few are listed, and all are counted by host, path and answer.
func TestThousandsAreCounted(t *testing.T) {
	got := overviewOf(t, Options{Count: true, Width: 80}, func(w writer) {
		for i := range 3000 {
			h := refused()
			h.Request.Target = fmt.Sprintf("/ws?id=%d", i)
			w.Handshake(h)
		}
		for i := range 500 {
			back, front := legs(uint64(10_000+2*i), 503)
			w.Handshake(back)
			w.Handshake(front)
		}
	})
	for _, want := range []string{"… and 3,480 more: --show handshakes lists all 3,500",
		"by host and status:\nattempts  answer       first conn  host and path\n3,000     403 refused  15          " +
			"bar.example/ws\n",
		"500       503 refused  10001       x/\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n > 30 {
		t.Errorf("%d lines", n)
	}
	few := overviewOf(t, Options{Count: true}, func(w writer) {
		for range listed {
			w.Handshake(refused())
		}
	})
	if n := strings.Count(few, "\n"); n != listed+1 {
		t.Errorf("%d lines for %d attempts", n, listed)
	}
}

// The words of an answer are short enough to be told in full.
func TestAnswersAreNotCut(t *testing.T) {
	for _, width := range []int{60, 80, 120, 200} {
		got := overviewOf(t, Options{Width: width}, func(w writer) {
			h := established()
			h.Verdict = event.OtherUpgrade
			w.Handshake(h)
		})
		if !strings.Contains(got, "101 other-upgrade") {
			t.Errorf("width %d:\n%s", width, got)
		}
	}
}

func TestClocks(t *testing.T) {
	const length = 24 * 3600 * 1e9
	days := func(w writer) {
		w.Handshake(refused())
		next := refused()
		next.At.Time += length
		w.Handshake(next)
	}
	start := func() (int64, bool) { return epoch - 1e9, true }
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{Start: start}, []string{"\n2024-05-01\n", " 2.200 ", "\n2024-05-02\n", " 86402.200 "}},
		{Options{}, []string{" 0.000 ", " 86400.000 "}},
		{Options{Clock: Absolute, Width: 80}, []string{"\n2024-05-01\n", " 10:00:01.200 ", "\n2024-05-02\n"}},
		{Options{Clock: Absolute}, []string{" 2024-05-01 10:00:01.200 ", " 2024-05-02 10:00:01.200 "}},
	} {
		got := overviewOf(t, c.o, days)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%q is missing in\n%s", want, got)
			}
		}
	}
	// Behind rows that are printed already a line tells the date.
	got := overviewOf(t, Options{Clock: Absolute}, func(w writer) {
		w.Handshake(refused())
		w.Pause()
		next := refused()
		next.At.Time += length
		w.Handshake(next)
	})
	if !strings.Contains(got, "\n2024-05-02\n") {
		t.Errorf("no date in\n%s", got)
	}
}

// Connection, path and answer are what a small screen keeps.
func TestSmallScreensKeepWhatMatters(t *testing.T) {
	for width := Narrowest; width <= 200; width++ {
		got := overviewOf(t, Options{Width: width}, func(w writer) {
			w.Handshake(refused())
			w.Handshake(established())
		})
		head, _, _ := strings.Cut(got, "\n")
		for _, title := range []string{"conn", "host and path", "answer"} {
			if width >= 46 && !strings.Contains(head, title) {
				t.Errorf("width %d: %q", width, head)
			}
		}
		if strings.Contains(head, "client") && !strings.Contains(head, "server") {
			t.Errorf("width %d keeps the client before the server: %q", width, head)
		}
	}
}
