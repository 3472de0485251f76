package http2

import "wshake/reassembly"

// piece is one call: octets, a gap, or the end.
type piece struct {
	at     At
	octets []byte
	gap    uint64
	end    reassembly.End
}

// pieces are calls that wait, in order. Octets are copied.
type pieces struct {
	list []piece
	size int // octets of memory
}

// pieceSize is about what a piece takes besides its octets.
const pieceSize = 96

func (h *pieces) add(p piece) {
	h.size += len(p.octets)
	if n := len(h.list); n > 0 && len(p.octets) > 0 && len(h.list[n-1].octets) > 0 && h.list[n-1].at.Ordinal == p.at.Ordinal {
		h.list[n-1].octets = append(h.list[n-1].octets, p.octets...)
		return
	}
	h.size += pieceSize
	p.octets = append([]byte(nil), p.octets...)
	h.list = append(h.list, p)
}

func (h *pieces) take() piece {
	p := h.list[0]
	h.list[0] = piece{}
	h.size -= len(p.octets) + pieceSize
	if h.list = h.list[1:]; len(h.list) == 0 {
		h.list = nil
	}
	return p
}

// giveBack puts what is left of a piece in front again.
func (h *pieces) giveBack(p piece) {
	h.size += len(p.octets) + pieceSize
	h.list = append([]piece{p}, h.list...)
}

// hold keeps what comes of the server while the frame at hand waits for its request: captures do not keep the order
// between directions.
func (r *Reader) hold(x *half, p piece) {
	x.held.add(p)
	if x.held.size > r.limits.Held {
		r.lost(x, Loss{Kind: LimitHeld, Stream: x.frame.Stream, At: p.at})
		r.blind = true
		r.settle()
	}
}

// settle reads what waited, as far as nothing is missing for it any more.
func (r *Reader) settle() {
	if r.halves[Server].phase != inWait || r.settling {
		return
	}
	r.settling = true
	defer func() { r.settling = false }()
	for x := &r.halves[Server]; x.phase == inWait && r.answered(x.frame.Stream); {
		x.phase = inHeader
		r.begin(x)
		for len(x.held.list) > 0 && x.phase != inWait {
			switch p := x.held.take(); {
			case p.end != 0:
				r.end(x, p.at, p.end)
			case p.gap > 0:
				r.gap(x, p.at, p.gap)
			default:
				if p.octets = r.feed(x, p.at, p.octets); len(p.octets) > 0 {
					x.held.giveBack(p)
				}
			}
		}
	}
}

// answered says whether the request on a stream was seen or will not be.
func (r *Reader) answered(stream uint32) bool {
	x := &r.halves[Client]
	return stream <= r.opened || r.blind || x.ended
}
