//go:build !libpcap

package live

import (
	"sync"

	"golang.org/x/sys/unix"
)

// alarm is an eventfd(2) that ends a poll from another goroutine. Once rung, it stays so.
type alarm struct {
	mutex sync.Mutex
	fd    int // -1 when it is closed
}

func (a *alarm) open() (err error) {
	a.fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	return err
}

func (a *alarm) ring() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.fd >= 0 {
		unix.Write(a.fd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (a *alarm) close() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.fd >= 0 {
		unix.Close(a.fd)
		a.fd = -1
	}
}
