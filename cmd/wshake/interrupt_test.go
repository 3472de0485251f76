//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
			if err := o.guard(&std); err != nil {
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

// A signal to the program itself ends every wait, with the exit status and the words that are promised, and nothing else.
func TestSignalsEndWaits(t *testing.T) {
	const nothing = "wshake: interrupted: nothing was read\n"
	for _, c := range []struct {
		name, until, said string // until: what it says when it waits
		args              []string
		status            int
	}{
		{"a FIFO", "", nothing, []string{"FIFO"}, exitInput},
		{"a key log", "", nothing, []string{"--keylog", "FIFO", recording("node-ws")}, exitInput},
		{"view of a FIFO", "", nothing, []string{"view", "FIFO"}, exitInput},
		{"view", "until ^C", "wshake: the page is there until ^C\n", []string{"view", recording("node-ws")}, exitDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := program()
			if err != nil {
				t.Fatal(err)
			}
			command := exec.Command(path, strings.Split(strings.ReplaceAll(strings.Join(c.args, "\n"), "FIFO", newFIFO(t)), "\n")...)
			command.Env = append(os.Environ(), noRaceSleep, "XDG_CONFIG_HOME="+t.TempDir())
			var said safeBuffer
			command.Stderr = &said
			// Tests before may have left SIGPIPE ignored, and a command begins with it so. Only Notify ends that.
			caught := make(chan os.Signal, 1)
			signal.Notify(caught, syscall.SIGPIPE)
			signal.Stop(caught)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(4*patience, func() { command.Process.Kill() }).Stop()
			wait(t, "it catches signals and waits", func() (bool, error) {
				status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
				var caught uint64
				if _, mask, found := strings.Cut(string(status), "SigIgn:\t"); found { // SIGPIPE is ignored last
					fmt.Sscanf(mask, "%x", &caught)
				}
				return caught&(1<<(uint(syscall.SIGPIPE)-1)) != 0 && strings.Contains(said.String(), c.until), err
			})
			begun := time.Now()
			command.Process.Signal(os.Interrupt)
			command.Wait()
			t.Logf("it ended within %v", time.Since(begun).Round(time.Millisecond))
			if status := command.ProcessState.ExitCode(); status != c.status || said.String() != c.said {
				t.Errorf("status %d, %q", status, said.String())
			}
		})
	}
}

// Behind a signal whole lines are written, as many as a pipe takes at once.
func TestWholeLines(t *testing.T) {
	line := strings.Repeat("x", 999) + "\n"
	e := &ending{}
	e.lines.Store(true)
	var sizes []int
	w := e.writer(writes(func(p []byte) { sizes = append(sizes, len(p)) }))
	for _, c := range []struct {
		text string
		want []int
	}{
		{line, []int{1000}},
		{strings.Repeat(line, 9), []int{4000, 4000, 1000}},
		{strings.Repeat("y", 5000) + "\n" + line, []int{5001, 1000}},
		{strings.Repeat("y", 5000), []int{5000}},
	} {
		sizes = nil
		if n, err := w.Write([]byte(c.text)); n != len(c.text) || err != nil || !slices.Equal(sizes, c.want) {
			t.Errorf("%d octets are written as %d, want %d", len(c.text), sizes, c.want)
		}
	}
}

// safeBuffer may be read while a program writes.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

type writes func(p []byte)

func (f writes) Write(p []byte) (int, error) { f(p); return len(p), nil }

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

// Of what comes through a FIFO the output file is there, with the lines so far, before the FIFO ends.
func TestOutputFileGrows(t *testing.T) {
	whole, err := os.ReadFile(recording("node-ws"))
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := wshake("-o", "json", "--show", "handshakes", recording("node-ws"))
	fifo, file := newFIFO(t), filepath.Join(t.TempDir(), "out")
	w, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ended := make(chan string)
	go func() {
		status, _, errs := wshake("-o", "json", "--show", "handshakes", "--output-file", file, fifo)
		ended <- fmt.Sprint(status, errs)
	}()
	if _, err := w.Write(whole[:60000]); err != nil { // a FIFO has room for it
		t.Fatal(err)
	}
	for wait := time.Duration(0); ; wait += 10 * time.Millisecond {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(`"verdict":"established"`)) {
			break
		}
		if wait > patience {
			t.Fatal("the file has no handshake")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := w.Write(whole[60000:]); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got := <-ended; got != "0" || readFile(t, file) != want {
		t.Errorf("status %s, the file is %s, and want %s", got, readFile(t, file), want)
	}
}

// Where nobody reads the output, and only there, the process ends without having written all of it.
func TestUnreadOutputEnds(t *testing.T) {
	t.Parallel()
	w := &wires{t}
	s := w.launch(nil, "-o", "json", "--show", "all", recording("node-ws"), filepath.Join("..", "..", "testdata", "captures"))
	s.until("the pipe is full", s.unread)
	s.signal(os.Interrupt)
	e := s.ended("")
	if e.status != exitInput || !strings.HasSuffix(e.stderr, "wshake: interrupted: what is left is not reported\n") {
		t.Errorf("status %d, %q", e.status, e.stderr)
	}
}

// unread reports whether the pipe of the output is full: whole lines fill most of each of its 16 pages, and nothing
// has come for a while.
func (s *sniffer) unread() bool {
	n, err := unix.IoctlGetInt(int(s.stdout.Fd()), unix.TIOCINQ)
	if n != s.held {
		s.held, s.since = n, time.Now()
	}
	return err == nil && n >= 48<<10 && time.Since(s.since) > 100*time.Millisecond
}
