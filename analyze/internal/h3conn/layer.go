// Package h3conn is HTTP/3 on the streams of a connection of QUIC: it makes a handshake event of every WebSocket that
// is asked for on a stream (RFC 9220), and is the Carrier of what follows there, one for each stream. Ordinary requests
// cost their header blocks.
package h3conn

import (
	"fmt"
	"slices"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http3"
	"wshake/analyze/http3/qpack"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/ws"
)

// Next makes the layers behind a handshake.
type Next interface {
	// Conversation is the layer of the frames behind the handshake h.
	Conversation(h *event.Handshake, carrier layer.Carrier) layer.Layer
	// Midstream is the layer of frames where no answer was captured.
	Midstream(carrier layer.Carrier, from event.At, start [2]ws.Start) layer.Layer
	// Opaque is the layer of what is not WebSocket; h says what it is instead.
	Opaque(h *event.Handshake, carrier layer.Carrier) layer.Layer
}

// Maker makes the layers of HTTP/3 of a shard.
type Maker struct {
	*shard.Shard
	next    Next
	attempt event.Handshake // being judged
}

// NewMaker returns a Maker for a shard, whose streams hand over to the layers of next.
func NewMaker(s *shard.Shard, next Next) *Maker { return &Maker{Shard: s, next: next} }

// Layer is a connection of HTTP/3.
type Layer struct {
	maker   *Maker
	below   layer.Transport
	reader  http3.Reader
	streams map[uint64]*stream
	connect connectProtocol
	told    [http3.Losses]bool
}

// connectProtocol is what is known of the server's SETTINGS_ENABLE_CONNECT_PROTOCOL.
type connectProtocol struct {
	sure    bool // its SETTINGS were read
	missed  bool // or missed
	enabled event.Opt[event.At]
}

// New makes the layer of a connection.
func (m *Maker) New(below layer.Transport) *Layer {
	l := &Layer{maker: m, below: below, streams: map[uint64]*stream{}}
	l.reader.Reset(http3.Limits{Block: m.MaxHead, Held: m.MaxHeld}, (*handler)(l))
	return l
}

func (l *Layer) Data(side event.Side, at event.At, id uint64, p []byte) {
	l.reader.Data(side, at, id, p)
}
func (l *Layer) Gap(side event.Side, at event.At, id, n uint64) { l.reader.Gap(side, at, id, n) }
func (l *Layer) End(side event.Side, at event.At, id uint64)    { l.reader.End(side, at, id) }

func (l *Layer) Reset(side event.Side, at event.At, id, code uint64) {
	l.reader.ResetStream(side, at, id, code)
}

func (l *Layer) StopSending(side event.Side, at event.At, id, code uint64) {
	l.reader.StopSending(side, at, id, code)
}

// Close makes the events of the streams that are left.
func (l *Layer) Close(at event.At, end layer.TransportEnd) {
	l.reader.Finish()
	for _, s := range l.open() {
		s.transportEnded(at, end)
	}
}

// open are the streams that are remembered, in order.
func (l *Layer) open() []*stream {
	list := make([]*stream, 0, len(l.streams))
	for _, s := range l.streams {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *stream) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	return list
}

// handler is a Layer as it takes what was read.
type handler Layer

func (r *handler) layer() *Layer { return (*Layer)(r) }

func (r *handler) Head(h *http3.Head) http3.Next {
	l := r.layer()
	s := l.streams[h.Stream]
	switch {
	case s == nil && h.Kind == http3.Request && h.From == event.Client:
		return l.request(h)
	case s == nil && h.From == event.Server && h.Kind != http3.Trailers:
		return l.unasked(h)
	case s == nil:
		return http3.Pass
	case h.From == event.Server && (h.Kind == http3.Response || h.Kind == http3.Interim):
		s.answered(h)
	}
	return http3.Pass
}

// request looks whether a request asks for a WebSocket.
func (l *Layer) request(h *http3.Head) http3.Next {
	switch asks(h) {
	case yes:
	case perhaps:
		s := l.stream(h.Stream, h.First)
		s.request = convert(h)
		s.unknown(h, s.request)
		s.count(h.Last, 0)
		s.state = probing
		return http3.Follow
	default:
		return http3.Pass
	}
	s := l.stream(h.Stream, h.First)
	s.request = convert(h)
	s.unknown(h, s.request)
	s.count(h.Last, 0)
	s.Keep(layer.Attempted)
	l.maker.Request(s.Conn(), s.request)
	return http3.Follow
}

// unasked takes a head of the server whose request was not captured: what follows may be frames.
func (l *Layer) unasked(h *http3.Head) http3.Next {
	s := l.stream(h.Stream, h.First)
	s.state = probing
	s.answered(h)
	return http3.Follow
}

// Unasked takes note of DATA on a stream of which no head was captured: it may be frames.
func (r *handler) Unasked(side event.Side, at event.At, id uint64) http3.Next {
	if l := r.layer(); l.streams[id] == nil {
		l.stream(id, at).state = probing
	}
	return http3.Follow
}

// answer is whether a request asks for a WebSocket.
type answer uint8

const (
	no answer = iota
	yes
	perhaps // what would tell is not known
)

// asks reads the fields as they are: nothing is kept of an ordinary request.
func asks(h *http3.Head) answer {
	connect, named := false, false
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.UnknownName {
			continue
		}
		switch name := f.Name; {
		case string(name) == ":protocol":
			return yes
		case string(name) == ":method":
			connect, named = f.UnknownValue || string(f.Value) == "CONNECT", true
		case len(name) > 14 && event.EqualFold(string(name[:14]), "sec-websocket-"), event.EqualFold(string(name), "upgrade"):
			return yes
		}
	}
	if h.Unknown && (!named || connect) {
		return perhaps
	}
	return no
}

// convert makes a head of the form that all transports have: pseudo-fields stand first, and Method, Target and Status
// repeat them.
func convert(h *http3.Head) *event.Head {
	e := &event.Head{Version: "HTTP/3", First: h.First, Last: h.Last, Length: uint64(h.Octets)}
	e.First.Acked, e.Last.Acked = -1, -1
	if h.Unknown || h.Dropped > 0 {
		e.Cut = event.CutFields // what is not known was sent, too
	}
	e.Reserve(len(h.Fields))
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.UnknownName || f.UnknownValue {
			continue
		}
		field := event.Field{Name: string(f.Name), Value: string(f.Value)}
		switch field.Name {
		case ":method":
			e.Method = field.Value
		case ":path":
			e.Target = field.Value
		case ":status":
			e.Status = status(f)
		}
		e.Add(field)
	}
	return e
}

// status reads a status code; 0 where it is none.
func status(f *qpack.Field) (n int) {
	if len(f.Value) != 3 {
		return 0
	}
	for _, c := range f.Value {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

func (r *handler) Data(side event.Side, at event.At, id uint64, p []byte) {
	if s := r.streams[id]; s != nil {
		s.data(side, at, p)
	}
}

func (r *handler) Gap(side event.Side, at event.At, id, n uint64) {
	s := r.streams[id]
	if s == nil {
		return
	}
	if n == http3.Unknown {
		s.lose(side, at)
		return
	}
	s.missed(at, fmt.Sprintf("%d octets of the %s's stream were not captured", n, side), event.Some(n))
	s.gap(side, at, n)
}

func (r *handler) Found(side event.Side, at event.At, id uint64) {
	if s := r.streams[id]; s != nil && s.state == open {
		if top, ok := s.stack.Top.(interface{ Near(event.Side) }); ok {
			top.Near(side)
		}
	}
}

func (r *handler) EndStream(side event.Side, at event.At, id uint64) {
	if s := r.streams[id]; s != nil {
		s.endStream(side, at)
	}
}

func (r *handler) Reset(side event.Side, at event.At, id uint64, code http3.ErrorCode) {
	if s := r.streams[id]; s != nil {
		s.reset(side, at, code)
	}
}

func (r *handler) StopSending(side event.Side, at event.At, id uint64, code http3.ErrorCode) {
	if s := r.streams[id]; s != nil && !s.stopped.Known {
		s.stopped, s.stopCode = event.Some(side), code
	}
}

func (r *handler) Settings(side event.Side, at event.At, list []http3.Setting) {
	if side != event.Server {
		return
	}
	c := &r.connect
	c.sure = !c.missed
	for _, s := range list {
		if s.ID == http3.SettingEnableConnectProtocol && s.Value == 1 && !c.enabled.Known {
			c.enabled = event.Some(at)
		}
	}
}

// GoAway takes GOAWAY. A server's names the first stream that it does not process (RFC 9114 §5.2), a client's is about
// pushes.
func (r *handler) GoAway(side event.Side, at event.At, id uint64) {
	l := r.layer()
	if side != event.Server {
		return
	}
	for _, s := range l.open() {
		if s.state != probing && s.id >= id {
			t := check.Streams{Refused: event.Some(id), From: side, At: at, Stream: s.id}
			l.maker.Findings(l.maker.Checks.Streams(s.Conn, &t))
		}
	}
}

func (r *handler) Lost(loss *http3.Loss) {
	l := r.layer()
	s := l.streams[loss.Stream]
	once := func(name, text string) {
		if !l.told[loss.Kind] {
			l.told[loss.Kind] = true
			l.maker.Caveat(event.Caveat{Conn: l.below.Conn(), At: loss.At, Name: name, Text: text})
		}
	}
	switch loss.Kind {
	case http3.LossSettings:
		if loss.From == event.Server {
			l.connect.missed, l.connect.sure = true, false
		}
	case http3.LossBlock, http3.LimitBlock:
		if s != nil && loss.From == event.Server && s.answer == nil {
			s.answerLost = true
		}
		if len(l.streams) > 0 {
			once("header-block-lost", fmt.Sprintf("a header block of the %s on stream %d was not read", loss.From, loss.Stream))
		}
	case http3.LimitHeld:
		if s != nil && loss.From == event.Server && s.answer == nil {
			s.answerLost = true
		}
		once("held-limit", fmt.Sprintf("more of the %s on stream %d than is kept waits for what comes before it", loss.From, loss.Stream))
	case http3.LimitStreams:
		once("stream-limit", "more streams are open on this connection than are followed at a time")
	}
}

var _ layer.Streams = (*Layer)(nil)
