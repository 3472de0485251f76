package http3

import (
	"slices"

	"wshake/analyze/http2/hpack/primitive"
	"wshake/analyze/http3/qpack"
)

// Reader reads one connection. It is given the octets of its streams in order.
type Reader struct {
	handler Handler
	limits  Limits
	sides   [2]peer
	streams map[uint64]*stream
	blocked int  // halves that wait for a dynamic table
	kept    int  // octets of header blocks, of control frames and of what waits, of all streams
	full    bool // more streams were open than are followed: no new one is
	block   qpack.Block
	list    []Setting
}

// peer is what one side says on streams of its own.
type peer struct {
	fields  qpack.Decoder // of what this side sends
	uni     map[uint64]*uni
	control bool // its control stream was seen
	settled bool // its SETTINGS were read, or missed
	// least is the smallest insert count that a block waits for, or less; 0 where none does.
	least uint64
}

// uni is a stream of one direction.
type uni struct {
	head   [8]byte
	headed int
	known  bool
	kind   uint64
	frames frames
	buf    []byte // of the frame at hand
	broken bool   // octets were missed: where frames begin is not known
}

// stream is a stream of both directions, which the client opened.
type stream struct {
	id        uint64
	follow    bool
	requested bool // the request was read, or cannot be any more
	ignored   bool // it carries nothing for us
	halves    [2]half
}

// half is one direction of it.
type half struct {
	frames   frames
	buf      []byte // of the header block at hand
	first    At
	required uint64 // insert count that the block waits for
	waits    bool   // for the dynamic table
	long     bool   // the block at hand is longer than is kept
	answered bool   // the final head was told
	lost     bool   // the place of frames is not known
	over     bool   // by its end or by a reset
	held     []heldPiece
	octets   int // in held
	search   search
}

// heldPiece is octets, a gap, or the end of the direction.
type heldPiece struct {
	at     At
	octets []byte
	gap    uint64
	end    bool
	reset  bool
	code   uint64
}

// heldSize is about what a heldPiece takes besides its octets.
const heldSize = 80

// Reset makes r ready for a connection.
func (r *Reader) Reset(l Limits, h Handler) {
	*r = Reader{handler: h, limits: l.withDefaults(), streams: map[uint64]*stream{}}
	for side := range r.sides {
		p := &r.sides[side]
		p.fields.Reset(qpack.Limits{Table: r.limits.Table})
		p.uni = map[uint64]*uni{}
	}
}

// Data takes the next octets of a stream.
func (r *Reader) Data(side Side, at At, id uint64, p []byte) {
	if id&2 != 0 {
		r.uniData(side, at, id, p)
		return
	}
	if s := r.open(side, at, id); s != nil && !s.ignored {
		r.data(s, side, at, p)
	}
}

// Gap says that n octets of a stream were not captured.
func (r *Reader) Gap(side Side, at At, id, n uint64) {
	if id&2 != 0 {
		r.uniGap(side, at, id)
		return
	}
	s := r.open(side, at, id)
	if s == nil || s.ignored {
		return
	}
	x := &s.halves[side]
	if r.holds(s, side) {
		r.hold(s, side, heldPiece{at: at, gap: n})
		return
	}
	r.gap(s, x, side, at, n)
}

// End says that a side sends nothing more on a stream.
func (r *Reader) End(side Side, at At, id uint64) { r.ends(side, id, heldPiece{at: at, end: true}) }

// ResetStream says that a side broke its direction of a stream off.
func (r *Reader) ResetStream(side Side, at At, id, code uint64) {
	r.ends(side, id, heldPiece{at: at, end: true, reset: true, code: code})
}

func (r *Reader) ends(side Side, id uint64, e heldPiece) {
	if id&2 != 0 {
		r.uniOver(side, id)
		return
	}
	s := r.open(side, e.at, id)
	if s == nil {
		return
	}
	if !s.ignored && r.holds(s, side) && !e.reset {
		r.hold(s, side, e)
		return
	}
	r.ended(s, side, e)
}

// StopSending says that a side wants no more of a stream.
func (r *Reader) StopSending(side Side, at At, id, code uint64) {
	if s := r.streams[id]; s != nil && s.follow {
		r.handler.StopSending(side, at, id, ErrorCode(code))
	}
}

// Finish reads what is held: nothing more was captured.
func (r *Reader) Finish() {
	for side := range r.sides {
		r.sides[side].fields.Lose()
		r.retry(Side(side)) // what a block refers to does not come any more
	}
	for _, id := range r.ids() {
		s := r.streams[id]
		s.requested = true
		r.resume(s)
	}
}

// What a Reader takes, octets: with its QPACK decoders, and a stream of each kind without what it keeps.
const (
	readerMemory = 1 << 10
	streamMemory = 768
	uniMemory    = 192
)

// Memory is about what the Reader takes, octets.
func (r *Reader) Memory() int {
	n := readerMemory + r.kept + len(r.streams)*streamMemory
	for side := range r.sides {
		n += len(r.sides[side].uni)*uniMemory + r.sides[side].fields.Memory()
	}
	return n
}

func (r *Reader) ids() []uint64 {
	list := make([]uint64, 0, len(r.streams))
	for id := range r.streams {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// open gives a stream; nil where it is not read.
func (r *Reader) open(side Side, at At, id uint64) *stream {
	s := r.streams[id]
	if s != nil || id&1 != 0 { // no server opens one (RFC 9114 §6.1)
		return s
	}
	if r.full {
		return nil
	}
	if len(r.streams) >= r.limits.Streams {
		r.full = true
		r.lose(LimitStreams, side, at, id)
		return nil
	}
	s = &stream{id: id}
	r.streams[id] = s
	return s
}

func (r *Reader) lose(k LossKind, side Side, at At, id uint64) {
	r.handler.Lost(&Loss{Kind: k, From: side, At: at, Stream: id})
}

// holds reports whether what comes in a direction has to wait.
func (r *Reader) holds(s *stream, side Side) bool {
	x := &s.halves[side]
	return len(x.held) > 0 || x.waits || side == Server && !s.requested
}

func (r *Reader) hold(s *stream, side Side, p heldPiece) {
	x := &s.halves[side]
	x.held = append(x.held, p)
	size := len(p.octets) + heldSize
	r.kept += size
	if x.octets += size; x.octets > r.limits.Held || r.kept > r.limits.All {
		r.lose(LimitHeld, side, p.at, s.id)
		if x.waits {
			r.unblock(s, side, true)
		}
		s.requested = true
		r.resume(s)
	}
}

func (r *Reader) data(s *stream, side Side, at At, p []byte) {
	if r.holds(s, side) {
		r.hold(s, side, heldPiece{at: at, octets: slices.Clone(p)})
		return
	}
	x := &s.halves[side]
	if x.lost {
		r.searchData(s, x, side, at, p)
		return
	}
	r.read(s, x, side, at, p)
}

// read reads frames.
func (r *Reader) read(s *stream, x *half, side Side, at At, p []byte) {
	for len(p) > 0 && !s.ignored {
		if !x.frames.in {
			if x.frames.headed == 0 {
				x.first = at
			}
			p = p[x.frames.header(p):]
			if !x.frames.in {
				return
			}
			if x.frames.left == 0 {
				r.frameOver(s, x, side, at)
			}
			continue
		}
		n := min(x.frames.left, uint64(len(p)))
		r.payload(s, x, side, at, p[:n])
		p = p[n:]
		if x.frames.left -= n; x.frames.left == 0 {
			r.frameOver(s, x, side, at)
		}
		if x.waits && len(p) > 0 {
			r.hold(s, side, heldPiece{at: at, octets: slices.Clone(p)})
			return
		}
	}
}

// payload takes octets of a frame's payload.
func (r *Reader) payload(s *stream, x *half, side Side, at At, p []byte) {
	switch x.frames.kind {
	case frameData:
		if s.follow {
			r.handler.Data(side, at, s.id, p)
		}
	case frameHeaders:
		if len(x.buf)+len(p) > r.limits.Block || r.kept+len(p) > r.limits.All {
			x.long = true
			r.dropBlock(x)
		}
		if !x.long {
			x.buf = append(x.buf, p...)
			r.kept += len(p)
		}
	}
}

// frameOver ends the frame at hand.
func (r *Reader) frameOver(s *stream, x *half, side Side, at At) {
	x.frames.in = false
	if x.frames.kind != frameHeaders {
		return
	}
	switch {
	case x.long:
		x.long = false
		r.lose(LimitBlock, side, at, s.id)
		r.noHead(s, side)
		return
	}
	d := &r.sides[side].fields
	required, _, err := d.Required(x.buf)
	if err != nil {
		r.dropBlock(x)
		r.lose(LossBlock, side, at, s.id)
		r.noHead(s, side)
		return
	}
	if x.required = required; !d.Ready(required) {
		x.waits = true
		r.blocked++
		if p := &r.sides[side]; p.least == 0 || required < p.least {
			p.least = required
		}
		return
	}
	r.head(s, x, side, at)
}

// noHead goes on without a head that was not read.
func (r *Reader) noHead(s *stream, side Side) {
	if side == Client && !s.requested {
		s.requested = true
		r.resume(s)
	}
}

// head tells the header block that is complete.
func (r *Reader) head(s *stream, x *half, side Side, at At) {
	block := x.buf
	r.dropBlock(x)
	if err := r.sides[side].fields.DecodeRequired(x.required, block, &r.block); err != nil {
		r.lose(LossBlock, side, at, s.id)
		r.noHead(s, side)
		return
	}
	h := Head{From: side, Stream: s.id, Fields: r.block.Fields, Unknown: r.block.Unknown, Dropped: r.block.Dropped, First: x.first, Last: at, Octets: len(block)}
	h.classify(x.answered)
	x.answered = x.answered || h.Kind != Interim
	switch next := r.handler.Head(&h); {
	case next == Follow:
		s.follow = true
	case h.Kind == Request && !s.follow:
		r.ignore(s)
		return
	}
	if side == Client && !s.requested {
		s.requested = true
		r.resume(s)
	}
}

// ignore passes a stream over.
func (r *Reader) ignore(s *stream) {
	over := [2]bool{s.halves[0].over, s.halves[1].over}
	for side := range s.halves {
		if s.halves[side].waits {
			r.blocked--
		}
		for _, p := range s.halves[side].held {
			over[side] = over[side] || p.end
		}
		r.kept -= s.halves[side].octets + len(s.halves[side].buf) + s.halves[side].search.octets
		s.halves[side] = half{over: over[side]}
	}
	s.ignored, s.requested = true, true
	if over[0] && over[1] {
		delete(r.streams, s.id)
	}
}

// classify says what kind of block it is: by its pseudo-fields (RFC 9114 §4.3), else by what came before it.
func (h *Head) classify(before bool) {
	for i := range h.Fields {
		f := &h.Fields[i]
		switch {
		case f.Unknown&primitive.UnknownName != 0 || len(f.Name) == 0 || f.Name[0] != ':':
			continue
		case string(f.Name) == ":status":
			if h.Kind = Response; f.Unknown == 0 && len(f.Value) == 3 && f.Value[0] == '1' {
				h.Kind = Interim
			}
			return
		}
		h.Kind = Request
		return
	}
	switch {
	case before:
		h.Kind = Trailers
	case h.From == Server:
		h.Kind = Response
	}
}

// gap passes over n octets of a direction.
func (r *Reader) gap(s *stream, x *half, side Side, at At, n uint64) {
	if x.lost {
		r.dropSearch(x)
		return
	}
	f := &x.frames
	if f.in && n <= f.left && f.headed == 0 {
		switch f.kind {
		case frameData:
			if s.follow {
				r.handler.Gap(side, at, s.id, n)
			}
		case frameHeaders:
			x.long = true // told as a block that is lost
			r.dropBlock(x)
		}
		if f.left -= n; f.left == 0 {
			r.frameOver(s, x, side, at)
		}
		return
	}
	if f.in && f.kind == frameData && f.headed == 0 && s.follow {
		r.handler.Gap(side, at, s.id, f.left)
	}
	r.dropBlock(x)
	r.dropSearch(x)
	x.lost, x.long = true, false
	x.frames = frames{}
	r.lose(LossFrames, side, at, s.id)
	if side == Client && !s.requested {
		s.requested = true // it may have been in what is missing
	}
	if s.follow {
		r.handler.Gap(side, at, s.id, Unknown)
	}
	r.resume(s)
}

// ended ends a direction of a stream.
func (r *Reader) ended(s *stream, side Side, e heldPiece) {
	x := &s.halves[side]
	if x.over {
		return
	}
	x.over = true
	if x.waits {
		r.unblock(s, side, true)
	}
	if side == Client && !s.requested {
		s.requested = true
		r.resume(s)
	}
	if s.follow {
		if e.reset {
			r.handler.Reset(side, e.at, s.id, ErrorCode(e.code))
		} else {
			r.handler.EndStream(side, e.at, s.id)
		}
	}
	if s.halves[Client].over && s.halves[Server].over {
		for side := range s.halves {
			r.kept -= s.halves[side].octets
			s.halves[side].octets, s.halves[side].held = 0, nil
			r.dropBlock(&s.halves[side])
			r.dropSearch(&s.halves[side])
		}
		delete(r.streams, s.id)
	}
}

// dropBlock lets go of what is kept of a header block.
func (r *Reader) dropBlock(x *half) {
	r.kept -= len(x.buf)
	x.buf = nil
}

// resume reads what was held, as far as that is possible now.
func (r *Reader) resume(s *stream) {
	for side := range s.halves {
		side, x := Side(side), &s.halves[side]
		for len(x.held) > 0 && !x.waits && (side == Client || s.requested) && !s.ignored {
			list := x.held
			r.kept -= x.octets
			x.held, x.octets = nil, 0
			for i, p := range list {
				switch {
				case p.end:
					r.ended(s, side, p)
				case p.gap > 0:
					r.gap(s, x, side, p.at, p.gap)
				default:
					r.data(s, side, p.at, p.octets)
				}
				if x.waits { // what it held itself stands before the rest
					rest := list[i+1:]
					x.held = append(x.held, rest...)
					for _, q := range rest {
						x.octets += len(q.octets) + heldSize
						r.kept += len(q.octets) + heldSize
					}
					break
				}
			}
		}
	}
}

// unblock reads a block that waited for the dynamic table; never says that what it needs will not come.
func (r *Reader) unblock(s *stream, side Side, never bool) {
	x := &s.halves[side]
	x.waits = false
	r.blocked--
	at := x.first
	if never && !r.sides[side].fields.Ready(x.required) {
		r.dropBlock(x)
		r.lose(LossBlock, side, at, s.id)
		r.noHead(s, side)
		return
	}
	r.head(s, x, side, at)
}
