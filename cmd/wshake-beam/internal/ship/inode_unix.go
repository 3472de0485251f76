//go:build unix

package ship

import (
	"fmt"
	"os"
	"syscall"
)

// inode is the number of a file in its file system.
func inode(path string) (uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the file system gives it no number", path)
	}
	return uint64(s.Ino), nil
}
