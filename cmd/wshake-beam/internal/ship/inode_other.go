//go:build !unix

package ship

import "errors"

func inode(string) (uint64, error) { return 0, errors.New("files are followed on Unix only") }
