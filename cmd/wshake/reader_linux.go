package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// unread waits until nobody can read w any more, as of a pipe whose reading end was closed. Where w is nothing of the
// kind it returns false, at once or never. A quiet capture would else learn of it only by its next event.
func unread(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return false
	}
	for {
		fds := []unix.PollFd{{Fd: int32(f.Fd())}}
		if _, err := unix.Poll(fds, -1); err == unix.EINTR {
			continue
		}
		return fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
	}
}
