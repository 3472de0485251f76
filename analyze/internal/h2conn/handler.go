package h2conn

import (
	"fmt"
	"net/netip"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/internal/httpstream"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// handler is a Layer as it takes what was read.
type handler Layer

func (r *handler) layer() *Layer { return (*Layer)(r) }

func (r *handler) Head(h *http2.Head) http2.Next {
	l := r.layer()
	if h.From == event.Server {
		l.altService(h)
	}
	s := l.streams.Get(uint64(h.Stream))
	head := httpstream.Head{Interim: h.Kind == http2.Interim, From: h.From, Stream: uint64(h.Stream), Fields: h.Fields,
		Unknown: h.Unknown, Dropped: h.Dropped, First: h.First, Last: h.Last, Octets: h.Octets}
	switch {
	case s == nil && h.Kind == http2.Request:
		s = l.streams.Request(&head)
	case s == nil && h.Kind == http2.Response && l.reader.Missed(h.Stream) && head.OfWebSocket():
		// What was asked for is not known: the frames tell whether it was a WebSocket.
		s = l.streams.Add(head.Stream, h.First)
		s.Answer(&head)
	case s == nil:
	case h.From == event.Server && (h.Kind == http2.Response || h.Kind == http2.Interim):
		s.Answer(&head)
		return http2.Pass
	default:
		return http2.Pass
	}
	if s == nil {
		return http2.Pass
	}
	l.adopt(s)
	return http2.Follow
}

// adopt tells a stream that is new what has ended before it.
func (l *Layer) adopt(s *httpstream.Stream) {
	for side, ended := range l.ended {
		if ended {
			s.Stack().Ends(event.Side(side), s.First(), reassembly.EndCaptureEnds)
		}
	}
	for i := range l.faults {
		l.broken(s, &l.faults[i])
	}
}

// altService takes note of an offer of HTTP/3.
func (l *Layer) altService(h *http2.Head) {
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown == 0 && string(f.Name) == "alt-svc" {
			l.maker.AltService(l.below.Conn(), string(f.Value), h.Last)
		}
	}
}

// AltService takes note of an offer in an ALTSVC frame.
func (r *handler) AltService(at event.At, value []byte) {
	r.maker.AltService(r.below.Conn(), string(value), at)
}

// Stray takes a stream whose request was not captured for what its frames say.
func (r *handler) Stray(side event.Side, at event.At, id uint32) http2.Next {
	l := r.layer()
	l.adopt(l.streams.Add(uint64(id), at))
	return http2.Follow
}

func (r *handler) Data(side event.Side, at event.At, id uint32, p []byte) {
	if s := r.streams.Get(uint64(id)); s != nil {
		r.layer().resumed(s, side, at)
		s.Data(side, at, p)
	}
}

func (r *handler) Gap(side event.Side, at event.At, id uint32, n uint64) {
	s := r.streams.Get(uint64(id))
	switch {
	case s == nil:
	case n == http2.Unknown:
		s.Lose(side, at)
	default:
		s.Gap(side, at, n)
	}
}

func (r *handler) EndStream(side event.Side, at event.At, id uint32) {
	if s := r.streams.Get(uint64(id)); s != nil {
		s.EndStream(side, at)
	}
}

// Reset takes RST_STREAM, which ends both sides.
func (r *handler) Reset(side event.Side, at event.At, id uint32, code event.Opt[http2.ErrorCode]) {
	if s := r.streams.Get(uint64(id)); s != nil {
		if side == event.Client {
			r.layer().doubtAnswer(s, at)
		}
		s.BreakOff(side, event.Opt[string]{Value: code.Value.String(), Known: code.Known})
		s.End(side, at, reassembly.EndReset)
		s.End(side.Other(), at, reassembly.EndPeerReset)
	}
}

func (r *handler) Settings(side event.Side, at event.At, list []http2.Setting, acknowledged bool) {
	if side != event.Server || acknowledged {
		return
	}
	c := &r.connect
	first := !c.Sure
	c.Sure = !c.Missed
	for _, s := range list {
		if s.ID == http2.SettingEnableConnectProtocol && s.Value == 1 {
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
	below, ok := l.below.(interface{ Ends() [2]netip.AddrPort })
	if !ok {
		return
	}
	e := event.NoConnect{Ordinal: l.below.First().Ordinal, First: l.below.First(), Peer: below.Ends(), At: at}
	h := &l.maker.about
	*h = event.Handshake{}
	l.below.Describe(h)
	e.TLS, e.SNI = h.TLS, h.SNI
	if e.Peer[event.Server].IsValid() {
		l.maker.NoConnect(e)
	}
}

func (r *handler) GoAway(side event.Side, at event.At, g *http2.GoAway) {
	l := r.layer()
	var from uint64 // with an error code the connection is closed, and all streams with it
	switch {
	case g.Code != http2.ErrNo:
	case side == event.Server:
		from = uint64(g.Last) + 1
	default:
		return
	}
	for _, s := range l.streams.LeftOut(from) {
		if from == 0 || !s.Answered() {
			t := check.Streams{GoAway: g, From: side, At: at, Stream: s.ID, Answered: s.Answered()}
			s.Tell(l.maker.Checks.Streams(s.Conn, &t))
		}
	}
}

func (r *handler) Fault(f *http2.Fault) {
	l := r.layer()
	if f.Kind.Fatal() {
		for _, s := range l.streams.Open() {
			s.Lose(f.From, f.At)
		}
	}
	l.fault(f)
}

// losses is a set of caveats that are given once of a connection.
type losses uint16

func (r *handler) Lost(loss *http2.Loss) {
	l := r.layer()
	once := func(name, text string) {
		if l.told&(1<<loss.Kind) == 0 {
			l.told |= 1 << loss.Kind
			l.caveat(loss.At, name, text, event.Opt[uint64]{})
		}
	}
	switch loss.Kind {
	case http2.LossPlace:
		if loss.From == event.Server {
			l.connect.Miss()
		}
		for _, s := range l.streams.Open() {
			s.Lose(loss.From, loss.At)
		}
	case http2.LossBlock, http2.LimitBlock:
		if s := l.streams.Get(uint64(loss.Stream)); s != nil && loss.From == event.Server && !s.Answered() {
			s.LoseAnswer()
			s.Doubt(event.Caveat{At: loss.At, Name: "header-block-lost",
				Text: fmt.Sprintf("a header block of the server on stream %d was not read: its status and all of its fields are unknown", loss.Stream)})
		} else if l.streams.Len() > 0 {
			once("header-block-lost", fmt.Sprintf("a header block of the %s on stream %d was not read; fields of later ones that refer to it are unknown",
				loss.From, loss.Stream))
		}
	case http2.LossFrame:
		if loss.Frame == http2.TypeSettings && loss.From == event.Server {
			l.connect.Miss()
		}
	case http2.LimitStreams:
		once("stream-limit", "more WebSockets are open on this connection than are followed at a time")
		if s := l.streams.Get(uint64(loss.Stream)); s != nil { // nothing more is told of it
			s.LoseAnswer()
			s.Finish(loss.At)
		}
	}
}

func (r *handler) End(side event.Side, at event.At, why reassembly.End) {
	l := r.layer()
	l.ended[side] = true
	for _, s := range l.streams.Open() {
		if side == event.Client {
			l.doubtAnswer(s, at)
		}
		s.End(side, at, why)
	}
}

var _ layer.Layer = (*Layer)(nil)
