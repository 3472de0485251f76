package ws

import (
	"crypto/sha256"
	"wshake/analyze/event"
)

// duty is a set of what is done with the payload of the message at hand. A bit is cleared when its work is over.
type duty uint8

const (
	dutyInflate duty = 1 << iota
	dutyText
	dutyDigest
	dutyLateDigest // dutyDigest, where it has not begun
	dutyDeliver
	dutyPrefix
)

// enter places the frame of h in its message, or in none.
func (s *Stream) enter(h *event.Header) {
	s.member, s.controlSize = false, 0
	switch {
	case h.Opcode == event.OpText || h.Opcode == event.OpBinary:
		if s.open == openMessage {
			s.message.Interrupted = true
			s.endMessage()
		}
		s.beginMessage(h)
	case h.Opcode != event.OpContinuation || s.open == openNone:
		return
	case s.open == openUnknown:
		s.beginMessage(h)
	}
	s.member, s.open = true, openMessage
	m := &s.message
	m.Frames++
	if h.Length <= 1 {
		m.Tiny++
	}
	if h.RSV&^s.understood() != 0 {
		m.Opaque = true
		s.duty &^= dutyText | dutyDigest | dutyLateDigest
	}
}

// understood are the RSV bits whose meaning this package knows.
func (s *Stream) understood() event.RSV {
	if s.foreign {
		return 0
	}
	return s.rsv
}

func (s *Stream) beginMessage(h *event.Header) {
	s.totals.Messages++
	m := &s.message
	m.renew()
	m.Opcode, m.Prefix = h.Opcode, s.prefix[:0]
	m.First.Set(&s.frame.First)
	m.Last.Set(&s.frame.Last)
	s.duty = 0
	if h.Opcode == event.OpContinuation {
		return // nothing in it can be read: what it continues is not known
	}
	s.duty = dutyPrefix
	if s.options.Want&WantMessagePayload != 0 {
		s.duty |= dutyDeliver
	}
	switch {
	case s.options.Want&WantLateDigest != 0:
		s.duty |= dutyLateDigest
	case s.options.Want&WantDigest != 0:
		s.beginDigest()
	}
	if h.Opcode == event.OpText {
		s.duty |= dutyText
		s.text = validator{}
	}
	if h.RSV&event.RSV1 != 0 && (s.deflate || s.unseen) {
		s.beginInflate()
	}
}

func (s *Stream) beginDigest() {
	s.duty |= dutyDigest
	if s.digest == nil {
		s.digest = sha256.New()
	}
	s.digest.Reset()
}

// read takes the next payload octets of the message.
func (s *Stream) read(p []byte) {
	m := &s.message
	m.WireLength += uint64(len(p))
	switch {
	case !m.Compressed:
		s.decoded(p)
	case s.duty&dutyInflate != 0:
		if err := s.inflate.Write(p, (*inflated)(s)); err != nil {
			s.failInflate(err)
		}
	}
}

// decoded takes the next octets of the message as its sender meant them.
func (s *Stream) decoded(p []byte) {
	m := &s.message
	before := m.Length
	m.Length += uint64(len(p))
	if s.duty == 0 {
		return
	}
	if s.duty&dutyText != 0 {
		if bad := s.text.write(p); bad >= 0 {
			s.badText(before+uint64(bad), s.at)
		}
	}
	if s.duty&dutyPrefix != 0 {
		n := copy(s.prefix[len(m.Prefix):s.firsts], p)
		m.Prefix = s.prefix[:len(m.Prefix)+n]
		if len(m.Prefix) == int(s.firsts) {
			s.duty &^= dutyPrefix
		}
	}
	if s.duty&dutyLateDigest != 0 {
		kept, more := s.visitor.MessageKept(m, len(p))
		if limit := s.options.MaxMessage; !more || limit > 0 && m.Length > limit {
			s.duty &^= dutyLateDigest
			s.beginDigest()
			s.digest.Write(kept)
		}
	}
	if s.duty&dutyDigest != 0 {
		s.digest.Write(p)
	}
	if s.duty&dutyDeliver != 0 {
		s.deliver(before, p)
	}
}

// unknown counts the next n octets of the message, which repeat octets that were not captured.
func (s *Stream) unknown(n uint64) {
	m := &s.message
	before := m.Length
	m.Length += n
	s.duty &^= dutyDigest | dutyLateDigest
	if s.duty&dutyText != 0 {
		s.text.skip()
	}
	if s.duty&dutyPrefix != 0 {
		m.Prefix = m.Prefix[:0]
		s.duty &^= dutyPrefix
	}
	if s.duty&dutyDeliver == 0 {
		return
	}
	if limit := s.options.MaxMessage; limit > 0 && before+n >= limit {
		n = limit - before
		s.duty &^= dutyDeliver
	}
	if n > 0 {
		s.visitor.MessageUnknown(m, n)
	}
}

// deliver hands p, which stands at offset before in the message, to the visitor, up to the limit.
func (s *Stream) deliver(before uint64, p []byte) {
	if limit := s.options.MaxMessage; limit > 0 && before+uint64(len(p)) >= limit {
		p = p[:limit-before]
		s.duty &^= dutyDeliver
	}
	if len(p) > 0 {
		s.visitor.MessagePayload(&s.message, p)
	}
}

func (s *Stream) badText(offset uint64, at At) {
	s.duty &^= dutyText
	if s.unseen && s.message.Compressed {
		return // that RSV1 means permessage-deflate is then only likely
	}
	s.message.UTF8, s.message.BadText = UTF8Invalid, offset
	s.visitor.BadText(&s.message, at)
}

// puncture says that n payload octets fell into a gap.
func (s *Stream) puncture(n uint64) {
	if !s.member || n == 0 {
		return
	}
	s.message.Missing += n
	s.duty = 0
	if s.message.Compressed || s.message.Opcode == event.OpContinuation {
		s.forgetInflate() // uncompressed messages are no part of the history (RFC 7692 §6.1)
	}
}

// breakMessage says that headers were missed: what the open message went on with is not known.
func (s *Stream) breakMessage() {
	if s.open == openMessage {
		s.message.Broken = true
	}
	s.forgetInflate()
	s.endMessage()
}

// finishMessage ends the message behind its last frame.
func (s *Stream) finishMessage() {
	m := &s.message
	s.at.Set(&s.frame.Last)
	if s.inflating {
		s.endInflate()
	}
	if s.duty&dutyText != 0 {
		switch {
		case !s.text.whole():
			s.badText(m.Length, s.at)
		case m.Inflate.UnknownBytes == 0:
			m.UTF8 = UTF8Valid
		}
	}
	if s.duty&dutyDigest != 0 {
		s.digest.Sum(m.Digest[:0])
		m.Hashed = true
	}
	m.Kept = s.duty&dutyLateDigest != 0
	m.Finished = true
	m.Complete = m.Missing == 0 && m.Opcode != event.OpContinuation
	s.endMessage()
}

// endMessage reports the open message, if there is one, as it stands.
func (s *Stream) endMessage() {
	if s.open != openMessage {
		return
	}
	m := &s.message
	if s.inflating {
		s.dropInflate()
	}
	s.open, s.member, s.duty = openNone, false, 0
	if s.options.Want&WantMessagePayload != 0 {
		if limit := s.options.MaxMessage; limit > 0 && m.Length > limit {
			m.Withheld = m.Length - limit
		}
	}
	s.visitor.MessageEnd(m)
}
