//go:build linux

package netns

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Captures reports whether the process has a packet socket that is bound and running: whether it sees packets by now.
func Captures(pid int) (bool, error) {
	// sk RefCnt Type Proto Iface R Rmem User Inode
	sockets, err := table(fmt.Sprintf("/proc/%d/net/packet", pid))
	if err != nil {
		return false, err
	}
	running := make(map[string]bool)
	for _, fields := range sockets {
		if len(fields) > 8 && fields[5] == "1" {
			running["socket:["+fields[8]+"]"] = true
		}
	}
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false, err
	}
	for _, d := range descriptors {
		if target, err := os.Readlink(d); err == nil && running[target] {
			return true, nil
		}
	}
	return false, nil
}

// States of TCP sockets, as the kernel numbers them.
const (
	timeWait = 0x06
	listen   = 0x0a
)

// Connections counts the TCP connections of the namespace that are not over. Each end counts.
func (n *Namespace) Connections() (open int, err error) {
	err = n.sockets(func(_ uint16, state int) {
		if state != timeWait && state != listen {
			open++
		}
	})
	return open, err
}

// Listens reports whether something in the namespace accepts TCP connections on a port.
func (n *Namespace) Listens(port uint16) (yes bool, err error) {
	err = n.sockets(func(p uint16, state int) { yes = yes || p == port && state == listen })
	return yes, err
}

// sockets calls each for every TCP socket, with its port.
func (n *Namespace) sockets(each func(port uint16, state int)) error {
	return n.Do(func() error {
		for _, name := range []string{"tcp", "tcp6"} {
			// sl local_address rem_address st ..., numbers in hexadecimal
			rows, err := table("/proc/thread-self/net/" + name)
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				return err
			}
			for _, fields := range rows {
				if len(fields) < 4 {
					continue
				}
				_, local, _ := strings.Cut(fields[1], ":")
				port, err := strconv.ParseUint(local, 16, 16)
				if err != nil {
					return err
				}
				state, err := strconv.ParseInt(fields[3], 16, 32)
				if err != nil {
					return err
				}
				each(uint16(port), int(state))
			}
		}
		return nil
	})
}

// table reads the rows of a table of the kernel below its head.
func table(path string) (rows [][]string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if i > 0 {
			rows = append(rows, strings.Fields(line))
		}
	}
	return rows, nil
}
