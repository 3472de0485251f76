package h3conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// The Carrier of what is above a stream.

// Conn is the connection's identity with the stream in it.
func (s *stream) Conn() *event.Conn {
	if s.conn == nil {
		c := *s.layer.below.Conn()
		c.Stream = event.Some(s.id)
		s.conn = &c
	}
	return s.conn
}

func (s *stream) Describe(h *event.Handshake) { s.layer.below.Describe(h) }

// Account begins the event of the stream; packets, octets and duration are its own.
func (s *stream) Account(at event.At) event.Connection {
	e := s.layer.below.Account(at)
	e.Conn, e.At, e.WebSocket = s.Conn(), at, s.stack.WebSocket
	e.Packets, e.Bytes, e.Duration = s.packets, s.octets, s.last.Time-s.first.Time
	e.EndedBy = event.Opt[event.Side]{}
	s.stack.Fate(&e)
	if s.resetBy.Known {
		e.Ended, e.EndedBy, e.ResetCode = event.EndedStreamReset, s.resetBy, s.evidence.ResetCode
	}
	e.EndStream = s.ended
	return e
}

func (s *stream) Stack() *layer.Stack       { return &s.stack }
func (s *stream) Seen(side event.Side) bool { return s.layer.below.Seen(side) }

// Confirmed is always true: which datagrams were acknowledged is not followed.
func (s *stream) Confirmed(event.Side) bool { return true }

// Complete reports whether it is certain that a side sent nothing behind what was read: the end of its direction was
// captured, or all packets were.
func (s *stream) Complete(side event.Side) bool { return s.own[side] || !s.layer.below.Missing(side) }

func (s *stream) First() event.At        { return s.first }
func (s *stream) Last() event.At         { return s.last }
func (s *stream) Keep(worth layer.Worth) { s.layer.below.Keep(worth) }
func (s *stream) Detach()                {}
func (s *stream) Release()               { s.stack.Top = layer.Ignored{} }

var _ layer.Carrier = (*stream)(nil)
