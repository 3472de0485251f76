//go:build !libpcap

package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// link is what the kernel says of an interface.
type link struct {
	index   int32
	name    string
	kind    linkKind
	loop    bool
	up      bool
	missing uint64 // packets that the interface lost
}

// routeSocket speaks rtnetlink(7).
type routeSocket struct{ fd int }

// openRoute opens one; with groups it hears of changes.
func openRoute(groups uint32) (*routeSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("rtnetlink: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("rtnetlink: %w", err)
	}
	return &routeSocket{fd}, nil
}

func (s *routeSocket) close() { unix.Close(s.fd) }

// change is a message of the kernel about an interface.
type change struct {
	link
	gone bool
}

// receive gives the changes of one datagram; done is the end of an answer. It does not wait.
func (s *routeSocket) receive() (changes []change, done bool, err error) {
	buffer := make([]byte, 64<<10)
	n, _, err := unix.Recvfrom(s.fd, buffer, unix.MSG_TRUNC)
	if err != nil {
		return nil, false, err
	}
	messages, err := syscall.ParseNetlinkMessage(buffer[:min(n, len(buffer))])
	if err != nil {
		return nil, false, err
	}
	for i := range messages {
		m := &messages[i]
		switch m.Header.Type {
		case unix.NLMSG_DONE, unix.NLMSG_ERROR:
			done = true
		case unix.RTM_NEWLINK, unix.RTM_DELLINK:
			if l, ok := parseLink(m); ok {
				changes = append(changes, change{l, m.Header.Type == unix.RTM_DELLINK})
			}
		}
	}
	return changes, done, nil
}

// Offsets in struct rtnl_link_stats64, in octets.
const (
	statMissed = 8 * 15
	statFIFO   = 8 * 14
)

func parseLink(m *syscall.NetlinkMessage) (l link, ok bool) {
	if len(m.Data) < unix.SizeofIfInfomsg || m.Data[0] != unix.AF_UNSPEC {
		return l, false // a bridge tells of its ports as well
	}
	order := binary.NativeEndian
	hardware := order.Uint16(m.Data[2:])
	l.index = int32(order.Uint32(m.Data[4:]))
	flags := order.Uint32(m.Data[8:])
	l.up = flags&unix.IFF_UP != 0 && flags&unix.IFF_LOWER_UP != 0 // IFF_RUNNING comes late
	l.loop = flags&unix.IFF_LOOPBACK != 0
	l.kind = cookedFrames
	if hardware == unix.ARPHRD_ETHER || hardware == unix.ARPHRD_LOOPBACK {
		l.kind = ethernetFrames
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return l, false
	}
	for _, a := range attributes {
		switch {
		case a.Attr.Type == unix.IFLA_IFNAME:
			l.name = unix.ByteSliceToString(a.Value)
		case a.Attr.Type == unix.IFLA_STATS64 && len(a.Value) >= statMissed+8:
			l.missing = order.Uint64(a.Value[statMissed:]) + order.Uint64(a.Value[statFIFO:])
		}
	}
	return l, l.name != ""
}

// interfaceTable asks the kernel for its interfaces. It is used from any goroutine.
type interfaceTable struct {
	asking sync.Mutex
	route  *routeSocket
	closed bool
}

func (t *interfaceTable) list() ([]link, error) {
	t.asking.Lock()
	defer t.asking.Unlock()
	if t.closed {
		return nil, os.ErrClosed
	}
	request := struct {
		unix.NlMsghdr
		unix.IfInfomsg
	}{NlMsghdr: unix.NlMsghdr{
		Len: unix.SizeofNlMsghdr + unix.SizeofIfInfomsg, Type: unix.RTM_GETLINK, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP,
	}}
	octets := unsafe.Slice((*byte)(unsafe.Pointer(&request)), unsafe.Sizeof(request))
	if err := unix.Sendto(t.route.fd, octets, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("rtnetlink: %w", err)
	}
	var list []link
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(t.route.fd), Events: unix.POLLIN}}, 1000); err != nil && err != unix.EINTR {
			return nil, fmt.Errorf("rtnetlink: %w", err)
		}
		changes, done, err := t.route.receive()
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("rtnetlink: %w", err)
		}
		for _, c := range changes {
			list = append(list, c.link)
		}
		if done {
			return list, nil
		}
	}
}

func (t *interfaceTable) close() {
	t.asking.Lock()
	defer t.asking.Unlock()
	t.closed = true
	t.route.close()
}

// What happens to interfaces.
var (
	errDown = News("the interface is down; nothing is captured on it until it is up")
	errUp   = News("the interface is up again")
	errGone = errors.New("the interface is gone; nothing more is captured on it")
)
