//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wshake/testdata/netns"
)

// inVain is how long anything is waited for. It is never used up unless something is broken.
const inVain = 60 * time.Second

// noRaceSleep keeps a program with the race detector from waiting for more races when it ends.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

// programWithLibpcap builds the command with the other backend.
func programWithLibpcap(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "wshake")
	cmd := exec.Command("go", slices.Concat([]string{"build", "-tags", "libpcap", "-o", path}, buildFlags, []string{"."})...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// liveWorld is two network namespaces that a pair of interfaces joins, near0 and far0. The proxy and the server are in
// the near one.
type liveWorld struct {
	*testing.T
	near, far *netns.Namespace
	dir       string
	servers   []*exec.Cmd
}

func near(w *liveWorld) *netns.Namespace { return w.near }
func far(w *liveWorld) *netns.Namespace  { return w.far }

func (w *liveWorld) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func newLiveWorld(t *testing.T) *liveWorld {
	w := &liveWorld{T: t, dir: t.TempDir()}
	for _, n := range []**netns.Namespace{&w.near, &w.far} {
		made, err := netns.New()
		w.must(err)
		t.Cleanup(func() { made.Close() })
		*n = made
	}
	return w
}

// join makes the pair of interfaces, with these addresses.
func (w *liveWorld) join(near, far string) { w.pair([]string{near}, []string{far}) }

func (w *liveWorld) pair(near, far []string) {
	w.Helper()
	w.must(netns.Join(
		netns.End{In: w.near, Name: "near0", Hardware: "02:00:00:00:00:01", Addresses: near},
		netns.End{In: w.far, Name: "far0", Hardware: "02:00:00:00:00:02", Addresses: far}))
}

// tag makes the pair of interfaces, and over it a network whose packets have a tag.
func (w *liveWorld) tag(vlan uint16) {
	w.Helper()
	w.pair(nil, nil)
	stop, err := netns.JoinTagged(
		netns.End{In: w.near, Name: "near5", Hardware: "02:00:00:00:05:01", Addresses: []string{"10.9.5.1/24"}},
		netns.End{In: w.far, Name: "far5", Hardware: "02:00:00:00:05:02", Addresses: []string{"10.9.5.2/24"}},
		"near0", "far0", vlan, pin)
	w.must(err)
	w.Cleanup(stop)
}

// pin keeps the calling thread, and what it starts, to one processor. Who sends on one processor alone is seen by all
// sockets in the same order.
func pin() error {
	var may, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return err
	}
	cpu := 0
	for !may.IsSet(cpu) {
		cpu++
	}
	one.Set(cpu)
	return unix.SchedSetaffinity(0, &one)
}

// startPinned starts a program whose packets are seen in one order.
func startPinned(n *netns.Namespace, cmd *exec.Cmd) error {
	return n.Do(func() error {
		if err := pin(); err != nil {
			return err
		}
		return cmd.Start()
	})
}

// wait waits until something is so.
func wait(t *testing.T, what string, is func() (bool, error)) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		yes, err := is()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if yes {
			return
		}
		if time.Since(begun) > inVain {
			t.Fatalf("waited for %v: %s", inVain, what)
		}
	}
}

const (
	proxyPort  = 8080
	serverPort = 9000
)

// serve starts the server and, before it, the proxy.
func (w *liveWorld) serve() {
	w.Helper()
	peers, err := filepath.Abs(filepath.Join("..", "..", "testdata", "live"))
	w.must(err)
	for _, s := range []struct {
		port uint16
		args []string
	}{
		{serverPort, []string{"node", filepath.Join(peers, "server.js")}},
		{proxyPort, []string{"nginx", "-p", w.dir, "-c", filepath.Join(peers, "nginx.conf")}},
	} {
		cmd := exec.Command(s.args[0], s.args[1:]...)
		said := new(bytes.Buffer)
		cmd.Stdout, cmd.Stderr = said, said
		w.must(startPinned(w.near, cmd))
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		w.servers = append(w.servers, cmd)
		w.Cleanup(func() { cmd.Process.Kill() })
		wait(w.T, s.args[0]+" listens", func() (bool, error) {
			select {
			case err := <-ended:
				return false, fmt.Errorf("%w\n%s", err, said)
			default:
				return w.near.Listens(s.port)
			}
		})
	}
}

// talk lets the client talk, ends the servers when all connections are over, and sends the last packets there are.
func (w *liveWorld) talk(from *netns.Namespace, address string) {
	w.Helper()
	client := exec.Command("node", filepath.Join("..", "..", "testdata", "live", "client.js"), address)
	said := new(bytes.Buffer)
	client.Stdout, client.Stderr = said, said
	w.must(startPinned(from, client))
	ended := make(chan error, 1)
	go func() { ended <- client.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			w.Fatalf("the client: %v\n%s", err, said)
		}
	case <-time.After(inVain):
		client.Process.Kill()
		w.Fatal("the client does not come to its end")
	}
	wait(w.T, "all connections are closed", func() (bool, error) {
		near, err := w.near.Connections()
		if err != nil {
			return false, err
		}
		far, err := w.far.Connections()
		return near+far == 0, err
	})
	for _, s := range w.servers {
		s.Process.Kill()
	}
	for _, last := range []struct {
		from    *netns.Namespace
		address string
		port    uint16
	}{{from, address, proxyPort}, {w.near, fmt.Sprintf("127.0.0.1:%d", serverPort), serverPort}} {
		wait(w.T, "nothing listens any more", func() (bool, error) {
			listens, err := w.near.Listens(last.port)
			return !listens, err
		})
		if err := last.from.Do(func() error { _, err := net.Dial("tcp", last.address); return err }); !errors.Is(err, unix.ECONNREFUSED) {
			w.Fatalf("connecting to nothing: %v", err)
		}
	}
}

// listener is a program that captures.
type listener struct {
	*exec.Cmd
	out  string // the file of its standard output
	said bytes.Buffer
}

// listen starts a program in the near namespace, and returns when it sees packets.
func (w *liveWorld) listen(args ...string) *listener {
	w.Helper()
	l := &listener{Cmd: exec.Command(args[0], args[1:]...)}
	out, err := os.CreateTemp(w.dir, "out")
	w.must(err)
	defer out.Close()
	l.out, l.Stdout, l.Stderr = out.Name(), out, &l.said
	l.Env = append(os.Environ(), noRaceSleep)
	w.must(w.near.Start(l.Cmd))
	w.Cleanup(func() { l.Process.Kill() })
	wait(w.T, args[0]+" captures", func() (bool, error) { return netns.Captures(l.Process.Pid) })
	return l
}
