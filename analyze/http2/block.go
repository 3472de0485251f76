package http2

import "wshake/analyze/http2/hpack"

// block is a header block on its way: HEADERS or PUSH_PROMISE and the CONTINUATION behind it (RFC 9113 §4.3).
type block struct {
	open      bool // CONTINUATION follows
	broken    bool // it cannot be read
	promise   bool
	endStream bool
	stream    uint32
	first     At
	octets    []byte // of fragments that came before the frame at hand
	size      int    // of all fragments
}

// block says whether a frame of that type carries a fragment of a header block.
func (t Type) block() bool { return t == TypeHeaders || t == TypePushPromise || t == TypeContinuation }

// most is how much a HEADERS frame has besides its fragment.
const most = 1 + 255 + prioritySize

func (r *Reader) beginFragment(x *half) {
	h, b := x.frame, &x.block
	x.phase = inPayload
	if h.Type != TypeContinuation {
		*b = block{stream: h.Stream, first: x.first, promise: h.Type == TypePushPromise, octets: b.octets[:0]}
		b.endStream = h.Type == TypeHeaders && h.Flags&FlagEndStream != 0
		if b.promise && x.side == Client {
			r.fault(x, FaultPush, nil)
		}
	} else if !b.open {
		if !x.astray {
			r.fault(x, FaultContinuation, nil)
		}
		*b = block{stream: h.Stream, first: x.first, broken: true, octets: b.octets[:0]}
		x.decoder.Lose()
	}
	b.open = true
	if !b.broken && b.size+int(h.Length) > r.limits.Block+most {
		r.breakBlock(x, Loss{Kind: LimitBlock, Frame: h.Type, Stream: b.stream})
	}
	if b.broken {
		x.phase = inSkip
	}
}

// breakBlock gives up the block at hand. The table is not known behind it. l says why, unless a fault was told.
func (r *Reader) breakBlock(x *half, l Loss) {
	b := &x.block
	b.broken, b.octets = true, nil
	x.decoder.Lose()
	if !b.promise {
		if x.side == Client {
			r.unread(b.stream)
		}
		r.lost(x, l)
	}
}

// unread says that the request on a stream, if it is one, could not be read.
func (r *Reader) unread(stream uint32) {
	if stream > r.opened && stream&1 == 1 {
		r.unseen.close(r.opened, stream)
		r.unseen.add(stream, stream)
		r.opened, r.blind = stream, false
	}
}

// finishFragment takes the fragment in the payload p. Where it was skipped, whole is false.
func (r *Reader) finishFragment(x *half, p []byte, whole bool) {
	b := &x.block
	if !whole && !b.broken && x.frame.Length > 0 {
		return // it was never begun
	}
	if !b.broken {
		fragment, fault := p, FaultNone
		switch x.frame.Type {
		case TypeHeaders:
			fragment, fault = parseHeaders(x.frame.Flags, p)
		case TypePushPromise:
			_, fragment, fault = parsePushPromise(x.frame.Flags, p)
		}
		switch {
		case fault != FaultNone:
			r.fault(x, fault, nil)
			r.breakBlock(x, Loss{Kind: LossBlock, Frame: x.frame.Type, Stream: b.stream})
		case x.frame.Flags&FlagEndHeaders != 0 && b.size == 0:
			b.size = len(fragment)
			b.open = false
			r.decode(x, fragment)
			return
		default:
			b.size += len(fragment)
			b.octets = append(b.octets, fragment...)
		}
	}
	if x.frame.Flags&FlagEndHeaders == 0 {
		return
	}
	b.open = false
	if b.broken {
		r.endBlock(x)
		return
	}
	r.decode(x, b.octets)
	b.octets = b.octets[:0]
	if cap(b.octets) > keptBuffer {
		b.octets = nil
	}
}

// decode reads a whole block and tells it.
func (r *Reader) decode(x *half, octets []byte) {
	b := &x.block
	if err := x.decoder.Decode(octets, r.block); err != nil {
		r.fault(x, FaultCompression, err)
		r.breakBlock(x, Loss{Kind: LossBlock, Frame: x.frame.Type, Stream: b.stream})
		r.endBlock(x)
		return
	}
	if b.promise {
		return
	}
	if r.block.Dropped > 0 {
		r.lost(x, Loss{Kind: LimitFields, Frame: x.frame.Type, Stream: b.stream})
	}
	r.head = Head{From: x.side, Stream: b.stream, Fields: r.block.Fields, Unknown: r.block.Unknown,
		Dropped:   r.block.Dropped,
		EndStream: b.endStream, First: b.first, Last: x.last, Octets: len(octets)}
	r.tell(x, &r.head)
	r.head.Fields = nil // the block may be another connection's next
	if r.block.Memory() > usualBlock {
		*r.block = hpack.Block{}
	}
}

// usualBlock is how much memory is kept from one header block to the next, octets.
const usualBlock = 32 << 10

// tell tells a head, and does what the handler answers.
func (r *Reader) tell(x *half, h *Head) {
	s := r.streams.get(h.Stream)
	old := h.Stream <= r.opened && !r.unseen.has(h.Stream)
	h.classify(s != nil && s.headed[x.side], x.side == Client && !old)
	if x.side == Client && h.Kind == Request {
		switch {
		case h.Stream > r.opened && h.Stream&1 == 1:
			r.unseen.close(r.opened, h.Stream)
			r.opened, r.blind = h.Stream, false
		case (old || h.Stream&1 == 0) && !h.Unknown && h.pseudo():
			r.tellOfFrame(x, &Fault{Kind: FaultStreamOrder, Bound: int64(r.opened)})
		}
	}
	switch r.handler.Head(h) {
	case Follow:
		if s == nil {
			s = r.follow(x, h.Stream, h.Kind == Request && !old)
		}
	case Ignore:
		r.decline(h.Stream)
		s = nil
	}
	if s != nil && h.Kind != Interim {
		s.headed[x.side] = true
	}
	r.endBlock(x)
}

// endBlock is called when a block is over, read or not.
func (r *Reader) endBlock(x *half) {
	if s := r.streams.get(x.block.stream); s != nil && x.block.endStream {
		r.endStream(x, s)
	}
}
