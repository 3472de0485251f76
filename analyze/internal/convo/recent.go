package convo

import (
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// recentKept is how many masked frames are remembered, for copies of them that differ.
const recentKept = 16

// recent is where the last masked frames of a side are, and their keys.
type recent struct {
	frames [recentKept]masked
	n      uint32 // frames so far
}

type masked struct {
	payload, end uint64 // offsets in the side's stream behind the handshake
	key          [4]byte
}

// remember keeps the place of a masked frame.
func (c *Conversation) remember(f *ws.Frame) {
	if c.recent[f.From] == nil {
		c.recent[f.From] = new(recent)
	}
	r := c.recent[f.From]
	m := &r.frames[r.n%recentKept]
	m.payload, m.key = f.Offset+uint64(f.Size), f.Key
	m.end = m.payload + f.Length
	r.n++
}

// Unmask gives two copies of octets of a side, which begin so many octets before what was captured last of it, as far
// as they are payload of one masked frame that is remembered: unmasked.
func (c *Conversation) Unmask(side event.Side, back uint64, first, second []byte) (a, b []byte, masked bool) {
	t := c.stream[side].Totals()
	at := t.Captured + t.Gaps - back
	r := c.recent[side]
	if r == nil || back > t.Captured+t.Gaps {
		return nil, nil, false
	}
	for i := range r.frames {
		m := &r.frames[i]
		if at < m.payload || at >= m.end {
			continue
		}
		n := min(uint64(len(first)), uint64(len(second)), m.end-at)
		a, b = append([]byte(nil), first[:n]...), append([]byte(nil), second[:n]...)
		for j := range a {
			k := m.key[(at-m.payload+uint64(j))%4]
			a[j], b[j] = a[j]^k, b[j]^k
		}
		return a, b, true
	}
	return nil, nil, false
}
