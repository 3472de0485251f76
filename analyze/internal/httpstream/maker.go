// Package httpstream is what HTTP/2 and HTTP/3 share of WebSockets on streams (RFC 8441, RFC 9220): a stream on which a
// WebSocket was asked for or may be, from its request to its end. It makes the handshake event, and is the Carrier of
// what follows.
//
// A stream is told heads, octets and ends by its transport, which alone knows frames: see internal/h2conn and
// internal/h3conn.
package httpstream

import (
	"wshake/analyze/event"
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

// Maker is what the streams of a shard share.
type Maker struct {
	*shard.Shard
	next    Next
	attempt event.Handshake // being judged
}

// NewMaker returns a Maker for a shard, whose streams hand over to the layers of next.
func NewMaker(s *shard.Shard, next Next) *Maker { return &Maker{Shard: s, next: next} }
