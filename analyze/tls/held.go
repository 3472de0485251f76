package tls

// piece is one call: octets, a gap, or the end of a direction.
type piece struct {
	at     At
	octets []byte
	gap    uint64
	end    End
}

// held keeps the calls of a direction that cannot be read yet, in order. Octets are copied.
type held struct {
	pieces []piece
	size   int // octets of memory, what a piece itself takes included
}

// pieceSize is about what a piece takes besides its octets.
const pieceSize = 96

func (h *held) add(p piece) {
	h.size += len(p.octets) + pieceSize
	p.octets = append([]byte(nil), p.octets...)
	h.pieces = append(h.pieces, p)
}

func (h *held) any() bool { return len(h.pieces) > 0 }

// take removes the first piece.
func (h *held) take() piece {
	p := h.pieces[0]
	h.size -= len(p.octets) + pieceSize
	h.pieces[0] = piece{}
	if h.pieces = h.pieces[1:]; len(h.pieces) == 0 {
		h.pieces = nil
	}
	return p
}

// dropAllButEnd forgets what can no longer be read.
func (h *held) dropAllButEnd() {
	var last piece
	if n := len(h.pieces); n > 0 {
		last = h.pieces[n-1]
	}
	*h = held{}
	if last.end != 0 {
		h.add(last)
	}
}
