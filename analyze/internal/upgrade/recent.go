package upgrade

import "slices"

// recentKept is how much is kept of what came in place of an answer, octets.
const recentKept = 64

// recentOctets remembers the newest octets that a parser was given, so that what the parser finds to be no message can
// be shown from where it begins, however it was cut into segments.
type recentOctets struct {
	before []byte // at most recentKept, in store
	now    []byte // being read; borrowed
	offset uint64 // of now in the parser's stream
	into   *[]byte
	store  [2 * recentKept]byte
}

// reading takes octets that the parser is about to get, offset its place.
func (s *recentOctets) reading(offset uint64, p []byte) {
	if offset != s.offset {
		s.before, s.offset = s.before[:0], offset // behind a gap
	}
	s.now = p
	if s.into != nil {
		*s.into = append(*s.into, p[:min(len(p), recentKept-len(*s.into))]...)
	}
}

// read says that the parser took n of them.
func (s *recentOctets) read(n int) {
	if n >= recentKept {
		s.before = append(s.store[:0], s.now[n-recentKept:n]...)
	} else {
		s.before = append(s.store[:len(s.before)], s.now[:n]...)
		s.before = append(s.store[:0], s.before[max(0, len(s.before)-recentKept):]...)
	}
	s.now, s.offset = nil, s.offset+uint64(n)
}

// found says that no message begins at offset. What does goes to into, now and as it comes.
func (s *recentOctets) found(offset uint64, into *[]byte) {
	kept := slices.Concat(s.before, s.now)
	if begin := s.offset - uint64(len(s.before)); offset > begin {
		kept = kept[min(offset-begin, uint64(len(kept))):]
	}
	*into, s.into = kept[:min(len(kept), recentKept)], into
}
