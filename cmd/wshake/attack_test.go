//go:build linux

package main

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"wshake/testdata/hostile"
	"wshake/testdata/need"
)

// Whatever is sent, the process takes no more memory than --max-memory says and 64 MiB, its code included.
func TestAttacksKeepToMemory(t *testing.T) {
	need.Long(t)
	const limit = 64 << 10 // KiB, as in the argument below
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(hostile.KeyLog), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(name string, packets iter.Seq[hostile.Packet]) {
		t.Run(name, func(t *testing.T) {
			peak, errs := attack(t, packets, "--max-memory", "64MiB", "--keylog", keys, "-o", "json")
			t.Logf("%d MiB at most", peak>>10)
			if peak > limit+64<<10 {
				t.Errorf("%d MiB, want at most %d", peak>>10, limit>>10+64)
			}
			if errs != "" {
				t.Errorf("standard error: %s", errs)
			}
		})
	}
	const size = 20
	for _, a := range hostile.Attacks {
		check(a.Name, a.Packets(size))
	}
	check("mix", hostile.Mix(size/4))
}

// attack lets the program read packets from a pipe, and returns its largest resident memory in KiB and what it
// complained of.
func attack(t *testing.T, packets iter.Seq[hostile.Packet], args ...string) (peak int64, errs string) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command, peakOf := measured(t, path, append([]string{"-r", "-"}, args...)...)
	command.Stdout, command.Stderr = io.Discard, &stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(in, 1<<20)
	err = hostile.WritePcap(w, packets)
	if err == nil {
		err = w.Flush()
	}
	in.Close()
	if waited := command.Wait(); waited != nil {
		t.Fatalf("%v: %s", waited, stderr.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	return peakOf(), stderr.String()
}
