//go:build linux

package netns

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// JoinTagged makes an interface in each of two namespaces that a pair of interfaces joins already, from and to. What
// they send one another goes over the pair with a tag of IEEE 802.1Q with the number vlan. Not every kernel has VLAN
// interfaces; these are of tap, with goroutines that put tags on and take them off. A goroutine does so on a thread
// that pin was called on. It all ends with the returned function.
func JoinTagged(a, b End, from, to string, vlan uint16, pin func() error) (stop func(), err error) {
	var opened []*os.File
	stop = func() {
		for _, f := range opened {
			f.Close()
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	for _, leg := range []struct {
		end, other End
		pair       string
	}{{a, b, from}, {b, a, to}} {
		var tap, wire *os.File
		err := leg.end.In.Do(func() (err error) {
			if tap, err = openTap(leg.end.Name); err != nil {
				return err
			}
			opened = append(opened, tap)
			if wire, err = openWire(leg.pair); err == nil {
				opened = append(opened, wire)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		tagged := []byte{0x81, 0, byte(vlan >> 8), byte(vlan)}
		go relay(tap, wire, tagged, pin)
		go relay(wire, tap, nil, pin)
		if err := leg.end.setUp(leg.other); err != nil {
			return nil, err
		}
	}
	return stop, nil
}

// openTap makes an interface whose frames are read and written through a file.
func openTap(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openWire opens a packet socket that reads what an interface receives, and sends.
func openWire(name string) (*os.File, error) {
	index, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	const all = unix.ETH_P_ALL>>8 | unix.ETH_P_ALL&0xff<<8 // in network order
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index.Index}))
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// relay passes frames on, with a tag behind their addresses, until a file is closed. The kernel takes tags off what it
// received.
func relay(from, to *os.File, tag []byte, pin func() error) {
	const addresses = 12
	onThread(func() error {
		if err := pin(); err != nil {
			return err
		}
		frame := make([]byte, 70000)
		out := make([]byte, 0, len(frame)+len(tag))
		for {
			n, err := from.Read(frame)
			if err != nil {
				return err
			}
			if n < addresses {
				continue
			}
			out = append(append(append(out[:0], frame[:addresses]...), tag...), frame[addresses:n]...)
			if _, err := to.Write(out); errors.Is(err, os.ErrClosed) {
				return err
			}
		}
	})
}
