package http2

// unpad takes the padding off the payload of a frame (RFC 9113 §6.1, §6.2, §6.6). ok is false where there is more of
// it than payload.
func unpad(f Flags, p []byte) (rest []byte, ok bool) {
	if f&FlagPadded == 0 {
		return p, true
	}
	if len(p) == 0 || int(p[0]) > len(p)-1 {
		return nil, false
	}
	return p[1 : len(p)-int(p[0])], true
}
