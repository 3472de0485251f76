// Package h2conn is the layer of HTTP/2: it makes a handshake event of every WebSocket that is asked for on a stream
// (RFC 8441), and of what follows there: internal/httpstream does so, this package knows what HTTP/2 has of its own.
// Ordinary requests cost their header blocks.
package h2conn

import (
	"encoding/base64"

	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/http2/hpack"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/internal/httpstream"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/internal/spoken"
	"wshake/reassembly"
)

// Maker makes the layers of HTTP/2 of a shard.
type Maker struct {
	*httpstream.Maker
	block hpack.Block     // being read
	about event.Handshake // a place to work in
	spare freelist.List[Layer]
}

// NewMaker returns a Maker for a shard, whose streams hand over to the layers of next.
func NewMaker(s *shard.Shard, next httpstream.Next) *Maker {
	return &Maker{Maker: httpstream.NewMaker(s, next)}
}

// Layer is a connection of HTTP/2.
type Layer struct {
	state
	reader http2.Reader
}

// state is all of a Layer that a new connection begins without.
type state struct {
	maker   *Maker
	below   layer.Carrier
	streams httpstream.Streams
	ended   [2]bool
	gaps    [2]bool // octets of the side were not captured
	// midstream says that the beginning was not captured.
	midstream bool
	connect   httpstream.Allowance
	told      losses
	stall     http2.Stall   // of the whole connection, the last one that is over
	resumedOn []uint64      // the streams that sent on behind it
	faults    []http2.Fault // of the whole connection
	// upgraded says that the connection itself has a handshake: that of Upgrade: h2c.
	upgraded bool
}

// New makes the layer of a carrier. midstream says, by side, that its beginning was not captured.
func (m *Maker) New(below layer.Carrier, midstream [2]bool) *Layer {
	return m.open(below, http2.Options{Midstream: midstream})
}

// Upgraded makes the layer behind an upgrade from HTTP/1.1, whose request is q (RFC 7540 §3.2).
func (m *Maker) Upgraded(below layer.Carrier, q *event.Head) *Layer {
	o := http2.Options{Upgraded: true}
	if q != nil {
		o.Settings, _ = base64.RawURLEncoding.DecodeString(q.Get("HTTP2-Settings"))
	}
	l := m.open(below, o)
	l.upgraded = true
	return l
}

func (m *Maker) open(below layer.Carrier, o http2.Options) *Layer {
	l := m.spare.Take()
	if l == nil {
		l = new(Layer)
	}
	l.state = state{maker: m, below: below, resumedOn: l.resumedOn[:0], faults: l.faults[:0]}
	l.streams = httpstream.Streams{Maker: m.Maker, Transport: l, Below: below, Name: "h2", Version: "HTTP/2"}
	l.connect.Missed = o.Midstream[event.Server]
	l.midstream = o.Midstream[0] || o.Midstream[1]
	o.Limits = http2.Limits{Block: m.MaxHead, Held: m.MaxHeld}
	o.Block = &m.block
	o.Heard = &below.Stack().Heard
	l.reader.Reset(o, (*handler)(l))
	return l
}

func (l *Layer) Data(side event.Side, at event.At, p []byte) { l.reader.Data(side, at, p) }

func (l *Layer) Gap(side event.Side, at event.At, n uint64) {
	l.gaps[side] = true
	if n >= layer.UnknownSize {
		n = http2.Unknown
	}
	l.reader.Gap(side, at, n)
}

func (l *Layer) Reset(side event.Side, at event.At) {
	for _, s := range l.streams.Open() {
		s.Reset(side, at)
	}
}

func (l *Layer) End(side event.Side, at event.At, why reassembly.End) { l.reader.End(side, at, why) }

// Finish makes the events of the streams that are left. l may then be another connection's.
func (l *Layer) Finish(at event.At) {
	for _, s := range l.streams.Open() {
		s.Finish(at)
	}
	switch {
	case l.upgraded:
		l.maker.Connection(l.below.Account(at))
	case l.streams.Judged:
	case l.gaps[0] || l.gaps[1] || l.midstream:
		l.maker.Speaks(spoken.HTTP2Part)
	default:
		l.maker.Speaks(spoken.HTTP2)
	}
	l.maker.spare.Put(l)
}

// caveat emits a caveat of the connection as a whole.
func (l *Layer) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	l.maker.Caveat(event.Caveat{Conn: l.below.Conn(), At: at, Name: name, Text: text, Bytes: octets})
}

// Size is that of layer.Sized.
func (l *Layer) Size() int { return l.reader.Memory() + l.streams.Size() }
