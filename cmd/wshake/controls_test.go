package main

import (
	"os"
	"slices"
	"syscall"
	"testing"

	"wshake/analyze/report"
)

func TestKeysOfTheScreen(t *testing.T) {
	var c report.Controls
	type keys = []string
	for _, step := range []struct {
		keys keys
		want report.Controls
	}{
		{keys{"p"}, report.Controls{Paused: true}},
		{keys{" "}, report.Controls{}},
		{keys{"/", "a", "b", "ü", "\x7f", "\x7f", "q", "\x1b[A"}, report.Controls{Typing: true, Filter: "aq"}},
		{keys{"\r"}, report.Controls{Filter: "aq"}},
		{keys{downKey, "j", pageDownKey, upKey}, report.Controls{Filter: "aq", Scroll: 11}},
		{keys{escapeKey}, report.Controls{}},
		{keys{upKey, pageUpKey}, report.Controls{}},
		{keys{"?"}, report.Controls{Help: true}},
		{keys{"?", "x"}, report.Controls{}},
		{keys{"/", "x", escapeKey}, report.Controls{}},
	} {
		for _, key := range step.keys {
			if s := press(&c, key); s != nil {
				t.Errorf("%q raises %v", key, s)
			}
		}
		if c != step.want {
			t.Errorf("after %q: %+v, want %+v", step.keys, c, step.want)
		}
	}
	for key, want := range map[string]os.Signal{"q": os.Interrupt, interruptKey: os.Interrupt, quitKey: syscall.SIGQUIT, suspendKey: suspendSignal} {
		if got := press(new(report.Controls), key); got != want {
			t.Errorf("%q raises %v, want %v", key, got, want)
		}
	}
}

func TestKeysThatComeAtOnce(t *testing.T) {
	for piece, want := range map[string][]string{
		"p/ü\r":          {"p", "/", "ü", "\r"},
		"\x1b[A\x1b[5~q": {"\x1b[A", "\x1b[5~", "q"},
		"\x1bOAj":        {"\x1bOA", "j"},
		"\x1b":           {"\x1b"},
		"\x1b[":          {"\x1b["},
		"\x1b[1":         {"\x1b[1"},
		"\xff\x00":       {"\xff", "\x00"},
	} {
		if got := splitKeys(piece); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", piece, got, want)
		}
	}
}
