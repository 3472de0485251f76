package http2

// data is the DATA frame at hand (RFC 9113 §6.1).
type data struct {
	stream *stream // nil where it is not followed
	padded bool    // the length of the padding is the next octet
	octets uint32  // of data that are to come; padding is behind them
}

func (r *Reader) beginData(x *half) {
	h := x.frame
	x.phase = inData
	x.data = data{stream: r.streams.get(h.Stream), padded: h.Flags&FlagPadded != 0, octets: h.Length}
	if x.data.stream == nil && h.Stream&1 == 1 && r.unseen.has(h.Stream) {
		x.data.stream = r.stray(x, h.Stream)
	}
	r.flow.sent(r, x.side, x.data.stream, h.Length, x.last)
	if h.Length == 0 && x.data.padded {
		r.fault(x, FaultPadding, nil)
	}
}

func (r *Reader) takeData(x *half, at At, p []byte) int {
	x.last = at
	if x.data.padded {
		x.data.padded = false
		x.left--
		x.data.octets = x.left - uint32(p[0])
		if uint32(p[0]) > x.left {
			x.data.octets = 0
			r.fault(x, FaultPadding, nil)
		}
		if x.left == 0 {
			r.finish(x, nil)
		}
		return 1
	}
	n := int(min(uint64(x.left), uint64(len(p))))
	if m := min(n, int(x.data.octets)); m > 0 {
		x.data.octets -= uint32(m)
		if s := x.data.stream; s.takes(x.side) {
			r.handler.Data(x.side, at, s.id, p[:m])
		}
	}
	if x.left -= uint32(n); x.left == 0 {
		r.finish(x, nil)
	}
	return n
}

func (r *Reader) finishData(x *half) {
	s := x.data.stream
	x.data.stream = nil
	r.flow.rest(x.side, s, x.last)
	if s.followed() && x.frame.Flags&FlagEndStream != 0 {
		r.endStream(x, s)
	}
}

// gapData passes over n octets of the frame that are missing.
func (r *Reader) gapData(x *half, n uint64) {
	m := uint32(min(n, uint64(x.left)))
	missing := uint64(min(m, x.data.octets))
	if x.data.padded || n == Unknown {
		// How much of it is padding is not known.
		missing = Unknown
		x.data.octets = 0
	} else {
		x.data.octets -= uint32(missing)
	}
	x.data.padded = false
	if s := x.data.stream; s.takes(x.side) && missing > 0 {
		r.handler.Gap(x.side, x.last, s.id, missing)
	}
	if x.left -= m; x.left == 0 {
		r.finish(x, nil)
	}
}
