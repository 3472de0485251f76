package analyze

import "wshake/reassembly"

// Prefetch reads the memory of a session that the next octets need: see reassembly.Prefetchable.
func (s *session) Prefetch(dir reassembly.Dir, step int) byte {
	if step == 0 {
		return byte(s.offset[0] + s.heard[1])
	}
	if c, ok := s.layer.(*conversation); ok {
		return byte(c.idle) + byte(c.last.Length) + c.stream[s.side(dir)].Prefetch()
	}
	return 0
}
