package h2conn

import (
	"fmt"
	"net/netip"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/http2/hpack"
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
	s := l.streams[h.Stream]
	switch {
	case s == nil && h.Kind == http2.Request:
		return l.request(h)
	case s == nil && h.Kind == http2.Response && l.reader.Missed(h.Stream):
		return l.unasked(h)
	case s == nil:
		return http2.Pass
	case h.From == event.Server && (h.Kind == http2.Response || h.Kind == http2.Interim):
		s.answered(h)
		s.charge()
	}
	return http2.Pass
}

// altService takes note of an offer of HTTP/3.
func (l *Layer) altService(h *http2.Head) {
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown == 0 && string(f.Name) == "alt-svc" {
			l.maker.AltService(l.below.Conn(), string(f.Value), h.Last)
		}
	}
}

// request looks whether a request asks for a WebSocket.
func (l *Layer) request(h *http2.Head) http2.Next {
	wants := asks(h)
	if wants == no {
		return http2.Pass
	}
	s := l.stream(h.Stream, h.First)
	s.request = convert(h)
	s.unknown(h, s.request)
	s.heads = headMemory(s.request)
	s.count(h.Last, 0)
	defer s.charge()
	if wants == perhaps {
		s.state = probing
		return http2.Follow
	}
	s.ask()
	return http2.Follow
}

// unasked takes note of an answer whose request was not captured, if it says something of WebSocket. Whether it is one
// the frames tell.
func (l *Layer) unasked(h *http2.Head) http2.Next {
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown&hpack.UnknownName == 0 && websocketField(f.Name) {
			s := l.stream(h.Stream, h.First)
			s.state = probing
			s.answered(h)
			return http2.Follow
		}
	}
	return http2.Pass
}

// websocketField says whether a name begins with Sec-WebSocket-.
func websocketField(name []byte) bool {
	return len(name) > 14 && event.EqualFold(string(name[:14]), "sec-websocket-")
}

// answer is whether a request asks for a WebSocket.
type answer uint8

const (
	no answer = iota
	yes
	perhaps // what would tell is not known
)

// asks reads the fields as they are: nothing is kept of an ordinary request.
func asks(h *http2.Head) answer {
	if h.From != event.Client {
		return no
	}
	method, named := h.Lookup(":method")
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Unknown&hpack.UnknownName != 0 {
			continue
		}
		switch name := f.Name; {
		case string(name) == ":protocol":
			return yes
		case websocketField(name), event.EqualFold(string(name), "upgrade"):
			return yes
		}
	}
	if h.Unknown && (!named || string(method) == "CONNECT") {
		return perhaps
	}
	return no
}

// convert makes a head of the form that all transports have: pseudo-fields stand first, and Method, Target and Status
// repeat them.
func convert(h *http2.Head) *event.Head {
	e := &event.Head{Version: "HTTP/2", First: h.First, Last: h.Last, Length: uint64(h.Octets)}
	e.First.Acked, e.Last.Acked = -1, -1
	if h.Unknown || h.Dropped > 0 {
		e.Cut = event.CutFields // what is not known was sent, too
	}
	e.Reserve(len(h.Fields))
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Unknown != 0 {
			continue // unknown tells it
		}
		field := event.Field{Name: string(f.Name), Value: string(f.Value)}
		switch field.Name {
		case ":method":
			e.Method = field.Value
		case ":path":
			e.Target = field.Value
		case ":status":
			e.Status = status(field.Value)
		}
		e.Add(field)
	}
	return e
}

// status reads a status code; 0 where it is none.
func status(s string) (n int) {
	if len(s) != 3 {
		return 0
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// Stray takes a stream whose request was not captured for what its frames say.
func (r *handler) Stray(side event.Side, at event.At, id uint32) http2.Next {
	s := r.layer().stream(id, at)
	s.state = probing
	return http2.Follow
}

func (r *handler) Data(side event.Side, at event.At, id uint32, p []byte) {
	if s := r.streams[id]; s != nil {
		at.Acked = -1 // it counts other octets than the layers above do
		s.data(side, at, p)
		s.charge()
	}
}

func (r *handler) Gap(side event.Side, at event.At, id uint32, n uint64) {
	s := r.streams[id]
	if s == nil {
		return
	}
	at.Acked = -1
	if n == http2.Unknown {
		s.lose(side, at)
		return
	}
	s.missed(at, fmt.Sprintf("%d octets of the %s's stream were not captured", n, side), event.Some(n))
	s.gap(side, at, n)
	s.charge()
}

func (r *handler) EndStream(side event.Side, at event.At, id uint32) {
	if s := r.streams[id]; s != nil {
		s.ended = true
		s.end(side, at, reassembly.EndFIN)
	}
}

func (r *handler) Reset(side event.Side, at event.At, id uint32, code event.Opt[http2.ErrorCode]) {
	if s := r.streams[id]; s != nil {
		s.reset(side, at, code)
	}
}

func (r *handler) Settings(side event.Side, at event.At, list []http2.Setting, acknowledged bool) {
	if side != event.Server || acknowledged {
		return
	}
	c := &r.connect
	first := !c.sure
	c.sure = !c.missed
	for _, s := range list {
		if s.ID == http2.SettingEnableConnectProtocol && s.Value == 1 && !c.enabled.Known {
			c.enabled = event.Some(at)
		}
	}
	if first && c.sure && !c.enabled.Known {
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
	h := &l.maker.attempt // a place to work in
	*h = event.Handshake{}
	l.below.Describe(h)
	e.TLS, e.SNI = h.TLS, h.SNI
	if e.Peer[event.Server].IsValid() {
		l.maker.NoConnect(e)
	}
}

func (r *handler) GoAway(side event.Side, at event.At, g *http2.GoAway) {
	l := r.layer()
	for _, s := range l.open() {
		if s.state != probing && (s.id > g.Last && side == event.Server || g.Code != http2.ErrNo) {
			t := check.Streams{GoAway: g, From: side, At: at, Stream: uint64(s.id)}
			l.maker.Findings(l.maker.Checks.Streams(s.Conn, &t))
		}
	}
}

// stalledLong is how long a window is closed before it is told, ns.
const stalledLong = 1e9

func (r *handler) Stalled(st *http2.Stall) {
	l := r.layer()
	if st.Over && st.Resumed.Time-st.Since.Time < stalledLong {
		return
	}
	for _, s := range l.open() {
		if st.Stream == 0 || st.Stream == s.id {
			s.stalled(st)
		}
	}
}

func (r *handler) Fault(f *http2.Fault) {
	l := r.layer()
	if f.Kind.Fatal() {
		for _, s := range l.open() {
			s.lose(f.From, f.At)
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
			l.connect.missed, l.connect.sure = true, false
		}
		for _, s := range l.open() {
			s.lose(loss.From, loss.At)
		}
	case http2.LossBlock, http2.LimitBlock:
		if s := l.streams[loss.Stream]; s != nil && loss.From == event.Server && s.answer == nil {
			s.answerLost = true
			s.doubt(event.Caveat{At: loss.At, Name: "header-block-lost",
				Text: fmt.Sprintf("a header block of the server on stream %d was not read: its status and all of its fields are unknown", loss.Stream)})
		} else if len(l.streams) > 0 {
			once("header-block-lost", fmt.Sprintf("a header block of the %s on stream %d was not read; fields of later ones that refer to it are unknown",
				loss.From, loss.Stream))
		}
	case http2.LossFrame:
		if loss.Frame == http2.TypeSettings && loss.From == event.Server {
			l.connect.missed, l.connect.sure = true, false
		}
	case http2.LimitStreams:
		once("stream-limit", "more WebSockets are open on this connection than are followed at a time")
		if s := l.streams[loss.Stream]; s != nil { // nothing more is told of it
			s.answerLost = true
			s.finish(loss.At)
		}
	}
}

func (r *handler) End(side event.Side, at event.At, why reassembly.End) {
	l := r.layer()
	l.ended[side] = true
	at.Acked = -1
	for _, s := range l.open() {
		s.end(side, at, why)
	}
}

var _ layer.Layer = (*Layer)(nil)
