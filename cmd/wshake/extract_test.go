package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Every message is a file below the directory, and the manifest has the digest of each and of the capture.
func TestExtract(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "messages")
	path := writeDialogue(t, hostileNames)
	if status, _, errs := wshake("--extract", dir, path); status != exitDone || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	var manifest struct {
		Messages []struct {
			File, SHA256, From string
			Octets             int
		}
		Sources []struct{ Path, SHA256 string }
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "manifest.json"))), &manifest); err != nil {
		t.Fatal(err)
	}
	want := []string{"=1+1,\"x\"\t\n\r\u202e\u009b", "}]}\x00", "\xff\x00", "@SUM(1)"}
	if len(manifest.Messages) != len(want) {
		t.Fatalf("%+v", manifest)
	}
	for i, m := range manifest.Messages {
		if got := readFile(t, filepath.Join(dir, m.File)); got != want[i] || m.SHA256 != sumOf(got) || m.Octets != len(got) || strings.ContainsAny(m.File, "/\\") {
			t.Errorf("%+v has %q", m, got)
		}
	}
	if len(manifest.Sources) != 1 || manifest.Sources[0].SHA256 != sumOf(readFile(t, path)) {
		t.Errorf("%+v", manifest.Sources)
	}
	if transcript := readFile(t, filepath.Join(dir, "1-transcript.txt")); strings.ContainsAny(transcript, "\u202e\u009b\x00") || strings.Count(transcript, "packet ") != 4 {
		t.Errorf("%q", transcript)
	}
	if all, _ := filepath.Glob(filepath.Join(outside, "*")); len(all) != 1 {
		t.Errorf("beside the directory there is %v", all)
	}
	info, err := os.Stat(filepath.Join(dir, manifest.Messages[0].File))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if status, _, errs := wshake("--extract", dir, path); status == exitDone || !strings.Contains(errs, "exists") && !strings.Contains(errs, "is not empty") {
		t.Errorf("status %d, %s", status, errs)
	}
	if status, _, errs := wshake("--extract", dir+"2", "--redact", path); status != exitUsage || !strings.Contains(errs, "do not go together") || exists(dir+"2") {
		t.Errorf("status %d, %s", status, errs)
	}
	some := filepath.Join(outside, "some")
	if status, _, errs := wshake("--extract", some, "--only", "received", "--grep", "SUM", path); status != exitDone || errs != "" {
		t.Errorf("status %d, %s", status, errs)
	}
	if files, _ := filepath.Glob(filepath.Join(some, "*")); len(files) != 3 {
		t.Errorf("selected: %v", files)
	}
}

// The record names every file that was read and written, with its digest.
func TestCase(t *testing.T) {
	dir := t.TempDir()
	path, har, record := recording("node-ws"), filepath.Join(dir, "a.har"), filepath.Join(dir, "case.json")
	type file struct {
		Path, SHA256 string
		Size         int64
	}
	read := func() (c struct {
		Command               []string
		Started, Ended        string
		Status                int
		Inputs, Outputs       []file
		Version, Tool, Folder string
	}) {
		if err := json.Unmarshal([]byte(readFile(t, record)), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	args := []string{"--case", record, "--har", har, "--also", "eve=" + filepath.Join(dir, "eve.json"), path}
	if status, _, errs := wshake(args...); status != exitDone || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	c := read()
	if len(c.Inputs) != 1 || c.Inputs[0].SHA256 != sumOf(readFile(t, path)) || c.Inputs[0].Path != path || len(c.Outputs) != 2 ||
		c.Outputs[1].SHA256 != sumOf(readFile(t, har)) || c.Status != 0 || c.Started > c.Ended || strings.Join(c.Command[1:], " ") != strings.Join(args, " ") {
		t.Errorf("%+v", c)
	}
	whole := readFile(t, path)
	os.Remove(record)
	var out, errs bytes.Buffer
	if status := run([]string{"--case", record, "-"}, stdio{in: strings.NewReader(whole), out: &out, err: &errs}); status != exitDone {
		t.Fatal(errs.String())
	}
	if c := read(); len(c.Inputs) != 1 || c.Inputs[0].SHA256 != sumOf(whole) || c.Inputs[0].Size != int64(len(whole)) {
		t.Errorf("%+v", c)
	}
}
