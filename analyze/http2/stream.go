package http2

import "slices"

// stream is a stream that is followed.
type stream struct {
	id      uint32
	window  [2]window // of what each side may send
	counted bool      // they are known
	headed  [2]bool   // its head was told, other than 1xx
	over    [2]bool   // the side sends nothing more
	cut     [2]bool   // by RST_STREAM of the side, which is not told yet
	gone    bool      // it is no longer followed
}

// followed says whether what comes of it is wanted. s may be nil.
func (s *stream) followed() bool { return s != nil && !s.gone }

// takes says whether what comes of a side is wanted: nothing is behind its end.
func (s *stream) takes(side Side) bool { return s.followed() && !s.over[side] }

// streams are those that are followed.
type streams struct {
	byID     map[uint32]*stream
	last     *stream // that was asked for
	limit    int
	declined map[uint32]struct{} // of those that Handler.Stray was asked about
}

func (t *streams) get(id uint32) *stream {
	if t.last != nil && t.last.id == id {
		return t.last
	}
	s := t.byID[id]
	if s != nil {
		t.last = s
	}
	return s
}

// ids gives the streams in order.
func (t *streams) ids() []uint32 {
	list := make([]uint32, 0, len(t.byID))
	for id := range t.byID {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// follow begins to follow a stream; fresh says that all of it is to come. It gives nil if there are too many.
func (r *Reader) follow(x *half, id uint32, fresh bool) *stream {
	t := &r.streams
	if len(t.byID) >= t.limit {
		r.lost(x, Loss{Kind: LimitStreams, Stream: id})
		return nil
	}
	if t.byID == nil {
		t.byID = map[uint32]*stream{}
	}
	s := &stream{id: id, counted: fresh}
	for side := range s.window {
		s.window[side].left = r.flow.initial[side]
	}
	t.byID[id] = s
	return s
}

// stray asks about a stream whose request may have been missed.
func (r *Reader) stray(x *half, id uint32) *stream {
	if _, asked := r.streams.declined[id]; asked || len(r.streams.declined) >= r.limits.Streams {
		return nil
	}
	if r.handler.Stray(x.side, x.last, id) != Follow {
		r.decline(id)
		return nil
	}
	s := r.follow(x, id, false)
	if s == nil {
		r.decline(id)
	}
	return s
}

// decline follows a stream no longer, and asks about it no more.
func (r *Reader) decline(id uint32) {
	t := &r.streams
	if s := t.byID[id]; s != nil {
		s.gone = true
		delete(t.byID, id)
	}
	t.last = nil
	if !r.unseen.has(id) || len(t.declined) >= r.limits.Streams {
		return
	}
	if t.declined == nil {
		t.declined = map[uint32]struct{}{}
	}
	t.declined[id] = struct{}{}
}

// endStream says that a side sends nothing more on a stream.
func (r *Reader) endStream(x *half, s *stream) {
	if s.over[x.side] {
		return
	}
	s.over[x.side] = true
	s.window[x.side].settle()
	r.handler.EndStream(x.side, x.last, s.id)
	if s.over[0] && s.over[1] {
		r.decline(s.id)
	}
}
