package reassembly

// slab holds the Conns of a Table in chunks that never move, so that a Conn can be named by a number and pointed to.
// Number 0 means none.
type slab struct {
	chunks    []*[chunkSize]Conn
	allocated uint32 // numbers handed out for the first time
	firstFree uint32 // the first of those given back, linked by Conn.newer
	live      int
}

const chunkSize = 64

// at is the Conn with a number, nil for 0.
func (s *slab) at(n uint32) *Conn {
	if n == 0 {
		return nil
	}
	n--
	return &s.chunks[n/chunkSize][n%chunkSize]
}

// alloc gives a zero Conn that knows its number.
func (s *slab) alloc() *Conn {
	s.live++
	n := s.firstFree
	if n != 0 {
		c := s.at(n)
		s.firstFree = c.newer
		*c = Conn{self: n}
		return c
	}
	if s.allocated%chunkSize == 0 {
		s.chunks = append(s.chunks, new([chunkSize]Conn))
	}
	s.allocated++
	c := s.at(s.allocated)
	c.self = s.allocated
	return c
}

func (s *slab) free(c *Conn) {
	s.live--
	*c = Conn{self: c.self, newer: s.firstFree}
	s.firstFree = c.self
}
