package quic

// Varint reads a variable-length integer (RFC 9000 §16) and gives what is behind it. ok is false where p ends inside
// it.
func Varint(p []byte) (v uint64, rest []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	n := 1 << (p[0] >> 6)
	if len(p) < n {
		return 0, nil, false
	}
	v = uint64(p[0] & 0x3f)
	for _, c := range p[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, p[n:], true
}
