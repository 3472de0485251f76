package http2

import "wshake/analyze/event"

// crossing is an RST_STREAM of a stream that is followed, of which older octets of the other side are still to be read:
// those were held back for a packet that is missing or late.
type crossing struct {
	stream *stream
	at     At
	code   event.Opt[ErrorCode]
}

// reset ends the stream of the RST_STREAM frame at hand.
func (r *Reader) reset(x *half, code event.Opt[ErrorCode]) {
	s := r.streams.get(x.frame.Stream)
	switch {
	case s == nil:
		r.handler.Reset(x.side, x.last, x.frame.Stream, code)
		r.decline(x.frame.Stream)
	case s.cut[x.side]:
	case !s.cut[x.side.Other()] && r.lags(x.side.Other(), x.last):
		s.cut[x.side], s.over[x.side] = true, true
		r.crossing[x.side] = append(r.crossing[x.side], crossing{s, x.last, code})
	default:
		r.cutOff(x.side, crossing{s, x.last, code})
	}
}

// lags says whether octets of a side are still to be read that were sent before the packet at of the other one.
func (r *Reader) lags(side Side, at At) bool {
	x := &r.halves[side]
	switch {
	case x.ended || r.heard == nil:
		return false
	case x.phase == inWait || x.phase == inSearch:
		return true
	}
	return at.Acked < 0 || uint64(at.Acked) > r.heard[side]
}

// cross tells the resets of the other side that were captured before the packet at, from which the octets of x that are
// read now come. Without at it tells all.
func (r *Reader) cross(x *half, at At) {
	peer := x.side.Other()
	for list := r.crossing[peer]; len(list) > 0 && (at.Ordinal == 0 || list[0].at.Ordinal < at.Ordinal); list = r.crossing[peer] {
		c := list[0]
		list[0] = crossing{}
		if r.crossing[peer] = list[1:]; len(list) == 1 {
			r.crossing[peer] = nil
		}
		if !c.stream.gone {
			r.cutOff(peer, c)
		}
	}
}

func (r *Reader) cutOff(side Side, c crossing) {
	r.flow.end(r, c.stream)
	r.handler.Reset(side, c.at, c.stream.id, c.code)
	r.decline(c.stream.id)
}
