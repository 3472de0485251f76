package http2

// parseHeaders takes the fragment of a header block out of the payload of a HEADERS frame (RFC 9113 §6.2). The
// priority in it is deprecated (§5.3) and passed over.
func parseHeaders(f Flags, p []byte) (fragment []byte, fault FaultKind) {
	p, ok := unpad(f, p)
	if !ok {
		return nil, FaultPadding
	}
	if f&FlagPriority != 0 {
		if len(p) < prioritySize {
			return nil, FaultFrameSize
		}
		p = p[prioritySize:]
	}
	return p, FaultNone
}
