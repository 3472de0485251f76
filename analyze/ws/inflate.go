package ws

import "wshake/analyze/ws/deflate"

// inflated is a Stream that takes what its messages inflate to.
type inflated Stream

func (s *inflated) Octets(p []byte) { (*Stream)(s).decoded(p) }
func (s *inflated) Unknown(n int)   { (*Stream)(s).unknown(uint64(n)) }

// beginInflate prepares for a message that RSV1 marks as compressed (RFC 7692 §6).
func (s *Stream) beginInflate() {
	if s.inflate == nil {
		s.inflate = deflate.New(s.options.Deflate)
		if s.forgotten || s.unseen {
			s.inflate.Forget()
		}
	}
	s.message.Compressed, s.message.Inflate.State = true, Inflated
	s.inflating = true
	s.duty |= dutyInflate
}

// failInflate ends the decoding of the message. Whether later messages can be read is the inflater's to say: it knows
// which of them refer to what is missing now.
func (s *Stream) failInflate(err error) {
	in := &s.message.Inflate
	in.State, in.Err = InflateFailed, err
	if s.unseen {
		in.State = InflateLost
	}
	s.duty = 0
}

// endInflate ends the message in the inflater.
func (s *Stream) endInflate() {
	s.inflating = false
	if err := s.inflate.End((*inflated)(s)); err != nil {
		s.failInflate(err)
	}
	in := &s.message.Inflate
	in.Facts, in.Again = s.inflate.Facts(), !s.inflate.Lost()
	if in.State == Inflated && in.UnknownBytes > 0 {
		in.State = InflatedPartly
	}
}

// dropInflate ends a message in the inflater that its sender did not finish.
func (s *Stream) dropInflate() {
	s.inflate.Forget()
	s.endInflate()
}

// forgetInflate says that octets were missed which may be part of the history.
func (s *Stream) forgetInflate() {
	s.forgotten = true
	if s.inflate != nil {
		s.inflate.Forget()
	}
	if s.inflating {
		s.message.Inflate.State = InflateLost
	}
}
