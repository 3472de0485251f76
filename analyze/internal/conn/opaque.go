package conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/reassembly"
)

// opaque is the layer behind an upgrade to something that is not WebSocket: counted, never decoded.
type opaque struct {
	maker   *Maker
	carrier layer.Carrier
	count   [2]event.SideCount
}

func (o *opaque) Data(side event.Side, at event.At, p []byte) {
	o.count[side].WireBytes += uint64(len(p))
}

func (o *opaque) Gap(side event.Side, at event.At, n uint64) {
	if n < layer.UnknownSize {
		o.count[side].GapBytes += n
	}
}

func (o *opaque) End(side event.Side, at event.At, _ reassembly.End) {}

func (o *opaque) Finish(at event.At) {
	e := o.carrier.Account(at)
	e.Sides = o.count
	o.maker.Connection(e)
}
