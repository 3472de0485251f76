//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever a run waits for, a signal ends the wait.
func TestWaitsEnd(t *testing.T) {
	silent, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	defer hold.Close()
	for _, c := range []struct {
		name string
		args []string
		said string
	}{
		{"a FIFO that nobody writes to", []string{"FIFO"}, "interrupted: nothing was read"},
		{"a FIFO and a file", []string{recording("node-ws"), "FIFO"}, "interrupted: nothing was read"},
		{"standard input that says nothing", []string{"-"}, "interrupted: nothing was read"},
		{"a key log that nobody writes", []string{"--keylog", "FIFO", recording("node-ws")}, "interrupted: nothing was read"},
		{"a file that nobody reads", []string{"--write", "FIFO", recording("node-ws")}, "interrupted: nothing was read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Split(strings.ReplaceAll(strings.Join(c.args, "\n"), "FIFO", newFIFO(t)), "\n")
			o, err := parse(args)
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			std := stdio{in: silent, out: &out, err: &errs}
			if err := o.guard(std); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Millisecond, cancel) // it waits by then, or will not begin to
			if status := analyse(ctx, o, std); status != exitInput || errs.String() != "wshake: "+c.said+"\n" || out.Len() > 0 {
				t.Errorf("status %d, %q, %q", status, errs.String(), out.String())
			}
		})
	}
}

// What came before a pipe fell silent is reported.
func TestSilentPipe(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range [][]string{nil, {"--filter", "tcp"}} {
		fifo := newFIFO(t)
		w, err := os.OpenFile(fifo, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if _, err := w.Write(whole[:60000]); err != nil {
			t.Fatal(err)
		}
		o, err := parse(slices.Concat([]string{"-o", "json", fifo}, filter))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range int(patience / time.Millisecond) {
				if n, err := unix.IoctlGetInt(int(w.Fd()), unix.TIOCINQ); err != nil || n == 0 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond) // for the packets of the last read
			cancel()
		}()
		var out, errs bytes.Buffer
		if status := analyse(ctx, o, stdio{in: nil, out: &out, err: &errs}); status != exitInput || errs.String() != "wshake: interrupted: not all was read\n" {
			t.Errorf("status %d, %q", status, errs.String())
		}
		if !strings.Contains(out.String(), `"verdict":"established"`) || !strings.Contains(out.String(), `{"type":"summary"`) {
			t.Errorf("it said only %s", out.String())
		}
	}
}

// Where nobody reads the output, and only there, the process ends without having written all of it.
func TestUnreadOutputEnds(t *testing.T) {
	w := &wires{t}
	s := w.launch(nil, "-o", "json", "--show", "all", recording("node-ws"), filepath.Join("..", "..", "testdata", "captures"))
	s.until("the pipe is full", s.unread)
	s.signal(os.Interrupt)
	e := s.ended("")
	if e.status != exitInput || !strings.HasSuffix(e.stderr, "wshake: interrupted: what is left is not reported\n") {
		t.Errorf("status %d, %q", e.status, e.stderr)
	}
}

// unread reports whether the pipe of the output is full.
func (s *sniffer) unread() bool {
	n, err := unix.IoctlGetInt(int(s.stdout.Fd()), unix.TIOCINQ)
	return err == nil && n >= 60<<10
}
