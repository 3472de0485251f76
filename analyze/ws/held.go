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
	holes  int // pieces that are missing
}

// piece is a run of held octets that one packet carried, or that was not captured.
type piece struct {
	at      At
	start   int  // index of its first octet in held.octets
	missing bool // its octets stand for unknown ones
}

func (h *held) add(at *At, p []byte) {
	h.pieces = append(h.pieces, piece{at: *at, start: len(h.octets)})
	h.octets = append(h.octets, p...)
}

// miss adds n octets that were not captured; the packet at made it certain.
func (h *held) miss(at *At, n int) {
	h.pieces = append(h.pieces, piece{*at, len(h.octets), true})
	h.octets = append(h.octets, make([]byte, n)...)
	h.holes++
}

// find is the piece that begins at index i, or the place where it would be.
func (h *held) find(i int) (place int, found bool) {
	return slices.BinarySearchFunc(h.pieces, i, func(p piece, i int) int { return cmp.Compare(p.start, i) })
}

// border reports whether a segment starts or ends at index i. Where missing octets begin is inside of a segment that
// was cut.
func (h *held) border(i int) bool {
	place, found := h.find(i)
	return found && !h.pieces[place].missing || i == len(h.octets)
}

// captured is where the captured octets from index i on end, as far as a header and the text behind it are looked at.
func (h *held) captured(i int) int {
	if h.holes == 0 {
		return len(h.octets)
	}
	place, found := h.find(i)
	if !found {
		place--
	}
	for ; place < len(h.pieces) && h.pieces[place].start <= i+MaxHeader+textChecked; place++ {
		if h.pieces[place].missing {
			return max(i, h.pieces[place].start)
		}
	}
	return len(h.octets)
}

// known counts the captured octets among the first n.
func (h *held) known(n int) int {
	if h.holes == 0 {
		return n
	}
	known := 0
	for i, p := range h.pieces {
		if p.start < n && !p.missing {
			known += min(len(h.piece(i)), n-p.start)
		}
	}
	return known
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
		if h.pieces[i].missing {
			s.miss(&h.pieces[i].at, uint64(len(p)))
			continue
		}
		s.feed(&h.pieces[i].at, p)
	}
}
