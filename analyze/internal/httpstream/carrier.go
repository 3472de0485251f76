package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// The Carrier of what is above a stream.

// Conn is the connection's identity with the stream in it.
func (s *Stream) Conn() *event.Conn {
	if s.conn == nil {
		c := *s.streams.Below.Conn()
		c.Stream = event.Some(s.ID)
		s.conn = &c
	}
	return s.conn
}

func (s *Stream) Describe(h *event.Handshake) {
	s.streams.Below.Describe(h)
	h.Transport = s.streams.Name
}

// Account begins the event of the stream; packets, octets and duration are its own.
func (s *Stream) Account(at event.At) event.Connection {
	e := s.streams.Below.Account(at)
	e.Conn, e.At, e.WebSocket = s.Conn(), at, s.stack.WebSocket
	e.Packets, e.Bytes, e.Duration = s.packets, s.octets, s.last.Time-s.first.Time
	e.EndedBy = event.Opt[event.Side]{}
	s.stack.Fate(&e)
	if s.resetBy.Known {
		e.Ended, e.EndedBy, e.ResetCode = event.EndedStreamReset, s.resetBy, s.evidence.ResetCode
		e.Stopped = s.evidence.Stopped
	}
	e.EndStream = s.endStream
	return e
}

func (s *Stream) Stack() *layer.Stack            { return &s.stack }
func (s *Stream) Seen(side event.Side) bool      { return s.streams.Below.Seen(side) }
func (s *Stream) Confirmed(side event.Side) bool { return s.streams.Transport.Confirmed(side) }

// Complete reports whether it is certain that a side sent nothing behind what was read.
func (s *Stream) Complete(side event.Side) bool { return s.streams.Transport.Complete(s, side) }

func (s *Stream) First() event.At        { return s.first }
func (s *Stream) Last() event.At         { return s.last }
func (s *Stream) Keep(worth layer.Worth) { s.streams.Below.Keep(worth) }
func (s *Stream) Detach()                {}
func (s *Stream) Release()               { s.stack.Top = layer.Ignored{} }

var _ layer.Carrier = (*Stream)(nil)
