package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// streamSize is what a stream takes without its heads and what it holds, octets.
const streamSize = 1 << 10

// charge counts what a stream takes now.
func (s *Stream) charge() {
	size := 0
	if s.state != closed {
		size = streamSize + s.held[0].Size() + s.held[1].Size() + s.heads + cap(s.evidence.Body) +
			layer.Size(s.stack.Top)
	}
	s.streams.size += size - s.charged
	s.charged = size
}

// headMemory is about what a head takes, octets.
func headMemory(h *event.Head) int {
	size := 320
	for i := range h.Fields {
		size += 56 + len(h.Fields[i].Name) + len(h.Fields[i].Value)
	}
	return size
}
