//go:build amd64 || arm64

package reassembly

import (
	"testing"
	"unsafe"
)

// line is how much memory today's processors fetch at once, octets.
const line = 64

// With many connections open, time is spent on waiting for memory: see Conn and direction.
func TestLayout(t *testing.T) {
	if n := unsafe.Sizeof(Conn{}); n != 3*line {
		t.Errorf("a Conn has %d octets", n)
	}
	if n := unsafe.Sizeof(direction{}); n%line != 0 {
		t.Errorf("a direction has %d octets", n)
	}
	if n := unsafe.Sizeof(flow{}); n != 7*line {
		t.Errorf("a flow has %d octets", n)
	}
	if end := unsafe.Offsetof(direction{}.holeAcked) + 1; end > line {
		t.Errorf("what octets in order need of a direction ends at %d", end)
	}
}
