package http2

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// gap passes over n octets of x that are missing.
func (r *Reader) gap(x *half, at At, n uint64) {
	x.whole = false
	inside := uint64(0) // of the frame at hand
	switch x.phase {
	case inData, inPayload, inSkip:
		inside = min(n, uint64(x.left))
	}
	switch x.phase {
	case inVain:
		return
	case inForeign:
		r.tellForeign(x)
		return
	case inSearch:
		switch r.giveUp(x, at); x.phase {
		case inSearch:
		case inWait:
			r.hold(x, piece{at: at, gap: n})
		default:
			r.gap(x, at, n) // of the frames that were found
		}
		return
	case inPreface:
		if n <= uint64(len(preface)-x.matched) {
			x.matched += int(n) // nothing else can have stood there
			if x.matched == len(preface) {
				x.phase = inHeader
			}
			return
		}
	case inData:
		x.last = at
		if n == Unknown {
			r.gapData(x, n)
		} else {
			r.gapData(x, inside)
		}
	case inPayload, inSkip:
		x.last = at
		if x.phase == inPayload {
			r.damage(x)
			x.phase = inSkip
		}
		if x.left -= uint32(inside); x.left == 0 {
			r.finish(x, nil)
		}
	}
	if n > inside {
		x.last = at
		r.losePlace(x)
	}
}

// damage is called when octets of the frame at hand are missing, which is one that is read as a whole.
func (r *Reader) damage(x *half) {
	h := x.frame
	x.buf = x.buf[:0]
	l := Loss{Kind: LossFrame, Frame: h.Type, Stream: h.Stream}
	switch h.Type {
	case TypeHeaders, TypePushPromise, TypeContinuation:
		l.Kind, l.Stream = LossBlock, x.block.stream
		r.breakBlock(x, l)
		return
	case TypeRSTStream:
		r.reset(x, event.Opt[ErrorCode]{})
		return
	case TypeSettings:
		r.loseSettings(x)
	case TypeWindowUpdate:
		if s := r.streams.get(h.Stream); h.Stream == 0 {
			r.flow.lose()
		} else if s != nil {
			s.counted = false
		}
	}
	r.lost(x, l)
}

// loseSettings says that settings of x were missed.
func (r *Reader) loseSettings(x *half) {
	peer := &r.halves[x.side.Other()]
	peer.decoder.LoseAnnounced()
	peer.maxFrame = 1<<24 - 1
	r.flow.lose()
}

// missed says that frames of x were missed.
func (r *Reader) missed(x *half) {
	x.decoder.Lose()
	x.block = block{}
	x.begun, x.strained, x.astray, x.whole = true, false, true, false
	x.have, x.buf, x.data = 0, x.buf[:0], data{}
	r.loseSettings(x)
	if x.side == Client {
		r.unseen.open(r.opened)
		r.blind = true
	}
}

// losePlace says that it is not known where frames begin.
func (r *Reader) losePlace(x *half) {
	r.missed(x)
	x.phase = inSearch
	r.lost(x, Loss{Kind: LossPlace})
}

// abandon reads nothing of x any more, since something else begins with octets, where a frame or the preface should.
func (r *Reader) abandon(x *half, k FaultKind, octets []byte) {
	r.missed(x)
	x.phase, x.foreign = inForeign, k
	x.buf = append(x.buf[:0], octets...)
}

// maxForeign is how many octets are kept of what is foreign.
const maxForeign = 64

func (r *Reader) takeForeign(x *half, p []byte) int {
	x.buf = append(x.buf, p[:min(len(p), maxForeign-len(x.buf))]...)
	if len(x.buf) == maxForeign {
		r.tellForeign(x)
	}
	return len(p)
}

func (r *Reader) tellForeign(x *half) {
	r.handler.Fault(&Fault{Kind: x.foreign, From: x.side, At: x.first, Octets: x.buf})
	x.phase, x.buf = inVain, nil
}

// end ends x.
func (r *Reader) end(x *half, at At, why reassembly.End) {
	if x.ended {
		return
	}
	switch x.phase {
	case inSearch:
		if r.giveUp(x, at); x.phase == inWait {
			r.hold(x, piece{at: at, end: why})
			return
		}
	case inForeign:
		r.tellForeign(x)
	}
	r.cross(x, At{})
	x.ended, x.phase, x.buf, x.block, x.search = true, inVain, nil, block{}, search{}
	r.flow.endAll(r) // what the first side that ends leaves closed was closed too long
	r.handler.End(x.side, at, why)
}
