package http3

import "wshake/analyze/quic"

// uniKept bounds the streams of one direction that are remembered of a side: three are needed.
const uniKept = 64

// uniData takes octets of a stream of one direction (RFC 9114 §6.2).
func (r *Reader) uniData(side Side, at At, id uint64, p []byte) {
	peer := &r.sides[side]
	u := peer.uni[id]
	if u == nil {
		if len(peer.uni) >= uniKept {
			return
		}
		u = new(uni)
		peer.uni[id] = u
	}
	for !u.known && !u.broken && len(p) > 0 {
		u.head[u.headed] = p[0]
		u.headed++
		p = p[1:]
		u.kind, _, u.known = quic.Varint(u.head[:u.headed])
	}
	switch {
	case u.broken && u.kind != streamEncoder || !u.known || len(p) == 0:
	case u.kind == streamControl:
		peer.control = true
		r.control(u, side, at, p)
	case u.kind == streamEncoder:
		if err := peer.fields.Encoder(p, func() {
			if peer.least > 0 && peer.fields.Ready(peer.least) {
				r.retry(side)
			}
		}); err != nil {
			r.lose(LossBlock, side, at, id)
		}
		r.retry(side)
	}
}

// uniOver forgets a stream of one direction.
func (r *Reader) uniOver(side Side, id uint64) {
	if u := r.sides[side].uni[id]; u != nil {
		r.kept -= cap(u.buf)
		delete(r.sides[side].uni, id)
	}
}

// uniGap passes over octets of a stream of one direction. If its type is not known it may be any.
func (r *Reader) uniGap(side Side, at At, id uint64) {
	peer := &r.sides[side]
	u := peer.uni[id]
	if u == nil {
		if len(peer.uni) >= uniKept {
			return
		}
		u = new(uni)
		peer.uni[id] = u
	}
	u.broken = true
	if !u.known || u.kind == streamEncoder {
		peer.fields.Lose()
		r.retry(side)
	}
	if (!u.known || u.kind == streamControl) && !peer.settled {
		peer.settled = true
		r.lose(LossSettings, side, at, id)
	}
}

// retry reads the blocks of a side that have waited for its dynamic table.
func (r *Reader) retry(side Side) {
	if r.blocked == 0 {
		return
	}
	peer := &r.sides[side]
	peer.least = 0
	for _, id := range r.ids() {
		s := r.streams[id]
		if s == nil {
			continue
		}
		x := &s.halves[side]
		if x.waits && peer.fields.Ready(x.required) {
			r.unblock(s, side, false)
			r.resume(s)
		}
		if x.waits && (peer.least == 0 || x.required < peer.least) {
			peer.least = x.required
		}
	}
}

// controlKept is how much of a frame on a control stream is kept.
const controlKept = 4 << 10

// control takes octets of the control stream (RFC 9114 §6.2.1).
func (r *Reader) control(u *uni, side Side, at At, p []byte) {
	f := &u.frames
	for {
		if !f.in {
			p = p[f.header(p):]
			if !f.in {
				return
			}
		}
		n := min(f.left, uint64(len(p)))
		if keep := controlKept - len(u.buf); keep > 0 {
			r.kept -= cap(u.buf)
			u.buf = append(u.buf, p[:min(n, uint64(keep))]...)
			r.kept += cap(u.buf)
		}
		p = p[n:]
		if f.left -= n; f.left > 0 {
			return
		}
		f.in = false
		r.controlFrame(f.kind, side, at, u.buf)
		u.buf = u.buf[:0]
	}
}

func (r *Reader) controlFrame(kind uint64, side Side, at At, p []byte) {
	switch kind {
	case frameSettings:
		list := r.list[:0]
		for len(p) > 0 {
			id, rest, ok := quic.Varint(p)
			if !ok {
				break
			}
			value, rest, ok := quic.Varint(rest)
			if !ok {
				break
			}
			list = append(list, Setting{id, value})
			if p = rest; id == SettingTableCapacity {
				r.sides[side.Other()].fields.Announce(value)
			}
		}
		r.list = list
		r.sides[side].settled = true
		r.handler.Settings(side, at, list)
	case frameGoAway:
		if id, _, ok := quic.Varint(p); ok {
			r.handler.GoAway(side, at, id)
		}
	}
}
