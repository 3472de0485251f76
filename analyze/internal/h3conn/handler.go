package h3conn

import (
	"fmt"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http3"
	"wshake/analyze/internal/httpstream"
	"wshake/reassembly"
)

// handler is a Layer as it takes what was read.
type handler Layer

func (r *handler) layer() *Layer { return (*Layer)(r) }

func (r *handler) Head(h *http3.Head) http3.Next {
	l := r.layer()
	s := l.streams.Get(h.Stream)
	head := httpstream.Head{Interim: h.Kind == http3.Interim, From: h.From, Stream: h.Stream, Fields: h.Fields,
		Unknown: h.Unknown, Dropped: h.Dropped, First: h.First, Last: h.Last, Octets: h.Octets}
	switch {
	case s == nil && h.Kind == http3.Request && h.From == event.Client:
		if l.streams.Request(&head) != nil {
			return http3.Follow
		}
	case s == nil && h.From == event.Server && h.Kind != http3.Trailers:
		// The request was not captured: what follows may be frames.
		l.streams.Add(h.Stream, h.First).Answer(&head)
		return http3.Follow
	case s == nil:
	case h.From == event.Server && (h.Kind == http3.Response || h.Kind == http3.Interim):
		s.Answer(&head)
	}
	return http3.Pass
}

// Unasked takes note of DATA on a stream of which no head was captured: it may be frames.
func (r *handler) Unasked(side event.Side, at event.At, id uint64) http3.Next {
	if r.streams.Get(id) == nil {
		r.streams.Add(id, at)
	}
	return http3.Follow
}

func (r *handler) Data(side event.Side, at event.At, id uint64, p []byte) {
	if s := r.streams.Get(id); s != nil {
		s.Data(side, at, p)
	}
}

func (r *handler) Gap(side event.Side, at event.At, id, n uint64) {
	s := r.streams.Get(id)
	switch {
	case s == nil:
	case n == http3.Unknown:
		s.Lose(side, at)
	default:
		s.Gap(side, at, n)
	}
}

func (r *handler) Found(side event.Side, at event.At, id uint64) {
	if s := r.streams.Get(id); s != nil {
		if top, ok := s.Top().(interface{ Near(event.Side) }); ok {
			top.Near(side)
		}
	}
}

func (r *handler) EndStream(side event.Side, at event.At, id uint64) {
	if s := r.streams.Get(id); s != nil {
		s.EndStream(side, at)
	}
}

// Reset takes RESET_STREAM, which breaks off one direction. It answers STOP_SENDING where that came first (RFC 9000
// §3.5).
func (r *handler) Reset(side event.Side, at event.At, id uint64, code http3.ErrorCode) {
	s := r.streams.Get(id)
	if s == nil {
		return
	}
	s.Close(side)
	if s.Refused() {
		s.End(side, at, reassembly.EndFIN) // a refused request is broken off: how the answer came tells more
		return
	}
	if !s.ResetBy().Known {
		by, why := side, code.String()
		if s.Stop.Known && s.Stop.Value != side {
			by, why = s.Stop.Value, s.StopCode
			s.Stopped()
		}
		s.BreakOff(by, event.Some(why))
	}
	s.End(side, at, reassembly.EndReset)
}

func (r *handler) StopSending(side event.Side, at event.At, id uint64, code http3.ErrorCode) {
	if s := r.streams.Get(id); s != nil && !s.Stop.Known {
		s.Stop, s.StopCode = event.Some(side), code.String()
	}
}

func (r *handler) Settings(side event.Side, at event.At, list []http3.Setting) {
	if side != event.Server {
		return
	}
	c := &r.connect
	first := !c.Sure
	c.Sure = !c.Missed
	for _, s := range list {
		if s.ID == http3.SettingEnableConnectProtocol && s.Value == 1 {
			c.Enable(at)
		}
	}
	if first && c.Sure && !c.Enabled.Known {
		r.layer().noConnect(at)
	}
}

// noConnect tells that the server does not allow WebSockets, without giving the connection an identity: nothing else is
// reported of it.
func (l *Layer) noConnect(at event.At) {
	h := event.Handshake{}
	l.below.Describe(&h)
	l.maker.NoConnect(event.NoConnect{Ordinal: l.below.First().Ordinal, First: l.below.First(),
		Peer: l.below.Ends(), At: at, QUIC: true, TLS: h.TLS, SNI: h.SNI})
}

// GoAway takes GOAWAY. A server's names the first stream that it does not process (RFC 9114 §5.2), a client's is about
// pushes.
func (r *handler) GoAway(side event.Side, at event.At, id uint64) {
	l := r.layer()
	if side != event.Server {
		return
	}
	for _, s := range l.streams.LeftOut(id) {
		if !s.Answered() {
			t := check.Streams{Refused: event.Some(id), From: side, At: at, Stream: s.ID}
			s.Tell(l.maker.Checks.Streams(s.Conn, &t))
		}
	}
}

func (r *handler) Lost(loss *http3.Loss) {
	l := r.layer()
	s := l.streams.Get(loss.Stream)
	once := func(name, text string) {
		if !l.told[loss.Kind] {
			l.told[loss.Kind] = true
			l.maker.Caveat(event.Caveat{Conn: l.below.Conn(), At: loss.At, Name: name, Text: text})
		}
	}
	switch loss.Kind {
	case http3.LossSettings:
		if loss.From == event.Server {
			l.connect.Miss()
		}
	case http3.LossBlock, http3.LimitBlock:
		if s != nil && loss.From == event.Server && !s.Answered() {
			s.LoseAnswer()
		}
		if l.streams.Len() > 0 {
			once("header-block-lost", fmt.Sprintf("a header block of the %s on stream %d was not read", loss.From,
				loss.Stream))
		}
	case http3.LimitHeld:
		if s != nil && loss.From == event.Server && !s.Answered() {
			s.LoseAnswer()
		}
		once("held-limit", fmt.Sprintf("more of the %s on stream %d than is kept waits for what comes before it",
			loss.From, loss.Stream))
	case http3.LimitStreams:
		once("stream-limit", "more streams are open on this connection than are followed at a time")
	}
}
