//go:build amd64 || arm64

package convo

import (
	"testing"
	"unsafe"

	"wshake/analyze/ws"
)

// With many connections open, time is spent on waiting for memory: see Conversation.
func TestLayout(t *testing.T) {
	const line, word = 64, 8
	if n := unsafe.Offsetof(Conversation{}.stream); n != line-word {
		t.Errorf("the streams of a conversation begin at %d", n)
	}
	if n := unsafe.Sizeof(ws.Stream{}); n != 3*line {
		t.Errorf("a Stream has %d octets", n)
	}
}
