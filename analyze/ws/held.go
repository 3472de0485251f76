package ws

import (
	"cmp"
	"slices"
)

// held is octets that wait for a decision, with the packets that carried them.
//
// They lie in one piece of memory, because the search follows chains of headers over the borders of segments;
// layer.Buffer keeps each segment by itself.
type held struct {
	octets []byte
	pieces []piece
}

// piece is a run of held octets that one packet carried.
type piece struct {
	at    At
	start int // index of its first octet in held.octets
}

func (h *held) add(at *At, p []byte) {
	h.pieces = append(h.pieces, piece{*at, len(h.octets)})
	h.octets = append(h.octets, p...)
}

// border reports whether a segment starts or ends at index i.
func (h *held) border(i int) bool {
	_, found := slices.BinarySearchFunc(h.pieces, i, func(p piece, i int) int { return cmp.Compare(p.start, i) })
	return found || i == len(h.octets)
}

// piece is the octets of piece i.
func (h *held) piece(i int) []byte {
	if i+1 < len(h.pieces) {
		return h.octets[h.pieces[i].start:h.pieces[i+1].start]
	}
	return h.octets[h.pieces[i].start:]
}

// replay reads the octets of h from index from on, as if they came now.
func (s *Stream) replay(h held, from int) {
	for i := range h.pieces {
		p := h.piece(i)
		if passed := from - h.pieces[i].start; passed > 0 {
			p = p[min(passed, len(p)):]
		}
		s.feed(&h.pieces[i].at, p)
	}
}
