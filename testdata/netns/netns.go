//go:build linux

// Package netns makes network namespaces (network_namespaces(7)) for tests and measurements, and runs programs in
// them. It needs root.
package netns

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace whose loopback interface is up. It lasts until it is closed and no process is in it
// any more. It is used from any goroutine.
type Namespace struct{ file *os.File }

// New makes a namespace. Over an interface made later that has no address of IPv6 the kernel sends nothing on its own;
// with one it reports groups of multicast.
func New() (*Namespace, error) {
	var n *Namespace
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("a network namespace: %w", err)
		}
		f, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			return err
		}
		n = &Namespace{f}
		for _, setting := range []string{"router_solicitations=0", "addr_gen_mode=1"} {
			name, value, _ := strings.Cut(setting, "=")
			// Where the kernel has no IPv6 nothing has to be silenced.
			if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/"+name, []byte(value), 0); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := n.Run("ip", "link", "set", "lo", "up"); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close lets the namespace end with its last process.
func (n *Namespace) Close() error { return n.file.Close() }

// Do calls f on a thread that is in the namespace. Sockets that f opens and programs that it starts stay there.
func (n *Namespace) Do(f func() error) error {
	return onThread(func() error {
		if err := n.Enter(); err != nil {
			return err
		}
		return f()
	})
}

// Enter moves the calling goroutine there, locked for ever to a thread that ends with it. What it opens and starts is
// in the namespace, other goroutines are not.
func (n *Namespace) Enter() error {
	runtime.LockOSThread()
	if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering a network namespace: %w", err)
	}
	return nil
}

// onThread calls f on a thread of its own, which ends with it, whatever f did to it.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// Run runs a program to its end. Its error has what the program said.
func (n *Namespace) Run(args ...string) error {
	return n.Do(func() error {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
		return nil
	})
}

// Start starts a program.
func (n *Namespace) Start(cmd *exec.Cmd) error { return n.Do(cmd.Start) }

// End is one end of a pair of virtual Ethernet interfaces (veth(4)).
type End struct {
	In        *Namespace
	Name      string
	Hardware  string   // address, such as 02:00:00:00:00:01; "" is one that the kernel chooses
	Addresses []string // of IP, with the length of their prefix; the other end knows whose they are without asking where Hardware is given
}

// Join makes a pair of interfaces and sets them up.
func Join(a, b End) error {
	other := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), b.In.file.Fd())
	if err := a.In.Run("ip", "link", "add", a.Name, "type", "veth", "peer", "name", b.Name, "netns", other); err != nil {
		return err
	}
	if err := a.setUp(b); err != nil {
		return err
	}
	return b.setUp(a)
}

// setUp gives the interface its addresses and sets it up.
func (e End) setUp(other End) error {
	args := []string{"ip", "link", "set", e.Name, "up"}
	if e.Hardware != "" {
		args = append(args, "address", e.Hardware)
	}
	if err := e.In.Run(args...); err != nil {
		return err
	}
	for _, address := range e.Addresses {
		args := []string{"ip", "address", "add", address, "dev", e.Name}
		if strings.Contains(address, ":") {
			args = append(args, "nodad") // is usable at once
		}
		if err := e.In.Run(args...); err != nil {
			return err
		}
	}
	if other.Hardware == "" {
		return nil
	}
	for _, address := range other.Addresses {
		host, _, _ := strings.Cut(address, "/")
		if err := e.In.Run("ip", "neighbour", "replace", host, "lladdr", other.Hardware, "dev", e.Name, "nud", "permanent"); err != nil {
			return err
		}
	}
	return nil
}
