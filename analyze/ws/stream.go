package ws

import (
	"wshake/analyze/event"
	"wshake/analyze/ws/deflate"
)

// phase is what a stream takes its next octet for.
type phase uint8

const (
	inHeader  phase = iota
	inPayload       // of frame
	inDoubt         // behind a header that may be the beginning of another protocol; octets are held
	inSearch        // the place in the stream is not known; octets are held
	inVain          // octets are counted, no more
)

// open says whether a fragmented message is open.
type open uint8

const (
	openNone open = iota
	openMessage
	openUnknown // headers were missed
)

// Stream reads one direction of a WebSocket connection. Between messages it keeps about 300 octets, inside of one a
// kilobyte of the Scratch's more, a deflate window once a compressed message comes, and up to 192 KiB while it
// searches for frames behind a gap. It is not safe for concurrent use.
type Stream struct {
	*unfinished // while there is something unfinished at hand, else nil

	visitor Visitor
	agreement
	side      event.Side
	phase     phase
	open      open
	closed    bool // a Close of this side was seen
	cleared   bool // the header at hand was found to be no other protocol
	strained  bool // the last header was impossible
	ended     bool
	forgotten bool   // octets were missed that may be in the history of inflate
	firsts    uint16 // how many octets of a message are kept in its Prefix

	keys    keys
	offset  uint64 // of the next octet in the stream
	totals  Totals
	options Options
	inflate *deflate.Inflater

	_ [24]byte // makes it three lines of cache
}

// NewStream makes a Stream for what side sends, which reports to v.
func NewStream(side event.Side, o Options, v Visitor) *Stream {
	s := new(Stream)
	s.Reset(side, o, v)
	return s
}

// Reset makes s, which is zero or has ended, as NewStream does.
func (s *Stream) Reset(side event.Side, o Options, v Visitor) {
	*s = Stream{visitor: v, options: o, agreement: agree(side, &o), side: side, firsts: MaxPrefix}
	if o.Scratch == nil {
		s.options.Scratch = new(Scratch)
	}
	s.forgotten = o.Behind || o.Start == Midstream
	if o.Start == Midstream {
		s.start()
		s.lose()
		s.search.near = o.Near
	}
}

// KeepPrefix says how many first octets of a message are kept from now on, LongPrefix at most. It is called between
// messages.
func (s *Stream) KeepPrefix(n int) { s.firsts = uint16(min(n, LongPrefix)) }

// Inside reports whether a frame has begun and not ended.
func (s *Stream) Inside() bool {
	return s.phase == inPayload || s.phase == inHeader && s.unfinished != nil && s.headSize > 0
}

// Totals counts what was read so far.
func (s *Stream) Totals() Totals { return s.totals }

// Prefetch reads what Data will need of s, so that the memory is there when it is called. The result has no meaning.
func (s *Stream) Prefetch() byte { return byte(s.phase) + byte(s.totals.Undecoded) }

// Data takes the next octets, which the packet at carried: one segment. p is only read, and only until Data returns.
func (s *Stream) Data(at At, p []byte) {
	if s.ended {
		return
	}
	s.totals.Captured += uint64(len(p))
	s.start()
	s.feed(&at, p)
	s.rest()
}

func (s *Stream) feed(at *At, p []byte) {
	for len(p) > 0 {
		n := 0
		switch s.phase {
		case inHeader:
			n = s.takeHeader(at, p)
		case inPayload:
			n = s.takePayload(at, p)
		case inDoubt:
			n = s.takeDoubt(at, p)
		case inSearch:
			n = s.takeSearch(at, p)
		case inVain:
			n = len(p)
			s.skip(uint64(n))
		}
		p = p[n:]
	}
}

// skip passes over n octets that are not read as frames.
func (s *Stream) skip(n uint64) {
	s.offset += n
	s.totals.Undecoded += n
}

// takeHeader takes a header, or the piece of one that is there.
func (s *Stream) takeHeader(at *At, p []byte) int {
	f := &s.frame
	if s.headSize == 0 {
		f.First.Set(at)
		f.Last.Set(at)
		if n := parseHeader(&f.Header, p); n > 0 {
			s.begin(p[:n])
			return n
		}
	} else {
		later(&f.Last, at)
	}
	had := int(s.headSize)
	have := had + copy(s.head[had:], p)
	n := parseHeader(&f.Header, s.head[:have])
	if n == 0 {
		s.headSize = uint8(have)
		return have - had
	}
	s.headSize = 0
	s.begin(s.head[:n])
	return n - had
}

// begin starts the frame whose header is at hand; octets are the header as sent.
func (s *Stream) begin(octets []byte) {
	f := &s.frame
	h := &f.Header
	if !h.FIN && (h.RSV != 0 || h.Opcode.Reserved()) && !s.cleared && s.doubt(octets) {
		return
	}
	s.cleared = false
	odd, impossible := s.grammar(h), s.impossible(h)
	if impossible && s.strained {
		s.abandon(Loss{Kind: LossDesync, Bytes: uint64(h.Size), At: f.Last})
		return
	}
	s.strained = impossible
	f.renew()
	f.Odd, f.Offset, f.MessageOpen = odd|s.sequence(h), s.offset, s.open == openMessage
	s.offset += uint64(h.Size)
	s.totals.Frames++
	s.left = h.Length
	s.phase = inPayload
	s.enter(h)
	s.visitor.FrameStart(f)
	switch {
	case s.left == 0:
		s.endFrame()
	case impossible && h.Length >= absurd:
		s.endFrame()
		s.abandon(Loss{Kind: LossDesync, At: f.Last})
	}
}

// sequence judges h by the frames before it, and remembers it for those behind.
func (s *Stream) sequence(h *event.Header) (odd Odd) {
	switch h.Opcode {
	case event.OpContinuation:
		if s.open == openNone {
			odd |= OddContinuation
		}
	case event.OpText, event.OpBinary:
		if s.open == openMessage {
			odd |= OddInterrupts
		}
	}
	switch {
	case s.closed && h.Opcode == event.OpClose:
		odd |= OddCloseAgain
	case s.closed:
		odd |= OddAfterClose
	case h.Opcode == event.OpClose:
		s.closed = true
	}
	if h.Masked && h.Length > 0 {
		odd |= s.keys.next(h.Key)
	}
	return odd
}

// endFrame ends the frame at hand, wherever it stands.
func (s *Stream) endFrame() {
	f := &s.frame
	s.phase = inHeader
	f.Complete = f.Captured == f.Length
	if f.Opcode.Control() {
		f.Control = s.control[:s.controlSize]
		if f.Opcode == event.OpClose {
			f.Close = closeBody(f.Control, f.Length)
		}
	}
	s.visitor.FrameEnd(f)
	if s.member {
		later(&s.message.Last, &f.Last)
		if f.FIN && s.left == 0 {
			s.finishMessage()
		}
	}
}

// Gap says that n octets were not captured; the packet at made it certain.
func (s *Stream) Gap(at At, n uint64) {
	if s.ended {
		return
	}
	s.totals.Gaps += n
	s.start()
	defer s.rest()
	s.miss(&at, n)
}

// miss passes over n octets that were not captured.
func (s *Stream) miss(at *At, n uint64) {
	if s.phase == inSearch && s.holdHole(at, n) {
		return
	}
	s.settle(at)
	if s.phase == inPayload {
		missed := min(n, s.left)
		s.left -= missed
		s.offset += missed
		s.frame.Missing += missed
		later(&s.frame.Last, at)
		s.puncture(missed)
		if s.left == 0 {
			s.endFrame()
		}
		n -= missed
	}
	if n > 0 && s.phase == inHeader {
		s.cutHeader(*at)
		s.breakMessage()
		s.phase = inSearch
	}
	s.offset += n
	if n > 0 && s.phase == inSearch {
		s.lose()
	}
}

// Lose says that an unknown number of octets was not captured; the packet at made it certain. Frames have to be found
// again.
func (s *Stream) Lose(at At) {
	if s.ended {
		return
	}
	s.start()
	defer s.rest()
	s.settle(&at)
	if s.phase == inPayload {
		s.puncture(max(s.left, 1))
		s.endFrame()
	}
	if s.phase == inHeader {
		s.cutHeader(at)
		s.breakMessage()
		s.phase = inSearch
	}
	if s.phase == inSearch {
		s.lose()
	}
}

// Near says, behind Lose, that the next octet probably begins a frame.
func (s *Stream) Near() {
	if s.phase == inSearch && len(s.held.octets) == 0 {
		s.search.near = true
	}
}

// End says that no more octets come; the packet at told it. Calls after it do nothing.
func (s *Stream) End(at At) {
	if s.ended {
		return
	}
	s.start()
	s.settle(&at)
	if s.phase == inPayload {
		s.endFrame()
	}
	s.cutHeader(at)
	s.endMessage()
	s.leave()
	s.release()
	s.ended = true
}

// release gives the deflate window back.
func (s *Stream) release() {
	if s.inflate != nil {
		s.inflate.Release()
	}
}

// cutHeader gives up the beginning of a header of which no more will come.
func (s *Stream) cutHeader(at At) {
	if n := uint64(s.headSize); n > 0 {
		s.visitor.Lost(Loss{Kind: LossHeader, From: s.side, Offset: s.offset, Bytes: n, At: at})
		s.skip(n)
		s.headSize = 0
	}
}

// settle decides what was held back, since the octet behind it will not come: the packet at told so.
func (s *Stream) settle(at *At) {
	if s.phase == inSearch {
		s.searchLast(at)
	}
	for s.phase == inSearch && len(s.held.octets) > 0 { // the place was lost again in what was held
		s.searchLast(at)
	}
	for s.phase == inDoubt {
		s.trust()
	}
}

// abandon reports l, which begins at the next octet, and reads no further.
func (s *Stream) abandon(l Loss) {
	l.From, l.Offset = s.side, s.offset
	s.endMessage()
	s.skip(l.Bytes)
	s.phase = inVain
	s.visitor.Lost(l)
}
