package search

import (
	"bytes"

	"wshake/analyze/event"
)

// Octets of a message that are looked at together, see Design.
const (
	Block   = 64 << 10
	Overlap = 4 << 10
	Context = 256
)

// Kept is how many matches of a message are told; the rest is counted.
const Kept = 100

// Budget bounds what the streams that share it hold, octets. It is used from one goroutine.
type Budget struct {
	Left  int
	spare [len(sizes)][][]byte // buffers that no stream needs, by their size
}

// A message lies in a buffer of one of these sizes, which goes from stream to stream. One of up to small octets counts by
// what is in it, a larger one whole. The largest has room for a window.
var sizes = [...]int{1 << 10, small, 16 << 10, Block + Overlap + Context}

const small = 4 << 10

// sparesMost is how much the buffers of a size that are kept take, octets.
const sparesMost = 512 << 10

// sizeFor is the place in sizes of the least that has room for n octets.
func sizeFor(n int) int {
	i := 0
	for sizes[i] < n {
		i++
	}
	return i
}

// cost is what a buffer with n octets in it counts.
func cost(capacity, n int) int {
	if capacity <= small {
		return n
	}
	return capacity
}

// buffer gives an empty buffer with room for n octets.
func (b *Budget) buffer(n int) []byte {
	size := sizeFor(n)
	spare := b.spare[size]
	if last := len(spare) - 1; last >= 0 {
		b.spare[size] = spare[:last]
		return spare[last]
	}
	return make([]byte, 0, sizes[size])
}

// free takes a buffer that a stream does not need any more.
func (b *Budget) free(p []byte) {
	if cap(p) == 0 {
		return
	}
	if size := sizeFor(cap(p)); len(b.spare[size])*cap(p) < sparesMost {
		b.spare[size] = append(b.spare[size], p[:0])
	}
}

// Stream searches one message after the other. Its zero value, with a pattern and a budget, is ready.
type Stream struct {
	Pattern *Pattern
	Budget  *Budget

	text    []byte // of the message, from base on
	base    uint64 // offset of text in the message
	block   uint64 // offset of the block that is looked at next
	marks   []mark // the packets that brought text
	charged int    // of the budget
	gaveUp  bool   // the budget was used up: the rest of the message is not searched
	matches []event.Match
	more    uint64
}

// mark says which packet brought the octets from an offset on.
type mark struct {
	offset uint64
	at     event.At
}

// sizeOfMark is what a mark takes, octets.
const sizeOfMark = 48

// Write takes the next octets of the message, which the packet at brought. p is only borrowed.
func (s *Stream) Write(at *event.At, p []byte) {
	for len(p) > 0 && !s.gaveUp {
		end := s.block + Block + Overlap // of the window
		n := min(uint64(len(p)), end-s.base-uint64(len(s.text)))
		s.take(at, p[:n])
		p = p[n:]
		if s.base+uint64(len(s.text)) == end {
			s.look(s.block + Block)
			s.slide()
		}
	}
}

func (s *Stream) take(at *event.At, p []byte) {
	need, capacity := len(s.text)+len(p), cap(s.text)
	if need > capacity {
		capacity = sizes[sizeFor(need)]
	}
	more := cost(capacity, need) - cost(cap(s.text), len(s.text))
	n := len(s.marks)
	marked := n > 0 && s.marks[n-1].at.Ordinal == at.Ordinal
	if !marked {
		more += sizeOfMark
	}
	if s.Budget.Left < more {
		s.giveUp()
		return
	}
	s.Budget.Left -= more
	s.charged += more
	if !marked {
		s.marks = append(s.marks, mark{s.base + uint64(len(s.text)), *at})
	}
	if need > cap(s.text) {
		grown := append(s.Budget.buffer(need), s.text...)
		s.Budget.free(s.text)
		s.text = grown
	}
	s.text = append(s.text, p...)
}

// giveUp looks at what is there and at nothing that comes.
func (s *Stream) giveUp() {
	s.look(s.base + uint64(len(s.text)))
	s.gaveUp = true
	s.release()
}

func (s *Stream) release() {
	s.Budget.Left += s.charged
	s.charged = 0
	s.Budget.free(s.text) // it may be long until the next message
	s.text, s.marks = nil, s.marks[:0]
	if cap(s.marks) > 16 {
		s.marks = nil
	}
}

// Unknown says that the next n octets are not known. No match reaches over them.
func (s *Stream) Unknown(n uint64) {
	next := s.base + uint64(len(s.text)) + n
	s.look(s.base + uint64(len(s.text)))
	s.release()
	s.base, s.block = next, next
}

// look tells the matches in text that begin in the block, before the offset end.
func (s *Stream) look(end uint64) {
	s.Pattern.each(s.text, func(i, j int) bool {
		begin := s.base + uint64(i)
		if begin >= end {
			return false
		}
		if begin < s.block {
			return true // told with the block before
		}
		if len(s.matches) == Kept {
			s.more++
			return true
		}
		s.matches = append(s.matches, event.Match{Offset: begin, At: s.packet(s.base + uint64(j) - 1), Text: bytes.Clone(s.text[i:min(j, i+Overlap)]),
			Before: bytes.Clone(s.text[max(0, i-Context):i]), After: bytes.Clone(s.text[j:min(len(s.text), j+Context)])})
		return true
	})
}

// packet is the packet that brought the octet at an offset.
func (s *Stream) packet(offset uint64) event.At {
	i := len(s.marks) - 1
	for i > 0 && s.marks[i].offset > offset {
		i--
	}
	return s.marks[i].at
}

// slide goes on to the next block.
func (s *Stream) slide() {
	s.block += Block
	drop := int(s.block - min(s.block, Context) - s.base)
	if s.block-s.base < Context {
		drop = 0
	}
	s.text = s.text[:copy(s.text, s.text[drop:])]
	s.base += uint64(drop)
	first := 0
	for first+1 < len(s.marks) && s.marks[first+1].offset <= s.base {
		first++
	}
	s.marks = s.marks[:copy(s.marks, s.marks[first:])]
	kept := cap(s.text) + len(s.marks)*sizeOfMark // behind a whole block the buffer is a large one
	s.Budget.Left += s.charged - kept
	s.charged = kept
}

// Finish ends the message: it gives its matches, how many more there were, and whether all of it was searched.
func (s *Stream) Finish() (matches []event.Match, more uint64, whole bool) {
	if !s.gaveUp && len(s.text) > 0 {
		s.look(s.base + uint64(len(s.text)))
	}
	matches, more, whole = s.matches, s.more, !s.gaveUp
	s.release()
	s.base, s.block, s.gaveUp, s.matches, s.more = 0, 0, false, nil, 0
	return matches, more, whole
}
