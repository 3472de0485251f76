package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/http2/hpack/primitive"
	"wshake/analyze/internal/layer"
)

// judge makes the handshake event. What it returns is valid until the next one.
func (s *Stream) judge() *event.Handshake {
	s.judged, s.streams.Judged = true, true
	m := s.streams.Maker
	h := &m.attempt
	s.evidence.ConnectProtocol = s.streams.Transport.ConnectProtocol(s)
	*h = event.Handshake{Conn: s.Conn(), Request: s.request, Response: s.answer, Evidence: s.evidence}
	s.Describe(h)
	m.Checks.Handshake(handshake.Read(h), m.Policy)
	if h.Verdict == event.Established || h.Verdict == event.Invalid {
		s.stack.WebSocket = true
	}
	for _, c := range s.doubts {
		s.caveat(c.At, c.Name, c.Text, c.Bytes)
	}
	s.doubts = nil
	m.Handshake(*h)
	m.Findings(s.late)
	s.late = nil
	return h
}

// lateMost is how many findings wait for the handshake of a stream.
const lateMost = 16

// Tell tells what was found about a stream that was asked for, behind its handshake.
func (s *Stream) Tell(found []*event.Finding) {
	if s.judged || len(s.late)+len(found) > lateMost {
		s.streams.Findings(found)
		return
	}
	s.late = append(s.late, found...)
}

// unknown takes note of what is not known of a head, which e repeats.
func (s *Stream) unknown(h *Head, e *event.Head) {
	if !h.Unknown && h.Dropped == 0 {
		return
	}
	var u layer.UnknownFields
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown != 0 {
			u.Add(i+1, f.Entry, f.Unknown&primitive.UnknownValue == 0)
		}
	}
	for _, c := range u.Caveats(h.From, s.ID, e, len(h.Fields)+h.Dropped, h.Dropped) {
		s.Doubt(c)
	}
}

// Doubt keeps a caveat of the heads until the handshake is told.
func (s *Stream) Doubt(c event.Caveat) {
	if len(s.doubts) < layer.DoubtsKept {
		s.doubts = append(s.doubts, c)
		s.heads += len(c.Text)
	}
}

func (s *Stream) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	s.streams.Caveat(event.Caveat{Conn: s.Conn(), At: at, Name: name, Text: text, Bytes: octets})
}
