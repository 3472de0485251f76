//go:build unix

package outfile

import (
	"path/filepath"
	"syscall"
	"testing"
)

func fifo(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
