package http2

import (
	"wshake/analyze/event"
	"wshake/analyze/http2/hpack"
	"wshake/reassembly"
)

// Reader reads both directions of one connection. Its methods are called in the order of the capture and take a side's
// octets as reassembly.Sink does a direction's. p is only read, and only until Data returns.
//
// It keeps, per direction, at most Limits.Table of a dynamic table, a header block of Limits.Block or a frame that is
// not whole, and Limits.Held or Limits.Search octets that wait; and per stream that is followed about 150 octets. It
// is not safe for concurrent use.
type Reader struct {
	handler Handler
	limits  Limits
	tables  hpack.Limits
	halves  [2]half
	block   *hpack.Block // decoded
	head    Head         // being told
	shares  bool         // block is not its own
	list    []Setting
	streams streams
	flow    flow

	opened   uint32 // the highest stream of the client on which a request was seen
	unseen   unseen // streams of which the request may have been missed
	blind    bool   // requests may be missed: nothing waits for one
	settling bool
	connect  bool // the server has allowed extended CONNECT
	heard    *[2]uint64
	crossing [2][]crossing // by who sent them, the oldest first

	memory  int  // see Memory
	weighed bool // it has not changed since
}

// NewReader makes a Reader that tells h.
func NewReader(o Options, h Handler) *Reader {
	r := new(Reader)
	r.Reset(o, h)
	return r
}

// Reset makes r ready for another connection.
func (r *Reader) Reset(o Options, h Handler) {
	*r = Reader{handler: h, limits: o.Limits.withDefaults(), heard: o.Heard, block: o.Block, shares: o.Block != nil, list: r.list[:0], halves: r.halves}
	if r.block == nil {
		r.block = new(hpack.Block)
	}
	r.streams.limit = r.limits.Streams
	r.tables = hpack.Limits{Fields: o.Limits.Fields, List: o.Limits.List, Table: o.Limits.Table}
	r.flow.reset(r.limits.Settings)
	for side := range r.halves {
		x := &r.halves[side]
		x.reset(Side(side), r.tables)
		if o.Midstream[side] {
			x.phase, x.maiden = inSearch, Side(side) == Client
			r.missed(x)
		}
	}
	if o.Upgraded {
		r.opened = 1
		r.list, _ = parseSettings(r.list[:0], o.Settings[:len(o.Settings)/settingSize*settingSize])
		for _, s := range r.list {
			r.take(Client, s)
		}
		r.flow.adopt(Client)
	}
}

// Follows tells whether a stream is followed.
func (r *Reader) Follows(stream uint32) bool { return r.streams.get(stream) != nil }

// Missed tells whether the request on a stream may have been sent and not read.
func (r *Reader) Missed(stream uint32) bool { return r.unseen.has(stream) }

// Data takes the next octets of a side.
func (r *Reader) Data(side Side, at At, p []byte) {
	x := &r.halves[side]
	r.weighed = false
	if x.phase == inWait {
		r.hold(x, piece{at: at, octets: p})
		return
	}
	if rest := r.feed(x, at, p); len(rest) > 0 {
		r.hold(x, piece{at: at, octets: rest})
	}
}

// Gap says that n octets of a side were not captured; the packet at made it certain.
func (r *Reader) Gap(side Side, at At, n uint64) {
	x := &r.halves[side]
	r.weighed = false
	if x.phase == inWait {
		r.hold(x, piece{at: at, gap: n})
		return
	}
	r.gap(x, at, n)
	r.settle()
}

// End says that no more octets of a side come; the packet at told it. What comes after it is ignored.
func (r *Reader) End(side Side, at At, why reassembly.End) {
	x := &r.halves[side]
	r.weighed = false
	if x.phase == inWait {
		r.hold(x, piece{at: at, end: why})
		return
	}
	r.end(x, at, why)
	r.settle()
}

// feed reads p up to where x has to wait, and gives back what is left.
func (r *Reader) feed(x *half, at At, p []byte) []byte {
	if x.phase != inSearch { // else what is read comes from an earlier packet
		r.cross(x, at)
	}
	for len(p) > 0 && x.phase != inWait {
		n := 0
		switch x.phase {
		case inPreface:
			n = r.takePreface(x, at, p)
		case inHeader:
			n = r.takeHeader(x, at, p)
		case inData:
			n = r.takeData(x, at, p)
		case inPayload:
			n = r.takePayload(x, at, p)
		case inSkip:
			n = r.takeSkip(x, at, p)
		case inSearch:
			n = r.takeSearch(x, at, p)
		case inForeign:
			n = r.takeForeign(x, p)
		case inVain:
			n = len(p)
		}
		p = p[n:]
	}
	return p
}

// preface is what a client begins with (RFC 9113 §3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

func (r *Reader) takePreface(x *half, at At, p []byte) int {
	n := 0
	for n < len(p) && x.matched < len(preface) {
		if p[n] != preface[x.matched] {
			x.first = at
			r.abandon(x, FaultPreface, []byte(preface[:x.matched]))
			return n
		}
		x.matched++
		n++
	}
	if x.matched == len(preface) {
		x.phase = inHeader
	}
	return n
}

func (r *Reader) takeHeader(x *half, at At, p []byte) int {
	if x.have == 0 {
		x.first, x.last = at, at
		if h, n := parseHeader(p); n > 0 {
			copy(x.head[:], p[:n])
			r.meet(x, h)
			return n
		}
	}
	x.last = at
	n := copy(x.head[x.have:], p)
	if x.have += n; x.have == headerSize {
		h, _ := parseHeader(x.head[:])
		r.meet(x, h)
	}
	return n
}

// meet begins a frame, or lets it wait.
func (r *Reader) meet(x *half, h Header) {
	x.have = 0
	x.frame, x.left = h, h.Length
	if x.side == Server && !r.answered(h.Stream) && h.Stream&1 == 1 && h.Type < types && h.Type != TypePriority &&
		h.misfit() == FaultNone && h.Length <= x.maxFrame {
		x.phase = inWait
		return
	}
	r.begin(x)
}

// begin starts the frame whose header is at hand.
func (r *Reader) begin(x *half) {
	h := x.frame
	if !r.check(x, h) {
		return
	}
	if h.Type != TypeContinuation {
		x.astray = false
	}
	switch h.Type {
	case TypeData:
		r.beginData(x)
	case TypeHeaders, TypePushPromise, TypeContinuation:
		r.beginFragment(x)
	case TypeRSTStream, TypeSettings, TypeGoAway, TypeWindowUpdate:
		x.phase = inPayload
		if int(h.Length) > r.limits.Block {
			x.phase = inSkip
			r.damage(x)
		}
	default:
		x.phase = inSkip
		if h.Type == typeAltService && x.side == Server && int(h.Length) <= r.limits.Block {
			x.phase = inPayload
		}
	}
	if x.left == 0 {
		r.finish(x, nil)
	}
}

// check judges a frame header. It says whether the frame is read.
func (r *Reader) check(x *half, h Header) bool {
	misfit := h.misfit()
	long := h.Length > x.maxFrame
	if misfit == FaultNone && !long && x.begun && !x.block.open {
		x.strained = false
		return true
	}
	switch {
	case string(x.head[:7]) == "HTTP/1.":
		r.abandon(x, FaultForeign, x.head[:])
		return false
	case long && (misfit != FaultNone || h.Type >= types), misfit != FaultNone && (x.strained || !x.begun):
		r.abandon(x, FaultDesync, x.head[:])
		return false
	case long:
		misfit = FaultFrameSize
	}
	if !x.begun {
		if x.begun = true; h.Type != TypeSettings || h.Flags&FlagAck != 0 {
			r.fault(x, FaultFirstFrame, nil)
		}
	}
	if x.strained = misfit != FaultNone; x.strained {
		f := Fault{Kind: misfit}
		if long {
			f.Bound = int64(x.maxFrame)
		}
		r.tellOfFrame(x, &f)
	}
	if x.block.open && (h.Type != TypeContinuation || h.Stream != x.block.stream) {
		r.tellOfFrame(x, &Fault{Kind: FaultContinuation, Block: x.block.stream})
		r.breakBlock(x, Loss{Kind: LossBlock, Frame: TypeHeaders, Stream: x.block.stream})
		x.block.open = false
	}
	return true
}

// finish is called when the frame at hand is over; p is its payload, where that is read as a whole.
func (r *Reader) finish(x *half, p []byte) {
	h := x.frame
	collected := x.phase == inPayload
	x.phase = inHeader
	switch {
	case h.Type == TypeData:
		r.finishData(x)
	case h.Type.block():
		r.finishFragment(x, p, collected)
	case !collected:
	case h.Type == TypeSettings:
		r.settings(x, p)
	case h.Type == TypeRSTStream:
		if code, fault := parseRSTStream(p); fault == FaultNone && h.Stream > 0 {
			r.reset(x, event.Some(code))
		}
	case h.Type == TypeGoAway:
		if g, fault := parseGoAway(p); fault == FaultNone {
			r.handler.GoAway(x.side, x.last, &g)
		}
	case h.Type == TypeWindowUpdate:
		r.windowUpdate(x, p)
	case h.Type == typeAltService:
		if value, ok := parseAltService(h.Stream, p); ok {
			r.handler.AltService(x.last, value)
		}
	}
	x.buf = x.buf[:0]
	if cap(x.buf) > keptBuffer {
		x.buf = nil
	}
	r.settle()
}

// keptBuffer is how large a buffer of a connection is at most that is kept for what comes next, octets.
const keptBuffer = 1 << 10

func (r *Reader) takePayload(x *half, at At, p []byte) int {
	x.last = at
	n := int(min(uint64(x.left), uint64(len(p))))
	x.left -= uint32(n)
	switch {
	case x.left > 0:
		x.buf = append(x.buf, p[:n]...)
	case len(x.buf) == 0:
		r.finish(x, p[:n])
	default:
		x.buf = append(x.buf, p[:n]...)
		r.finish(x, x.buf)
	}
	return n
}

func (r *Reader) takeSkip(x *half, at At, p []byte) int {
	x.last = at
	n := int(min(uint64(x.left), uint64(len(p))))
	if x.left -= uint32(n); x.left == 0 {
		r.finish(x, nil)
	}
	return n
}

// settings takes a SETTINGS frame.
func (r *Reader) settings(x *half, p []byte) {
	if x.frame.Stream != 0 {
		return
	}
	if x.frame.Flags&FlagAck != 0 {
		if len(p) == 0 {
			r.flow.acknowledge(r, x.side, x.last)
			r.handler.Settings(x.side, x.last, nil, true)
		}
		return
	}
	list, fault := parseSettings(r.list[:0], p)
	r.list = list
	if fault != FaultNone {
		return
	}
	for _, s := range list {
		if s.fault() != FaultNone {
			r.fault(x, FaultSetting, nil)
			continue
		}
		r.take(x.side, s)
	}
	if !r.flow.commit(x.side) {
		r.lost(x, Loss{Kind: LimitSettings})
	}
	r.handler.Settings(x.side, x.last, list, false)
	if cap(r.list) > 64 {
		r.list = nil
	}
}

// take applies a setting of a side to what the other side may send.
func (r *Reader) take(side Side, s Setting) {
	peer := &r.halves[side.Other()]
	switch s.ID {
	case SettingHeaderTableSize:
		peer.decoder.Announce(s.Value)
	case SettingMaxFrameSize:
		peer.maxFrame = max(peer.maxFrame, s.Value)
	case SettingInitialWindowSize:
		r.flow.announce(side, s.Value)
	case SettingEnableConnectProtocol:
		switch {
		case side != Server: // it means nothing of a client
		case s.Value == 1:
			r.connect = true
		case r.connect:
			r.fault(&r.halves[side], FaultWithdrawn, nil)
		}
	}
}

// fault tells a fault of the frame at hand, once.
func (r *Reader) fault(x *half, k FaultKind, err error) {
	if x.faults&(1<<k) == 0 { // else nothing is to be made for it
		r.tellOfFrame(x, &Fault{Kind: k, Err: err})
	}
}

// tellOfFrame tells a fault of the frame at hand, once.
func (r *Reader) tellOfFrame(x *half, f *Fault) {
	f.Frame, f.Stream, f.Sent = x.frame.Type, x.frame.Stream, x.frame.Length
	r.tellFault(x, f)
}

func (r *Reader) tellFault(x *half, f *Fault) {
	if x.faults&(1<<f.Kind) != 0 {
		return
	}
	x.faults |= 1 << f.Kind
	f.From, f.At = x.side, x.last
	f.Sure = x.whole && !r.lags(x.side.Other(), x.last)
	r.handler.Fault(f)
}

// lost tells a loss; a limit once, but those of a stream.
func (r *Reader) lost(x *half, l Loss) {
	switch l.Kind {
	case LimitFields, LimitSettings, LimitHeld:
		if x.losses&(1<<l.Kind) != 0 {
			return
		}
		x.losses |= 1 << l.Kind
	}
	l.From = x.side
	if l.At.Ordinal == 0 {
		l.At = x.last
	}
	r.handler.Lost(&l)
}
