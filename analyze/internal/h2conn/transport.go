package h2conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/httpstream"
	"wshake/reassembly"
)

// What streams ask of their connection: see httpstream.Transport.

func (l *Layer) ConnectProtocol(*httpstream.Stream) event.Opt[event.Opt[event.At]] {
	return l.connect.Evidence()
}

// Confirmed is that of the connection: its frames lie in one stream.
func (l *Layer) Confirmed(side event.Side) bool { return l.below.Confirmed(side) }

// Complete is always true: what is missing of a connection of TCP is told as a gap before a stream ends.
func (l *Layer) Complete(*httpstream.Stream, event.Side) bool { return true }

func (l *Layer) Silence(s *httpstream.Stream) *event.Silence {
	if l.connect.Missed || !l.below.Seen(event.Server) {
		return nil
	}
	e := s.Stack().Ended(event.Server)
	switch e.Why {
	case reassembly.EndFIN, reassembly.EndReset, reassembly.EndPeerReset:
	default:
		return nil
	}
	if l.gaps[event.Server] {
		return nil // the answer may be in that
	}
	by, at := event.Server, e.At // END_STREAM of a request says nothing
	switch {
	case s.ResetBy().Known:
		by = s.ResetBy().Value
	case e.Why == reassembly.EndPeerReset:
		by = event.Client
	case !s.Closed(event.Server):
		first := l.below.Stack().First() // who closed the connection
		if by = first.Side; first.Why != 0 {
			at = first.At
		}
	}
	return &event.Silence{At: at, By: by, Reset: e.Why != reassembly.EndFIN, Stream: s.ResetBy().Known ||
		s.Closed(event.Server)}
}

// doubtAnswer is called when the client ends a stream or the connection. Where its packet acknowledges more than was
// read of the server, the answer may be in that.
func (l *Layer) doubtAnswer(s *httpstream.Stream, at event.At) {
	if !s.Answered() && (at.Acked < 0 || uint64(at.Acked) > l.below.Stack().Heard[event.Server]) {
		s.LoseAnswer()
	}
}

var _ httpstream.Transport = (*Layer)(nil)
