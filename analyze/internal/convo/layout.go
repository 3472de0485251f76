//go:build amd64 || arm64

package convo

import (
	"unsafe"

	"wshake/analyze/ws"
)

// With many connections open, time is spent on waiting for memory: see Conversation. An index out of range here says
// that a field moved the streams to another place in their lines of cache, or that a stream grew.
const cacheLine, wordSize = 64, 8

var _ = [1]struct{}{}[unsafe.Offsetof(Conversation{}.stream)-(cacheLine-wordSize)]
var _ = [1]struct{}{}[unsafe.Sizeof(ws.Stream{})-3*cacheLine]
