//go:build amd64 || arm64

package conn

import (
	"testing"
	"unsafe"
)

// With many connections open, time is spent on waiting for memory: see Conn.
func TestLayout(t *testing.T) {
	const line = 64
	var c Conn
	if end := unsafe.Offsetof(c.stack) + unsafe.Offsetof(c.stack.Heard) + unsafe.Sizeof(c.stack.Heard); end > line {
		t.Errorf("what every segment needs of a connection ends at %d", end)
	}
}
