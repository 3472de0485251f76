//go:build !unix

package ship

import (
	"errors"
	"os"
)

func inode(os.FileInfo) (uint64, error) { return 0, errors.New("files are followed on Unix only") }
