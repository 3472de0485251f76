package ws

import (
	"hash"

	"wshake/analyze/event"
	"wshake/analyze/internal/freelist"
)

// Scratch is the working memory that Streams of one goroutine share. A Stream needs it only inside a frame or a
// message, and of many connections few are inside of one at the same time. Its zero value is ready to use.
type Scratch struct {
	plain [2048]byte // where payload is unmasked: a segment of an Ethernet path in one piece
	idle  freelist.List[unfinished]
}

// unfinished is what a Stream keeps of a frame or a message that is not over, or of octets in which it looks for
// frames. Each part is set when it begins, so that nothing has to be cleared when the next Stream takes it over.
type unfinished struct {
	head        [MaxHeader]byte // a header that came in pieces
	headSize    uint8
	controlSize uint8
	member      bool // frame belongs to message
	inflating   bool // message is compressed and has not been ended in the inflater
	duty        duty // what is done with the payload of message
	text        validator
	left        uint64 // payload octets of frame still to come
	frame       Frame
	message     Message
	at          At // of the octets at hand
	prefix      [LongPrefix]byte
	control     [event.MaxControl]byte
	digest      hash.Hash
	held        held
	search      search
}

// start takes working memory, if s has none.
func (s *Stream) start() {
	if s.unfinished != nil {
		return
	}
	s.unfinished = s.options.Scratch.idle.Take()
	if s.unfinished == nil {
		s.unfinished = new(unfinished)
	}
	s.frame.From, s.message.From = s.side, s.side
}

// rest gives the working memory back if nothing is unfinished.
func (s *Stream) rest() {
	switch {
	case s.open == openMessage || s.headSize > 0:
	case s.phase == inHeader || s.phase == inVain:
		s.leave()
	}
}

// leave gives the working memory back.
func (s *Stream) leave() {
	s.options.Scratch.idle.Put(s.unfinished)
	s.unfinished = nil
}

// unfinishedSize is about what working memory takes, octets, without what is held.
const unfinishedSize = 1536

// Memory is about what s keeps besides itself and the window of its inflater, octets.
func (s *Stream) Memory() int {
	if s.unfinished == nil {
		return 0
	}
	size := unfinishedSize
	if s.phase == inSearch || s.phase == inDoubt {
		size += cap(s.held.octets) + 64*cap(s.held.pieces)
	}
	return size
}
