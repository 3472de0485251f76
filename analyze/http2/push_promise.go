package http2

// parsePushPromise reads the payload of a PUSH_PROMISE frame (RFC 9113 §6.6): the stream it promises and the fragment
// of the header block of the request for which that is.
func parsePushPromise(f Flags, p []byte) (promised uint32, fragment []byte, fault FaultKind) {
	p, ok := unpad(f, p)
	if !ok {
		return 0, nil, FaultPadding
	}
	if len(p) < 4 {
		return 0, nil, FaultFrameSize
	}
	return streamID(p), p[4:], FaultNone
}
