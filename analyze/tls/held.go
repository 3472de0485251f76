package tls

import "wshake/analyze/internal/layer"

// hold keeps a call of a direction that cannot be read yet.
func hold(b *layer.Buffer, p layer.Piece) {
	switch {
	case p.Why != 0:
		b.AddEnd(p.At, p.Why)
	case p.Gap > 0:
		b.AddGap(p.At, p.Gap)
	default:
		b.Add(p.At, p.Octets)
	}
}

// dropAllButEnd forgets what can no longer be read.
func dropAllButEnd(b *layer.Buffer) {
	var last layer.Piece
	if n := len(b.Pieces); n > 0 {
		last = b.Pieces[n-1]
	}
	*b = layer.Buffer{}
	if last.Why != 0 {
		b.AddEnd(last.At, last.Why)
	}
}

// Memory is about what the connection keeps, octets.
func (c *Conn) Memory() int {
	size := 2 << 10
	for i := range c.directions {
		h := &c.directions[i]
		size += h.held.Size() + cap(h.buf) + cap(h.messages.partial)
		if x := h.messages.exchange; x != nil && i == 0 { // both sides have the same
			size += x.size
		}
	}
	return size
}
