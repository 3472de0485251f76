package ws

// How long frames are searched for behind a gap.
const (
	searchRoom  = 64 << 10 // octets held, and one call of Data more
	searchCuts  = 1 << 10  // segments held
	searchLimit = 1 << 20  // octets passed over before the search is given up
	searchFirst = 1 << 10  // octets held at the first search in all places; again at each doubling

	nearEnough   = headerBits + borderBits // for a frame that fills its segment, where one is expected
	borderTried  = 32                      // how many segment starts are tried
	borderEnough = 24                      // bits: for two frames that fill their segments, or four in a row
	placeEnough  = borderEnough + 16       // for any of up to 2^16 places
)

// search is where a Stream stands that looks for frames.
type search struct {
	from   uint64 // offset in the stream of the first octet passed over
	before uint64 // Totals.Undecoded there
	next   int    // octets held at the next search in all places
	near   bool   // the first octet held probably begins a frame
}

// lose begins a search at the next octet.
func (s *Stream) lose() {
	s.phase, s.open, s.strained, s.cleared = inSearch, openUnknown, false, false
	s.held = held{}
	s.search = search{from: s.offset, before: s.totals.Undecoded, next: searchFirst}
}

// holdHole holds the place of n octets that were not captured among those that are searched, unless they are too many.
// Where packets are cut, frames are found by headers that lead from one segment to the next.
func (s *Stream) holdHole(at *At, n uint64) bool {
	h := &s.held
	if len(h.octets) == 0 || len(h.octets) >= searchRoom || n > uint64(searchRoom-len(h.octets)) || len(h.pieces) >= searchCuts {
		return false
	}
	h.miss(at, int(n))
	if len(h.pieces)-h.holes <= borderTried {
		if found := s.searchBorders(); found >= 0 {
			s.resume(at, found)
		}
	}
	return true
}

// takeSearch holds the next octets and looks for frames among all that are held.
func (s *Stream) takeSearch(at *At, p []byte) int {
	p = p[:min(len(p), searchRoom)]
	h := &s.held
	h.add(at, p)
	if len(h.pieces)-h.holes <= borderTried {
		if found := s.searchBorders(); found >= 0 {
			s.resume(at, found)
			return len(p)
		}
	}
	if len(h.octets) >= s.search.next {
		s.search.next = max(2*s.search.next, len(h.octets)+1)
		if found := s.searchPlaces(); found >= 0 {
			s.resume(at, found)
			return len(p)
		}
	}
	if len(h.octets) >= searchRoom || len(h.pieces) >= searchCuts {
		s.forgetHalf(at)
	}
	return len(p)
}

// searchBorders is the first segment start where frames stand, as an index of held, or -1.
func (s *Stream) searchBorders() int {
	a := s.strict()
	tried := 0
	for i, p := range s.held.pieces {
		if p.missing {
			continue
		}
		enough := borderEnough
		if i == 0 && s.search.near {
			enough = nearEnough
		}
		if a.chain(&s.held, p.start, enough) >= enough {
			return p.start
		}
		if tried++; tried == borderTried {
			break
		}
	}
	return -1
}

// searchPlaces is the first place where frames stand, as an index of held, or -1.
func (s *Stream) searchPlaces() int {
	a := s.strict()
	for i, c := range s.held.octets {
		if c < 0x80 { // without FIN: proves nothing, and is what most data is made of
			continue
		}
		if a.chain(&s.held, i, placeEnough) >= placeEnough {
			return i
		}
	}
	return -1
}

// resume reads frames from index found of held on.
func (s *Stream) resume(at *At, found int) {
	h := s.held
	s.held, s.phase = held{}, inHeader
	s.passOver(&h, found)
	s.visitor.Lost(Loss{Kind: LossResumed, From: s.side, Offset: s.search.from, Bytes: s.passed(), At: *at})
	s.replay(h, found)
}

// passOver passes over the first n octets of h.
func (s *Stream) passOver(h *held, n int) {
	s.offset += uint64(n)
	s.totals.Undecoded += uint64(h.known(n))
}

// passed counts the captured octets that the search has passed over.
func (s *Stream) passed() uint64 { return s.totals.Undecoded - s.search.before }

// forgetHalf makes room, or gives up where the limit is reached.
func (s *Stream) forgetHalf(at *At) {
	h := s.held
	kept := len(h.pieces)
	for kept > 0 && h.pieces[kept-1].start >= searchRoom/2 {
		kept--
	}
	s.held = held{}
	for i := kept; i < len(h.pieces); i++ {
		if h.pieces[i].missing {
			s.held.miss(&h.pieces[i].at, len(h.piece(i)))
		} else {
			s.held.add(&h.pieces[i].at, h.piece(i))
		}
	}
	s.search.near = false
	s.passOver(&h, len(h.octets)-len(s.held.octets))
	s.search.next = len(s.held.octets) + searchRoom/2
	if s.offset-s.search.from >= searchLimit {
		s.dropSearch(at)
		s.phase = inVain
	}
}

// searchLast searches what is held for the last time: no octet follows it.
func (s *Stream) searchLast(at *At) {
	found := s.searchBorders()
	if found < 0 {
		found = s.searchPlaces()
	}
	if found >= 0 {
		s.resume(at, found)
		return
	}
	s.dropSearch(at)
}

// dropSearch passes over all that was searched.
func (s *Stream) dropSearch(at *At) {
	s.passOver(&s.held, len(s.held.octets))
	if n := s.passed(); n > 0 {
		s.visitor.Lost(Loss{Kind: LossGap, From: s.side, Offset: s.search.from, Bytes: n, At: *at})
	}
	s.held = held{}
	s.search.from, s.search.before, s.search.near = s.offset, s.totals.Undecoded, false
}
