//go:build amd64 || arm64

package analyze

import (
	"testing"
	"unsafe"

	"wshake/analyze/ws"
)

// With many connections open, time is spent on waiting for memory: see session and conversation.
func TestLayout(t *testing.T) {
	const line, word = 64, 8
	if end := unsafe.Offsetof(session{}.heard) + unsafe.Sizeof(session{}.heard); end != line {
		t.Errorf("what every segment needs of a session ends at %d", end)
	}
	if n := unsafe.Offsetof(conversation{}.stream); n != line-word {
		t.Errorf("the streams of a conversation begin at %d", n)
	}
	if n := unsafe.Sizeof(ws.Stream{}); n != 3*line {
		t.Errorf("a Stream has %d octets", n)
	}
}
