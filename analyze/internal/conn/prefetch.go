package conn

import (
	"wshake/analyze/internal/convo"
	"wshake/reassembly"
)

// Prefetch reads the memory that the next octets need: see reassembly.Prefetchable.
func (c *Conn) Prefetch(dir reassembly.Dir, step int) byte {
	if step == 0 {
		return byte(c.stack.Offset[0] + c.stack.Heard[1])
	}
	if top, ok := c.stack.Top.(*convo.Conversation); ok {
		return top.Prefetch(c.side(dir))
	}
	return 0
}
