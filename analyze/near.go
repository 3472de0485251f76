package analyze

import "wshake/reassembly"

// Near reads what octets to come will need of a session: see reassembly.Near.
func (s *session) Near(dir reassembly.Dir, step int) byte {
	if step == 0 {
		return byte(s.offset[0] + s.heard[1])
	}
	if c, ok := s.layer.(*conversation); ok {
		return byte(c.idle) + byte(c.last.Length) + c.stream[s.side(dir)].Near()
	}
	return 0
}
