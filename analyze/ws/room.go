package ws

import (
	"hash"
	"wshake/analyze/event"
)

// Room is where Streams work: most of what they need to read a frame or a message is of no use once that is over, and of a great
// many connections few are inside of one. Its zero value is ready to use.
type Room struct {
	scratch [2048]byte // where payload is unmasked: a segment of an Ethernet path in one piece
	idle    []*work
}

// idleKept bounds how many are kept that nobody needs.
const idleKept = 64

// work is what a Stream is at: a frame, a message, or what it may become. Whoever takes it from a Room finds in it what somebody else left
// there: each part is set when it begins.
type work struct {
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
	prefix      [MaxPrefix]byte
	control     [event.MaxControl]byte
	digest      hash.Hash
	held        held
	search      search
}

// start gives s something to work with.
func (s *Stream) start() {
	if s.work == nil {
		s.work = s.options.Room.take()
		s.frame.From, s.message.From = s.side, s.side
	}
}

// rest gives the work back if nothing is unfinished.
func (s *Stream) rest() {
	switch {
	case s.open == openMessage || s.headSize > 0:
	case s.phase == inHeader || s.phase == inVain:
		s.leave()
	}
}

// leave gives the work back.
func (s *Stream) leave() {
	s.options.Room.give(s.work)
	s.work = nil
}

func (r *Room) take() *work {
	n := len(r.idle)
	if n == 0 {
		return new(work)
	}
	w := r.idle[n-1]
	r.idle = r.idle[:n-1]
	return w
}

func (r *Room) give(w *work) {
	if len(r.idle) < idleKept {
		r.idle = append(r.idle, w)
	}
}
