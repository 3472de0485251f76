package h3conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/httpstream"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// What streams ask of their connection: see httpstream.Transport.

// ConnectProtocol is not known where the request may rest on the SETTINGS of an earlier connection, which hold in 0-RTT
// until the server's own come (RFC 9114 §7.2.4.2).
func (l *Layer) ConnectProtocol(s *httpstream.Stream) event.Opt[event.Opt[event.At]] {
	if enabled := l.connect.Enabled; l.below.Early() && s.Asked() &&
		(!enabled.Known || s.First().Ordinal < enabled.Value.Ordinal) {
		return event.Opt[event.Opt[event.At]]{}
	}
	return l.connect.Evidence()
}

// Confirmed is always true: which datagrams were acknowledged is not followed.
func (l *Layer) Confirmed(event.Side) bool { return true }

// Complete is certain where the end of the direction was captured, or all packets were.
func (l *Layer) Complete(s *httpstream.Stream, side event.Side) bool {
	return s.Closed(side) || !l.below.Missing(side)
}

func (l *Layer) Silence(s *httpstream.Stream) *event.Silence {
	if !s.Closed(event.Server) {
		return nil
	}
	e := s.Stack().Ended(event.Server)
	switch {
	case s.ResetBy().Known:
		return &event.Silence{At: e.At, By: s.ResetBy().Value, Reset: true, Stream: true}
	case e.Why == reassembly.EndFIN:
		return &event.Silence{At: e.At, By: event.Server, Stream: true}
	}
	return nil
}

// transportEnded ends what the connection took with it: who closed that ended first.
func transportEnded(s *httpstream.Stream, at event.At, t layer.TransportEnd) {
	first := t.By.Value
	for _, side := range []event.Side{first, first.Other()} {
		why := reassembly.EndCaptureEnds
		switch {
		case s.ResetBy().Known:
			why = reassembly.EndPeerReset
		case t.Ended == event.EndedTimeout:
			why = reassembly.EndTimeout
		case !t.By.Known:
		case t.Ended == event.EndedFIN:
			why = reassembly.EndFIN
		case side == first:
			why = reassembly.EndReset
		default:
			why = reassembly.EndPeerReset
		}
		s.End(side, at, why)
	}
}

var _ httpstream.Transport = (*Layer)(nil)
