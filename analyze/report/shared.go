package report

import "wshake/analyze/event"

// Shared keeps what the lines of a connection have in common, of the connections met last.
type Shared[T any] [1024]struct {
	conn  *event.Conn
	value T
}

// Of gives what c's lines share. fill computes it, from the value of another connection, whose buffers it may use again.
func (s *Shared[T]) Of(c *event.Conn, fill func(value *T, c *event.Conn)) *T {
	kept := &s[c.Ordinal%uint64(len(s))]
	if kept.conn != c {
		kept.conn = c
		fill(&kept.value, c)
	}
	return &kept.value
}
