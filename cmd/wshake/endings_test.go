//go:build linux && !libpcap

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/testdata/netns"
)

// A signal ends the capture; what was captured until then is reported.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			w := newWires(t, "wire")
			s := w.sniff(1, "-i", "wire", "-o", "json")
			w.play("wire", upgrade("10.0.0.1:4001"))
			s.signal(sig)
			e := s.finish()
			e.said(exitDone)
			e.whole("10.0.0.1:4001")
			if h := e.events("handshake"); len(h) != 1 || h[0].Verdict != "established" {
				t.Errorf("handshakes: %+v", h)
			}
		})
	}
}

// What nohup(1) starts outlives its terminal.
func TestIgnoredHangup(t *testing.T) {
	t.Parallel()
	netns.Need(t, "nohup")
	w := newWires(t, "wire")
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := w.start(exec.Command("nohup", path, "-i", "wire", "-o", "json"))
	s.listens(1)
	s.signal(syscall.SIGHUP)
	w.play("wire", upgrade("10.0.0.1:4001"))
	s.signal(os.Interrupt)
	s.finish().whole("10.0.0.1:4001")
}

// A second signal kills what the first could not end: here nobody reads the output.
func TestSecondSignalKills(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	s := w.sniff(1, "-i", "wire", "-o", "json", "--show", "all")
	w.play("wire", upgrade("10.0.0.1:4001")+"-- server hex --\n"+strings.Repeat("8100", 2000)+"\n")
	s.signal(os.Interrupt)
	s.until("it has stopped capturing and waits for its reader", func() bool { return s.listening() == 0 })
	s.signal(os.Interrupt)
	e := s.ended("")
	status := s.command.ProcessState.Sys().(syscall.WaitStatus)
	if killed := status.Signaled() && status.Signal() == syscall.SIGINT; !killed && e.status != exitInput { // it may have been late
		t.Errorf("%v\n%s", s.command.ProcessState, e.stderr)
	}
}

// Who reads the output has seen enough: the capture ends by itself, though nothing more is printed.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	for _, args := range [][]string{{"-o", "json"}, {}} {
		s := w.sniff(1, append(args, "-i", "wire")...)
		w.play("wire", upgrade("10.0.0.1:4001"))
		s.stdout.SetReadDeadline(time.Now().Add(patience))
		first, err := bufio.NewReader(s.stdout).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		s.stdout.Close()
		e := s.ended(first)
		e.said(exitDone)
		if len(args) > 0 && len(e.events("handshake")) != 1 {
			t.Errorf("first line: %s", first)
		}
	}
}

// Where the packets cannot be kept any more the analysis goes on, and the file holds what it could.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	disk := t.TempDir()
	if err := unix.Mount("none", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(disk, "kept.pcapng")
	s := w.sniff(1, "-i", "wire", "-o", "json", "--write", file)
	w.play("wire", upgrade("10.0.0.1:4001")+"-- server hex --\n"+strings.Repeat("8100", 60<<10)+"\n")
	w.play("wire", upgrade("10.0.0.1:4002"))
	s.signal(os.Interrupt)
	e := s.finish()
	e.said(exitInput, "cannot write "+file+": no space left on device; what was written until then is kept; no more packets are, but the analysis goes on")
	e.whole("10.0.0.1:4001", "10.0.0.1:4002")
	status, out, errs := wshake("-o", "json", file)
	if status != exitDone || errs != "" || !strings.Contains(out, `"verdict":"established"`) {
		t.Errorf("the file that was kept: status %d, %s\n%s", status, errs, out)
	}
}

// An interface that goes is named; the others are captured from as before.
func TestInterfaceGoes(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire", "other")
	s := w.sniff(2, "-i", "wire", "-i", "other", "-o", "json")
	w.play("wire", upgrade("10.0.0.1:4001"))
	w.ip("link", "del", "wire")
	s.listens(1)
	w.play("other", upgrade("10.0.0.1:4002"))
	s.signal(os.Interrupt)
	e := s.finish()
	if e.status != exitInput || !strings.HasSuffix(e.stderr, "wshake: wire: the interface is gone; nothing more is captured on it\n") {
		t.Errorf("status %d: %s", e.status, e.stderr)
	}
	e.whole("10.0.0.1:4001", "10.0.0.1:4002")
	for _, c := range e.events("handshake") {
		if want := map[string]string{"10.0.0.1:4001": "wire", "10.0.0.1:4002": "other"}[c.Client]; c.File == nil || *c.File != want {
			t.Errorf("the handshake of %s was captured on %v, want %s", c.Client, c.File, want)
		}
	}
}

// Without any interface left the capture ends.
func TestOnlyInterfaceGoes(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	s := w.sniff(1, "-i", "wire", "-o", "json")
	w.play("wire", upgrade("10.0.0.1:4001"))
	w.ip("link", "del", "wire")
	e := s.finish()
	if e.status != exitInput || !strings.HasSuffix(e.stderr, "wshake: wire: the interface is gone; nothing more is captured on it\n") {
		t.Errorf("status %d: %s", e.status, e.stderr)
	}
	e.whole("10.0.0.1:4001")
}

// An interface may go down, change its name and come up again.
func TestInterfaceDownAndRenamed(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	s := w.sniff(1, "-i", "wire", "-o", "json")
	w.ip("link", "set", "wire", "down")
	w.ip("link", "set", "wire", "name", "cable")
	w.up("cable", "wire-end")
	w.play("wire", upgrade("10.0.0.1:4001"))
	s.signal(os.Interrupt)
	e := s.finish()
	e.said(exitDone, "wire: the interface is down; nothing is captured on it until it is up", "wire: the interface is now called cable", "wire: the interface is up again")
	e.whole("10.0.0.1:4001")
}

// Without privileges it says which one it needs and how to give it.
func TestNoPrivilege(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	s := w.launch(&syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}, "-i", "wire")
	e := s.finish()
	if e.status != exitInput || e.out != "" || !strings.Contains(e.stderr, "CAP_NET_RAW") || !strings.Contains(e.stderr, "sudo setcap cap_net_raw,cap_net_admin=eip "+s.command.Path) {
		t.Errorf("status %d, %q\n%s", e.status, e.out, e.stderr)
	}
	t.Logf("%s", e.stderr)
}

// A capture whose every handshake is refused fails a test for warnings, though a refusal is a note.
func TestAllRefusedFails(t *testing.T) {
	refused := filepath.Join("..", "..", "testdata", "captures", "refused-401.pcapng")
	for level, want := range map[string]int{"warning": exitFindings, "error": exitDone, "none": exitDone} {
		if status, _, errs := wshake("--fail-on", level, "--show", "summary", refused); status != want {
			t.Errorf("--fail-on %s: status %d, %s", level, status, errs)
		}
	}
	if status, _, errs := wshake("--fail-on", "warning", "--ignore", "handshake-refused", refused); status != exitDone {
		t.Errorf("refusals left out: status %d, %s", status, errs)
	}
}
