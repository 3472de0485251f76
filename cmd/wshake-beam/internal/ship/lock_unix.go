//go:build unix

package ship

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock keeps other shippers from a position file until it is undone or this process ends.
func lock(position string) (undo func(), err error) {
	path := position + ".lock" // the position file itself is replaced
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { file.Close() }, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("another wshake-ship uses %s", position)
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}
