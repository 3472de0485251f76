package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// EndStream ends a side that said so.
func (s *Stream) EndStream(side event.Side, at event.At) {
	s.endStream = true
	s.Close(side)
	s.End(side, at, reassembly.EndFIN)
}

// Close takes note that a side itself ended its direction: behind it nothing can have been missed.
func (s *Stream) Close(side event.Side) { s.own[side] = true }

// Closed is what Close took note of.
func (s *Stream) Closed(side event.Side) bool { return s.own[side] }

// Stopped takes note that who broke the stream off sent STOP_SENDING.
func (s *Stream) Stopped() { s.evidence.Stopped = true }

// BreakOff takes note of who broke the stream off, and why. The ends of its sides are told besides.
func (s *Stream) BreakOff(by event.Side, code event.Opt[string]) {
	s.resetBy, s.evidence.ResetCode = event.Some(by), code
}

// End ends a side.
func (s *Stream) End(side event.Side, at event.At, why reassembly.End) {
	if s.stack.Ended(side).Why != 0 || s.state == closed {
		return
	}
	at.Acked = -1
	s.last = reassembly.Later(s.last, at)
	s.stack.Ends(side, at, why)
	s.stack.Top.End(side, at, why)
	if s.state == refused && side == event.Server && !s.judged {
		s.judge()
	}
	if s.stack.Over() {
		s.Finish(at)
	}
}

// Reset takes note of a RST of the connection: see layer.Resettable.
func (s *Stream) Reset(side event.Side, at event.At) {
	at.Acked = -1
	switch s.state {
	case asked:
		s.streams.Cut(event.Abrupt{Conn: s.Conn(), At: at, By: event.Some(side), Begun: true})
	case open:
		s.stack.Reset(side, at)
	}
}

// Finish makes the events of what was left open, and forgets the stream.
func (s *Stream) Finish(at event.At) {
	at.Acked = -1
	if s.state == asked || s.state == probing {
		s.recognise()
	}
	switch was := s.state; was {
	case closed:
		return
	case open:
		s.stack.Top.Finish(at)
	case asked, refused:
		if !s.judged {
			if was == asked && !s.answerLost {
				s.evidence.Silent = s.streams.Transport.Silence(s)
			}
			s.judge()
		}
		s.streams.Connection(s.Account(at))
	}
	s.forget()
}

// forget drops the stream.
func (s *Stream) forget() {
	s.state, s.held, s.stack.Top = closed, [2]layer.Buffer{}, layer.Ignored{}
	delete(s.streams.byID, s.ID)
	s.charge()
}
