// Package convo is the layer of frames: it makes events of the two streams of one WebSocket conversation, whatever
// carries them, and remembers of each side what the end is judged by.
package convo

import (
	"bytes"
	"fmt"
	"slices"

	"wshake/analyze/app"
	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// Conversation is the layer behind a handshake.
//
// What every frame needs stands together: what comes before the streams, with the word that Go's allocator puts before
// it, is a line of cache.
type Conversation struct {
	maker    *Maker
	control  *control // nil until there is a control frame
	keeping  *keeping // nil where no payload is asked for
	idle     int64    // longest silence between frames, ns
	messages [2]uint64
	over     [2]bool // the side's octets came to their end, not just our sight of them
	lost     [2]bool // octets of the side were not read as frames
	tunnel   bool    // a tunnelled protocol was named
	tunnels  bool    // the subprotocol selected is that of a tunnel
	named    caveats // what is said once

	stream    [2]ws.Stream
	carrier   layer.Carrier
	search    *searched // nil where nothing is searched for
	midstream bool
	last      check.Past // the last frame of either side
	agreed    *event.Deflate
	// protocol is the subprotocol selected, for recognising payloads.
	protocol   string
	talk       app.Talk // the protocol that messages are in
	start      event.At // the packet that completed the handshake
	unfinished [2]check.Unfinished
	histories  *[2]historyLoss // nil until octets of a compressed message are unknown
	dataAt     int64           // time of the last data frame, ns; 0 for none
	dataIdle   int64           // longest silence of data frames, ns
	controls   uint64          // control frames since the last data frame
	marks      [2]marks
	legal      bool            // every rule of the handshake was checked, and holds
	unusual    []string        // in its answer
	recent     [2]*recent      // nil until a masked frame came
	socks      *check.Greeting // the last message, where it may be SOCKS5's first; else nil
}

// marks are what the frames of a side showed so far.
type marks struct {
	border      bool // what is no frame was read as one: nothing behind it is judged
	faulty      bool // something broke a rule, or could not be judged
	inMessage   bool // the last data frame was not the last of its message
	inControl   bool // the last frame was a control frame without FIN
	noted       check.Unusual
	unusual     []string
	unexplained bool // the extensions that give frames their meaning are not all known
}

// note takes what is unusual, though legal, once of its kind.
func (m *marks) note(u check.Unusual, at event.At) {
	if u&^m.noted != 0 && len(m.unusual) < check.MaxUnusual {
		m.noted |= u
		m.unusual = append(m.unusual, u.Words(at))
	}
}

// caveats is a set of caveats that are said once of a conversation.
type caveats uint8

const (
	notDeflate caveats = 1 << iota
	messageLimit
	searchLimit
	payloadLimit
)

// keeping is the payload that is on its way into events, of the frame and the message of each side.
type keeping struct{ frame, message [2]kept }

// kept is payload as far as it is kept.
type kept struct {
	octets  []byte        // 0 where unknown
	unknown []event.Range // of octets
	more    bool
	limited bool // by the shard's memory
}

// Maker makes the conversations of a shard.
type Maker struct {
	*shard.Shard
	spare    freelist.List[Conversation]
	controls freelist.List[control]
	ending   check.Ending // being judged
	said     app.Message  // being read
	octets   [][]byte     // buffers for payload
}

// NewMaker returns a Maker for a shard.
func NewMaker(s *shard.Shard) *Maker { return &Maker{Shard: s} }

func (m *Maker) zero(carrier layer.Carrier) *Conversation {
	c := m.spare.New()
	c.maker, c.carrier = m, carrier
	if m.Payload > 0 {
		c.keeping = new(keeping)
	}
	if m.Search != nil {
		c.search = newSearched(m.Shard)
	}
	return c
}

// Behind makes the layer of what follows the handshake h on its carrier.
func (m *Maker) Behind(h *event.Handshake, carrier layer.Carrier) *Conversation {
	c := m.zero(carrier)
	c.agreed, c.start, c.protocol = h.Deflate, h.At, h.Protocol.Value
	c.tunnels = ws.Tunnel(c.protocol) != ""
	if c.legal = h.Evidence.Legal; c.legal {
		c.unusual = check.UnusualAnswer(h)
	}
	c.talk.Agree(h)
	agreed := negotiated(h)
	for side := range c.stream {
		head := [2]*event.Head{event.Client: h.Request, event.Server: h.Response}[side]
		o := ws.Options{Start: ws.Begins(head), Near: head != nil}
		o.Extensions = agreed
		switch agreed {
		case ws.ExtensionsForeign:
			// An extension that we do not know may give any RSV bit and opcode a meaning (RFC 6455 §5.2).
			o.RSV = event.RSV1 | event.RSV2 | event.RSV3
		case ws.ExtensionsDeflate:
			o.Deflate = deflate.Config{WindowBits: h.Deflate.WindowBits[side], NoContextTakeover: h.Deflate.NoContextTakeover[side]}
		}
		c.read(event.Side(side), o)
		c.lost[side] = c.lost[side] || head != nil && head.Cut == event.CutEnd // frames may be among its lines
	}
	return c
}

// Midstream makes the layer of frames whose handshake, or its end, was not captured. from is the packet that the
// conversation is taken to begin with, start where each side's octets stand. deflated says that messages are taken for
// permessage-deflate with context takeover and the largest window.
func (m *Maker) Midstream(carrier layer.Carrier, from event.At, start [2]ws.Start, deflated bool) *Conversation {
	c := m.zero(carrier)
	c.midstream, c.start = true, from
	carrier.Stack().WebSocket = true
	carrier.Keep(layer.Attempted)
	for side := range c.stream {
		o := ws.Options{Extensions: ws.ExtensionsUnseen, Start: start[side]}
		if deflated {
			o.Extensions, o.Deflate = ws.ExtensionsDeflate, deflate.Config{WindowBits: 15}
			o.Behind = carrier.Conn().Midstream
		}
		c.read(event.Side(side), o)
	}
	if id := carrier.Conn(); !id.Midstream {
		c.caveat(carrier.First(), "midstream", "no answer to an upgrade request was captured: the connection was recognised as WebSocket by its frames", event.Opt[uint64]{})
	}
	return c
}

// read makes the stream of a side, which is read by o and what the run's configuration says.
func (c *Conversation) read(side event.Side, o ws.Options) {
	m := c.maker
	o.Want, o.MaxMessage, o.Deflate.Pool, o.Scratch = c.want(), m.MaxMessage, m.Windows, &m.Scratch
	c.lost[side] = o.Start == ws.Midstream // what came before is not known
	c.marks[side].unexplained = o.Extensions == ws.ExtensionsUnseen || o.Extensions == ws.ExtensionsForeign
	c.stream[side].Reset(side, o, c)
	c.keepFirsts(side)
}

// keepFirsts says how much of the next messages of a side is kept for putting them into words.
func (c *Conversation) keepFirsts(side event.Side) {
	n := c.talk.Wants(side)
	if c.words() {
		n = app.MaxFirst
	}
	c.stream[side].KeepPrefix(max(n, ws.MaxPrefix))
}

// words says that messages are wanted in words.
func (c *Conversation) words() bool { return c.maker.Words && c.maker.Want&event.KindMessage != 0 }

// say puts a message into words, where they are wanted or it reports a failure; first is its beginning.
func (c *Conversation) say(m *ws.Message, first []byte) *event.App {
	words := c.words()
	if !words && c.talk.Wants(m.From) == 0 {
		return nil
	}
	lost := !m.Complete || m.Opaque || m.Compressed && m.Inflate.State != ws.Inflated && m.Inflate.State != ws.InflatedPartly
	at := &c.maker.said
	*at = app.Message{From: m.From, Opcode: m.Opcode, First: first, Length: m.Length, Lost: lost}
	said := c.talk.Read(at, words)
	c.keepFirsts(m.From)
	if other := m.From.Other(); c.talk.Wants(other) > 0 {
		c.keepFirsts(other)
	}
	return said
}

func (c *Conversation) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	c.maker.Caveat(event.Caveat{Conn: c.carrier.Conn(), At: at, Name: name, Text: text, Bytes: octets})
}

// caveatOnce emits a caveat unless it was said of the conversation before.
func (c *Conversation) caveatOnce(which caveats, at event.At, name, text string) {
	if c.named&which == 0 {
		c.named |= which
		c.caveat(at, name, text, event.Opt[uint64]{})
	}
}

// want says what payload the streams have to hand over.
func (c *Conversation) want() (w ws.Want) {
	cfg := c.maker.Config
	if cfg.Payload > 0 && cfg.Want&event.KindFrame != 0 {
		w |= ws.WantFramePayload
	}
	if cfg.Payload > 0 && cfg.Want&event.KindMessage != 0 {
		w |= ws.WantMessagePayload
	}
	if cfg.Search != nil {
		w |= ws.WantMessagePayload
	}
	switch {
	case !cfg.Digest || cfg.Want&event.KindMessage == 0:
	case cfg.DigestLate && cfg.Payload > 0:
		w |= ws.WantLateDigest
	default:
		w |= ws.WantDigest
	}
	return w
}

// negotiated says which extensions the frames of both sides are read with.
func negotiated(h *event.Handshake) ws.Extensions {
	r := h.Response
	if r == nil || r.Cut != event.Whole {
		return ws.ExtensionsUnseen
	}
	extensions, err := http1.ParseExtensions(r.Values("Sec-WebSocket-Extensions"))
	for _, e := range extensions {
		if e.Name != "permessage-deflate" {
			return ws.ExtensionsForeign
		}
	}
	switch {
	case err != nil:
		return ws.ExtensionsUnseen
	case h.Deflate != nil:
		return ws.ExtensionsDeflate
	}
	return ws.ExtensionsNone
}

func (c *Conversation) Data(side event.Side, at event.At, p []byte) {
	if c.search != nil {
		c.search.at = at
	}
	c.stream[side].Data(at, p)
}

func (c *Conversation) End(side event.Side, at event.At, why reassembly.End) {
	if why == reassembly.EndPeerReset {
		c.Reset(side.Other(), at)
	} else {
		c.Reset(side, at)
	}
	c.over[side] = why == reassembly.EndFIN || why == reassembly.EndReset || why == reassembly.EndPeerReset
	c.stream[side].End(at)
}

// Reset tells that a side has begun to end the conversation without a Close.
func (c *Conversation) Reset(by event.Side, at event.At) {
	if !c.over[0] && !c.over[1] && (c.control == nil || !c.control.closes[0].Seen && !c.control.closes[1].Seen) {
		c.maker.Cut(event.Abrupt{Conn: c.carrier.Conn(), At: at, By: event.Some(by), Begun: true})
	}
}

func (c *Conversation) Gap(side event.Side, at event.At, n uint64) {
	if n >= layer.UnknownSize {
		c.lost[side] = true
		c.stream[side].Lose(at)
		return
	}
	c.stream[side].Gap(at, n)
}

// Near says, behind a gap of unknown size, that the next octet of a side probably begins a frame.
func (c *Conversation) Near(side event.Side) { c.stream[side].Near() }

// FrameStart keeps time and judges nothing: a frame is judged when it is over.
func (c *Conversation) FrameStart(f *ws.Frame) {
	if c.last.Size > 0 {
		c.idle = max(c.idle, f.First.Time-c.last.At.Time)
	}
	if c.keeping != nil {
		c.drop(&c.keeping.frame[f.From])
	}
}

func (c *Conversation) FramePayload(f *ws.Frame, p []byte) {
	c.keep(&c.keeping.frame[f.From], p)
}

func (c *Conversation) keep(k *kept, p []byte) {
	n := c.room(k, uint64(len(p)))
	if last := len(c.maker.octets) - 1; k.octets == nil && n >= worthSpare && last >= 0 {
		k.octets = c.maker.octets[last]
		c.maker.octets = c.maker.octets[:last]
	}
	k.octets = append(k.octets, p[:n]...)
}

// Buffers of up to spareSize octets, of which there are sparesMost, go from one payload to another that begins with
// worthSpare octets: less would hold too much memory for what is in it.
const (
	worthSpare = 1 << 10
	spareSize  = 32 << 10
	sparesMost = 8
)

// room says how many of the next n octets are kept, and takes them from what the shard may keep. Behind octets that were
// not kept none are.
func (c *Conversation) room(k *kept, n uint64) uint64 {
	if k.limited {
		return 0
	}
	room := uint64(c.maker.Payload - len(k.octets))
	if n > room {
		n, k.more = room, true
	}
	if left := uint64(c.maker.Keeping); n > left {
		n, k.more, k.limited = left, true, true
	}
	c.maker.Keeping -= int(n)
	return n
}

// drop forgets payload that is in its event, or that nobody wants.
func (c *Conversation) drop(k *kept) {
	c.maker.Keeping += len(k.octets)
	if n := cap(k.octets); n >= worthSpare && n <= spareSize && len(c.maker.octets) < sparesMost {
		c.maker.octets = append(c.maker.octets, k.octets[:0])
	}
	*k = kept{}
}

// payload is what was kept, for an event.
func (c *Conversation) payload(k *kept, at event.At, what string, from event.Side) event.Payload {
	if k.limited {
		c.caveatOnce(payloadLimit, at, "payload-limit", fmt.Sprintf("of a %s of the %s only the first %d octets are shown: "+
			"the memory that payload may take was used up", what, from, len(k.octets)))
	}
	return event.Payload{Kept: true, Data: c.maker.Buffer.Keep(k.octets), Unknown: slices.Clone(k.unknown), Truncated: k.more,
		Limited: k.limited}
}

// keepUnknown keeps that n octets are unknown.
func (c *Conversation) keepUnknown(k *kept, n uint64) {
	if n = c.room(k, n); n == 0 {
		return
	}
	at := uint64(len(k.octets))
	if i := len(k.unknown) - 1; i >= 0 && k.unknown[i].Offset+k.unknown[i].Length == at {
		k.unknown[i].Length += n
	} else {
		k.unknown = append(k.unknown, event.Range{Offset: at, Length: n})
	}
	k.octets = append(k.octets, make([]byte, n)...)
}

func (c *Conversation) FrameEnd(f *ws.Frame) {
	from := f.From
	if c.last.Size == 0 {
		c.carrier.Keep(layer.Used) // a WebSocket that is used outlasts those that are only open
	}
	m := &c.marks[from]
	if f.Odd != 0 || m.inControl {
		c.restOfControl(f)
	}
	if check.Remarkable(f) && !m.border && c.confirmed(from) {
		c.judgeFrame(f)
	}
	if check.Remarkable(f) {
		m.faulty = true
		m.border = m.border || check.BorderLost(f)
	}
	if f.Opcode.Control() {
		c.controls++
	} else {
		c.dataIdle = max(c.dataIdle, f.First.Time-c.dataSince())
		c.dataAt, c.controls = f.Last.Time, 0
		m.inMessage = !f.FIN
		if !f.FIN || f.Opcode == event.OpContinuation {
			m.note(check.UnusualFrame(f), f.First)
		}
	}
	if f.MessageOpen && f.Opcode.Control() {
		m.note(check.UnusualFrame(f), f.First)
	}
	if c.control != nil || f.Opcode.Control() {
		c.said().frame(c.carrier.Stack(), f)
	}
	if !f.Complete && f.Missing == 0 && c.over[from] {
		c.unfinished[from] = check.Unfinished{Frame: true, Opcode: f.Opcode, Length: f.Length, Have: f.Captured, At: f.Last}
	}
	if f.Masked {
		c.remember(f)
	}
	c.last.From, c.last.Opcode, c.last.Length, c.last.Size = from, f.Opcode, f.Length, f.Size
	if c.last.At.Set(&f.First); f.Last.Ordinal > f.First.Ordinal {
		c.last.At.Set(&f.Last)
	}
	if c.maker.Wants(event.KindFrame) {
		c.emitFrame(f)
	}
}

// dataSince is the time of the last data frame, or of the handshake.
func (c *Conversation) dataSince() int64 {
	if c.dataAt != 0 {
		return c.dataAt
	}
	return c.start.Time
}

// judgeFrame has a frame judged that may break a rule.
func (c *Conversation) judgeFrame(f *ws.Frame) {
	from, peer := f.From, f.From.Other()
	// What it acknowledges of the peer and was not read yet waits for octets that were lost or come late.
	read := f.Last.Acked >= 0 && f.Last.Acked <= int64(c.carrier.Stack().Offset[peer])
	if f.Opcode == event.OpClose && read {
		c.judgePongs(1)
	}
	closed, m := &c.said().closes[peer], &c.marks[peer]
	t := c.stream[peer].Totals()
	c.maker.Findings(c.maker.Checks.Frame(c.carrier.Conn(), &check.Frame{
		Frame: f, Before: c.last, PeerClosed: closed.Seen, PeerCode: closed.Code,
		PeerLegal: c.legal && read && c.whole(peer) && !m.faulty && !m.inMessage && !m.unexplained && !c.stream[peer].Inside() &&
			!c.said().pings[from].mismatched(),
		PeerFrames: t.Frames, PeerUnusual: m.unusualOr(c.unusual, from), Protocol: c.protocol,
		Counted: c.counted,
	}))
}

// counted says that the next finding of a check is counted and not told.
func (c *Conversation) counted(name string) bool {
	return c.maker.Buffer.Counted(c.carrier.Conn(), name)
}

// unusualOr is what is unusual in the frames of the server, or in its answer where it sent to the client.
func (m *marks) unusualOr(answer []string, to event.Side) []string {
	if to != event.Client {
		return m.unusual
	}
	return slices.Concat(m.unusual, answer)
}

// restOfControl takes the continuation of a control frame that was sent without FIN for a part of it: that frame has its
// finding, and its rest is none more.
func (c *Conversation) restOfControl(f *ws.Frame) {
	m := &c.marks[f.From]
	rest := m.inControl && f.Opcode == event.OpContinuation
	if rest {
		f.Odd &^= ws.OddContinuation
	}
	m.inControl = f.Odd.Has(ws.OddControlFragmented) || rest && !f.FIN
}

// surelyWrong is how many pongs with another payload tell that no right one follows the end of the capture.
const surelyWrong = 3

// judgePongs has pongs judged that have the payload of no ping, where there are so many at least.
func (c *Conversation) judgePongs(least int) {
	if c.control == nil {
		return
	}
	for side := range c.control.pings {
		p := &c.control.pings[side]
		if p.mismatched() && p.wrong.Count >= least && !p.told && c.whole(0) && c.whole(1) {
			p.told = true
			c.maker.Findings(c.maker.Checks.Pongs(c.carrier.Conn(), &p.wrong))
		}
	}
}

// complete says that a side certainly sent nothing behind what was captured, where the carrier can tell.
func (c *Conversation) complete(side event.Side) bool {
	s, ok := c.carrier.(interface{ Complete(event.Side) bool })
	return !ok || s.Complete(side)
}

// whole says that every octet of a side so far was captured and read as frames.
func (c *Conversation) whole(side event.Side) bool {
	return c.stream[side].Totals().Gaps == 0 && !c.lost[side] && c.carrier.Seen(side)
}

// said is what the control frames said so far.
func (c *Conversation) said() *control {
	if c.control == nil {
		c.control = c.maker.controls.New()
	}
	return c.control
}

// confirmed reports whether what a side sends may be judged: not behind a hole that the other side has not got over
// either, because what it made of the stream ends there.
func (c *Conversation) confirmed(side event.Side) bool {
	return c.stream[side].Totals().Gaps == 0 && !c.lost[side] || c.carrier.Confirmed(side)
}

func (c *Conversation) emitFrame(f *ws.Frame) {
	e := event.Frame{Conn: c.carrier.Conn(), At: f.Last, From: f.From, Header: f.Header, First: f.First, Offset: f.Offset, Complete: f.Complete}
	if f.Opcode == event.OpClose && f.Close.HasCode {
		e.Code = event.Some(f.Close.Code)
		e.Reason = event.Some(string(f.Close.Reason))
	}
	if c.keeping != nil {
		e.Payload = c.payload(&c.keeping.frame[f.From], f.Last, "frame", f.From)
		e.Payload.Text = f.Opcode == event.OpText && f.RSV&event.RSV1 == 0
	}
	c.maker.Frame(e)
}

func (c *Conversation) MessagePayload(m *ws.Message, p []byte) {
	if c.keeping != nil {
		c.keep(&c.keeping.message[m.From], p)
	}
	if c.search != nil {
		c.search.streams[m.From].Write(&c.search.at, p)
	}
}

func (c *Conversation) MessageKept(m *ws.Message, n int) (octets []byte, more bool) {
	k := &c.keeping.message[m.From]
	return k.octets, !k.more && n <= min(c.maker.Payload-len(k.octets), c.maker.Keeping)
}

func (c *Conversation) MessageUnknown(m *ws.Message, n uint64) {
	if c.keeping != nil {
		c.keepUnknown(&c.keeping.message[m.From], n)
	}
	if c.search != nil {
		c.search.streams[m.From].Unknown(n)
	}
}

// judge completes facts about a message and has them judged.
func (c *Conversation) judge(f check.Message) {
	if c.marks[f.From].border || !c.confirmed(f.From) {
		return
	}
	f.Bits = 15
	if c.agreed != nil {
		f.Bits = c.agreed.WindowBits[f.From]
	}
	c.maker.Findings(c.maker.Checks.Message(c.carrier.Conn(), &f))
}

func (c *Conversation) BadText(m *ws.Message, at event.At) {
	c.marks[m.From].faulty = true
	c.judge(check.Message{Message: m, BadAt: at})
}

func (c *Conversation) MessageEnd(m *ws.Message) {
	first := m.Prefix
	m.Prefix = first[:min(len(first), ws.MaxPrefix)]
	said := c.say(m, first)
	tunnel := ""
	var greeting *check.Greeting
	if !c.tunnel && len(m.Prefix) > 0 {
		if tunnel = ws.TunnelIn(m.Prefix); tunnel == "" && c.tunnels {
			tunnel = ws.Tunnel(c.protocol)
		}
		if g := c.socks; tunnel == "" && g != nil && g.From != m.From && ws.SOCKSAnswer(g.Octets, m.Prefix) {
			tunnel, greeting = "socks", g
		}
		if c.tunnel, c.socks = tunnel != "", nil; !c.tunnel && ws.SOCKSGreeting(m.Prefix) {
			c.socks = &check.Greeting{From: m.From, At: m.First, Octets: bytes.Clone(m.Prefix)}
		}
	}
	marks := &c.marks[m.From]
	if marks.faulty = marks.faulty || check.FaultyMessage(m); !marks.faulty {
		marks.note(check.UnusualMessage(m), m.First)
	}
	failed := said != nil && said.Failed
	if tunnel != "" || failed || check.RemarkableMessage(m) {
		f := check.Message{Message: m, Over: true, Tunnel: tunnel, Greeting: greeting}
		if failed {
			f.App = said
		}
		c.judge(f)
	}
	if m.Compressed {
		c.noteHistory(m)
	}
	if m.Withheld > 0 {
		c.caveatOnce(messageLimit, m.Last, "message-limit", fmt.Sprintf("a message of the %s is longer than what is kept of one; the rest was counted and checked only", m.From))
	}
	c.messages[m.From]++
	if !m.Finished && m.Missing == 0 && !m.Interrupted && c.over[m.From] {
		u := &c.unfinished[m.From]
		if !u.Frame && !u.Header {
			*u = check.Unfinished{Message: true, Opcode: m.Opcode, Have: m.WireLength, At: m.Last}
		}
	}
	if c.maker.Wants(event.KindMessage) {
		c.emitMessage(m, said)
	}
	if c.keeping != nil {
		c.drop(&c.keeping.message[m.From])
	}
}

func (c *Conversation) emitMessage(m *ws.Message, said *event.App) {
	kind := ""
	if len(m.Prefix) > 0 {
		kind = ws.Kind(c.protocol, m.Prefix, m.Opcode)
	}
	e := event.Message{Conn: c.carrier.Conn(), At: m.Last, From: m.From, Opcode: m.Opcode, WireLength: m.WireLength, Frames: m.Frames,
		Compressed: m.Compressed, Complete: m.Complete, First: m.First, Kind: kind}
	if c.words() {
		e.App = said
	}
	partly := m.Inflate.State == ws.InflatedPartly
	if !m.Compressed && !m.Opaque || m.Inflate.State == ws.Inflated || partly {
		if m.Missing == 0 && !m.Broken {
			e.Length = event.Some(m.Length)
		}
	}
	e.Unknown = uint64(m.Inflate.UnknownBytes)
	if m.Hashed {
		e.SHA256 = event.Some(m.Digest)
	}
	if c.keeping != nil {
		e.Payload = c.payload(&c.keeping.message[m.From], m.Last, "message", m.From)
		e.Payload.Text = m.Opcode == event.OpText && (m.UTF8 == ws.UTF8Valid || partly && m.UTF8 != ws.UTF8Invalid)
		e.Payload.Truncated = e.Payload.Truncated || m.Withheld > 0
		e.Undigested = m.Kept
	}
	if c.search != nil {
		c.found(&e)
	}
	c.maker.Message(e)
}

func (c *Conversation) Lost(l ws.Loss) {
	c.talk.Lose(l.From)
	c.lost[l.From] = c.lost[l.From] || l.Kind != ws.LossHeader && (l.Kind != ws.LossResumed || l.Bytes > 0)
	switch l.Kind {
	case ws.LossForeign, ws.LossDesync:
		if c.marks[l.From].border || !c.confirmed(l.From) {
			// No rule is broken where the border was lost before, or behind a gap.
			c.caveat(l.At, "undecoded", fmt.Sprintf("the %s's octets from offset %d on are counted, not decoded: "+
				"they cannot be frames",
				l.From, l.Offset), event.Opt[uint64]{})
			return
		}
		c.marks[l.From].border = true
		c.maker.Findings(c.maker.Checks.Loss(c.carrier.Conn(), &l))
	case ws.LossHeader:
		if !c.over[l.From] {
			return // a gap is named as such
		}
		c.unfinished[l.From] = check.Unfinished{Header: true, Have: l.Bytes, At: l.At}
	case ws.LossResumed:
		if l.Bytes == 0 {
			return // a frame began right behind what was missed
		}
		c.caveat(l.At, "resynchronised", fmt.Sprintf("%d octets of the %s's stream were passed over until frames were found again", l.Bytes, l.From), event.Some(l.Bytes))
	case ws.LossGap:
		c.caveat(l.At, "undecoded", fmt.Sprintf("after a gap in the %s's stream no frames were found again", l.From),
			event.Some(l.Bytes))
	}
}

// finish judges the end and makes the connection event.
func (c *Conversation) Finish(at event.At) {
	for side := range c.stream {
		c.tellHistory(event.Side(side), at)
	}
	if k := c.keeping; k != nil {
		for side := range k.frame {
			c.drop(&k.frame[side])
			c.drop(&k.message[side])
		}
	}
	e, said := c.carrier.Account(at), c.said()
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
	least := 1
	if e.Ended == event.EndedCaptureEnd || e.Ended == event.EndedTimeout {
		least = surelyWrong // the pong may follow
	}
	c.judgePongs(least)
	ending := c.ending(&e)
	if cut, is := ending.Cut(c.carrier.Conn()); is {
		cut.LongestIdle, cut.LongestDataIdle, cut.Controls = c.idle, c.dataIdle, c.controls
		cut.DataIdle = cut.At.Time - c.dataSince()
		c.maker.Cut(cut)
	}
	if c.confirmed(event.Client) && c.confirmed(event.Server) {
		c.maker.Findings(c.maker.Checks.Ending(c.carrier.Conn(), ending))
	}
	c.maker.Connection(e)
	c.maker.controls.Put(said)
	c.maker.spare.Put(c)
}

func (c *Conversation) ending(e *event.Connection) *check.Ending {
	stack, f := c.carrier.Stack(), &c.maker.ending
	*f = check.Ending{At: stack.First().At, Ended: e.Ended, By: e.EndedBy, ResetCode: e.ResetCode,
		Stopped: e.Stopped, EndStream: e.EndStream, QUIC: e.Conn.UDP, Stream: e.Conn.Stream.Known,
		Closes: c.control.closes, Last: c.last,
		Start: c.start, Midstream: c.midstream,
		Unfinished: c.unfinished, Legal: c.legal, Unusual: c.unusual}
	for side := range c.stream {
		if k := &f.Closes[event.Side(side).Other()]; k.Seen {
			k.PeerEnded = k.At.Acked > int64(stack.Heard[side])
		}
		f.Ends[side] = stack.Ended(event.Side(side)).At
		f.Whole[side] = c.whole(event.Side(side)) && c.complete(event.Side(side))
		p := &c.control.pings[side]
		f.Pings[side] = check.Ping{Open: p.open, At: p.since, Later: p.later, LaterAt: p.laterAt, Mismatched: p.mismatched()}
	}
	return f
}

// Prefetch reads the memory that octets of a side will need: see reassembly.Prefetchable. What it returns has no
// meaning.
func (c *Conversation) Prefetch(side event.Side) byte {
	return byte(c.idle) + byte(c.last.Length) + c.stream[side].Prefetch()
}

// Inside reports whether a side has begun a frame and not ended it.
func (c *Conversation) Inside(side event.Side) bool { return c.stream[side].Inside() }
