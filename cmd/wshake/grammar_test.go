//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wshake/testdata/hostile"
)

// Conversations that a grammar makes against the rules: the program ends by itself and says nothing of a bug, uses
// processor time and memory in proportion, prints valid JSON, the same on any number of workers, and no secret under
// --redact. WSHAKE_HOSTILE_SECONDS says how long other seeds are tried, WSHAKE_HOSTILE_SEED with which
// to begin, and WSHAKE_HOSTILE_SEEDS how many there are.
func TestHostileConversations(t *testing.T) {
	const conversations = 200
	seeds := uint64(30)
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
		if err := hostile.WritePcap(&capture, hostile.Conversations(seed, conversations)); err != nil {
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
		for _, args := range [][]string{{"-o", "json", "--show", "all", "--payload", "100000"}, {"--show", "all", "--payload", "1000"}} {
			if out := hostileRun(t, capture.Bytes(), append(args, "--redact")...); strings.Contains(out, hostile.Secret) {
				i := strings.Index(out, hostile.Secret)
				t.Errorf("seed %d: --redact %v shows a secret: %.300q", seed, args, out[max(0, i-200):])
			}
		}
	}
}

// hostileRun lets the program read a capture and returns what it printed.
func hostileRun(t *testing.T, capture []byte, args ...string) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	command := exec.Command(path, append([]string{"-r", "-", "--config", "none", "--max-memory", "64MiB"}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(capture), &out, &errs
	if err := command.Run(); err != nil {
		t.Errorf("%v: %v: %.2000s", args, err, errs.String())
	}
	// Ordinary traffic takes about 10 ns of processor time for each octet; printing every payload is part of it here.
	state := command.ProcessState
	if used, most := state.UserTime(), 3*time.Second+time.Duration(len(capture))*5*time.Microsecond; used > most && !raceBuild() {
		t.Errorf("%v: %v of processor time, want at most %v", args, used, most)
	}
	if peak := state.SysUsage().(*syscall.Rusage).Maxrss >> 10; peak > 128 && !raceBuild() {
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
