package http2

import (
	"math/bits"
	"slices"
)

// search looks for frames where it is not known where they begin.
type search struct {
	octets []byte
	from   int    // octets before it were looked at: no frame begins there
	marks  []mark // of the packets that carried octets
	passed uint64 // octets looked at, those that are no longer kept included
}

// mark is a packet and where its octets begin.
type mark struct {
	begin int
	at    At
}

func (r *Reader) takeSearch(x *half, at At, p []byte) int {
	s := &x.search
	if n := len(s.marks); n == 0 || s.marks[n-1].at.Ordinal != at.Ordinal {
		s.marks = append(s.marks, mark{len(s.octets), at})
	}
	s.octets = append(s.octets, p...)
	if x.maiden {
		switch LooksLikePreface(s.octets) {
		case More:
			return len(p)
		case Yes:
			r.fromTheBeginning(x)
		}
		x.maiden = false
	}
	r.look(x, at, false)
	return len(p)
}

// fromTheBeginning is called when a client whose beginning seemed to be missing begins with its preface.
func (r *Reader) fromTheBeginning(x *half) {
	s := x.search
	x.reset(x.side, r.tables)
	r.opened, r.unseen, r.blind = 0, unseen{}, false
	for i, m := range s.marks {
		end := len(s.octets)
		if i+1 < len(s.marks) {
			end = s.marks[i+1].begin
		}
		r.feed(x, m.at, s.octets[m.begin:end])
	}
}

// look searches what is held, and reads on from the first frame that it finds. over says that nothing follows on what
// is held.
func (r *Reader) look(x *half, at At, over bool) {
	for s := &x.search; s.from < len(s.octets); {
		s.trim()
		switch r.chain(x, over) {
		case More:
			return
		case Yes:
			r.resume(x, at)
			return
		}
		s.from++
		s.passed++
	}
}

// begins says whether the octets of a packet begin at position i.
func (s *search) begins(i int) bool {
	_, found := slices.BinarySearchFunc(s.marks, i, func(m mark, i int) int { return m.begin - i })
	return found
}

// trim forgets the marks before the one that carried the next octet, and the octets looked at once they are many.
func (s *search) trim() {
	n := 0
	for n+1 < len(s.marks) && s.marks[n+1].begin <= s.from {
		n++
	}
	s.marks = append(s.marks[:0], s.marks[n:]...)
	if s.from < 16<<10 || s.from < len(s.octets)/2 {
		return
	}
	s.octets = append(s.octets[:0], s.octets[s.from:]...)
	for i := range s.marks {
		s.marks[i].begin -= s.from
	}
	s.from = 0
}

// resume reads on from the frame that was found.
func (r *Reader) resume(x *half, at At) {
	s := x.search
	x.search = search{}
	x.phase, x.last = inHeader, at
	r.lost(x, Loss{Kind: LossResumed, Bytes: s.passed})
	for i, m := range s.marks {
		end := len(s.octets)
		if i+1 < len(s.marks) {
			end = s.marks[i+1].begin
		}
		p := s.octets[max(m.begin, s.from):end]
		if x.phase != inWait {
			p = r.feed(x, m.at, p)
		}
		if len(p) > 0 {
			r.hold(x, piece{at: m.at, octets: p})
		}
	}
}

// giveUp ends a search, since nothing follows on what is held: a last look may find frames in it.
func (r *Reader) giveUp(x *half, at At) {
	if r.look(x, at, true); x.phase != inSearch {
		return
	}
	if n := x.search.passed; n > 0 {
		x.last = at
		r.lost(x, Loss{Kind: LossRest, Bytes: n})
	}
	x.search = search{}
}

const (
	// enough is how sure a search has to be, in bits: each position of a stream of 2^40 octets is wrong by chance with
	// 2^-80.
	enough = 80
	// atBorder is what it counts that frames begin with a packet: they mostly do.
	atBorder = 20
	// endsAtBorder is what it counts that a frame ends where a packet does.
	endsAtBorder = 10
)

// chain tells whether what is held begins with frame headers each of which stands where the one before it says. Its
// answer does not depend on how the octets of a packet were cut: while octets or the border of a packet may be missing
// that would change it, it is More. over says that nothing follows on what is held.
func (r *Reader) chain(x *half, over bool) Verdict {
	s := &x.search
	p := s.octets[s.from:]
	sum, open, at := 0, uint32(0), 0
	if s.begins(s.from) {
		sum = atBorder
	}
	for n := 0; ; n++ {
		if n > 0 && (s.begins(s.from+at) || over && at == len(p)) {
			if sum += endsAtBorder; sum >= enough {
				return Yes
			}
		}
		if at+headerSize > r.limits.Search {
			return No
		}
		h, size := parseHeader(p[min(at, len(p)):])
		if size == 0 {
			return short(over)
		}
		b := h.evidence()
		if b == 0 || h.Length > x.maxFrame || p[at+5] >= 0x80 || (open != 0 || h.Type == TypeContinuation && n > 0) && (h.Type != TypeContinuation || h.Stream != open) {
			return No
		}
		if r.streams.byID[h.Stream] != nil {
			b += knownStream - bits.Len(uint(len(r.streams.byID)))
		}
		if h.Type != TypePriority && h.Type != TypeRSTStream && h.Type != TypeWindowUpdate {
			payload := p[at+size:]
			want := int(min(h.Length, looked))
			if len(payload) < want && !over {
				return More
			}
			b = discount(b, payload[:min(want, len(payload))])
		}
		if sum += b; n > 0 && sum >= enough {
			return Yes
		}
		if open = 0; h.Type.block() && h.Flags&FlagEndHeaders == 0 {
			open = h.Stream
		}
		at += size + int(h.Length)
	}
}

// short is the answer where octets are missing.
func short(over bool) Verdict {
	if over {
		return No
	}
	return More
}

// knownStream is what it counts, in bits, that a frame is on the one stream that is followed; less where there are more.
const knownStream = 22

// looked is how many octets of a payload discount looks at.
const looked = 64

// discount says what a header counts if its payload begins with p. Where that is mostly small numbers, such as sound
// or pictures are, a frame header is less improbable, for it is made of small numbers.
func discount(bits int, p []byte) int {
	small := 0
	for _, c := range p {
		if c < 16 {
			small++
		}
	}
	if 3*small >= len(p) {
		return bits / 4
	}
	return bits
}

// evidence says how improbable it is that octets by chance make such a frame header, in bits, at least so many; 0
// where it breaks a rule. The types are taken for equally probable, lengths for at most 2^14 and streams for odd and
// below 2^24.
func (h Header) evidence() int {
	if h.misfit() != FaultNone || h.Stream >= 1<<24 || h.Stream != 0 && h.Stream&1 == 0 {
		return 0
	}
	var allowed Flags
	bits := 0
	switch h.Type {
	case TypeData:
		allowed, bits = FlagEndStream|FlagPadded, 30
	case TypeHeaders:
		allowed, bits = FlagEndStream|FlagEndHeaders|FlagPadded|FlagPriority, 28
	case TypePriority, TypeRSTStream, TypeWindowUpdate:
		bits = 36
	case TypeSettings:
		if h.Length > maxSettings {
			return 0
		}
		allowed, bits = FlagAck, 40
	case TypePushPromise:
		allowed, bits = FlagEndHeaders|FlagPadded, 29
	case TypePing:
		allowed, bits = FlagAck, 40
	case TypeGoAway:
		bits = 40
	case TypeContinuation:
		allowed, bits = FlagEndHeaders, 30
	case typePriorityUpdate:
		if h.Stream != 0 || h.Length < 4 {
			return 0
		}
		bits = 40
	}
	if h.Flags&^allowed != 0 {
		return 0
	}
	return bits
}

// typePriorityUpdate is the type of PRIORITY_UPDATE (RFC 9218 §7.1).
const typePriorityUpdate Type = 0x10
