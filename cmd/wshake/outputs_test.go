package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No way of naming an output lets it replace what is read.
func TestWriteNeverDestroysEvidence(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		args  []string // DIR stands for the directory
		stdin bool     // of the evidence
		want  int
	}{
		{"the capture", []string{"--write", "DIR/case/evidence.pcapng", "DIR/case/evidence.pcapng"}, false, exitUsage},
		{"the capture by force", []string{"--force", "--write", "DIR/case/evidence.pcapng", "DIR/case/evidence.pcapng"}, false, exitUsage},
		{"through a link", []string{"--force", "--write", "DIR/link", "DIR/case/evidence.pcapng"}, false, exitUsage},
		{"the capture through a link", []string{"--force", "--write", "DIR/case/evidence.pcapng", "DIR/link"}, false, exitUsage},
		{"through a hard link", []string{"--force", "--write", "DIR/hard", "DIR/case/evidence.pcapng"}, false, exitUsage},
		{"the key log", []string{"--force", "--write", "DIR/keys.log", "--keylog", "DIR/keys.log", "DIR/case/evidence.pcapng"}, false, exitUsage},
		{"standard input", []string{"--force", "--write", "DIR/case/evidence.pcapng", "-"}, true, exitUsage},
		{"in a directory that is read", []string{"--force", "--write", "DIR/case/evidence.pcapng", "DIR/case"}, false, exitUsage},
		{"the first file of a rotation", []string{"--force", "--write", "DIR/old.pcapng", "--rotate-size", "1kB", "-", "DIR"}, true, exitUsage},
		{"a later file of a rotation", []string{"--write", "DIR/later.pcapng", "--rotate-size", "1kB", "-"}, true, exitUsage},
		{"a name that a rotation may take", []string{"-o", "json", "--output-file", "DIR/r.json", "--rotate-size",
			"1kB",
			"--also", "csv=DIR/r-00002.json", "DIR/case"}, false, exitUsage},
		{"a name that the packets may take", []string{"--write", "DIR/w.pcapng", "--rotate-size", "1kB", "--html",
			"DIR/w-00009.pcapng", "DIR/case"}, false, exitUsage},
		{"a rotation that may take a name", []string{"--write", "DIR/r-00003.json", "-o", "json", "--output-file",
			"DIR/r.json",
			"--rotate-size", "1MB", "DIR/case"}, false, exitUsage},
		{"a file that exists", []string{"--write", "DIR/keys.log", "DIR/case"}, false, exitUsage},
		{"a file that exists, by force", []string{"--force", "--write", "DIR/keys.log", "DIR/case"}, false, exitDone},
		{"a new file in the directory that is read", []string{"--write", "DIR/case/new.pcapng", "DIR/case"}, false, exitDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			evidence := filepath.Join(dir, "case", "evidence.pcapng")
			files := map[string]string{evidence: string(whole), filepath.Join(dir, "old-00001.pcapng"): string(whole),
				filepath.Join(dir, "later-00007.pcapng"): string(whole), filepath.Join(dir, "keys.log"): "# no keys\n"}
			if err := os.Mkdir(filepath.Join(dir, "case"), 0o700); err != nil {
				t.Fatal(err)
			}
			for path, content := range files {
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(evidence, filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			if err := os.Link(evidence, filepath.Join(dir, "hard")); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			std := stdio{in: strings.NewReader(""), out: &out, err: &errs}
			if c.stdin {
				f, err := os.Open(evidence)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				std.in = f
			}
			args := strings.Split(strings.ReplaceAll(strings.Join(c.args, "\n"), "DIR", dir), "\n")
			if got := run(args, std); got != c.want {
				t.Errorf("status %d, want %d: %s", got, c.want, errs.String())
			}
			if (errs.Len() > 0) != (c.want == exitUsage) || c.want == exitUsage && out.Len() > 0 {
				t.Errorf("standard error %q, output of %d octets", errs.String(), out.Len())
			}
			for path, want := range files {
				if c.want == exitDone && path == filepath.Join(dir, "keys.log") {
					continue
				}
				if got, err := os.ReadFile(path); err != nil || string(got) != want {
					t.Errorf("%s has %d octets, had %d; %v", path, len(got), len(want), err)
				}
			}
		})
	}
}

// A run that writes into the directory that it reads, and the next one, end, and read only what was there before.
func TestWriteIntoTheDirectoryThatIsRead(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "evidence.pcapng"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, "kept.pcapng")
	for i, want := range []int{exitDone, exitUsage, exitUsage} {
		args := []string{"--write", kept, dir}
		if i == 2 {
			args = append(args, "--force")
		}
		if got, _, errs := wshake(args...); got != want {
			t.Errorf("run %d: status %d, %s", i, got, errs)
		}
	}
	if info, err := os.Stat(kept); err != nil || info.Size() > 2*int64(len(whole)) {
		t.Errorf("%v, %v", info, err)
	}
}

// What is complained of never becomes part of what is read.
func TestStandardErrorIsNoInput(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	evidence := filepath.Join(dir, "evidence.pcapng")
	if err := os.WriteFile(evidence, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(evidence, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := os.Create(filepath.Join(dir, "log")) // grows in the directory that is read
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, c := range []struct {
		path string
		errs *os.File
		want int
	}{{evidence, f, exitUsage}, {dir, f, exitUsage}, {dir, log, exitDone}} {
		for _, both := range []bool{false, true} {
			var out bytes.Buffer
			std := stdio{in: strings.NewReader(""), out: &out, err: c.errs}
			if both {
				std.out = c.errs
			}
			if got := run([]string{c.path}, std); got != c.want {
				t.Errorf("%s: status %d, want %d: %s", c.path, got, c.want, out.String())
			}
			if c.want == exitUsage && !both && !strings.Contains(out.String(), "standard error: is ") {
				t.Errorf("%s: %q", c.path, out.String())
			}
			if got, err := os.ReadFile(evidence); err != nil || !bytes.Equal(got, whole) {
				t.Fatalf("%s: the evidence has %d octets, had %d; %v", c.path, len(got), len(whole), err)
			}
		}
	}
}
