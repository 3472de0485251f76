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
//
// What every frame needs stands together, as in session: seven words before the streams, which with the one that Go's allocator puts before them are
// a line of cache, and what follows the streams.
type conversation struct {
	session  *session
	em       *emitter
	controls *controls // nil until there is a control frame
	keeping  *keeping  // nil where no payload is asked for
	idle     int64     // longest silence between frames, ns
	messages [2]uint64
	stream   [2]ws.Stream
	over     [2]bool // the side's octets came to their end, not just our sight of them
	lost     [2]bool // octets of the side were not read as frames
	tunnel   bool    // a tunnelled protocol was named
	carrier  bool    // the subprotocol selected is that of a tunnel

	midstream bool
	last      check.Past // the last frame of either side
	agreed    *event.Deflate
	// protocol is the subprotocol selected, for recognising payloads.
	protocol   string
	start      event.At // the packet that completed the handshake
	unfinished [2]check.Unfinished
}

// keeping is the payload that is on its way into events, of the frame and the message of each side.
type keeping struct{ frame, message [2]kept }

// kept is payload as far as it is kept.
type kept struct {
	octets []byte
	more   bool
}

func newConversation(s *session, h *event.Handshake) *conversation {
	c := s.em.conversation()
	c.session, c.agreed, c.start, c.protocol = s, h.Deflate, h.At, h.Protocol.Value
	c.carrier = ws.Tunnel(c.protocol) != ""
	for side := range c.stream {
		o := ws.Options{Start: begins([2]*event.Head{event.Client: h.Request, event.Server: h.Response}[side])}
		c.negotiated(&o, h, event.Side(side))
		c.read(event.Side(side), o)
	}
	return c
}

// read makes the stream of a side, which is read by o and what the run's configuration says.
func (c *conversation) read(side event.Side, o ws.Options) {
	em := c.em
	o.Want, o.MaxMessage, o.Deflate.Pool, o.Scratch = c.want(), em.cfg.MaxMessage, em.windows, &em.scratch
	c.lost[side] = o.Start == ws.Midstream // what came before is not known
	c.stream[side].Reset(side, o, c)
}

// begins says where frames begin behind the head of a side: right there, if its end was captured.
func begins(h *event.Head) ws.Start {
	if h == nil || h.Cut == event.CutGap {
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
	cfg := c.em.cfg
	if cfg.Payload > 0 && cfg.Want&event.KindFrame != 0 {
		w |= ws.WantFramePayload
	}
	if cfg.Payload > 0 && cfg.Want&event.KindMessage != 0 {
		w |= ws.WantMessagePayload
	}
	if cfg.Digest && cfg.Want&event.KindMessage != 0 {
		w |= ws.WantDigest
	}
	return w
}

// negotiated says which extensions a side's frames are read with.
func (c *conversation) negotiated(o *ws.Options, h *event.Handshake, side event.Side) {
	r := h.Response
	if r == nil || r.Cut != event.Whole {
		o.Extensions = ws.ExtensionsUnseen
		return
	}
	extensions, err := http1.ParseExtensions(r.Values("Sec-WebSocket-Extensions"))
	for _, e := range extensions {
		if e.Name != "permessage-deflate" {
			// An extension that we do not know may give any RSV bit and opcode a meaning (RFC 6455 §5.2).
			o.Extensions = ws.ExtensionsForeign
			o.RSV = event.RSV1 | event.RSV2 | event.RSV3
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
	if c.keeping != nil {
		c.keeping.frame[f.From] = kept{}
	}
}

func (c *conversation) FramePayload(f *ws.Frame, p []byte) {
	c.keep(&c.keeping.frame[f.From], p)
}

func (c *conversation) keep(k *kept, p []byte) {
	room := c.em.cfg.Payload - len(k.octets)
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
		other := &c.said().closes[from.Other()]
		s.report(s.em.cfg.Checks.Frame(s.event(), &check.Frame{Frame: f, Before: c.last, PeerClosed: other.Seen, PeerCode: other.Code}))
	}
	if c.controls != nil || f.Opcode.Control() {
		c.said().take(s, f)
	}
	if !f.Complete && f.Missing == 0 && c.over[from] {
		c.unfinished[from] = check.Unfinished{Frame: true, Opcode: f.Opcode, Length: f.Length, Have: f.Captured, At: f.Last}
	}
	c.last.From, c.last.Opcode, c.last.Length, c.last.Size = from, f.Opcode, f.Length, f.Size
	if c.last.At.Set(&f.First); f.Last.Ordinal > f.First.Ordinal {
		c.last.At.Set(&f.Last)
	}
	if c.em.wants(event.KindFrame) {
		c.emitFrame(f)
	}
}

// said is what the control frames said so far.
func (c *conversation) said() *controls {
	if c.controls == nil {
		c.controls = c.em.controls.New()
	}
	return c.controls
}

func (c *conversation) emitFrame(f *ws.Frame) {
	e := event.Frame{Conn: c.session.event(), At: f.Last, From: f.From, Header: f.Header, First: f.First, Offset: f.Offset, Complete: f.Complete}
	if f.Opcode == event.OpClose && f.Close.HasCode {
		e.Code = event.Some(f.Close.Code)
		e.Reason = event.Some(string(f.Close.Reason))
	}
	if c.keeping != nil {
		k := &c.keeping.frame[f.From]
		e.Payload = event.Payload{Kept: true, Text: f.Opcode == event.OpText && f.RSV&event.RSV1 == 0, Data: c.em.buf.Keep(k.octets), Truncated: k.more}
	}
	c.em.frame(e)
}

func (c *conversation) MessagePayload(m *ws.Message, p []byte) {
	if c.keeping != nil {
		c.keep(&c.keeping.message[m.From], p)
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
		if tunnel = ws.TunnelIn(m.Prefix); tunnel == "" && c.carrier {
			tunnel = ws.Tunnel(c.protocol)
		}
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
	if c.em.wants(event.KindMessage) {
		c.emitMessage(m)
	}
	if c.keeping != nil {
		c.keeping.message[m.From] = kept{}
	}
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
	if c.keeping != nil {
		k := &c.keeping.message[m.From]
		e.Payload = event.Payload{Kept: true, Text: m.Opcode == event.OpText && m.UTF8 == ws.UTF8Valid, Data: c.em.buf.Keep(k.octets), Truncated: k.more || m.Withheld > 0}
	}
	c.em.message(e)
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
	e, said := s.account(at), c.said()
	e.Close = said.first
	if c.idle > 0 || c.last.Size > 0 {
		e.LongestIdle = event.Some(c.idle)
	}
	e.Pings = said.pings[0].sent + said.pings[1].sent
	e.PingRTT = said.roundTrips()
	for side := range e.Sides {
		t := c.stream[side].Totals()
		e.Sides[side] = event.SideCount{Frames: t.Frames, Messages: c.messages[side], PayloadBytes: t.Payload, WireBytes: t.Captured, GapBytes: t.Gaps}
	}
	if e.Close != nil && e.Close.Answered && e.Ended != event.EndedTimeout {
		e.Ended = event.EndedClose
	}
	s.report(s.em.cfg.Checks.Ending(s.event(), c.ending(&e)))
	e.Findings, e.Caveats = s.findings, s.caveats
	s.em.connection(e)
	s.em.controls.Put(said)
	s.em.conversations.Put(c)
}

func (c *conversation) ending(e *event.Connection) *check.Ending {
	s := c.session
	f := &s.em.ending
	*f = check.Ending{At: s.first().at, Ended: e.Ended, By: e.EndedBy, Closes: c.controls.closes, Last: c.last, Start: c.start, Midstream: c.midstream, Unfinished: c.unfinished}
	for side := range c.stream {
		if k := &f.Closes[event.Side(side).Other()]; k.Seen {
			k.PeerEnded = k.At.Acked > int64(s.heard[s.dir(event.Side(side))])
		}
		f.Ends[side] = s.endAt[s.dir(event.Side(side))]
		t := c.stream[side].Totals()
		f.Whole[side] = t.Gaps == 0 && !c.lost[side] && s.seen(event.Side(side))
		p := &c.controls.pings[side]
		f.Pings[side] = check.Ping{Open: p.open, At: p.since, Later: p.later, LaterAt: p.laterAt}
	}
	return f
}
