package analyze

import (
	"fmt"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// conversation is the layer of frames behind a handshake. It makes events of what the two streams see, and remembers of each side what the end is judged by.
type conversation struct {
	stream [2]ws.Stream // with memory of their own, that is used again
	course
}

// course is what is known of a conversation.
type course struct {
	session *session
	agreed  *event.Deflate
	// protocol is the subprotocol selected, for recognising payloads.
	protocol  string
	start     event.At // the packet that completed the handshake
	midstream bool

	last       check.Past // the last frame of either side
	idle       int64      // longest silence between frames, ns
	closes     [2]check.Closing
	closeSent  [2]int64 // offset of the session behind the segment of the Close
	first      *event.Close
	pings      [2]pinging
	rtt        []int64 // of answered pings, ns
	lost       [2]bool // octets of the side were not read as frames
	over       [2]bool // the side's octets came to their end, not just our sight of them
	unfinished [2]check.Unfinished
	messages   [2]uint64
	tunnel     bool // a tunnelled protocol was named

	// of the frame and message being kept for their events
	frame   [2]keeping
	message [2]keeping
}

// pinging is what is known of the pings of one side.
type pinging struct {
	sent   uint64
	have   []byte // payload of the newest
	sentAt event.At
	// open says that neither the newest nor any since an earlier one was answered.
	open    bool
	since   event.At // the first of those
	early   []byte   // payload of the other side's newest pong that answered none
	earlyAt event.At
	later   int // frames of the other side since, its Close not counted
	laterAt event.At
}

// keeping is payload on its way into an event.
type keeping struct {
	octets []byte
	more   bool
}

// pingsTimed bounds the round trips kept for the median.
const pingsTimed = 4096

func newConversation(s *session, h *event.Handshake) *conversation {
	c := s.em.conversation()
	c.session, c.agreed, c.start, c.protocol = s, h.Deflate, h.At, h.Protocol.Value
	for side := range c.stream {
		o := ws.Options{Start: begins([2]*http1.Head{event.Client: h.Request, event.Server: h.Response}[side])}
		c.negotiated(&o, h, event.Side(side))
		c.read(event.Side(side), o)
	}
	return c
}

// read makes the stream of a side, which is read by o and what the run's configuration says.
func (c *conversation) read(side event.Side, o ws.Options) {
	em := c.session.em
	o.Want, o.MaxMessage, o.Deflate.Pool, o.Scratch = c.want(), em.cfg.MaxMessage, em.windows, &em.scratch
	c.lost[side] = o.Start == ws.Midstream // what came before is not known
	c.stream[side].Reset(side, o, c)
}

// begins says where frames begin behind the head of a side: right there, if its end was captured.
func begins(h *http1.Head) ws.Start {
	if h == nil || h.Cut == http1.CutGap {
		return ws.Midstream
	}
	return ws.AtHandshake
}

// newMidstream makes the layer of frames whose handshake, or its end, was not captured. start is where each side's octets
// stand.
func newMidstream(s *session, start [2]ws.Start) *conversation {
	c := s.em.conversation()
	c.session, c.midstream, c.start = s, true, s.conn.First()
	s.websocket = true
	s.conn.Keep()
	for side := range c.stream {
		c.read(event.Side(side), ws.Options{Extensions: ws.ExtensionsUnseen, Start: start[side]})
	}
	if at := s.conn.First(); !s.event().Midstream {
		s.caveat(at, "midstream", "no answer to an upgrade request was captured: the connection was recognised as WebSocket by its frames", event.Opt[uint64]{})
	}
	return c
}

// want says what payload the streams have to hand over.
func (c *conversation) want() (w ws.Want) {
	cfg := c.session.em.cfg
	if cfg.Payload > 0 && cfg.Want&WantFrames != 0 {
		w |= ws.WantFramePayload
	}
	if cfg.Payload > 0 && cfg.Want&WantMessages != 0 {
		w |= ws.WantMessagePayload
	}
	if cfg.Digest && cfg.Want&WantMessages != 0 {
		w |= ws.WantDigest
	}
	return w
}

// negotiated says which extensions a side's frames are read with.
func (c *conversation) negotiated(o *ws.Options, h *event.Handshake, side event.Side) {
	r := h.Response
	if r == nil || r.Cut != http1.Whole {
		o.Extensions = ws.ExtensionsUnseen
		return
	}
	extensions, err := http1.ParseExtensions(r.Values("Sec-WebSocket-Extensions"))
	for _, e := range extensions {
		if e.Name != "permessage-deflate" {
			// An extension that we do not know may give any RSV bit and opcode a meaning (RFC 6455 §5.2).
			o.Extensions = ws.ExtensionsForeign
			o.RSV = ws.RSV1 | ws.RSV2 | ws.RSV3
			return
		}
	}
	switch {
	case err != nil:
		o.Extensions = ws.ExtensionsUnseen
	case h.Deflate != nil:
		o.Extensions = ws.ExtensionsDeflate
		o.Deflate = deflate.Config{WindowBits: h.Deflate.WindowBits[side], NoContextTakeover: h.Deflate.NoContextTakeover[side]}
	}
}

func (c *conversation) data(side event.Side, at event.At, p []byte) { c.stream[side].Data(at, p) }

func (c *conversation) end(side event.Side, at event.At, why reassembly.End) {
	c.over[side] = why == reassembly.EndFIN || why == reassembly.EndReset || why == reassembly.EndPeerReset
	c.stream[side].End(at)
}

func (c *conversation) gap(side event.Side, at event.At, n uint64) {
	if n >= lostPlace {
		c.lost[side] = true
		c.stream[side].Lose(at)
		return
	}
	c.stream[side].Gap(at, n)
}

// FrameStart keeps time and judges nothing: a frame is judged when it is over.
func (c *conversation) FrameStart(f *ws.Frame) {
	if c.last.Size > 0 {
		c.idle = max(c.idle, f.First.Time-c.last.At.Time)
	}
	c.frame[f.From] = keeping{}
}

func (c *conversation) FramePayload(f *ws.Frame, p []byte) {
	c.keep(&c.frame[f.From], p)
}

func (c *conversation) keep(k *keeping, p []byte) {
	room := c.session.em.cfg.Payload - len(k.octets)
	if len(p) > room {
		p, k.more = p[:room], true
	}
	k.octets = append(k.octets, p...)
}

func (c *conversation) FrameEnd(f *ws.Frame) {
	s, from := c.session, f.From
	if c.last.Size == 0 {
		s.conn.KeepLast() // a WebSocket that is used outlasts those that are only open
	}
	if check.Remarkable(f) {
		other := &c.closes[event.Opposite(from)]
		s.report(s.em.cfg.Checks.Frame(s.event(), &check.Frame{Frame: f, Before: c.last, PeerClosed: other.Seen, PeerCode: other.Code}))
	}
	switch f.Opcode {
	case ws.Close:
		c.closed(f)
	case ws.Ping:
		c.pinged(f)
	case ws.Pong:
		c.ponged(f)
	}
	to := event.Opposite(from)
	if p := &c.pings[to]; p.open && f.Opcode != ws.Pong && f.Opcode != ws.Close && after(f.First, p.since) {
		p.later++
		p.laterAt = f.Last
	}
	if k := &c.closes[to]; k.Seen && f.Opcode != ws.Close && after(f.First, k.At) && !c.unaware(f.First, to) {
		k.PeerWentOn = true
	}
	if !f.Complete && f.Missing == 0 && c.over[from] {
		c.unfinished[from] = check.Unfinished{Frame: true, Opcode: f.Opcode, Length: f.Length, Have: f.Captured, At: f.Last}
	}
	c.last = check.Past{From: from, Opcode: f.Opcode, Length: f.Length, Size: f.Size, At: reassembly.Later(f.First, f.Last)}
	if s.em.wants(WantFrames) {
		c.emitFrame(f)
	}
}

// after says that a was sent when b had been received, as far as that can be told by capture time.
func after(a, b event.At) bool { return a.Ordinal > b.Ordinal }

// unaware says that the packet at does not acknowledge the Close of the other side, from, as far as is known.
func (c *conversation) unaware(at event.At, from event.Side) bool {
	return at.Acked < c.closeSent[from]
}

func (c *conversation) emitFrame(f *ws.Frame) {
	e := event.Frame{Conn: c.session.event(), At: f.Last, From: f.From, Header: f.Header, First: f.First, Offset: f.Offset, Complete: f.Complete}
	if f.Opcode == ws.Close && f.Close.HasCode {
		e.Code = event.Some(f.Close.Code)
		e.Reason = event.Some(string(f.Close.Reason))
	}
	if c.session.em.cfg.Payload > 0 {
		k := &c.frame[f.From]
		e.Payload = event.Payload{Kept: true, Text: f.Opcode == ws.Text && f.RSV&ws.RSV1 == 0, Data: c.session.em.buf.Keep(k.octets), Truncated: k.more}
	}
	c.session.em.frame(e)
}

func (c *conversation) closed(f *ws.Frame) {
	k := &c.closes[f.From]
	if !k.Seen {
		*k = check.Closing{Seen: true, Code: f.Close.Code, At: f.Last}
		c.closeSent[f.From] = int64(c.session.offset[c.session.dir(f.From)])
	}
	switch other := event.Opposite(f.From); {
	case c.first == nil:
		c.first = firstClose(f)
	case c.first.From == f.From:
	case c.closes[other].At.Acked < c.closeSent[f.From]:
		c.first.Answered = true
	default: // the one that was read first acknowledges this one
		c.first = firstClose(f)
		c.first.Answered = true
	}
}

func firstClose(f *ws.Frame) *event.Close {
	e := &event.Close{From: f.From}
	if f.Close.HasCode {
		e.Code = event.Some(f.Close.Code)
		e.Reason = event.Some(string(f.Close.Reason))
	}
	return e
}

func (c *conversation) pinged(f *ws.Frame) {
	p := &c.pings[f.From]
	p.sent++
	p.have = append(p.have[:0], f.Control...)
	p.sentAt = f.Last
	if c.answered(p, f.From) {
		p.open = false
		return
	}
	if !p.open { // else the silence began with an earlier ping
		p.open, p.since, p.later = true, f.Last, 0
	}
}

// answered says that the pong to the newest ping of a side was read before the ping: that waited for octets, or for frames to
// be found, or the capture has them in the wrong order, which the acknowledgement in the pong's packet shows unless it is not known.
func (c *conversation) answered(p *pinging, from event.Side) bool {
	later := p.earlyAt.Ordinal > p.sentAt.Ordinal || p.earlyAt.Acked < 0 || p.earlyAt.Acked >= int64(c.session.offset[c.session.dir(from)])
	return p.earlyAt.Ordinal > 0 && later && string(p.early) == string(p.have)
}

// ponged matches a pong with the newest ping of the other side: only that one needs an answer (RFC 6455 §5.5.3).
func (c *conversation) ponged(f *ws.Frame) {
	p := &c.pings[event.Opposite(f.From)]
	if !p.open || string(p.have) != string(f.Control) {
		p.early, p.earlyAt = append(p.early[:0], f.Control...), f.Last
	}
	if !p.open {
		return
	}
	if string(p.have) != string(f.Control) {
		// It may answer an earlier ping: of those only the newest counts from now on.
		p.since, p.later = p.sentAt, 0
		return
	}
	p.open = false
	if rtt := f.Last.Time - p.sentAt.Time; rtt >= 0 && len(c.rtt) < pingsTimed {
		c.rtt = append(c.rtt, rtt)
	}
}

func (c *conversation) MessagePayload(m *ws.Message, p []byte) {
	if c.session.em.cfg.Payload > 0 {
		c.keep(&c.message[m.From], p)
	}
}

// judge completes facts about a message and has them judged.
func (c *conversation) judge(f check.Message) {
	f.Bits = 15
	if c.agreed != nil {
		f.Bits = c.agreed.WindowBits[f.From]
	}
	s := c.session
	s.report(s.em.cfg.Checks.Message(s.event(), &f))
}

func (c *conversation) BadText(m *ws.Message, at event.At) {
	c.judge(check.Message{Message: m, BadAt: at})
}

func (c *conversation) MessageEnd(m *ws.Message) {
	s := c.session
	tunnel := ""
	if !c.tunnel && len(m.Prefix) > 0 {
		tunnel = ws.Tunnel(c.protocol, m.Prefix)
		c.tunnel = tunnel != ""
	}
	if tunnel != "" || check.RemarkableMessage(m) {
		c.judge(check.Message{Message: m, Over: true, Tunnel: tunnel})
	}
	switch m.Inflate.State {
	case ws.InflateLost:
		s.caveatOnce(m.Last, "inflate-lost", fmt.Sprintf("messages of the %s refer to others that were not captured or did not inflate; they are counted, not decoded", m.From))
	}
	if m.Withheld > 0 {
		s.caveatOnce(m.Last, "message-limit", fmt.Sprintf("a message of the %s is longer than what is kept of one; the rest was counted and checked only", m.From))
	}
	c.messages[m.From]++
	if !m.Finished && m.Missing == 0 && !m.Interrupted && c.over[m.From] {
		u := &c.unfinished[m.From]
		if !u.Frame && !u.Header {
			*u = check.Unfinished{Message: true, Opcode: m.Opcode, Have: m.WireLength, At: m.Last}
		}
	}
	if s.em.wants(WantMessages) {
		c.emitMessage(m)
	}
	c.message[m.From] = keeping{}
}

func (c *conversation) emitMessage(m *ws.Message) {
	kind := ""
	if len(m.Prefix) > 0 {
		kind = ws.Kind(c.protocol, m.Prefix, m.Opcode)
	}
	e := event.Message{Conn: c.session.event(), At: m.Last, From: m.From, Opcode: m.Opcode, WireLength: m.WireLength, Frames: m.Frames,
		Compressed: m.Compressed, Complete: m.Complete, First: m.First, Kind: kind}
	if !m.Compressed && !m.Opaque || m.Inflate.State == ws.Inflated {
		if m.Missing == 0 {
			e.Length = event.Some(m.Length)
		}
	}
	if m.Hashed {
		e.SHA256 = event.Some(m.Digest)
	}
	if c.session.em.cfg.Payload > 0 {
		k := &c.message[m.From]
		e.Payload = event.Payload{Kept: true, Text: m.Opcode == ws.Text && m.UTF8 == ws.UTF8Valid, Data: c.session.em.buf.Keep(k.octets), Truncated: k.more || m.Withheld > 0}
	}
	c.session.em.message(e)
}

func (c *conversation) Lost(l ws.Loss) {
	s := c.session
	c.lost[l.From] = c.lost[l.From] || l.Kind != ws.LossHeader && (l.Kind != ws.LossResumed || l.Bytes > 0)
	switch l.Kind {
	case ws.LossForeign, ws.LossDesync:
		s.report(s.em.cfg.Checks.Loss(s.event(), &l))
	case ws.LossHeader:
		if !c.over[l.From] {
			return // a gap is named as such
		}
		c.unfinished[l.From] = check.Unfinished{Header: true, Have: l.Bytes, At: l.At}
	case ws.LossResumed:
		if l.Bytes == 0 {
			return // a frame began right behind what was missed
		}
		s.caveat(l.At, "resynchronised", fmt.Sprintf("%d octets of the %s's stream were passed over until frames were found again", l.Bytes, l.From), event.Some(l.Bytes))
	case ws.LossGap:
		s.caveat(l.At, "undecoded", fmt.Sprintf("behind a gap in the %s's stream no frames were found again", l.From), event.Some(l.Bytes))
	}
}

// finish judges the end and makes the connection event.
func (c *conversation) finish(at event.At) {
	s := c.session
	e := s.account(at)
	e.Close = c.first
	if c.idle > 0 || c.last.Size > 0 {
		e.LongestIdle = event.Some(c.idle)
	}
	e.Pings = c.pings[0].sent + c.pings[1].sent
	e.PingRTT = c.roundTrips()
	for side := range e.Sides {
		t := c.stream[side].Totals()
		e.Sides[side] = event.SideCount{Frames: t.Frames, Messages: c.messages[side], PayloadBytes: t.Payload, WireBytes: t.Captured, GapBytes: t.Gaps}
	}
	if c.first != nil && c.first.Answered && e.Ended != event.EndedTimeout {
		e.Ended = event.EndedClose
	}
	s.report(s.em.cfg.Checks.Ending(s.event(), c.ending(&e)))
	e.Findings, e.Caveats = s.findings, s.caveats
	s.em.connection(e)
	s.em.conversations.give(c)
}

func (c *conversation) ending(e *event.Connection) *check.Ending {
	s := c.session
	f := &s.em.ending
	*f = check.Ending{At: s.first.at, Ended: e.Ended, By: e.EndedBy, Closes: c.closes, Last: c.last, Start: c.start, Midstream: c.midstream, Unfinished: c.unfinished}
	for side := range c.stream {
		if k := &f.Closes[event.Opposite(event.Side(side))]; k.Seen {
			k.PeerEnded = k.At.Acked > int64(s.heard[s.dir(event.Side(side))])
		}
		f.Ends[side] = s.endAt[s.dir(event.Side(side))]
		t := c.stream[side].Totals()
		f.Whole[side] = t.Gaps == 0 && !c.lost[side] && s.seen(event.Side(side))
		p := &c.pings[side]
		f.Pings[side] = check.Ping{Open: p.open, At: p.since, Later: p.later, LaterAt: p.laterAt}
	}
	return f
}
