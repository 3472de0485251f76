package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/analyze/check"
)

func recording(name string) string {
	return filepath.Join("..", "..", "testdata", "captures", name+".pcapng")
}

func TestExitStatus(t *testing.T) {
	cut := filepath.Join(t.TempDir(), "cut.pcapng")
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, whole[:len(whole)-7], 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("this is not a capture\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string // a regular expression
	}{
		{"clean", []string{recording("node-ws")}, exitDone, `^$`},
		{"errors but no --fail-on", []string{recording("nginx-default")}, exitDone, `^$`},
		{"--fail-on error met", []string{"--fail-on", "error", recording("nginx-default")}, exitFindings, `^$`},
		{"--fail-on error not met by a note", []string{"--fail-on", "error", recording("refused-404")}, exitDone, `^$`},
		{"--fail-on note met", []string{"--fail-on", "note", recording("refused-404")}, exitFindings, `^$`},
		{"--fail-on warning ignored away", []string{"--fail-on", "warning", "--ignore", "close-missing", recording("close-terminate")}, exitDone, `^$`},
		{"no file", nil, exitUsage, `what shall be read`},
		{"transcript as JSON", []string{"-o", "json", "--follow", "1", recording("node-ws")}, exitUsage, `--follow prints a transcript`},
		{"unknown flag", []string{"--frobnicate", "x"}, exitUsage, `there is no flag.*\nhint:`},
		{"unknown check", []string{"--select", "accept-mismach", recording("node-ws")}, exitUsage, `"accept-mismach"`},
		{"unknown kind", []string{"--show", "cookies", recording("node-ws")}, exitUsage, `"cookies" is none of`},
		{"unknown level", []string{"--fail-on", "fatal", recording("node-ws")}, exitUsage, `"fatal" is none of`},
		{"a size without sense", []string{"--max-message", "lots", recording("node-ws")}, exitUsage, `"lots" is not a size`},
		{"missing file", []string{"nowhere.pcap"}, exitInput, `nowhere\.pcap`},
		{"not a capture", []string{text}, exitInput, `notes\.txt: .*text`},
		{"cut off", []string{cut}, exitInput, `cut\.pcapng: .*offset \d+`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, _, stderr := wshake(c.args...)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if !regexp.MustCompile(c.stderr).MatchString(stderr) {
				t.Errorf("stderr %q does not match %q", stderr, c.stderr)
			}
		})
	}
}

// What came before the damage is reported.
// A run that is told to end says that it did not read all.
func TestInterrupted(t *testing.T) {
	o, err := parse([]string{recording("node-ws")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, complaints bytes.Buffer
	if status := analyse(ctx, o, stdio{out: &out, err: &complaints}); status != exitInput {
		t.Errorf("status %d", status)
	}
	if complaints.String() != "wshake: interrupted: not all was read\n" {
		t.Errorf("said %q", complaints.String())
	}
	if !strings.Contains(out.String(), "0 packets") {
		t.Errorf("no totals of what was read: %q", out.String())
	}
}

func TestCutOffCaptureKeepsWhatCameBefore(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := run([]string{"-"}, stdio{in: bytes.NewReader(whole[:len(whole)-7]), out: &out, err: &errs})
	if status != exitInput || !strings.Contains(out.String(), "established") || !strings.Contains(errs.String(), "offset") {
		t.Errorf("status %d\n%s\n%s", status, out.String(), errs.String())
	}
}

func TestStandardInputAndCompression(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := wshake("--output", "json", recording("node-ws"))
	want = strings.ReplaceAll(want, recording("node-ws"), "-")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(whole)
	w.Close()
	for name, in := range map[string][]byte{"plain": whole, "gzip": packed.Bytes()} {
		var out, errs bytes.Buffer
		if status := run([]string{"--output", "json", "-"}, stdio{in: bytes.NewReader(in), out: &out, err: &errs}); status != exitDone {
			t.Fatalf("%s: status %d: %s", name, status, errs.String())
		}
		if out.String() != want {
			t.Errorf("%s: %s", name, difference(want, out.String()))
		}
	}
}

// What is kept is what is analysed.
func TestCountAndWrite(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept.pcapng")
	for _, args := range [][]string{{"--count", "7", "--write", kept, recording("node-ws")}, {kept}} {
		status, out, errs := wshake(append(args, "--output", "json", "--show", "summary")...)
		if status != exitDone || errs != "" || !strings.Contains(out, `"packets":7,`) {
			t.Errorf("%v: status %d, %s\n%s", args, status, errs, out)
		}
	}
}

// Silence beyond --idle-timeout is where a connection ends, and nobody's fault.
func TestIdleTimeout(t *testing.T) {
	for timeout, want := range map[string]string{"1s": "timeout", "1h": "close-handshake"} {
		status, out, errs := wshake("--idle-timeout", timeout, "--output", "json", "--show", "connections,findings", recording("close-idle"))
		first, _, _ := strings.Cut(out, "\n")
		if status != exitDone || errs != "" || !strings.Contains(first, `"ended":"`+want+`"`) || strings.Contains(out, `"type":"finding"`) {
			t.Errorf("%s: status %d, %s\n%s", timeout, status, errs, out)
		}
	}
	if status, _, errs := wshake("--idle-timeout", "-1s", recording("close-idle")); status != exitUsage || !strings.Contains(errs, "--idle-timeout") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestUsageNamesEveryFlag(t *testing.T) {
	status, out, errs := wshake("--help")
	if status != exitDone || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	for _, f := range flagTable {
		if !strings.Contains(out, "--"+f.name) {
			t.Errorf("--%s is missing", f.name)
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if len(line) > 90 {
			t.Errorf("too long: %s", line)
		}
	}
}

func TestChecksCommand(t *testing.T) {
	_, list, _ := wshake("checks")
	for _, c := range check.Catalogue {
		if !strings.Contains(list, c.Name) {
			t.Errorf("the list lacks %s", c.Name)
		}
		status, text, errs := wshake("checks", c.Name)
		if status != exitDone || errs != "" || !strings.Contains(text, c.ID) || !strings.Contains(text, c.Citation) {
			t.Errorf("%s: status %d, %q, %q", c.Name, status, text, errs)
		}
	}
	if status, _, errs := wshake("checks", "no-such-check"); status != exitUsage || !strings.Contains(errs, `"no-such-check"`) {
		t.Errorf("status %d, %q", status, errs)
	}
}
