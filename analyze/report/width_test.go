package report

import (
	"strings"
	"testing"
	"wshake/analyze/event"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		name, in    string
		first, rest int
		want        []string
	}{
		{"fits", "one two", 7, 9, []string{"one two"}},
		{"at blanks", "one two three", 8, 8, []string{"one two", "three"}},
		{"first line short", "three two", 3, 9, []string{"", "three two"}},
		{"no room first", "one", 0, 9, []string{"", "one"}},
		{"long word", "abcdefghij k", 4, 4, []string{"abcd", "efgh", "ij k"}},
		{"wide", "世界世界", 5, 5, []string{"世界", "世界"}},
		{"two blanks at the break", "one  two", 4, 4, []string{"one ", "two"}},
		{"no limit", "one two three", 0, 0, []string{"one two three"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Fold(c.in, c.first, c.rest)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		name, in string
		n        int
		want     string
	}{
		{"fits", "abc", 3, "abc"},
		{"cut", "abcd", 3, "ab…"},
		{"one column", "abcd", 1, "…"},
		{"none", "abcd", 0, ""},
		{"wide", "世界", 3, "世…"},
		{"piled marks", "a" + strings.Repeat("\u0301", 1000), 3, "a" + strings.Repeat("\u0301", 11) + "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fit(c.in, c.n); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := fitEnd("192.168.100.200:50514", 10); got != "…200:50514" {
		t.Errorf("address cut to %q", got)
	}
}

// Of what is cut no number is left that is not one.
func TestNumbersAreNotCut(t *testing.T) {
	for _, c := range []struct {
		cut  func(string, int) string
		in   string
		n    int
		want string
	}{
		{fitConn, "1→6", 5, "1→6"},
		{fitConn, "12345→12350", 9, "12345→…"},
		{fitConn, "12345", 5, "12345"},
		{fitTime, "11:16:04.123", 12, "11:16:04.123"},
		{fitTime, "11:16:04.123", 10, "11:16:04.1"},
		{fitTime, "11:16:04.123", 9, "11:16:04"},
		{fitTime, "0.009", 10, "0.009"},
		{fitList, "503 ×9, 403 ×11", 15, "503 ×9, 403 ×11"},
		{fitList, "503 ×9, 403 ×11", 14, "503 ×9, …"},
		{fitList, "503 ×9,412", 9, "…"},
	} {
		if got := c.cut(c.in, c.n); got != c.want {
			t.Errorf("%q in %d columns is %q", c.in, c.n, got)
		}
	}
}

// No line is wider than the terminal, whatever the peers sent.
func TestLinesKeepToTheWidth(t *testing.T) {
	for _, width := range []int{20, 40, 80, 120, 200} {
		for name, make := range textOutputs(Options{Show: event.AllKinds, Width: width}) {
			for line := range strings.Lines(printHostile(t, make)) {
				if line = strings.TrimSuffix(line, "\n"); columns(line) > width {
					t.Errorf("%s, width %d: %d columns: %q", name, width, columns(line), line)
				}
				if name == "overview" && strings.HasSuffix(line, " ") { // a payload has its own
					t.Errorf("%s, width %d: trailing blank: %q", name, width, line)
				}
			}
		}
	}
}

// Where there is no terminal cells are bounded.
func TestTablesAreBounded(t *testing.T) {
	printed := printHostile(t, textOutputs(Options{Show: event.KindHandshake})["overview"])
	for line := range strings.Lines(printed) {
		if n := columns(line); n > 300 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

// Nothing from the wire reaches a terminal that is not shown as itself.
func TestHostileOctetsAreEscaped(t *testing.T) {
	outputs := textOutputs(Options{Show: event.AllKinds})
	outputs["json"] = jsonOutput(Options{Show: event.AllKinds})
	for name, make := range outputs {
		printed := printHostile(t, make)
		for _, r := range printed {
			if r != '\n' && hidden(r) {
				t.Errorf("%s prints %U", name, r)
			}
		}
		if strings.Contains(printed, "\nforged") {
			t.Errorf("%s lets a line be forged", name)
		}
	}
}
