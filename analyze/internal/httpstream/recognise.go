package httpstream

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/ws"
)

// probeLimit bounds what is held for package ws to judge, octets of a side.
const probeLimit = 32 << 10

// decide looks whether what is held tells what it is.
func (s *Stream) decide(side event.Side) {
	if s.state == asked && side == event.Server {
		s.answerLost = true // a body or frames without the head before them
	}
	if s.recognise() {
		return
	}
	limit := s.streams.MaxHeld
	if s.state == probing {
		limit = probeLimit
	}
	if s.held[side].Octets <= limit {
		return
	}
	if s.state == asked {
		s.caveat(s.held[side].Pieces[0].At, "held-limit", fmt.Sprintf("the %s sent more on this stream than is kept "+
			"while the answer is not seen", side),
			event.Some(uint64(s.held[side].Octets)))
		s.held = [2]layer.Buffer{}
		return
	}
	s.forget()
}

// recognise looks whether what is held are frames, where the answer is not known or will not come.
func (s *Stream) recognise() bool {
	if s.state != probing && !s.answerLost && s.Seen(event.Server) {
		return false
	}
	g := ws.Probe([2][][]byte{s.held[0].Segments(), s.held[1].Segments()})
	if g.Verdict != ws.ProbeYes || g.Client != event.Client {
		return false
	}
	start := [2]ws.Start{ws.Midstream, ws.Midstream}
	if s.state == asked && !s.held[event.Client].Broken() {
		start[event.Client] = ws.AtHandshake
	}
	if s.request != nil || s.speaks {
		s.judge()
	}
	s.open(s.streams.next.Midstream(s, s.first, start))
	return true
}
