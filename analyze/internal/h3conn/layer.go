// Package h3conn is HTTP/3 on the streams of a connection of QUIC: it makes a handshake event of every WebSocket that
// is asked for on a stream (RFC 9220), and of what follows there: internal/httpstream does so, this package knows what
// HTTP/3 has of its own. Ordinary requests cost their header blocks.
package h3conn

import (
	"wshake/analyze/event"
	"wshake/analyze/http3"
	"wshake/analyze/internal/httpstream"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
)

// Maker makes the layers of HTTP/3 of a shard.
type Maker struct{ *httpstream.Maker }

// NewMaker returns a Maker for a shard, whose streams hand over to the layers of next.
func NewMaker(s *shard.Shard, next httpstream.Next) *Maker {
	return &Maker{httpstream.NewMaker(s, next)}
}

// Layer is a connection of HTTP/3.
type Layer struct {
	maker   *Maker
	below   layer.Transport
	reader  http3.Reader
	streams httpstream.Streams
	connect httpstream.Allowance
	told    [http3.Losses]bool
}

// New makes the layer of a connection.
func (m *Maker) New(below layer.Transport) *Layer {
	l := &Layer{maker: m, below: below}
	l.streams = httpstream.Streams{Maker: m.Maker, Transport: l, Below: below, Name: "h3", Version: "HTTP/3"}
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

// Size is about the memory that the connection takes above QUIC, octets.
func (l *Layer) Size() int { return l.reader.Memory() + l.streams.Size() }

// Close makes the events of the streams that are left.
func (l *Layer) Close(at event.At, end layer.TransportEnd) {
	l.reader.Finish()
	for _, s := range l.streams.Open() {
		transportEnded(s, at, end)
	}
}

var _ layer.Streams = (*Layer)(nil)
