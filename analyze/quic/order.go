package quic

import "slices"

// order puts the octets of one direction of a stream in order (RFC 9000 §2.2). Octets that come behind a hole are
// copied and wait, since whoever lost them sends them again.
type order struct {
	next   uint64 // offset behind what was delivered
	pieces []piece
	held   int    // octets in pieces
	final  uint64 // size of the stream, where known
	sized  bool
	ended  At    // the packet that said so
	since  int64 // capture time when the hole at next was noticed, ns; valid while pieces or a reset wait
	reset  bool  // the sender broke the stream off
	code   uint64
}

// piece is octets that wait. They do not overlap, and stand in order.
type piece struct {
	offset uint64
	octets []byte
	at     At
}

// pieceSize is about what a piece takes besides its octets.
const pieceSize = 80

// add takes octets at an offset. It gives those that are next, borrowed; more come from pop.
func (o *order) add(at At, offset uint64, p []byte) (ready []byte) {
	end := offset + uint64(len(p))
	if end <= o.next {
		return nil
	}
	if offset <= o.next {
		ready = p[o.next-offset:]
		o.next = end
		return ready
	}
	o.hold(at, offset, p)
	return nil
}

// hold keeps the parts of p that are not kept yet.
func (o *order) hold(at At, offset uint64, p []byte) {
	if len(o.pieces) == 0 {
		o.since = at.Time
	}
	i, _ := slices.BinarySearchFunc(o.pieces, offset, func(q piece, offset uint64) int {
		if q.offset+uint64(len(q.octets)) <= offset {
			return -1
		}
		return 1
	})
	for len(p) > 0 {
		n := uint64(len(p)) // octets before the next piece
		if i < len(o.pieces) {
			q := &o.pieces[i]
			if q.offset <= offset {
				skip := min(q.offset+uint64(len(q.octets))-offset, uint64(len(p)))
				offset += skip
				p = p[skip:]
				i++
				continue
			}
			n = min(n, q.offset-offset)
		}
		o.pieces = slices.Insert(o.pieces, i, piece{offset: offset, octets: slices.Clone(p[:n]), at: at})
		o.held += int(n) + pieceSize
		offset += n
		p = p[n:]
		i++
	}
}

// pop gives the next octets that waited, as long as there is no hole before them.
func (o *order) pop() (p piece, ok bool) {
	for len(o.pieces) > 0 && o.pieces[0].offset <= o.next {
		p = o.pieces[0]
		o.drop()
		if end := p.offset + uint64(len(p.octets)); end > o.next {
			p.octets = p.octets[o.next-p.offset:]
			o.next = end
			if len(o.pieces) > 0 {
				o.since = p.at.Time
			}
			return p, true
		}
	}
	return piece{}, false
}

func (o *order) drop() {
	o.held -= len(o.pieces[0].octets) + pieceSize
	o.pieces[0] = piece{}
	if o.pieces = o.pieces[1:]; len(o.pieces) == 0 {
		o.pieces = nil
	}
}

// skip gives up the hole before the first octets that wait, or before the end of the stream, and tells its size and the
// packet behind it. It is 0 where there is no hole.
func (o *order) skip() (n uint64, at At) {
	switch {
	case len(o.pieces) > 0:
		n, at = o.pieces[0].offset-o.next, o.pieces[0].at
	case o.sized && o.final > o.next:
		n = o.final - o.next
	}
	o.next += n
	return n, at
}

// waits says that something waits for octets before it.
func (o *order) waits() bool { return len(o.pieces) > 0 || o.reset && !o.complete() }

// complete says that all octets of the stream were delivered.
func (o *order) complete() bool { return o.sized && o.next >= o.final }
