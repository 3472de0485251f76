//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/analyze/dialogue"
	"wshake/analyze/report/schematest"
	"wshake/testdata/netns"
)

// wires is a network namespace of pairs of interfaces, without addresses: what is sent from one end is captured at the
// other and answered by nobody. The test's goroutine, and what it starts, is in it.
type wires struct{ testing.TB }

// newWires locks the goroutine to its thread for ever, which ends with it.
func newWires(t testing.TB, names ...string) *wires {
	netns.Need(t, "ip")
	n, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	for _, name := range names {
		if err := netns.Join(netns.End{In: n, Name: name}, netns.End{In: n, Name: name + "-end"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Enter(); err != nil {
		t.Fatal(err)
	}
	w := &wires{t}
	for _, name := range names {
		w.up(name, name+"-end")
	}
	return w
}

// up takes an interface up and waits until its peer sends, which the kernel may let it do a second late.
func (w *wires) up(name, peer string) {
	w.Helper()
	w.ip("link", "set", name, "up")
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		out, err := exec.Command("ip", "-o", "link", "show", peer).CombinedOutput()
		if err == nil && strings.Contains(string(out), " state UP ") {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("%s does not come up: %v\n%s", peer, err, out)
		}
	}
}

func (w *wires) ip(args ...string) {
	w.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		w.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// play sends the packets of a dialogue over a wire, and counts them.
func (w *wires) play(name, script string) (sent int) {
	w.Helper()
	s, err := dialogue.Parse([]byte(script))
	if err != nil {
		w.Fatal(err)
	}
	far, err := net.InterfaceByName(name + "-end")
	if err != nil {
		w.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		w.Fatal(err)
	}
	defer unix.Close(fd)
	packets := s.Packets(1000)
	for _, p := range packets {
		frame := append([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"), p.Data...)
		for {
			err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: far.Index})
			if err == unix.ENOBUFS || err == unix.EINTR {
				continue
			}
			if err != nil {
				w.Fatal(err)
			}
			break
		}
	}
	return len(packets)
}

// upgrade is the beginning of a conversation with this client.
func upgrade(client string) string {
	return "conn 1: " + client + " > 10.0.0.2:80\n" + `-- client --
GET /chat HTTP/1.1
Host: example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}
`
}

// program is the path of the command: this test program under the name commandName, which makes it the command. It is
// made once; to build the command would take longer than most tests.
var program = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if programDir, err = os.MkdirTemp("", "wshake"); err != nil {
		return "", err
	}
	if err := os.Chmod(programDir, 0o755); err != nil { // for other users
		return "", err
	}
	path := filepath.Join(programDir, commandName)
	if os.Link(self, path) == nil {
		return path, nil
	}
	code, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, code, 0o755)
})

// programDir is the folder of the program, if it was made.
var programDir string

// commandName is the name under which the test program is the command.
const commandName = "wshake"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == commandName {
		main()
	}
	if file := os.Getenv(measures); file != "" {
		os.Exit(measure(file))
	}
	growth = 400 // hundreds of short runs, whose garbage is small
	status := m.Run()
	if programDir != "" {
		os.RemoveAll(programDir)
	}
	os.Exit(status)
}

// sniffer is a running command.
type sniffer struct {
	testing.TB
	command *exec.Cmd
	stdout  *os.File
	errs    bytes.Buffer
	exited  chan struct{}
	held    int // octets in the pipe of the output, since when
	since   time.Time
}

// launch starts the command. Its output is read by who calls finish, or by nobody.
func (w *wires) launch(attributes *syscall.SysProcAttr, args ...string) *sniffer {
	w.Helper()
	path, err := program()
	if err != nil {
		w.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.SysProcAttr = attributes
	return w.start(command)
}

func (w *wires) start(command *exec.Cmd) *sniffer {
	w.Helper()
	s := &sniffer{TB: w.TB, command: command, exited: make(chan struct{})}
	s.command.Stderr = &s.errs
	read, write, err := os.Pipe()
	if err != nil {
		w.Fatal(err)
	}
	s.stdout, s.command.Stdout = read, write
	if err := s.command.Start(); err != nil {
		w.Fatal(err)
	}
	write.Close()
	go func() {
		s.command.Wait()
		close(s.exited)
	}()
	w.Cleanup(func() {
		s.command.Process.Kill()
		<-s.exited
		s.stdout.Close()
	})
	return s
}

// patience is how long something may take that takes milliseconds.
const patience = 15 * time.Second

// until waits for something to become true.
func (s *sniffer) until(what string, is func() bool) {
	s.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.exited:
			s.Fatalf("it ended before %s: %v\n%s", what, s.command.ProcessState, s.errs.String())
		default:
		}
		if time.Now().After(end) {
			s.Fatalf("in vain waited for: %s", what)
		}
	}
}

// sniff starts the command and waits until it captures from n interfaces.
func (w *wires) sniff(n int, args ...string) *sniffer {
	w.Helper()
	s := w.launch(nil, args...)
	s.listens(n)
	return s
}

func (s *sniffer) listens(n int) {
	s.Helper()
	s.until("it listens", func() bool { return s.listening() == n })
}

// listening counts the packet sockets of the namespace that are bound (packet_seq_show of the kernel: sk, RefCnt,
// Type, Proto, Iface, R, ..).
func (s *sniffer) listening() (n int) {
	s.Helper()
	sockets, err := os.ReadFile("/proc/thread-self/net/packet")
	if err != nil {
		s.Fatal(err)
	}
	for l := range strings.Lines(string(sockets)) {
		if fields := strings.Fields(l); len(fields) > 5 && fields[5] == "1" {
			n++
		}
	}
	return n
}

func (s *sniffer) signal(sig os.Signal) {
	s.Helper()
	if err := s.command.Process.Signal(sig); err != nil {
		s.Fatal(err)
	}
}

// finish reads the output to its end.
func (s *sniffer) finish() ended {
	s.Helper()
	s.stdout.SetReadDeadline(time.Now().Add(patience))
	out, err := io.ReadAll(s.stdout)
	if err != nil {
		s.Fatal(err)
	}
	return s.ended(string(out))
}

// ended waits for the end of a command whose output was read.
func (s *sniffer) ended(out string) ended {
	s.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.Fatal("it does not end")
	}
	return ended{s.TB, s.command.ProcessState.ExitCode(), out, s.errs.String()}
}

// ended is what a command left.
type ended struct {
	testing.TB
	status      int
	out, stderr string
}

// line is one event.
type line struct {
	Type, Name, Ended, Verdict, Client, Text string
	File                                     *string
	Files                                    []string
	Packet, Packets                          uint64
	Dropped                                  *struct{ Kernel, Interface uint64 }
	Caveats                                  json.RawMessage
}

// events takes the output apart, which must be JSON. The first events of the kind must fit the schema; that takes a
// while.
func (e ended) events(kind string) (found []line) {
	e.Helper()
	begin := `{"type":"` + kind + `"`
	for text := range strings.Lines(e.out) {
		if !strings.HasPrefix(text, begin) {
			continue
		}
		if len(found) < 100 {
			if err := schematest.Validate([]byte(text)); err != nil {
				e.Errorf("%v: %s", err, text)
			}
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			e.Fatalf("%v: %s", err, text)
		}
		found = append(found, l)
	}
	return found
}

// whole checks that the output ends with the summary of a capture that lost nothing, and that these clients'
// WebSockets were seen and were open at its end.
func (e ended) whole(clients ...string) {
	e.Helper()
	sums := e.events("summary")
	if len(sums) != 1 || !strings.HasSuffix(e.out, "}\n") || sums[0].Dropped == nil || sums[0].Dropped.Kernel != 0 {
		e.Errorf("summary: %+v\n%s", sums, e.out)
	}
	seen := e.events("connection")
	if len(seen) != len(clients) {
		e.Errorf("%d connections, want %d\n%s", len(seen), len(clients), e.out)
		return
	}
	for i, c := range seen {
		if c.Client != clients[i] || c.Ended != "capture-end" {
			e.Errorf("connection of %s ended %s; want %s, capture-end", c.Client, c.Ended, clients[i])
		}
	}
}

// said checks status and messages: want is standard error, line by line.
func (e ended) said(status int, want ...string) {
	e.Helper()
	if e.status != status {
		e.Errorf("status %d, want %d", e.status, status)
	}
	text := ""
	for _, l := range want {
		text += "wshake: " + l + "\n"
	}
	if e.stderr != text {
		e.Errorf("it said\n%swant\n%s", e.stderr, text)
	}
}
