package http3

import "slices"

// search looks for frames behind octets that were not captured: a piece of the stream, or several in a row, that are
// nothing but whole frames of DATA. Writers write whole frames, so one begins where a datagram does.
type search struct {
	frames frames
	pieces []heldPiece
	octets int
}

// take adds a piece and says whether all pieces together are whole frames of DATA, or may still become some.
func (f *search) take(p []byte) (whole, may bool) {
	for len(p) > 0 {
		if !f.frames.in {
			if f.frames.headed == 0 && p[0] != frameData {
				return false, false
			}
			p = p[f.frames.header(p):]
		}
		n := min(f.frames.left, uint64(len(p)))
		p = p[n:]
		if f.frames.left -= n; f.frames.in && f.frames.left == 0 {
			f.frames.in = false
		}
	}
	return !f.frames.in && f.frames.headed == 0, true
}

// dropSearch begins a search anew.
func (r *Reader) dropSearch(x *half) {
	r.kept -= x.search.octets
	x.search = search{}
}

// searchData takes the next octets of a direction in which the place of frames is not known.
func (r *Reader) searchData(s *stream, x *half, side Side, at At, p []byte) {
	if x.over {
		return
	}
	f := &x.search
	whole, may := f.take(p)
	if !may && len(f.pieces) > 0 { // it may still begin here
		r.dropSearch(x)
		whole, may = f.take(p)
	}
	size := len(p) + heldSize
	if !may || !whole && (f.octets+size > r.limits.Held || r.kept+size > r.limits.All || !s.follow) {
		r.dropSearch(x)
		return
	}
	if !whole {
		f.octets += size
		r.kept += size
		f.pieces = append(f.pieces, heldPiece{at: at, octets: slices.Clone(p)})
		return
	}
	found := f.pieces
	r.dropSearch(x)
	x.lost, x.frames = false, frames{}
	first := at
	if len(found) > 0 {
		first = found[0].at
	}
	if !s.follow && r.handler.Unasked(side, first, s.id) == Follow {
		s.follow = true
		r.handler.Gap(side, first, s.id, Unknown)
	}
	if s.follow {
		r.handler.Found(side, first, s.id)
	}
	for _, q := range found {
		r.read(s, x, side, q.at, q.octets)
	}
	r.read(s, x, side, at, p)
}
