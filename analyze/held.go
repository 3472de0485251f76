package analyze

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// held keeps what one direction carried until the other direction tells what it is. Octets are copied.
type held struct {
	pieces []piece
	octets int
}

// piece is a piece of a stream: octets, or a gap where octets is nil.
type piece struct {
	at     reassembly.At
	octets []byte
	gap    uint64
}

func (h *held) empty() bool { return len(h.pieces) == 0 }

func (h *held) add(at reassembly.At, p []byte) {
	h.octets += len(p)
	if n := len(h.pieces); n > 0 && h.pieces[n-1].gap == 0 && h.pieces[n-1].at.Ordinal == at.Ordinal {
		h.pieces[n-1].octets = append(h.pieces[n-1].octets, p...)
		return
	}
	h.pieces = append(h.pieces, piece{at: at, octets: append([]byte(nil), p...)})
}

func (h *held) addGap(at reassembly.At, n uint64) {
	h.pieces = append(h.pieces, piece{at: at, gap: n})
}

// broken reports whether there is a gap in it.
func (h *held) broken() bool {
	for i := range h.pieces {
		if h.pieces[i].gap > 0 {
			return true
		}
	}
	return false
}

// take removes and returns the first piece.
func (h *held) take() piece {
	p := h.pieces[0]
	h.octets -= len(p.octets)
	h.pieces[0] = piece{}
	if h.pieces = h.pieces[1:]; len(h.pieces) == 0 {
		h.pieces = nil
	}
	return p
}

// giveBack puts what was not used of the piece that was taken last in front again.
func (h *held) giveBack(p piece) {
	h.octets += len(p.octets)
	h.pieces = append([]piece{p}, h.pieces...)
}

// peek appends up to n of the first octets, up to a gap, to buf.
func (h *held) peek(buf []byte, n int) []byte {
	for _, p := range h.pieces {
		if p.gap > 0 || len(buf) >= n {
			break
		}
		buf = append(buf, p.octets[:min(len(p.octets), n-len(buf))]...)
	}
	return buf
}

// segments gives the pieces behind the last gap.
func (h *held) segments() [][]byte {
	var list [][]byte
	for _, p := range h.pieces {
		if p.gap > 0 {
			list = nil
			continue
		}
		list = append(list, p.octets)
	}
	return list
}

// replay gives what is held of both sides to the session's layer, in the order of its capture.
func (s *session) replay(h *[2]held) { s.replayTo(top{s}, h) }

// top is whatever layer a session has at the time of each call.
type top struct{ session *session }

func (t top) data(side event.Side, at event.At, p []byte) { t.session.layer.data(side, at, p) }
func (t top) gap(side event.Side, at event.At, n uint64)  { t.session.layer.gap(side, at, n) }

// taker is who takes octets and gaps.
type taker interface {
	data(side event.Side, at event.At, p []byte)
	gap(side event.Side, at event.At, n uint64)
}

func (s *session) replayTo(to taker, h *[2]held) {
	for !h[0].empty() || !h[1].empty() {
		side := event.Client
		if h[0].empty() || !h[1].empty() && h[1].pieces[0].at.Ordinal < h[0].pieces[0].at.Ordinal {
			side = event.Server
		}
		if p := h[side].take(); p.gap > 0 {
			to.gap(side, p.at, p.gap)
		} else {
			to.data(side, p.at, p.octets)
		}
	}
}
