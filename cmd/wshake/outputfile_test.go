package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// series are the files of a series, in order.
func filesIn(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// What is spread over several files is what one file holds, and each part can be read alone.
func TestOutputFilesAreTheOutput(t *testing.T) {
	const limit = 2500
	for _, c := range []struct {
		args string
		head int // lines in front of the events
	}{
		{"-o json --show all", 0}, {"-o csv --show messages", 1}, {"-o tsv --show connections", 1}, {"-o zeek", 8},
		{"-o eve", 0}, {"-o ecs", 0}, {"--template {{.client}} --show connections", 0},
	} {
		for _, rotation := range []string{"--rotate-size 2500", "--rotate-time 20ms"} {
			t.Run(c.args+" "+rotation, func(t *testing.T) {
				dir := t.TempDir()
				args := append(strings.Fields(c.args), recording("close-codes"))
				_, want, _ := wshake(args...)
				file := filepath.Join(dir, "events.log")
				status, out, errs := wshake(append(args, append(strings.Fields(rotation), "--output-file", file)...)...)
				if status != exitDone || out != "" || errs != "" {
					t.Fatalf("status %d, %q, %q", status, out, errs)
				}
				all := ""
				parts := filesIn(t, filepath.Join(dir, "*"))
				for i, path := range parts {
					text := readFile(t, path)
					info, err := os.Stat(path)
					if err != nil || info.Mode().Perm() != 0o600 {
						t.Errorf("%s: %v, %v", path, info.Mode(), err)
					}
					if !strings.HasSuffix(text, "\n") || strings.HasPrefix(rotation, "--rotate-size") && len(text) > limit {
						t.Errorf("%s: %d octets, ends with %q", path, len(text), text[max(0, len(text)-5):])
					}
					if i > 0 {
						lines := strings.SplitAfterN(text, "\n", c.head+1)
						if head := strings.SplitAfterN(want, "\n", c.head+1); c.head == 1 && head[0] != lines[0] || c.head > 1 && !strings.HasPrefix(lines[0], "#") {
							t.Errorf("%s begins with %q", path, lines[0])
						}
						text = lines[c.head]
					}
					all += text
				}
				if all != want {
					t.Errorf("together the files hold %d octets, the one output %d", len(all), len(want))
				}
				if len(want) > limit && len(parts) < 2 {
					t.Errorf("%d files of %d octets", len(parts), len(want))
				}
			})
		}
	}
}

// A series goes on behind the files of runs before, and keeps as many as were asked for. What others wrote under such
// a name is kept.
func TestOutputFilesOfSeveralRuns(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "events.ndjson")
	other := filepath.Join(dir, "events-1.ndjson") // not of the series
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status, _, errs := wshake("-o", "json", "--output-file", file, "--rotate-size", "16KiB", recording("close-codes")); status != exitDone {
			t.Fatalf("status %d, %s", status, errs)
		}
	}
	all := filesIn(t, filepath.Join(dir, "events-0*"))
	if len(all)%2 != 0 || len(all) < 4 || readFile(t, all[0]) != readFile(t, all[len(all)/2]) {
		t.Fatalf("two runs made %q", all)
	}
	if err := os.WriteFile(all[0], []byte(readFile(t, recording("close-codes"))), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(all[1], 0o640); err != nil { // somebody cares for it
		t.Fatal(err)
	}
	if status, _, errs := wshake("-o", "json", "--output-file", file, "--rotate-size", "16KiB", "--rotate-count", "2", recording("close-codes")); status != exitDone {
		t.Fatalf("status %d, %s", status, errs)
	}
	if left := filesIn(t, filepath.Join(dir, "events-0*")); len(left) != 4 || left[0] != all[0] ||
		left[1] != all[1] || left[2] <= all[len(all)-1] {
		t.Errorf("of the files %q are left", left)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// Of a capture that is read, one file appears when it is complete; what exists is left alone.
func TestOutputFileIsWholeOrAbsent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "out")
	_, want, _ := wshake(recording("close-codes"))
	custody := filepath.Join(dir, "case.json")
	if status, out, errs := wshake("--output-file", file, "--case", custody, recording("close-codes")); status != exitDone || out != "" || errs != "" || readFile(t, file) != want {
		t.Errorf("status %d, %q %q", status, out, errs)
	}
	if !strings.Contains(readFile(t, custody), `{"path":"`+file+`","size":`) {
		t.Errorf("the record of the run lacks the file: %s", readFile(t, custody))
	}
	for _, c := range []struct {
		args   string
		status int
		said   string
	}{
		{"--output-file " + file, exitUsage, "exists; --force replaces it"},
		{"--output-file " + file + " --also json=" + file + " --force", exitUsage, "is written by another output too"},
		{"--output-file " + recording("close-codes") + " --force", exitUsage, "is also read"},
		{"--output-file " + filepath.Join(dir, "no", "out"), exitInput, "no such file"},
		{"--output-file " + filepath.Join(dir, "new") + " --rotate-size 1KiB", exitUsage, "whose lines stand for themselves"},
		{"--output-file " + filepath.Join(dir, "new") + " --html -", exitUsage, "does not go with"},
		{"--output-file -", exitUsage, "takes the name of a file"},
		{"--html=", exitUsage, "--html takes the name of a file, and it is empty"},
		{"--drop-privileges=", exitUsage, "takes the name of a user, and it is empty"},
		{"--extract " + filepath.Join(dir, "new") + " --har " + filepath.Join(dir, "new"), exitUsage,
			"is written by another"},
		{"--rotate-size 1KiB", exitUsage, "go with --write and --output-file"},
	} {
		if status, _, errs := wshake(append(strings.Fields(c.args), recording("close-codes"))...); status != c.status || !strings.Contains(errs, c.said) {
			t.Errorf("%s: status %d, %s", c.args, status, errs)
		}
	}
	if left := filesIn(t, filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}
