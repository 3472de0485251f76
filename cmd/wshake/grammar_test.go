//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"wshake/testdata/hostile"
	"wshake/testdata/need"
)

// Conversations that a grammar makes against the rules: the program ends by itself and says nothing of a bug, uses
// processor time and memory in proportion, prints valid JSON, the same on any number of workers, and no secret under
// --redact. WSHAKE_HOSTILE_SECONDS says how long other seeds are tried, WSHAKE_HOSTILE_SEED with which
// to begin, and WSHAKE_HOSTILE_SEEDS how many there are.
func TestHostileConversations(t *testing.T) {
	t.Parallel()
	conversations, seeds := need.Rounds(200, 5), uint64(12)
	seconds, _ := strconv.Atoi(os.Getenv("WSHAKE_HOSTILE_SECONDS"))
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	first := uint64(1)
	if seed, err := strconv.ParseUint(os.Getenv("WSHAKE_HOSTILE_SEED"), 10, 64); err == nil {
		first = seed
	}
	if n, err := strconv.ParseUint(os.Getenv("WSHAKE_HOSTILE_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	for seed := first; seed == first || seed < first+seeds && time.Now().Before(end) && !t.Failed(); seed++ {
		var capture bytes.Buffer
		var err error
		if seed%2 == 1 {
			err = hostile.WritePcap(&capture, hostile.Conversations(seed, conversations))
		} else {
			err = hostile.WritePcapng(&capture, seed, hostile.Wide(seed, conversations))
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %d octets", seed, capture.Len())
		one := hostileRun(t, capture.Bytes(), "-j", "1", "-o", "json", "--show", "all", "--payload", "100000")
		if two := hostileRun(t, capture.Bytes(), "-j", "3", "-o", "json", "--show", "all", "--payload", "100000"); beforeElapsed(one) != beforeElapsed(two) {
			t.Errorf("seed %d: three workers print something else than one", seed)
		}
		for i, line := range strings.Split(strings.TrimSuffix(one, "\n"), "\n") {
			if !json.Valid([]byte(line)) {
				t.Errorf("seed %d, line %d is no JSON: %.200q", seed, i+1, line)
			}
		}
		dir := t.TempDir()
		all := []string{"-o", "json", "--show", "all", "--payload", "100000", "--html", filepath.Join(dir, "html"), "--har", filepath.Join(dir, "har")}
		for _, format := range []string{"csv", "csv:messages", "csv:findings", "tsv:connections", "zeek", "eve", "ecs", "sarif"} {
			all = append(all, "--also", format+"="+filepath.Join(dir, strings.ReplaceAll(format, ":", "-")))
		}
		printed := map[string]string{
			"json":    hostileRun(t, capture.Bytes(), append(all, "--redact")...),
			"table":   hostileRun(t, capture.Bytes(), "--show", "all", "--payload", "1000", "--redact"),
			"follow":  hostileRun(t, capture.Bytes(), "--follow", conversed.FindStringSubmatch(one)[1], "--redact"),
			"headers": inHeads(hostileRun(t, capture.Bytes(), "-o", "json", "--redact=headers")),
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			printed[f.Name()] = string(text)
		}
		for what, out := range printed {
			for _, secret := range []string{hostile.Secret, hostile.PayloadSecret} {
				if what == "headers" && secret != hostile.Secret {
					continue
				}
				for _, spelling := range []string{secret, fmt.Sprintf("% x", secret[:8]), fmt.Sprintf("%x", secret[:8])} {
					if i := strings.Index(out, spelling); i >= 0 {
						t.Errorf("seed %d: --redact, %s shows a secret: %.300q", seed, what, out[max(0, i-200):])
					}
				}
			}
		}
		hostileEvidence(t, seed, capture.Bytes())
	}
}

// inHeads are the events of handshakes, whose secrets are hidden where payloads are not.
func inHeads(out string) string {
	var heads strings.Builder
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, `{"type":"handshake"`) {
			heads.WriteString(line)
		}
	}
	return heads.String()
}

// hostileEvidence checks the files of evidence: of --write, that the packets can be read without complaint and tell no
// less than the capture, of --extract, that all is in the manifest and as it says.
func hostileEvidence(t *testing.T, seed uint64, capture []byte) {
	dir := t.TempDir()
	file, packets, messages := filepath.Join(dir, "capture"), filepath.Join(dir, "packets"), filepath.Join(dir, "messages")
	if err := os.WriteFile(file, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := hostileRead(t, file, capture, "-o", "json", "--show", "handshakes,frames", "--write", packets, "--extract", messages)
	kept, err := os.ReadFile(packets)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	again := hostileRead(t, packets, nil, "-o", "json", "--show", "handshakes,frames")
	for _, kind := range []string{"handshake", "frame"} {
		begins := `{"type":"` + kind + `"`
		if had, has := strings.Count(whole, begins), strings.Count(again, begins); had != has {
			t.Errorf("seed %d: %d events of %s in the capture, %d in the packets that --write kept, %d octets", seed, had, kind, has, len(kept))
		}
	}
	var manifest struct {
		Messages []struct{ File, SHA256 string }
	}
	text, err := os.ReadFile(filepath.Join(messages, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	left := make(map[string]bool)
	files, err := os.ReadDir(messages)
	for _, f := range files {
		if err == nil && !strings.HasSuffix(f.Name(), "-transcript.txt") && f.Name() != "manifest.json" {
			left[f.Name()] = true
		}
	}
	for _, m := range manifest.Messages {
		content, err := os.ReadFile(filepath.Join(messages, m.File))
		if sum := sha256.Sum256(content); err != nil || !left[m.File] || hex.EncodeToString(sum[:]) != m.SHA256 {
			t.Errorf("seed %d: the manifest says something else than the file %s, %v", seed, m.File, err)
		}
		delete(left, m.File)
	}
	if len(left) > 0 {
		t.Errorf("seed %d: not in the manifest: %v", seed, left)
	}
}

// conversed finds the number of a connection with frames.
var conversed = regexp.MustCompile(`"type":"frame","time":"[^"]*","conn":([0-9]+)`)

// hostileRun lets the program read a capture and returns what it printed. The blocks of those in pcapng are damaged.
func hostileRun(t *testing.T, capture []byte, args ...string) string {
	t.Helper()
	return hostileRead(t, "-", capture, args...)
}

// hostileRead is hostileRun for a file, or standard input. Nothing is wrong with it where its octets are not given.
func hostileRead(t *testing.T, file string, capture []byte, args ...string) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	command, peakOf := measured(t, path, append([]string{"-r", file, "--config", "none", "--max-memory", "64MiB"}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(capture), &out, &errs
	err = command.Run()
	if damaged := bytes.HasPrefix(capture, []byte{0x0a, 0x0d, 0x0d, 0x0a}); err != nil && !(damaged && command.ProcessState.ExitCode() == exitInput) {
		t.Errorf("%v: %v: %.2000s", args, err, errs.String())
	}
	// Ordinary traffic takes about 10 ns of processor time for each octet; printing every payload is part of it here.
	state := command.ProcessState
	if used, most := state.UserTime(), 3*time.Second+time.Duration(len(capture))*5*time.Microsecond; used > most && !raceBuild() {
		t.Errorf("%v: %v of processor time, want at most %v", args, used, most)
	}
	if capture == nil && errs.Len() > 0 {
		t.Errorf("%v: %.2000s", args, errs.String())
	}
	if peak := peakOf() >> 10; peak > 128 && !raceBuild() {
		t.Errorf("%v: %d MiB of memory", args, peak)
	}
	return out.String()
}

// raceBuild reports whether the program is built with the race detector, which takes time and memory of its own.
func raceBuild() bool { return len(buildFlags) > 0 }

// beforeElapsed cuts the one figure off that differs from run to run.
func beforeElapsed(out string) string {
	i := strings.LastIndex(out, `"elapsed_us"`)
	return out[:max(i, 0)]
}
