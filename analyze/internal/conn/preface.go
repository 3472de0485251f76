package conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/preface"
)

// begins reports whether a side's first octets may begin a preface: most connections are told by their first octet.
func (d *detector) begins(side event.Side, p []byte) bool {
	if d.prefaceOver || side == event.Server || !d.held[side].Empty() || len(p) == 0 {
		return false
	}
	switch p[0] {
	case 4, 5, '\r':
		return true
	case 'P':
		return preface.LooksLikeProxy(p) != preface.No
	}
	return false
}

// readPreface takes the preface off what is held. Behind it, or where there turns out to be none, another detector
// begins.
func (d *detector) readPreface() {
	for moved := true; moved && !d.preface.Over(); {
		moved = false
		for side := range d.held {
			var buf [preface.Limit + 1]byte
			p := d.held[side].Peek(buf[:0], len(buf))
			if len(p) == 0 {
				continue
			}
			n, v := d.preface.Data(event.Side(side), p)
			if v == preface.Yes {
				if d.took[side].Octets < preface.Limit {
					d.took[side].Add(d.held[side].Pieces[0].At, p[:n])
				}
				d.held[side].Drop(n)
				moved = true
			}
		}
		if d.preface.None() {
			if what := d.preface.Broken(); what != "" && d.conn != nil {
				d.maker.Speaks(what)
				d.carrier.Release()
				return
			}
			d.putBack()
			d.restart()
			return
		}
	}
	// Where nothing of the server was captured, or its part of a dialogue was missed, that will not come.
	server := &d.held[event.Server]
	missed := !d.carrier.Seen(event.Server) || !server.Empty() && server.Pieces[0].Gap > 0
	if d.preface.Over() || d.preface.Told() != nil && missed {
		d.restart()
	}
}

// searchProxy looks for a PROXY header in the newest segment of a side, and reports whether there is one: it is the
// first that a client says, so the beginning of the connection was captured, except its SYNs.
func (d *detector) searchProxy(side event.Side, newest layer.Piece) bool {
	if d.prefaceOver || !d.midstream() || preface.LooksLikeProxy(newest.Octets) != preface.Yes ||
		d.conn.passed != [2]uint64{} || d.held[side].Octets != len(newest.Octets) {
		return false
	}
	var r preface.Reader
	if _, v := r.Data(event.Client, newest.Octets); v != preface.Yes {
		return false
	}
	d.orient(side)
	d.begun, d.blind, d.preface = true, false, new(preface.Reader)
	d.readPreface()
	return true
}

// putBack puts what was taken before what is held: it was no preface. It is part of what follows, or cannot be read.
func (d *detector) putBack() {
	for side := range d.held {
		if d.took[side].Empty() {
			continue
		}
		all := d.took[side]
		for _, p := range d.held[side].Pieces {
			switch {
			case p.Gap > 0:
				all.AddGap(p.At, p.Gap)
			case p.Why != 0:
				all.AddEnd(p.At, p.Why)
			default:
				all.Add(p.At, p.Octets)
			}
		}
		d.held[side], d.took[side] = all, layer.Buffer{}
	}
}

// restart looks anew at what is held.
func (d *detector) restart() {
	carrier := d.carrier
	if told := d.preface.Told(); told != nil {
		carrier = behind(carrier, *told)
	}
	next := newDetector(d.maker, carrier)
	next.prefaceOver, next.begun = d.preface.None() || d.preface.Told() == nil, d.begun
	d.replaceBy(next)
}
