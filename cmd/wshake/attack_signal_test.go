//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/testdata/hostile"
	"wshake/testdata/need"
	"wshake/testdata/netns"
)

// endsWithin is when a run must be over behind its first signal. It is meant to take a second; machines of tests are
// slow.
const endsWithin = 5 * time.Second

// The first signal ends a run that is in the middle of an attack which does not end by itself.
func TestSignalsUnderAttack(t *testing.T) {
	need.Long(t)
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range hostile.Attacks {
		t.Run(a.Name, func(t *testing.T) {
			command := exec.Command(path, "-r", "-", "-o", "json", "--config", "none", "--show", "all", "--payload", "1000", "--max-memory", "64MiB")
			command.Env = append(os.Environ(), noRaceSleep)
			in, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var errs bytes.Buffer
			command.Stdout, command.Stderr = io.Discard, &errs
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			go func() {
				hostile.WritePcap(in, untilError(in, a.Packets(1<<20)))
				in.Close()
			}()
			time.Sleep(time.Second / 4) // it is at work by then
			begun := time.Now()
			command.Process.Signal(os.Interrupt)
			killed := time.AfterFunc(4*endsWithin, func() { command.Process.Kill() })
			command.Wait()
			killed.Stop()
			t.Logf("%v", time.Since(begun).Round(time.Millisecond))
			if took := time.Since(begun); took > endsWithin && !raceBuild() {
				t.Errorf("it ended %v behind the signal: %s", took, errs.String())
			}
		})
	}
}

// untilError ends when nobody reads any more.
func untilError(w io.Writer, packets iter.Seq[hostile.Packet]) iter.Seq[hostile.Packet] {
	return func(yield func(hostile.Packet) bool) {
		n := 0
		for p := range packets {
			if n++; n%1000 == 0 {
				if _, err := w.Write(nil); err != nil {
					return
				}
			}
			if !yield(p) {
				return
			}
		}
	}
}

// inject sends packets on the loopback interface of a namespace, until it is told to stop.
func inject(t *testing.T, n *netns.Namespace, packets iter.Seq[hostile.Packet]) (stop func()) {
	t.Helper()
	fd := -1
	err := n.Do(func() (err error) {
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: 1}) // lo is the first of every namespace
	})
	if err != nil {
		t.Fatal(err)
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		frame := append(make([]byte, 12), 8, 0) // of Ethernet, IPv4 inside
		for p := range packets {
			select {
			case <-over:
				return
			default:
			}
			unix.Write(fd, append(frame[:14], p.Data...))
		}
	}()
	return func() {
		close(over)
		<-ended
		unix.Close(fd)
	}
}

// liveAttack is conversations of every kind, and then floods.
func liveAttack() iter.Seq[hostile.Packet] {
	return func(yield func(hostile.Packet) bool) {
		for _, packets := range []iter.Seq[hostile.Packet]{hostile.Wide(3, 300), hostile.Mix(1), hostile.Mix(1000)} {
			for p := range packets {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// onScreen is all that may be on a terminal beside text: movements and colours of the program's own.
var onScreen = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]|\r?\n|\r`)

// The screen of --watch stays whole under attack, and ^C ends it.
func TestWatchUnderAttack(t *testing.T) {
	if len(buildFlags) == 0 { // the race detector's run is -short, and has it too
		need.Long(t)
	}
	netns.Need(t, "ip")
	const columns = 100
	n, m := quiet(t), newTerminal(t, columns, 30)
	before := m.modes()
	cmd := m.start(n, "--watch", "-i", "lo", "--color", "never", "--config", "none")
	stop := inject(t, n, liveAttack())
	m.await(`handshakes +.*[1-9]`)
	time.Sleep(2 * time.Second)
	begun := time.Now()
	m.master.WriteString("\x03") // as ^C is typed
	killed := time.AfterFunc(4*endsWithin, func() { cmd.Process.Kill() })
	cmd.Wait()
	killed.Stop()
	took := time.Since(begun)
	stop()
	t.Logf("it ended within %v", took.Round(time.Millisecond))
	if took > endsWithin && !raceBuild() {
		t.Errorf("it ended %v behind ^C", took)
	}
	if !cmd.ProcessState.Exited() {
		t.Error(cmd.ProcessState)
	}
	m.await(regexp.QuoteMeta(leaveScreen))
	text := m.text()
	screen, _, _ := strings.Cut(text, leaveScreen)
	if !strings.HasPrefix(text, enterScreen) || strings.Count(text, leaveScreen) != 1 || m.modes() != before {
		t.Errorf("the terminal got %.300q", text)
	}
	for _, line := range onScreen.Split(screen, -1) {
		for _, c := range line {
			if c < ' ' || c == 0x7f || 0x80 <= c && c < 0xa0 || c == 0xfffd || 0x300 <= c && c < 0x370 || 0x202a <= c && c <= 0x202e {
				t.Errorf("%U is on the screen: %.200q", c, line)
				return
			}
		}
		if len([]rune(line)) > columns {
			t.Errorf("a line is longer than the screen is wide: %.300q", line)
			return
		}
	}
	if strings.Contains(text, "panic") || strings.Contains(text, "goroutine ") {
		t.Errorf("the terminal got %.2000q", text)
	}
}

// Live capture goes on under attack, its events are JSON, and ^C ends it.
func TestLiveUnderAttack(t *testing.T) {
	if len(buildFlags) == 0 { // the race detector's run is -short, and has it too
		need.Long(t)
	}
	netns.Need(t, "ip")
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	n := quiet(t)
	var out safeBuffer
	var errs bytes.Buffer
	cmd := exec.Command(path, "-i", "lo", "-o", "json", "--config", "none", "--show", "all", "--max-memory", "64MiB")
	cmd.Env = append(os.Environ(), noRaceSleep)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := n.Run("ip", "link", "set", "lo", "up"); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(cmd); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	wait(t, "wshake captures", func() (bool, error) { return netns.Captures(cmd.Process.Pid) })
	stop := inject(t, n, liveAttack())
	time.Sleep(2 * time.Second)
	wait(t, "50 handshakes are reported", func() (bool, error) { return strings.Count(out.String(), `{"type":"handshake"`) >= 50, nil })
	begun := time.Now()
	cmd.Process.Signal(os.Interrupt)
	killed := time.AfterFunc(4*endsWithin, func() { cmd.Process.Kill() })
	cmd.Wait()
	killed.Stop()
	took := time.Since(begun)
	stop()
	t.Logf("it ended within %v", took.Round(time.Millisecond))
	if took > endsWithin && !raceBuild() {
		t.Errorf("it ended %v behind the signal", took)
	}
	if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10; peak > 192 && !raceBuild() { // the kernel's ring is in it
		t.Errorf("%d MiB of memory", peak)
	}
	said := out.String()
	for line := range strings.Lines(said) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("no JSON: %.300q", line)
		}
	}
	if !strings.Contains(said, `{"type":"summary"`) {
		t.Errorf("at the end %.300q; %s", said[max(0, len(said)-300):], errs.String())
	}
}
