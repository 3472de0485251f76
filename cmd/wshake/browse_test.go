package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wshake/testdata/need"
)

func TestBrowseNeedsFilesAndATerminal(t *testing.T) {
	for args, said := range map[string]string{
		"browse":              "what shall be read?",
		"browse -":            "standard input can be read only once",
		"browse -i lo":        "output of its own",
		"browse -o json FILE": "output of its own",
		"browse FILE":         "standard output is not one",
	} {
		status, _, errs := wshake(strings.Fields(strings.ReplaceAll(args, "FILE", recording("node-ws")))...)
		if status != exitUsage || !strings.Contains(errs, said) {
			t.Errorf("%s: status %d, %q", args, status, errs)
		}
	}
}

// The program as its users see it, in a terminal of tmux, by keys and by what is on the screen.
func TestBrowseInATerminal(t *testing.T) {
	need.Long(t)
	tmux := need.Program(t, "tmux")
	program := filepath.Join(t.TempDir(), "wshake")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	capture, err := filepath.Abs(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "tmux")
	do := func(args ...string) string {
		out, err := exec.Command(tmux, append([]string{"-S", socket}, args...)...).Output()
		if err != nil {
			t.Fatalf("tmux %v: %v", args, err)
		}
		return string(out)
	}
	do("-f", "/dev/null", "new-session", "-d", "-s", "w", "-x", "80", "-y", "20", program+" browse "+capture+"; echo left with $?; sleep 100")
	defer exec.Command(tmux, "-S", socket, "kill-server").Run()
	sees := func(want string) {
		t.Helper()
		shown := ""
		for range 300 {
			if shown = do("capture-pane", "-p", "-t", "w"); strings.Contains(shown, want) {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%q is not on the screen:\n%s", want, shown)
	}
	sees("101 established")
	do("send-keys", "-t", "w", "Enter")
	sees("GET / HTTP/1.1")
	do("send-keys", "-t", "w", "/", "close", "Enter")
	sees("close 1000")
	do("resize-window", "-t", "w", "-x", "120", "-y", "10")
	do("send-keys", "-t", "w", "?")
	sees("jump to a packet")
	do("send-keys", "-t", "w", "q", "q", "q")
	sees("left with 0")
}
