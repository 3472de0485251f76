package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGrep(t *testing.T) {
	path := writeDialogue(t, secrets)
	for _, c := range []struct{ args, want string }{
		{`--grep|hunter2[lm]`, "2 matches in 2 messages\n"},
		{`--grep|HUNTER2L|--ignore-case`, "1 match in 1 message\n"},
		{`--grep|hunter2.|--fixed-strings`, "no match\n"},
		{`--grep-hex|68 75 6e|--context|2`, "687 "},
		{`--grep|ter2l|--where|from == "server"`, "no match\n"},
		{`--grep|ter2l|--color|always|--context|3`, "→  hun\x1b[1;31mter2l\x1b[0m"},
		{`--grep|ter2l|-o|json`, `"matches":[{"offset":3,"packet":`},
	} {
		status, out, errs := wshake(append(strings.Split(c.args, "|"), path)...)
		if c.args[:10] == "--grep-hex" {
			c.want = "68756e 7465…"
		}
		if status != exitDone || errs != "" || !strings.Contains(out, c.want) {
			t.Errorf("%s: status %d, %q, %s", c.args, status, out, errs)
		}
		if strings.Contains(c.args, "json") {
			validate(t, path, out)
			if n := lineTypes(t, out); n["message"] != 1 || len(n) != 1 {
				t.Errorf("%v", n)
			}
		}
	}
	_, out, _ := wshake("--grep", "hunter2[lm]", path)
	golden := filepath.Join("testdata", "evidence", "grep.txt")
	compare(t, golden, out)
	for _, c := range []struct{ args, said string }{
		{`--grep|(`, "--grep: missing closing )"},
		{`--grep|x|--redact`, "--redact=headers goes with --grep"},
		{`--grep|x|--grep-hex|16`, "do not go together"},
		{`--grep-hex|1`, "is no list of octets"},
		{`--context|3`, "go with --grep"},
		{`--grep|x|--context|1000`, "--context takes numbers from 0 to 256"},
	} {
		if status, out, errs := wshake(append(strings.Split(c.args, "|"), path)...); status != exitUsage || out != "" || !strings.Contains(errs, c.said) {
			t.Errorf("%s: status %d, %s", c.args, status, errs)
		}
	}
}

// A match is found in what was compressed, on any number of workers, and hostile text does not reach the terminal.
func TestGrepInflates(t *testing.T) {
	if _, err := os.Stat(recording("node-ws-takeover")); err != nil {
		t.Fatal(err)
	}
	_, all, _ := wshake("-o", "json", "--show", "messages", "--payload", "100000", recording("node-ws-takeover"))
	status, one, errs := wshake("--grep", "Gr..?e", "-j", "1", recording("node-ws-takeover"))
	_, eight, _ := wshake("--grep", "Gr..?e", "-j", "8", recording("node-ws-takeover"))
	if status != exitDone || errs != "" || one != eight || strings.Contains(all, "Grüße") != strings.Contains(one, "Grüße") || !strings.Contains(one, "match") {
		t.Errorf("status %d, %s, %s", status, errs, one)
	}
	hostile := writeDialogue(t, hostileNames)
	if _, out, _ := wshake("--grep", ".", "--color", "never", hostile); strings.ContainsAny(out, "\x1b\u202e\u009b\x00") || !strings.Contains(out, `\u202e`) {
		t.Errorf("%q", out)
	}
}
