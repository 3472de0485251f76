//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// held is what a pipe holds, octets, 0 where it has no reader any more.
func held(f *os.File) int {
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// ^C while the capture comes through a pipe: every file is there, whole, and has what was read until then. It comes
// behind the header of the file, within the handshake, within a message, and behind the last packet.
func TestSignalWithinPipe(t *testing.T) {
	t.Parallel()
	capture, err := os.ReadFile(writeCapture(t, tiny(200)))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{24, 400, len(capture) / 3, len(capture)} {
		// What was read is not analysed at once, and nothing tells when it is. So it is tried again where there are no messages.
		for wait := 50 * time.Millisecond; ; wait *= 5 {
			got := signalled(t, capture[:n], wait)
			if n <= 400 && got.messages > 0 || got.messages > 200 {
				t.Errorf("%d octets: %+v", n, got)
			}
			if n <= 400 || got.messages > 0 {
				break
			}
			if wait > patience {
				t.Fatalf("%d octets: no messages", n)
			}
		}
	}
}

// signalled runs the program on the beginning of a capture, interrupts it some time after it has read that, and gives
// what is in each of its files.
func signalled(t *testing.T, capture []byte, wait time.Duration) (got counts) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := exec.Command(path, append(everyFile(dir), "--case", filepath.Join(dir, "case.json"), "-")...)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	command.Stdin = read
	if _, err := write.Write(capture); err != nil { // a pipe has room for it
		t.Fatal(err)
	}
	s := (&wires{t}).start(command)
	read.Close()
	s.until("it has read what there is", func() bool { return held(write) == 0 })
	time.Sleep(wait)
	s.signal(os.Interrupt)
	e := s.finish()
	if e.status != exitInput || !strings.Contains(e.stderr, "wshake: interrupted: ") {
		t.Errorf("%d octets: status %d, %s", len(capture), e.status, e.stderr)
	}
	there := complete(t, dir)
	if len(there) == 0 {
		return got // it did not begin
	}
	digestsHold(t, filepath.Join(dir, "case.json"))
	if len(there) == 1 { // the record of a run that read nothing
		return got
	}
	all := countEvidence(t, dir)
	got = all["all.ndjson"]
	for name, c := range all {
		if c.handshakes >= 0 && c.handshakes != got.handshakes || c.messages >= 0 && c.messages != got.messages {
			t.Errorf("%d octets: %s has %+v, and there are %+v", len(capture), name, c, got)
		}
	}
	return got
}

// digestsHold compares the files that a record of a run lists with what is on the disk.
func digestsHold(t *testing.T, path string) {
	t.Helper()
	var record custody
	if err := json.Unmarshal([]byte(readFile(t, path)), &record); err != nil {
		t.Fatal(err)
	}
	if len(record.Outputs) < 12 || record.Status != exitInput {
		t.Errorf("status %d, %d outputs", record.Status, len(record.Outputs))
	}
	for _, d := range record.Outputs {
		content, err := os.ReadFile(d.Path)
		if err != nil {
			if d.SHA256 != nil || d.Why == "" {
				t.Errorf("%s is not there: %+v", d.Path, d)
			}
			continue
		}
		if sum := sha256.Sum256(content); d.SHA256 == nil || *d.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s has another digest: %+v", d.Path, d)
		}
	}
}

// ^C while files are read, where the program waits for who reads its output. If that goes on, files are whole; the
// packets, which the second reading brings, are absent. If it does not, the process ends, and leaves nothing behind.
func TestSignalWithinFiles(t *testing.T) {
	t.Parallel()
	capture := writeCapture(t, tiny(400))
	for _, goesOn := range []bool{true, false} {
		dir := t.TempDir()
		args := append(allFiles(dir), "--extract", filepath.Join(dir, "messages"), "--html", filepath.Join(dir, "page.html"),
			"--write", filepath.Join(dir, "packets.pcapng"), "--case", filepath.Join(dir, "case.json"), "-o", "json", "--show", "all", capture)
		s := (&wires{t}).launch(nil, args...)
		s.until("its output is full", func() bool { return held(s.stdout) > 60<<10 })
		s.signal(os.Interrupt)
		var e ended
		if goesOn {
			e = s.finish()
		} else {
			e = s.ended("")
		}
		if e.status != exitInput || !strings.Contains(e.stderr, "interrupted") {
			t.Errorf("status %d, %s", e.status, e.stderr)
		}
		there := complete(t, dir)
		for _, name := range there {
			if strings.HasPrefix(name, "messages/") || name == "messages" {
				continue
			}
			if !goesOn || name == "packets.pcapng" {
				t.Errorf("%s is there", name)
			}
		}
		if goesOn && len(there) < 14 {
			t.Errorf("there is only %q", there)
		}
	}
}

// A second ^C ends the process at once, and leaves no file behind that is not complete.
func TestSecondSignalLeavesNothing(t *testing.T) {
	t.Parallel()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	page := filepath.Join(dir, "page.html")
	command := exec.Command(path, "-o", "json", "--show", "all", "--html", page, writeCapture(t, tiny(2000)))
	read, write, err := os.Pipe() // that nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	command.Stdout = write
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	files := func() int {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for since := time.Now(); held(read) < 60<<10 || files() == 0; time.Sleep(time.Millisecond) {
		if time.Since(since) > patience {
			t.Fatalf("%d octets in the pipe, %d files", held(read), files())
		}
	}
	for range 2 {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	command.Wait()
	if state := command.ProcessState; state.ExitCode() != -1 && state.ExitCode() != exitInput { // the second may have been late
		t.Errorf("%v", state)
	}
	if n := files(); n > 0 {
		t.Errorf("%d files are left", n)
	}
}
