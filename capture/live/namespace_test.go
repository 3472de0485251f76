//go:build linux

package live

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/capture"
	"wshake/testdata/netns"
)

// world is two network namespaces that a pair of veth interfaces joins: near, with near0, in which the test runs, and
// far, with far0. What the test's goroutine opens or starts is in the near one.
type world struct {
	testing.TB
	near, far *netns.Namespace
}

const (
	nearHost, farHost   = "10.9.0.1", "10.9.0.2"
	nearHost6, farHost6 = "fd00:9::1", "fd00:9::2"
)

// newWorld locks the goroutine to its thread for ever, which ends with it.
func newWorld(t testing.TB) *world {
	netns.Need(t, "ip", "tcpdump")
	w := &world{TB: t}
	for _, n := range []**netns.Namespace{&w.near, &w.far} {
		made, err := netns.New()
		w.must(err)
		t.Cleanup(func() { made.Close() })
		*n = made
	}
	w.must(netns.Join(netns.End{In: w.far, Name: "far0", Addresses: []string{farHost + "/24", farHost6 + "/64"}},
		netns.End{In: w.near, Name: "near0", Addresses: []string{nearHost + "/24", nearHost6 + "/64"}}))
	w.must(w.near.Enter())
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// inFar does something in the far namespace.
func (w *world) inFar(f func()) {
	w.must(w.far.Enter())
	defer func() { w.must(w.near.Enter()) }()
	f()
}

func (w *world) run(args ...string) {
	w.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		w.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// listen accepts connections in the namespace where the test is, and sends back what it gets.
func (w *world) listen(host string) (address string) {
	w.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(c, c)
				c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

// talk sends n octets to an echo and reads them back.
func (w *world) talk(address string, n int) {
	w.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	go func() {
		c.Write(bytes.Repeat([]byte("wshake "), n/7+1)[:n])
		c.(*net.TCPConn).CloseWrite()
	}()
	if got, err := io.Copy(io.Discard, c); err != nil || got != int64(n) {
		w.Fatalf("%d of %d octets came back: %v", got, n, err)
	}
}

// sendTagged sends frames with tags of IEEE 802.1Q from the far end: with one, with two, with other protocols.
func (w *world) sendTagged() {
	w.Helper()
	w.inFar(func() {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			w.Fatal(err)
		}
		defer unix.Close(fd)
		far0, err := net.InterfaceByName("far0")
		if err != nil {
			w.Fatal(err)
		}
		for i := range byte(30) {
			for _, tags := range []string{"", "\x81\x00\xe0\x05", "\x81\x00\x00\x07", "\x88\xa8\x00\x07\x81\x00\x00\x05"} {
				frame := "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02" + tags +
					"\x08\x00\x45\x00\x00\x3c\x00\x00\x00\x00\x40\x06\x00\x00\x0a\x09\x05\x02\x0a\x09\x05\x01" +
					"\x00\x50\xc0\x00" + string(bytes.Repeat([]byte{i}, 36))
				if err := unix.Sendto(fd, []byte(frame), 0, &unix.SockaddrLinklayer{Ifindex: far0.Index}); err != nil {
					w.Fatal(err)
				}
			}
		}
	})
}

// recording is a running tcpdump.
type recording struct {
	w       *world
	command *exec.Cmd
	path    string
}

func (w *world) record(args ...string) *recording {
	w.Helper()
	r := &recording{w: w, path: w.TempDir() + "/tcpdump.pcap"}
	args = append([]string{"-w", r.path, "-Z", "root", "-U", "-s", "70000", "-B", "65536", "--immediate-mode", "--time-stamp-precision=nano"}, args...)
	r.command = exec.Command("tcpdump", args...)
	stderr, err := r.command.StderrPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := r.command.Start(); err != nil {
		w.Fatal(err)
	}
	said := make([]byte, 1000)
	for total := 0; !bytes.Contains(said[:total], []byte("listening on")); {
		n, err := stderr.Read(said[total:])
		if total += n; err != nil {
			w.Fatalf("tcpdump does not listen: %s", said[:total])
		}
	}
	go io.Copy(io.Discard, stderr)
	return r
}

func (r *recording) stop() []capture.Packet {
	r.w.Helper()
	r.command.Process.Signal(os.Interrupt)
	r.command.Wait()
	source, err := capture.Open([]string{r.path}, capture.Options{})
	if err != nil {
		r.w.Fatal(err)
	}
	defer source.Close()
	return drain(r.w, source)
}

// drain reads a source to its end.
func drain(t testing.TB, source capture.Source) (packets []capture.Packet) {
	t.Helper()
	for {
		var b capture.Batch
		err := source.Read(&b)
		for _, p := range b.Packets {
			p.Data = bytes.Clone(p.Data)
			packets = append(packets, p)
		}
		b.Release()
		if err == io.EOF {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// open captures in the near namespace. What happens to interfaces goes to problems.
func (w *world) open(o Options) (source *Source, problems chan string) {
	w.Helper()
	problems = make(chan string, 100)
	o.Problem = func(p *capture.Problem) { problems <- p.Error() }
	source, err := Open(o)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { source.Close() })
	return source, problems
}

// settleDown gives what is on its way the time to arrive.
func settleDown() { time.Sleep(100 * time.Millisecond) }
