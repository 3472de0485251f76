package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
)

func TestWatchNeedsATerminalAndAnInterface(t *testing.T) {
	for _, c := range []struct {
		args []string
		said string
	}{
		{[]string{"--watch", "-i", "lo"}, "standard output is not one"},
		{[]string{"--watch", recording("node-ws")}, "goes with -i"},
		{[]string{"--watch", "-i", "lo", "-o", "json"}, "output of its own"},
		{[]string{"--watch", "-i", "lo", "--show", "all"}, "output of its own"},
		{[]string{"--watch", "-i", "lo", "--follow", "1"}, "output of its own"},
	} {
		if status, out, errs := wshake(c.args...); status != exitUsage || out != "" || !strings.Contains(errs, c.said) {
			t.Errorf("%v: status %d, %q, %q", c.args, status, out, errs)
		}
	}
}

// panics is a receiver with a bug.
type panics struct{ *report.Watch }

func (p panics) Handshake(*event.Handshake) { panic("a bug") }

// A panic anywhere in the analysis leaves the terminal as it was, and its message is not lost on the alternate screen.
func TestPanicGivesTheTerminalBack(t *testing.T) {
	const child = "WSHAKE_TEST_PANIC"
	if os.Getenv(child) != "" {
		w := report.NewWatch(io.Discard, report.Options{})
		d := newDisplay(w, new(input), stdio{out: os.Stdout, err: os.Stderr}, nil, true)
		src, err := capture.Open([]string{recording("node-ws")}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(d.beside(os.Stderr), "wshake: something else\n")
		go func() { // not in the test's goroutine, where package testing would print, too
			defer d.leave() // as run does: a panic in any goroutine is one in Run
			analyze.Run(context.Background(), src, analyze.Config{Want: event.AllKinds}, panics{w})
		}()
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestPanicGivesTheTerminalBack$")
	cmd.Env = append(os.Environ(), child+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err == nil {
		t.Fatal("the child did not panic")
	}
	if s := out.String(); strings.Count(s, enterScreen) != 1 || strings.Count(s, leaveScreen) != 1 || !strings.HasSuffix(s, leaveScreen) {
		t.Errorf("the terminal was left with %q", s)
	}
	if s := errs.String(); !strings.HasPrefix(s, "wshake: something else\n") || !strings.Contains(s, "panic: a bug") {
		t.Errorf("the child said %q", s)
	}
}
