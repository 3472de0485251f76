package httpstream

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// state is how far a stream has come.
type state uint8

const (
	probing state = iota // it may carry frames: the request is not known
	asked                // a WebSocket was asked for and not answered
	refused              // the answer's body is read
	open                 // the layer above has it
	closed
)

// Stream is one stream on which a WebSocket was asked for or may be, and the Carrier of what it carries.
type Stream struct {
	ID      uint64
	streams *Streams
	state   state
	stack   layer.Stack
	conn    *event.Conn
	held    [2]layer.Buffer

	request, answer *event.Head
	evidence        event.Evidence
	answerLost      bool             // it may have been sent and not read
	doubts          []event.Caveat   // what is unknown of the heads, told with the handshake
	late            []*event.Finding // told behind the handshake, which may say what they follow from
	speaks          bool             // the answer says something of WebSocket by itself
	judged          bool
	leftOut         bool    // LeftOut gave it
	endStream       bool    // a side said that it sends nothing more
	own             [2]bool // the side itself ended its direction
	wounded         bool    // the caveat of lost octets of unknown number was given

	first, last event.At
	packets     uint64
	octets      uint64
	resetBy     event.Opt[event.Side]
	heads       int // memory of the heads kept, octets
	charged     int // octets in the size of all streams

	// Stop is who wants no more of the other side's octets, if that was said, and StopCode why (QUIC's STOP_SENDING).
	Stop     event.Opt[event.Side]
	StopCode string
}

// Asked reports whether a WebSocket was asked for, so that something is reported of the stream.
func (s *Stream) Asked() bool { return s.state != probing }

// Refused reports whether the answer refused it.
func (s *Stream) Refused() bool { return s.state == refused }

// Answered reports whether an answer was read.
func (s *Stream) Answered() bool { return s.answer != nil }

// AnswerLost reports whether an answer may have been sent and not read, and LoseAnswer takes note of it.
func (s *Stream) AnswerLost() bool { return s.answerLost }
func (s *Stream) LoseAnswer()      { s.answerLost = true }

// ResetBy is who broke the stream off.
func (s *Stream) ResetBy() event.Opt[event.Side] { return s.resetBy }

// Top is the layer above, nil where it was not handed over.
func (s *Stream) Top() layer.Layer {
	if s.state != open {
		return nil
	}
	return s.stack.Top
}

// count counts octets of the stream.
func (s *Stream) count(at event.At, n int) {
	s.octets += uint64(n)
	if at.Ordinal != s.last.Ordinal || s.packets == 0 {
		s.packets++
	}
	s.last = reassembly.Later(s.last, at)
}

// Answer takes a head of the server, trailers aside.
func (s *Stream) Answer(h *Head) {
	s.count(h.Last, 0)
	if s.state != asked && s.state != probing {
		return
	}
	defer s.charge()
	e := h.convert(s.streams.Version)
	if h.Interim && e.Status != 101 {
		if len(s.evidence.Interim) < event.InterimKept {
			s.evidence.Interim = append(s.evidence.Interim, e)
			s.heads += headMemory(e)
		}
		return
	}
	s.unknown(h, e)
	if e.Status == 0 && h.Unknown { // an answer of which the status is not known says nothing
		s.answerLost = true
		return
	}
	s.answer, s.speaks = e, h.OfWebSocket()
	s.heads += headMemory(e)
	switch {
	case s.state == probing: // what was asked for is not known
	case e.Status/100 == 2 && s.request.Has(":protocol"):
		hs := s.judge()
		if hs.Verdict == event.OtherUpgrade {
			s.open(s.streams.next.Opaque(hs, s))
			return
		}
		s.open(s.streams.next.Conversation(hs, s))
	default:
		s.state = refused
		s.held = [2]layer.Buffer{}
	}
}

// open hands over to a layer what is held, and the ends that came.
func (s *Stream) open(l layer.Layer) {
	s.state = open
	s.stack.Top = l
	s.stack.Replay(&s.held)
	for side := range s.held {
		if e := s.stack.Ended(event.Side(side)); e.Why != 0 {
			s.stack.Top.End(event.Side(side), e.At, e.Why)
		}
	}
}

// Data takes octets of DATA.
func (s *Stream) Data(side event.Side, at event.At, p []byte) {
	at.Acked = -1 // it counts other octets than the layers above do
	s.count(at, len(p))
	switch s.state {
	case open:
		s.stack.Data(side, at, p)
	case refused:
		if b := &s.evidence.Body; side == event.Server && len(*b) < handshake.BodyKept {
			*b = append(*b, p[:min(len(p), handshake.BodyKept-len(*b))]...)
		}
	case asked, probing:
		s.held[side].Add(at, p)
		s.decide(side)
	}
	s.charge()
}

// Gap says that n octets of DATA were not captured.
func (s *Stream) Gap(side event.Side, at event.At, n uint64) {
	at.Acked = -1
	s.missed(at, fmt.Sprintf("%d octets of the %s's stream were not captured", n, side), event.Some(n))
	s.gap(side, at, n)
	s.charge()
}

func (s *Stream) gap(side event.Side, at event.At, n uint64) {
	switch s.state {
	case open:
		s.stack.Gap(side, at, n)
	case asked, probing:
		s.held[side].AddGap(at, n)
	}
}

// missed says that octets of the stream were not captured, once something is reported of it.
func (s *Stream) missed(at event.At, text string, octets event.Opt[uint64]) {
	if s.state != probing {
		s.caveat(at, "gap", text, octets)
	}
}

// Lose says that an unknown number of octets of a side may be missing.
func (s *Stream) Lose(side event.Side, at event.At) {
	at.Acked = -1
	if s.stack.Ended(side).Why != 0 {
		return
	}
	if side == event.Server && s.state == asked {
		s.answerLost = true
	}
	if !s.wounded {
		s.wounded = true
		s.missed(at, fmt.Sprintf("octets of the %s's stream may be missing: frames of %s were not captured", side,
			s.streams.Version), event.Opt[uint64]{})
	}
	s.gap(side, at, layer.UnknownSize)
}
