package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// lineTypes counts the lines of NDJSON by their type.
func lineTypes(t *testing.T, out string) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for line := range strings.Lines(out) {
		var e struct{ Type string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		count[e.Type]++
	}
	return count
}

func TestWhere(t *testing.T) {
	path := writeDialogue(t, secrets)
	for _, c := range []struct {
		args                             []string
		handshakes, messages, connection int
	}{
		{[]string{"--where", "true"}, 2, 2, 2},
		{[]string{"--where", `verdict == "invalid"`}, 1, 2, 1},
		{[]string{"--only", "refused"}, 1, 0, 1},
		{[]string{"--only", "refused,invalid"}, 2, 2, 2},
		{[]string{"--only", "sent"}, 0, 1, 0},
		{[]string{"--only", "received,refused", "--where", `type != "connection"`}, 1, 1, 0},
		{[]string{"--where", `text contains "hunter2l"`}, 0, 1, 0},
		{[]string{"--where", `client in "10.0.0.0/8" && status == 401`}, 1, 0, 1},
		{[]string{"--where", `code == 1008`}, 0, 0, 1},
	} {
		status, out, errs := wshake(append(c.args, "-o", "json", "--show", "all", path)...)
		if status != exitDone || errs != "" {
			t.Errorf("%v: status %d, %s", c.args, status, errs)
		}
		n := lineTypes(t, out)
		if n["handshake"] != c.handshakes || n["message"] != c.messages || n["connection"] != c.connection || n["summary"] != 1 {
			t.Errorf("%v takes %v", c.args, n)
		}
		if strings.Contains(out, `"text":"hunter2`) {
			t.Errorf("%v: payloads are printed that were not asked for", c.args)
		}
	}
}

// Messages that are asked for are shown, unless --show says what is.
func TestWhereShowsWhatItAsksFor(t *testing.T) {
	path := writeDialogue(t, secrets)
	for _, c := range []struct {
		args []string
		want string
		no   string
	}{
		{[]string{"--only", "sent"}, "message text", " frame text"},
		{[]string{"--where", `opcode == "text" // of both`}, "message text", " frame text"},
		{[]string{"--where", `masked`}, "frame text", "message text"},
		{[]string{"--where", `code == 1008`}, "1008", "message text"},
		{[]string{"--only", "sent", "--show", "handshakes,summary"}, "No handshake fits --only sent", "message text"},
		{[]string{"--only", "sent", "-o", "csv"}, ",client,text,", ",server,text,"},
		{[]string{"--only", "sent", "--template", "{{.type}} {{.from}}"}, "message client", "server"},
		{[]string{"--only", "refused", "--template", "{{.type}}"}, "handshake", "message"},
		{[]string{"--template", `{{with .text}}{{$.type}} {{.}}{{end}}`}, "message ", "no value"},
		{[]string{"--template", "{{.ended}}", "--show", "connections"}, "capture-end", "message"},
		{[]string{"--template", "{{if gt .packets 0}}{{.ended}}{{end}}"}, "capture-end", "no value"},
	} {
		status, out, errs := wshake(append(c.args, path)...)
		if status != exitDone || errs != "" || !strings.Contains(out, c.want) || strings.Contains(out, c.no) {
			t.Errorf("%v: status %d, %s, want %q and no %q in\n%s", c.args, status, errs, c.want, c.no, out)
		}
	}
}

// What --fail-on looks at is what was selected.
func TestWhereAndFailOn(t *testing.T) {
	path := writeDialogue(t, secrets)
	for expression, want := range map[string]int{"true": exitFindings, `type == "message"`: exitDone} {
		if status, _, errs := wshake("--where", expression, "--fail-on", "note", path); status != want {
			t.Errorf("%s: status %d, %s", expression, status, errs)
		}
	}
}

func TestWhereFaults(t *testing.T) {
	path := writeDialogue(t, secrets)
	for _, c := range []struct{ args, said string }{
		{`--where|hots == "a"`, `--where: column 1: there is no name "hots"; did you mean host?`},
		{`--where|status ==`, `--where: column `},
		{`--only|refusd`, `--only "refusd" is none of`},
		{`--where|true|--follow|1`, "do not go with --follow"},
	} {
		status, out, errs := wshake(append(strings.Split(c.args, "|"), path)...)
		if status != exitUsage || out != "" || !strings.Contains(errs, c.said) {
			t.Errorf("%s: status %d, %s", c.args, status, errs)
		}
	}
}

// The table of hosts counts what was not selected, so it is left out; where nothing is selected that is said.
func TestNothingIsSelected(t *testing.T) {
	_, all, _ := wshake(recording("close-codes"))
	_, some, _ := wshake("--only", "established", recording("close-codes"))
	_, none, _ := wshake("--only", "refused", recording("close-codes"))
	const hosts = "latency 50/90/99 %"
	if !strings.Contains(all, hosts) || strings.Contains(some, hosts) || strings.Contains(none, hosts) {
		t.Errorf("the table of hosts:\n%s\n%s\n%s", all, some, none)
	}
	if !strings.HasPrefix(none, "No handshake fits --only refused. In all there were:\n\n20 handshakes: 20 "+
		"established") ||
		strings.Contains(some, "No handshake fits") ||
		!strings.Contains(some, "Only what fits --only established is shown. In all") {
		t.Errorf("%s\n%s", some, none)
	}
	_, log, _ := wshake("--where", "conn == 99", "--show", "messages", recording("close-codes"))
	if log != "Nothing that --show names fits --where.\n" {
		t.Errorf("%q", log)
	}
}
