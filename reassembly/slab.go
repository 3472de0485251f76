package reassembly

// slab holds the Conns of a Table in chunks that never move, so that they can be named by a number and pointed to. Number 0 is none.
type slab struct {
	chunks []*[chunkSize]Conn
	made   uint32 // numbers handed out for the first time
	free   uint32 // the first of those given back, linked by Conn.newer
	live   int
}

const chunkSize = 512

// at is the Conn with a number, nil for 0.
func (s *slab) at(n uint32) *Conn {
	if n == 0 {
		return nil
	}
	n--
	return &s.chunks[n/chunkSize][n%chunkSize]
}

// take gives a zero Conn that knows its number.
func (s *slab) take() *Conn {
	s.live++
	n := s.free
	if n != 0 {
		c := s.at(n)
		s.free = c.newer
		*c = Conn{self: n}
		return c
	}
	if s.made%chunkSize == 0 {
		s.chunks = append(s.chunks, new([chunkSize]Conn))
	}
	s.made++
	c := s.at(s.made)
	c.self = s.made
	return c
}

func (s *slab) give(c *Conn) {
	s.live--
	*c = Conn{self: c.self, newer: s.free}
	s.free = c.self
}
