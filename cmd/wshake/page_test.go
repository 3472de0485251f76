package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// --html writes a page beside the output, which stays as it is: its payloads are those that --payload asks for.
func TestPageBesideOutput(t *testing.T) {
	capture := filepath.Join("..", "..", "testdata", "captures", "graphql-ws.pcapng")
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"table": nil, "json": {"-o", "json"}, "messages": {"-o", "json", "--show", "messages,frames"},
		"some": {"-o", "json", "--show", "all", "--payload", "10"},
	} {
		_, want, _ := wshake(append(args, capture)...)
		file := filepath.Join(dir, name+".html")
		status, got, errs := wshake(append(args, "--html", file, capture)...)
		if status != exitDone || errs != "" || withoutElapsed(got) != withoutElapsed(want) {
			t.Errorf("%s: status %d, stderr %q, stdout differs: %s", name, status, errs, difference(want, got))
		}
		page, err := os.ReadFile(file)
		if err != nil || !wholePage(string(page)) {
			t.Errorf("%s: the page is not whole: %v", name, err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

func wholePage(s string) bool {
	return strings.HasPrefix(s, "<!doctype html>") && strings.HasSuffix(s, "</html>\n")
}

// withoutElapsed is JSON without how long the run took.
func withoutElapsed(s string) string {
	before, _, _ := strings.Cut(s, `"elapsed_us":`)
	return before
}

// --html - writes the page alone.
func TestPageOnStandardOutput(t *testing.T) {
	capture := filepath.Join("..", "..", "testdata", "captures", "graphql-ws.pcapng")
	status, out, errs := wshake("--html", "-", capture)
	if status != exitDone || errs != "" || !wholePage(out) {
		t.Errorf("status %d, stderr %q, %d octets", status, errs, len(out))
	}
	_, again, _ := wshake("-j", "3", "--html", "-", capture)
	if out != again {
		t.Error("the page is another one on another run")
	}
}

// A page never destroys a file.
func TestPageOverwritesNothing(t *testing.T) {
	capture := filepath.Join("..", "..", "testdata", "captures", "graphql-ws.pcapng")
	file := filepath.Join(t.TempDir(), "there.html")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, errs := wshake("--html", file, capture)
	if left, _ := os.ReadFile(file); status == exitDone || !strings.Contains(errs, "there.html") ||
		string(left) != "mine" {
		t.Errorf("status %d, stderr %q, the file holds %q", status, errs, left)
	}
	status, _, errs = wshake("--force", "--html", file, capture)
	if left, _ := os.ReadFile(file); status != exitDone || errs != "" || len(left) < 1000 {
		t.Errorf("with --force: status %d, stderr %q, %d octets", status, errs, len(left))
	}
	if list, err := os.ReadDir(filepath.Dir(file)); err != nil || len(list) != 1 {
		t.Errorf("files are left over: %v, %v", list, err)
	}
	for _, args := range [][]string{{"--html", "-", "-i", "lo"}, {"--html", "x", "--follow", "1", capture}} {
		if status, _, _ := wshake(args...); status != exitUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}
