package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/report/schematest"
	"wshake/testdata/need"
)

var update = flag.Bool("update", false, "rewrite the expected outputs; read the difference before you commit it")

// wshake runs the program in-process.
func wshake(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, stdio{in: strings.NewReader(""), out: &out, err: &errs})
	return status, out.String(), errs.String()
}

// captures lists the recordings, by paths from the folder of this test.
func captures(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "captures", "*.pcapng"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	return files
}

// Text and JSON of every recording are as they were when somebody last read them; every line fits the schema.
func TestRecordingsPrintWhatTheyDid(t *testing.T) {
	t.Parallel()
	for _, path := range captures(t) {
		base := strings.TrimSuffix(path, ".pcapng")
		for _, form := range []struct {
			ending string
			args   []string
		}{{".txt", nil}, {".ndjson", []string{"--output", "json"}}} {
			args := append(form.args, path)
			if _, err := os.Stat(base + ".keys"); err == nil {
				args = append(args, "--keylog", base+".keys")
			}
			status, out, errs := wshake(args...)
			if status != exitDone || errs != "" {
				t.Errorf("%s: status %d, stderr %q", path, status, errs)
			}
			out = strings.ReplaceAll(out, filepath.Dir(path)+string(filepath.Separator), "")
			if form.ending == ".ndjson" {
				validate(t, path, out)
			}
			compare(t, base+form.ending, out)
		}
	}
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v (go test ./cmd/wshake -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", golden, difference(string(want), got))
	}
}

// difference shows the first lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			line := func(s []string) string {
				if i < len(s) {
					return s[i]
				}
				return "(nothing)"
			}
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, line(w), line(g))
		}
	}
	return ""
}

func validate(t *testing.T, path, ndjson string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(ndjson, "\n"), "\n") {
		if err := schematest.Validate([]byte(line)); err != nil {
			t.Errorf("%s line %d: %v\n%s", path, i+1, err, line)
		}
	}
}

// The number of workers changes nothing, nor does running again.
func TestSameInputSameOutput(t *testing.T) {
	t.Parallel()
	workers := []string{"1", "4", "3", "4"}
	outputs := [][]string{{"--output", "json", "--show", "all", "--payload", "64"},
		{"--show", "all", "--payload", "32"}, {}}
	if need.Brief() { // text is made of the events of JSON
		workers, outputs = workers[:2], outputs[:1]
	}
	for _, args := range outputs {
		var first string
		for i, jobs := range workers {
			status, out, errs := wshake(append(append([]string{"-j", jobs}, args...), captures(t)...)...)
			if status != exitDone || errs != "" {
				t.Fatalf("status %d, stderr %s", status, errs)
			}
			if i == 0 {
				first = out
				if len(args) > 0 && args[0] == "--output" {
					validate(t, "all recordings", out)
				}
			} else if out != first {
				t.Errorf("%v: -j %s differs from -j 1: %s", args, jobs, difference(first, out))
			}
		}
	}
}
