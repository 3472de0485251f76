package ws

import "wshake/analyze/event"

// takePayload takes what p has of the frame's payload.
func (s *Stream) takePayload(at *At, p []byte) int {
	if s.left < uint64(len(p)) {
		p = p[:s.left]
	}
	f := &s.frame
	pos := f.Length - s.left
	n := uint64(len(p))
	s.left -= n
	s.offset += n
	s.totals.Payload += n
	later(&f.Last, at)
	if s.duty&dutyText != 0 {
		s.at.Set(at)
	}
	if f.Masked {
		s.takeMasked(p, pos)
	} else {
		s.takePlain(p)
	}
	if s.left == 0 {
		s.endFrame()
	}
	return int(n)
}

// takeMasked unmasks as much of p, which stands at payload offset pos, as somebody looks at.
func (s *Stream) takeMasked(p []byte, pos uint64) {
	for len(p) > 0 {
		n := min(len(p), len(Scratch{}.plain), s.looked())
		if n == 0 {
			s.pass(uint64(len(p)))
			return
		}
		plain := s.options.Scratch.plain[:n]
		unmask(plain, p[:n], s.frame.Key, pos)
		s.takePlain(plain)
		p, pos = p[n:], pos+uint64(n)
	}
}

// looked is how many of the next payload octets somebody looks at.
func (s *Stream) looked() int {
	switch {
	case s.options.Want&WantFramePayload != 0:
		return len(Scratch{}.plain)
	case s.frame.Opcode.Control():
		return s.controlRoom()
	case !s.member:
		return 0
	case s.duty&^dutyPrefix != 0:
		return len(Scratch{}.plain)
	case s.duty != 0:
		return int(s.firsts) - len(s.message.Prefix)
	}
	return 0
}

// controlRoom is how many of the next payload octets of a control frame are kept.
func (s *Stream) controlRoom() int {
	if s.frame.Missing > 0 {
		return 0
	}
	return event.MaxControl - int(s.controlSize)
}

// pass counts n payload octets that nobody looks at.
func (s *Stream) pass(n uint64) {
	s.frame.Captured += n
	if s.member {
		s.message.WireLength += n
		if !s.message.Compressed {
			s.message.Length += n
		}
	}
}

// takePlain takes the next payload octets, unmasked.
func (s *Stream) takePlain(p []byte) {
	f := &s.frame
	f.Captured += uint64(len(p))
	if f.Opcode.Control() {
		room := s.controlRoom()
		s.controlSize += uint8(copy(s.control[s.controlSize:], p[:min(len(p), room)]))
	}
	if s.options.Want&WantFramePayload != 0 {
		s.visitor.FramePayload(f, p)
	}
	if s.member {
		s.read(p)
	}
}
