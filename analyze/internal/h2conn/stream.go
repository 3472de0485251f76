package h2conn

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http2"
	"wshake/analyze/http2/hpack"
	"wshake/analyze/internal/layer"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// state is how far a stream has come.
type state uint8

const (
	asked   state = iota // a WebSocket was asked for and not answered
	refused              // the answer's body is read
	open                 // the layer above has it
	probing              // it may carry frames: the request is not known
	closed
)

// stream is one stream on which a WebSocket was asked for or may be, and the Carrier of what it carries.
type stream struct {
	layer *Layer
	id    uint32
	state state
	stack layer.Stack
	conn  *event.Conn
	held  [2]layer.Buffer

	request, answer *event.Head
	evidence        event.Evidence
	answerLost      bool           // it may have been sent and not read
	doubts          []event.Caveat // what is unknown of the heads, told with the handshake
	judged          bool
	ended           bool // by END_STREAM of a side
	wounded         bool // the caveat of lost octets of unknown number was given

	first, last event.At
	packets     uint64
	octets      uint64
	resetBy     event.Opt[event.Side]
	heads       int // memory of the heads kept, octets
	charged     int // octets in the layer's size
}

// probeLimit bounds what is held for package ws to judge, octets of a side.
const probeLimit = 32 << 10

// stream remembers a stream from now on.
func (l *Layer) stream(id uint32, first event.At) *stream {
	s := &stream{layer: l, id: id, first: first, last: first}
	s.stack.Top = layer.Ignored{}
	if l.streams == nil {
		l.streams = make(map[uint32]*stream)
	}
	l.streams[id] = s
	for side, ended := range l.ended {
		if ended {
			s.stack.Ends(event.Side(side), first, reassembly.EndCaptureEnds)
		}
	}
	return s
}

// ask takes note of the request.
func (s *stream) ask() {
	s.Keep(layer.Attempted)
	s.layer.maker.Request(s.Conn(), s.request)
}

// count counts octets of the stream.
func (s *stream) count(at event.At, n int) {
	s.octets += uint64(n)
	if at.Ordinal != s.last.Ordinal || s.packets == 0 {
		s.packets++
	}
	s.last = reassembly.Later(s.last, at)
}

// answered takes a head of the server.
func (s *stream) answered(h *http2.Head) {
	s.count(h.Last, 0)
	if s.state != asked && s.state != probing {
		return
	}
	e := convert(h)
	if h.Kind != http2.Interim {
		s.unknown(h, e)
	}
	if h.Kind == http2.Interim && e.Status != 101 {
		if len(s.evidence.Interim) < event.InterimKept {
			s.evidence.Interim = append(s.evidence.Interim, e)
			s.heads += headMemory(e)
		}
		return
	}
	if e.Status == 0 && h.Unknown { // an answer of which the status is not known says nothing
		s.answerLost = true
		return
	}
	s.answer = e
	s.heads += headMemory(e)
	if s.state == probing {
		return // what was asked for is not known
	}
	if e.Status/100 == 2 && s.request.Has(":protocol") {
		hs := s.judge()
		if hs.Verdict == event.OtherUpgrade {
			s.open(s.layer.maker.next.Opaque(hs, s))
			return
		}
		s.open(s.layer.maker.next.Conversation(hs, s))
		return
	}
	s.state = refused
	s.held = [2]layer.Buffer{}
}

// unknown takes note of what is not known of a head, which e repeats.
func (s *stream) unknown(h *http2.Head, e *event.Head) {
	if !h.Unknown && h.Dropped == 0 {
		return
	}
	var u layer.UnknownFields
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown != 0 {
			u.Add(i+1, f.Entry, f.Unknown&hpack.UnknownValue == 0)
		}
	}
	for _, c := range u.Caveats(h.From, uint64(s.id), e, len(h.Fields)+h.Dropped, h.Dropped) {
		s.doubt(c)
	}
}

// doubt keeps a caveat of the heads until the handshake is told.
func (s *stream) doubt(c event.Caveat) {
	if len(s.doubts) < layer.DoubtsKept {
		s.doubts = append(s.doubts, c)
		s.heads += len(c.Text)
	}
}

// open hands over to a layer what is held, and the ends that came.
func (s *stream) open(l layer.Layer) {
	s.state = open
	s.stack.Top = l
	s.stack.Replay(&s.held)
	for side := range s.held {
		if e := s.stack.Ended(event.Side(side)); e.Why != 0 {
			s.stack.Top.End(event.Side(side), e.At, e.Why)
		}
	}
}

func (s *stream) data(side event.Side, at event.At, p []byte) {
	s.count(at, len(p))
	switch s.state {
	case open:
		s.stack.Data(side, at, p)
	case refused:
		if b := &s.evidence.Body; side == event.Server && len(*b) < handshake.BodyKept {
			*b = append(*b, p[:min(len(p), handshake.BodyKept-len(*b))]...)
		}
	case asked, probing:
		s.held[side].Add(at, p)
		s.decide(side)
	}
}

// decide looks whether what is held tells what it is.
func (s *stream) decide(side event.Side) {
	if s.state == asked && side == event.Server {
		s.answerLost = true // a body or frames without the head before them
	}
	if s.recognise() {
		return
	}
	limit := s.layer.maker.MaxHeld
	if s.state == probing {
		limit = probeLimit
	}
	if s.held[side].Octets <= limit {
		return
	}
	if s.state == asked {
		s.caveat(s.held[side].Pieces[0].At, "held-limit", fmt.Sprintf("the %s sent more on this stream than is kept while the answer is not seen", side),
			event.Some(uint64(s.held[side].Octets)))
		s.held = [2]layer.Buffer{}
		return
	}
	s.forget()
}

// recognise looks whether what is held are frames, where the answer is not known or will not come.
func (s *stream) recognise() bool {
	if s.state != probing && !s.answerLost && s.layer.below.Seen(event.Server) {
		return false
	}
	g := ws.Probe([2][][]byte{s.held[0].Segments(), s.held[1].Segments()})
	if g.Verdict != ws.ProbeYes || g.Client != event.Client {
		return false
	}
	start := [2]ws.Start{ws.Midstream, ws.Midstream}
	if s.state == asked && !s.held[event.Client].Broken() {
		start[event.Client] = ws.AtHandshake
	}
	if s.request != nil || s.answer != nil {
		s.judge()
	}
	s.open(s.layer.maker.next.Midstream(s, s.first, start))
	return true
}

func (s *stream) gap(side event.Side, at event.At, n uint64) {
	switch s.state {
	case open:
		s.stack.Gap(side, at, n)
	case asked, probing:
		s.held[side].AddGap(at, n)
	}
}

// missed says that octets of the stream were not captured, once something is reported of it.
func (s *stream) missed(at event.At, text string, octets event.Opt[uint64]) {
	if s.state != probing {
		s.caveat(at, "gap", text, octets)
	}
}

// lose says that an unknown number of octets of a side may be missing.
func (s *stream) lose(side event.Side, at event.At) {
	at.Acked = -1
	if s.stack.Ended(side).Why != 0 {
		return
	}
	if side == event.Server && s.state == asked {
		s.answerLost = true
	}
	if !s.wounded {
		s.wounded = true
		s.missed(at, fmt.Sprintf("octets of the %s's stream may be missing: frames of HTTP/2 were not captured", side), event.Opt[uint64]{})
	}
	s.gap(side, at, layer.UnknownSize)
}

// end ends a side.
func (s *stream) end(side event.Side, at event.At, why reassembly.End) {
	if s.stack.Ended(side).Why != 0 {
		return
	}
	at.Acked = -1
	s.last = reassembly.Later(s.last, at)
	s.stack.Ends(side, at, why)
	s.stack.Top.End(side, at, why)
	if s.state == refused && side == event.Server && !s.judged {
		s.judge()
	}
	if s.stack.Over() {
		s.finish(at)
	}
}

// reset ends both sides.
func (s *stream) reset(side event.Side, at event.At, code event.Opt[http2.ErrorCode]) {
	s.resetBy = event.Some(side)
	s.evidence.ResetCode = event.Opt[string]{Value: code.Value.String(), Known: code.Known}
	s.end(side, at, reassembly.EndReset)
	s.end(side.Other(), at, reassembly.EndPeerReset)
}

// finish makes the events of what was left open.
func (s *stream) finish(at event.At) {
	if s.state == closed {
		return
	}
	at.Acked = -1
	if s.state == asked || s.state == probing {
		s.recognise()
	}
	switch was := s.state; was {
	case open:
		s.stack.Top.Finish(at)
	case asked, refused:
		if !s.judged {
			if was == asked {
				s.unanswered()
			}
			s.judge()
		}
		s.layer.maker.Connection(s.Account(at))
	case probing:
		if s.request != nil && s.request.Has(":protocol") {
			s.judge()
			s.layer.maker.Connection(s.Account(at))
		}
	}
	s.forget()
}

// forget drops the stream.
func (s *stream) forget() {
	s.state, s.held, s.stack.Top = closed, [2]layer.Buffer{}, layer.Ignored{}
	delete(s.layer.streams, s.id)
	s.charge()
}

// unanswered gathers what is certain of an attempt that got no answer.
func (s *stream) unanswered() {
	if s.answerLost || s.request == nil || s.layer.connect.missed || !s.layer.below.Seen(event.Server) {
		return
	}
	e := s.stack.Ended(event.Server)
	switch e.Why {
	case reassembly.EndFIN, reassembly.EndReset, reassembly.EndPeerReset:
	default:
		return
	}
	by := event.Server // END_STREAM of a request says nothing
	switch {
	case s.resetBy.Known:
		by = s.resetBy.Value
	case e.Why == reassembly.EndPeerReset:
		by = event.Client
	}
	// Where the client's packet acknowledges more than was read of the server, the answer may be in that.
	if l := s.layer; l.gaps[event.Server] || by == event.Client && (e.At.Acked < 0 || uint64(e.At.Acked) > l.below.Stack().Heard[event.Server]) {
		return
	}
	s.evidence.Silent = &event.Silence{At: e.At, By: by, Reset: e.Why != reassembly.EndFIN}
}

// judge makes the handshake event. What it returns is valid until the next one.
func (s *stream) judge() *event.Handshake {
	s.judged = true
	m := s.layer.maker
	h := &m.attempt
	c := &s.layer.connect
	if c.sure {
		s.evidence.ConnectProtocol = event.Some(c.enabled)
	}
	*h = event.Handshake{Conn: s.Conn(), Request: s.request, Response: s.answer, Evidence: s.evidence}
	s.Describe(h)
	switch {
	case s.answer != nil && s.request != nil:
		h.At = reassembly.Later(s.request.Last, s.answer.Last)
	case s.answer != nil:
		h.At = s.answer.Last
	default:
		h.At = s.request.Last
	}
	m.Checks.Handshake(handshake.Read(h), m.Policy)
	if h.Verdict == event.Established || h.Verdict == event.Invalid {
		s.stack.WebSocket = true
	}
	s.layer.judged = true
	for _, c := range s.doubts {
		s.caveat(c.At, c.Name, c.Text, c.Bytes)
	}
	s.doubts = nil
	m.Handshake(*h)
	return h
}

func (s *stream) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	s.layer.maker.Caveat(event.Caveat{Conn: s.Conn(), At: at, Name: name, Text: text, Bytes: octets})
}
