package http2

// Stall is a time in which flow control kept a side from sending (RFC 9113 §5.2).
type Stall struct {
	From   Side   // who could not send
	Stream uint32 // 0 where it was the window of the connection
	Since  At     // the packet of the last octet that was allowed
	// Reopened is the packet that allowed more, and Resumed the one that then carried it. Both are zero if Over is false:
	// nothing more was allowed until the stream or the connection ended.
	Reopened, Resumed At
	Over              bool
}

// window is how much a side may send.
type window struct {
	left            int64
	closed          bool // since
	since, reopened At   // reopened is zero until then
}

func (w *window) settle() { w.closed, w.reopened = false, At{} }

// grow changes the window by n; the packet at says so.
func (w *window) grow(n int64, at At) {
	w.left += n
	switch {
	case !w.closed:
	case w.left <= 0:
		w.reopened = At{}
	case at.Ordinal < w.since.Ordinal: // read late: it was never closed
		w.settle()
	case w.reopened.Ordinal == 0:
		w.reopened = at
	}
}

// flow keeps the account of both windows of the connection and of the streams that are followed. It is given up when
// octets are missed that may have changed it.
type flow struct {
	lost    bool
	conn    [2]window
	initial [2]int64    // what a side may send on a new stream
	pending [2][]change // by SETTINGS of a side that the other one has not acknowledged, the oldest first
	fresh   [2]change   // by the frame at hand
	early   [2]uint16   // acknowledgements of a side that came before what they acknowledge: captures do not keep that order
	limit   int
}

// change is of the other side's initial window.
type change struct {
	value int64
	set   bool
}

const defaultWindow = 1<<16 - 1

func (f *flow) reset(limit int) {
	*f = flow{limit: limit, initial: [2]int64{defaultWindow, defaultWindow}}
	f.conn[0].left, f.conn[1].left = defaultWindow, defaultWindow
}

// lose says that frames of unknown content were missed.
func (f *flow) lose() {
	f.lost = true
	f.pending = [2][]change{}
}

// announce notes a setting of a side.
func (f *flow) announce(side Side, value uint32) { f.fresh[side] = change{int64(value), true} }

// commit ends a SETTINGS frame of a side. It says whether there is room to wait for its acknowledgement.
func (f *flow) commit(side Side) bool {
	c := f.fresh[side]
	f.fresh[side] = change{}
	if f.lost {
		return true
	}
	f.pending[side] = append(f.pending[side], c)
	if len(f.pending[side]) > f.limit {
		f.lose()
		return false
	}
	return true
}

// adopt takes what a side announced for acknowledged.
func (f *flow) adopt(side Side) {
	if c := f.fresh[side]; c.set {
		f.initial[side.Other()] = c.value
	}
	f.fresh[side] = change{}
}

// acknowledge applies the oldest SETTINGS of the other side, since side has acknowledged them: from this frame on it
// obeys them (§6.5.3).
func (f *flow) acknowledge(r *Reader, side Side, at At) {
	peer := side.Other()
	if f.lost {
		return
	}
	if len(f.pending[peer]) == 0 {
		f.early[side] = min(f.early[side]+1, uint16(f.limit))
		return
	}
	c := f.pending[peer][0]
	if f.pending[peer] = f.pending[peer][1:]; len(f.pending[peer]) == 0 {
		f.pending[peer] = nil
	}
	if !c.set {
		return
	}
	by := c.value - f.initial[side]
	f.initial[side] = c.value
	for _, s := range r.streams.byID {
		s.window[side].grow(by, at)
	}
}

// sent counts a DATA frame of n octets on s, which is nil where that is not followed.
func (f *flow) sent(r *Reader, side Side, s *stream, n uint32, at At) {
	if f.lost || n == 0 {
		return
	}
	f.obeys(r, side, 0, f.conn[side].left, n, at)
	f.take(r, side, 0, &f.conn[side], n, at)
	if s.followed() && s.counted {
		f.obeys(r, side, s.id, s.window[side].left+f.ahead(side), n, at)
		f.take(r, side, s.id, &s.window[side], n, at)
	}
}

// obeys tells if a side sends n octets of DATA where a window has left fewer. That is only sure where nothing waits to
// be read of what the packet at acknowledges: a WINDOW_UPDATE may be in it.
func (f *flow) obeys(r *Reader, side Side, id uint32, left int64, n uint32, at At) {
	if int64(n) <= left || r.lags(side.Other(), at) {
		return
	}
	r.tellFault(&r.halves[side], &Fault{Kind: FaultFlow, Frame: TypeData, Stream: id, Sent: n, Bound: left})
	f.lose() // who does not keep to windows is not kept from sending by them
}

// ahead is by how much a side's windows of streams may be larger already by SETTINGS that it has not acknowledged.
func (f *flow) ahead(side Side) (most int64) {
	for _, c := range f.pending[side.Other()] {
		if c.set {
			most = max(most, c.value-f.initial[side])
		}
	}
	return most
}

func (f *flow) take(r *Reader, side Side, id uint32, w *window, n uint32, at At) {
	if w.reopened.Ordinal != 0 {
		r.handler.Stalled(&Stall{From: side, Stream: id, Since: w.since, Reopened: w.reopened, Resumed: at, Over: true})
		w.settle()
	}
	w.left -= int64(n)
}

// rest is called when a DATA frame on s is over.
func (f *flow) rest(side Side, s *stream, at At) {
	if f.lost {
		return
	}
	f.conn[side].rest(at)
	if s.followed() && s.counted {
		s.window[side].rest(at)
	}
}

func (w *window) rest(at At) {
	if w.left <= 0 && !w.closed {
		w.closed, w.since = true, at
	}
}

// windowUpdate takes a WINDOW_UPDATE frame.
func (r *Reader) windowUpdate(x *half, p []byte) {
	n, fault := parseWindowUpdate(p)
	if fault == FaultIncrement {
		r.fault(x, fault, nil)
	}
	if fault != FaultNone || r.flow.lost {
		return
	}
	w := &r.flow.conn[x.side.Other()]
	if id := x.frame.Stream; id != 0 {
		s := r.streams.get(id)
		if s == nil || !s.counted {
			return
		}
		w = &s.window[x.side.Other()]
	}
	if w.grow(int64(n), x.last); w.left > maxWindow && !r.lags(x.side.Other(), x.last) {
		r.fault(x, FaultWindow, nil)
	}
}

// end tells which windows of s are closed when it is reset or the connection ends.
func (f *flow) end(r *Reader, s *stream) {
	if f.lost || !s.counted {
		return
	}
	for side := range s.window {
		if !s.over[side] {
			f.endWindow(r, Side(side), s.id, &s.window[side])
		}
	}
}

func (f *flow) endWindow(r *Reader, side Side, id uint32, w *window) {
	if w.closed && w.reopened.Ordinal == 0 {
		r.handler.Stalled(&Stall{From: side, Stream: id, Since: w.since})
	}
	w.settle()
}

// endAll tells which windows are closed when the connection ends.
func (f *flow) endAll(r *Reader) {
	if f.lost {
		return
	}
	for side := range f.conn {
		f.endWindow(r, Side(side), 0, &f.conn[side])
	}
	for _, id := range r.streams.ids() {
		f.end(r, r.streams.byID[id])
	}
}
