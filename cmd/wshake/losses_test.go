//go:build linux && !libpcap

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A reader that does not read costs events, all of them counted, and no packet.
func TestUnreadOutput(t *testing.T) {
	t.Parallel()
	const frames = 60_000
	w := newWires(t, "wire")
	s := w.sniff(1, "-i", "wire", "-o", "json", "--show", "all")
	w.play("wire", upgrade("10.0.0.1:4001")+"-- server hex --\n"+strings.Repeat("8100", frames)+"\n")
	w.play("wire", upgrade("10.0.0.1:4002"))
	s.until("the pipe is full", s.unread)
	s.signal(os.Interrupt)
	e := s.finish() // a reader that is late, but for less than a second
	if e.status != exitDone {
		t.Errorf("status %d", e.status)
	}
	e.whole("10.0.0.1:4001", "10.0.0.1:4002")
	told := uint64(0)
	for _, c := range e.events("caveat") {
		told += dropTold(c.Text)
	}
	printed := uint64(len(e.events("frame")) + len(e.events("message")))
	if told == 0 || told+printed != 2*frames || len(e.events("handshake")) != 2 {
		t.Errorf("%d frames and messages printed, of %d the caveats tell", printed, told)
	}
	if usage, ok := s.command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.Logf("%d events printed, %d dropped, %d MiB of memory at most", printed, told, usage.Maxrss>>10)
	}
	e.said(exitDone, strconv.FormatUint(told, 10)+" events were not printed: the output was not read fast enough")
}

// What the kernel drops is told while it captures, and every packet is accounted for.
func TestKernelDrops(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	s := w.sniff(1, "-i", "wire", "-f", "tcp", "-o", "json", "--buffer", "1MiB")
	s.signal(syscall.SIGSTOP)
	script := upgrade("10.0.0.1:4001") + "-- server hex --\n" + strings.Repeat("8100", 1<<20) + "\n"
	sent := w.play("wire", script)
	s.signal(syscall.SIGCONT)
	s.signal(os.Interrupt)
	e := s.finish()
	e.said(exitDone)
	sums := e.events("summary")
	if len(sums) != 1 || sums[0].Dropped == nil || sums[0].Dropped.Kernel == 0 || sums[0].Packets+sums[0].Dropped.Kernel != uint64(sent) {
		t.Fatalf("%d packets were sent: %+v", sent, sums)
	}
	told := uint64(0)
	for _, c := range e.events("caveat") {
		if m := regexp.MustCompile(`the kernel dropped (\d+) packets?:`).FindStringSubmatch(c.Text); m != nil && c.Name == "kernel-drop" {
			n, _ := strconv.ParseUint(m[1], 10, 64)
			told += n
		}
	}
	if told != sums[0].Dropped.Kernel {
		t.Errorf("caveats tell of %d packets, the summary of %d", told, sums[0].Dropped.Kernel)
	}
}

// Events and files say which interface packets came from, on any too.
func TestInterfaceMarks(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire", "other")
	for _, args := range [][]string{{"-i", "wire", "-i", "other"}, {"-i", "any"}} {
		file := filepath.Join(t.TempDir(), "kept.pcapng")
		s := w.sniff(len(args)/2, append(args, "-o", "json", "-f", "tcp and host 10.0.0.2", "--write", file)...)
		for i, name := range []string{"other", "wire", "other"} {
			w.play(name, upgrade("10.0.0.1:"+strconv.Itoa(4001+i)))
		}
		s.signal(os.Interrupt)
		e := s.finish()
		e.said(exitDone)
		marks := make(map[string]string)
		for _, h := range e.events("handshake") {
			if h.File != nil {
				marks[h.Client] = *h.File
			}
		}
		// What is sent at one end of a wire is captured there as well, on any.
		wire := marks["10.0.0.1:4002"]
		if other := marks["10.0.0.1:4001"]; other != marks["10.0.0.1:4003"] || !strings.HasPrefix(other, "other") || !strings.HasPrefix(wire, "wire") {
			t.Errorf("%v: marks %v", args, marks)
		}
		if found := e.events("finding"); len(found) != 0 { // though each packet was captured twice on any
			t.Errorf("%v: findings %+v", args, found)
		}
		named := interfacesIn(t, file)
		for _, name := range e.events("summary")[0].Files {
			if n := len(slices.DeleteFunc(slices.Clone(named), func(s string) bool { return s != name })); n != 1 {
				t.Errorf("%v: %d interfaces %s in the file, which has %v", args, n, name, named)
			}
		}
	}
}

// interfacesIn lists the names in the Interface Description Blocks of a pcapng of the least octet first
// (draft-ietf-opsawg-pcapng §4.2).
func interfacesIn(t *testing.T, path string) (names []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	u32 := func(at int) int {
		return int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16 | int(b[at+3])<<24
	}
	for at := 0; at < len(b); at += u32(at + 4) {
		if u32(at) != 1 {
			continue
		}
		name := "(none)"
		if option := u32(at + 16); option&0xffff == 2 {
			name = string(b[at+20 : at+20+option>>16])
		}
		names = append(names, name)
	}
	return names
}
