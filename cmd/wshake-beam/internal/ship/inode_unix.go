//go:build unix

package ship

import (
	"fmt"
	"os"
	"syscall"
)

// inode is the number of a file in its file system.
func inode(info os.FileInfo) (uint64, error) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the file system gives it no number", info.Name())
	}
	return uint64(s.Ino), nil
}
