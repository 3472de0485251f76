//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/testdata/netns"
)

// terminal is a pseudo-terminal (pty(7)) whose output is gathered.
type terminal struct {
	*testing.T
	master, slave *os.File
	mu            sync.Mutex
	said          strings.Builder
}

func newTerminal(t *testing.T, columns, lines uint16) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	number, err := unix.IoctlGetUint32(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	m := &terminal{T: t, master: master, slave: slave}
	m.resize(columns, lines)
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := master.Read(b)
			m.mu.Lock()
			m.said.Write(b[:n])
			m.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return m
}

func (m *terminal) resize(columns, lines uint16) {
	if err := unix.IoctlSetWinsize(int(m.slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: lines}); err != nil {
		m.Fatal(err)
	}
}

func (m *terminal) modes() unix.Termios {
	modes, err := unix.IoctlGetTermios(int(m.slave.Fd()), unix.TCGETS)
	if err != nil {
		m.Fatal(err)
	}
	return *modes
}

// text is what was written until now.
func (m *terminal) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said.String()
}

// start runs the command on the terminal, and returns when it sees packets.
func (m *terminal) start(n *netns.Namespace, args ...string) *exec.Cmd {
	m.Helper()
	path, err := program()
	if err != nil {
		m.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = m.slave, m.slave, m.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	cmd.Env = append(os.Environ(), noRaceSleep)
	if err := n.Start(cmd); err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { cmd.Process.Kill() })
	wait(m.T, "wshake captures", func() (bool, error) { return netns.Captures(cmd.Process.Pid) })
	return cmd
}

// await waits until something is on the terminal.
func (m *terminal) await(pattern string) {
	m.Helper()
	is := regexp.MustCompile(pattern)
	for begun := time.Now(); !is.MatchString(m.text()); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > inVain {
			m.Fatalf("waited for %v: %s, on the terminal is\n%q", inVain, pattern, m.text())
		}
	}
}

// shakeHands makes a handshake (RFC 6455 §1.3) on the loopback interface of a namespace. The connection stays open.
func shakeHands(t *testing.T, n *netns.Namespace, path string) {
	t.Helper()
	err := n.Do(func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		t.Cleanup(func() { client.Close() })
		server, err := l.Accept()
		if err != nil {
			return err
		}
		t.Cleanup(func() { server.Close() })
		fmt.Fprintf(client, "GET %s HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path)
		if _, err := http.ReadRequest(bufio.NewReader(server)); err != nil {
			return err
		}
		_, err = io.WriteString(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quiet(t *testing.T) *netns.Namespace {
	t.Helper()
	n, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// The screen follows what happens and the size of the terminal, and a signal gives the terminal back.
func TestWatchOnATerminal(t *testing.T) {
	t.Parallel()
	netns.Need(t, "ip")
	n, m := quiet(t), newTerminal(t, 100, 30)
	before := m.modes()
	cmd := m.start(n, "--watch", "-i", "lo", "--color", "never")
	shakeHands(t, n, "/chat")
	m.await(`established +1`)
	m.await(`chat\.example +1 +0`)
	m.resize(40, 5)
	m.await(`(?s)\x1b\[\?1049h.*\x1b\[H[^\n]{1,60}\n[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*\x1b\[J`)
	if err := n.Run("ip", "link", "set", "lo", "down"); err != nil {
		t.Fatal(err)
	}
	m.resize(60, 40)
	m.await(`problem +lo: .*down`)

	cmd.Process.Signal(syscall.SIGTERM)
	if cmd.Wait(); cmd.ProcessState.ExitCode() != exitDone {
		t.Error(cmd.ProcessState)
	}
	m.await(`handshake: 1 established`)
	text := m.text()
	if !strings.HasPrefix(text, enterScreen) || strings.Count(text, leaveScreen) != 1 {
		t.Errorf("the terminal got %q", text)
	}
	if _, after, _ := strings.Cut(text, leaveScreen); strings.ContainsAny(strings.ReplaceAll(after, "\r\n", ""), "\x1b\r") || !strings.Contains(after, "wshake: lo: ") {
		t.Errorf("after the screen the terminal got %q", after)
	}
	if m.modes() != before {
		t.Errorf("the modes of the terminal are %+v, were %+v", m.modes(), before)
	}
}

// ^Z gives the terminal to the shell, and fg takes it again.
func TestWatchIsSuspended(t *testing.T) {
	t.Parallel()
	netns.Need(t, "ip")
	n, m := quiet(t), newTerminal(t, 80, 24)
	cmd := m.start(n, "--watch", "-i", "lo")
	m.await(`handshakes`)
	cmd.Process.Signal(syscall.SIGTSTP)
	wait(t, "wshake is stopped", func() (bool, error) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		return strings.Contains(string(stat), ") T "), err
	})
	m.await(regexp.QuoteMeta(leaveScreen) + `$`)
	cmd.Process.Signal(syscall.SIGCONT)
	m.await(regexp.QuoteMeta(leaveScreen+enterScreen) + `(?s).*handshakes`)
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	m.await(`no WebSocket handshake in`)
	if text := m.text(); strings.LastIndex(text, leaveScreen) < strings.LastIndex(text, enterScreen) {
		t.Errorf("the terminal got %q", text)
	}
}

// On a terminal a row is printed when its handshake is complete, under one head.
func TestRowsOnATerminal(t *testing.T) {
	t.Parallel()
	netns.Need(t, "ip")
	n, m := quiet(t), newTerminal(t, 110, 30)
	cmd := m.start(n, "-i", "lo", "--color", "never")
	for i, path := range []string{"/one", "/another", "/3"} {
		if i > 0 {
			time.Sleep(time.Second / 5) // another batch of packets, most likely
		}
		shakeHands(t, n, path)
		m.await(`chat\.example` + path + ` +101 established`)
	}
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	m.await(`3 handshakes: 3 established`)
	var rows []int // where the answers begin
	head := 0
	for _, line := range strings.Split(m.text(), "\r\n") {
		switch {
		case strings.HasPrefix(line, "conn "):
			head++
			rows = append(rows, strings.Index(line, "answer"))
		case strings.Contains(line, "101 established"):
			rows = append(rows, strings.Index(line, "101 "))
		}
	}
	if head != 1 || len(rows) != 4 || rows[0] != rows[1] || rows[0] != rows[2] || rows[0] != rows[3] {
		t.Errorf("%d heads, columns at %v:\n%s", head, rows, m.text())
	}
}
