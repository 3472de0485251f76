package http2

// Sense is what segments of one direction, whose beginning was not captured, say about it.
type Sense struct {
	Verdict Verdict // whether they carry frames
	// Sender counts the frames that only one side sends: header blocks that begin with a request's or an answer's first
	// field, and WebSocket frames with or without a mask.
	Sender [2]int
}

// senseTried is how many segments are taken for the beginning of frames.
const senseTried = 16

// SenseOf looks for frames that begin with one of the first segments.
func SenseOf(segments [][]byte) (found Sense) {
	r := Reader{limits: Limits{}.withDefaults()}
	x := half{maxFrame: defaultMaxFrame}
	s := &x.search
	for _, p := range segments {
		if len(p) > 0 {
			s.marks = append(s.marks, mark{begin: len(s.octets)})
			s.octets = append(s.octets, p...)
		}
	}
	for i, m := range s.marks {
		if i == senseTried {
			break
		}
		s.from = m.begin
		switch r.chain(&x, false) {
		case Yes:
			found.Verdict = Yes
			found.count(s.octets[s.from:])
			return found
		case More:
			found.Verdict = More
			continue
		}
		if found.Verdict != More {
			found.Verdict = No
		}
	}
	return found
}

// count looks at the frames that p begins with.
func (s *Sense) count(p []byte) {
	for {
		h, n := parseHeader(p)
		if n == 0 || h.misfit() != FaultNone || int(h.Length) > len(p)-n {
			return
		}
		payload := p[n : n+int(h.Length)]
		p = p[n+int(h.Length):]
		switch h.Type {
		case TypePushPromise:
			s.Sender[Server]++
		case TypeHeaders:
			if block, fault := parseHeaders(h.Flags, payload); fault == FaultNone {
				s.head(block)
			}
		case TypeData:
			if data, ok := unpad(h.Flags, payload); ok {
				s.data(data)
			}
		}
	}
}

// head looks at the first field of a header block, which is a pseudo-field (RFC 9113 §8.3), where the static table
// names it (RFC 7541 Appendix A): :method is there twice, :status seven times.
func (s *Sense) head(block []byte) {
	for len(block) > 0 && block[0]>>5 == 1 && block[0] != 0x3f { // a change of the table's size
		block = block[1:]
	}
	if len(block) == 0 {
		return
	}
	index := block[0] & 0x0f
	switch c := block[0]; {
	case c >= 0x80:
		index = c & 0x7f
	case c >= 0x40:
		index = c & 0x3f
	}
	switch {
	case index >= 1 && index <= 7:
		s.Sender[Client]++
	case index >= 8 && index <= 14:
		s.Sender[Server]++
	}
}

// data looks whether p is one whole WebSocket frame (RFC 6455 §5.2).
func (s *Sense) data(p []byte) {
	if len(p) < 2 || p[0]&0x30 != 0 || p[0]&0x07 > 2 {
		return
	}
	header, length := 2, int(p[1]&0x7f)
	if length == 126 && len(p) >= 4 {
		header, length = 4, int(p[2])<<8|int(p[3])
	}
	switch masked := p[1] >= 0x80; {
	case masked && header+4+length == len(p):
		s.Sender[Client]++
	case !masked && header+length == len(p):
		s.Sender[Server]++
	}
}
