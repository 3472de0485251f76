// Command newcheck makes what a new check consists of: its row and function, a line in the catalogue and in the test of
// identities, and two dialogues. Run it at the top of the project:
//
//	go run ./analyze/check/newcheck RSP-30 answer-odd warning
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "newcheck: %v\n", err)
		os.Exit(1)
	}
}

const usage = "usage: go run ./analyze/check/newcheck ID NAME error|warning|note, such as: RSP-30 answer-odd warning"

var (
	ids   = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]{2}$`)
	names = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)
)

func run(args []string) error {
	if len(args) != 3 || !ids.MatchString(args[0]) || !names.MatchString(args[1]) {
		return fmt.Errorf("%s", usage)
	}
	level := map[string]string{"error": "Error", "warning": "Warning", "note": "Note"}[args[2]]
	if level == "" {
		return fmt.Errorf("%s", usage)
	}
	id, name := args[0], args[1]
	words := strings.Split(name, "-")
	for i := range words {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	title := strings.Join(words, "")
	function := strings.ToLower(title[:1]) + title[1:]
	file := filepath.Join("analyze", "check", strings.ReplaceAll(name, "-", "_")+".go")
	folder := filepath.Join("testdata", "dialogues", name)
	for _, path := range []string{file, folder} {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("%s exists", path)
		}
	}
	fill := strings.NewReplacer("TITLE", title, "FUNCTION", function, `"ID"`, `"`+id+`"`, "NAME", name, "LEVEL", level)
	if err := insert(filepath.Join("analyze", "check", "catalogue.go"), "var Catalogue = []*Check{", "\t&check"+title+",", "\n}"); err != nil {
		return err
	}
	if err := insert(filepath.Join("analyze", "check", "catalogue_test.go"), "var identities = []identity{", fmt.Sprintf("\t{%q, %q, event.%s},", id, name, level), "\n}"); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(fill.Replace(row)), 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for ending, text := range map[string]string{"bad.txtar": bad, "good.txtar": good} {
		if err := os.WriteFile(filepath.Join(folder, ending), []byte(fill.Replace(text)), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%s: write the rule here, and its texts\n%s: what raises it, and what does not\n"+
		"analyze/check/catalogue.go, catalogue_test.go: its line stands last; move it to its group\n"+
		"then: go test ./analyze/check -update && go test ./analyze/check ./analyze -run 'Catalogue|Document|Dialogues'\n", file, folder)
	return nil
}

// insert puts a line at the end of the list that begins with a line.
func insert(path, begins, line, ends string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	start := strings.Index(string(text), begins)
	if start < 0 {
		return fmt.Errorf("%s has no %q", path, begins)
	}
	end := strings.Index(string(text[start:]), ends)
	if end < 0 {
		return fmt.Errorf("%s: the list has no end", path)
	}
	end += start
	return os.WriteFile(path, []byte(string(text[:end])+"\n"+line+string(text[end:])), 0o644)
}

const row = `package check

import "wshake/analyze/event"

var checkTITLE = Check{
	ID: "ID", Name: "NAME", Level: event.LEVEL, Fault: event.ServerFault, Citation: "RFC 6455 §4.2.2",
	When:        "TODO: when it is reported, in one line",
	Description: "TODO: what it means, why it matters, what the usual cause is.",
	Advice:      "TODO: how to fix it, in a sentence that can be acted on",
	Needs:       Asked | Switched,
	Exchange:    FUNCTION,
}

// FUNCTION is pure: it gets facts, and reports. What must have been captured before it is called stands in Needs.
func FUNCTION(x *Exchange, report Report) {
	if odd := x.Response.Get("X-NAME"); odd != "" { // TODO: the rule
		report(Detail{At: x.Response.Last, Text: "the answer has X-NAME: " + quote(odd), Seen: odd})
	}
}
`

const request = `-- client --
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
`

const rest = `-- client frames --
close 1000
-- server frames --
close 1000
-- server fin --
-- client fin --
`

const (
	bad  = "TODO: what goes wrong here.\nexpect: NAME\n" + request + "X-NAME: yes\n" + rest
	good = "TODO: the nearest thing that is right.\nexpect:\n" + request + rest
)
