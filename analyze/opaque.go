package analyze

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// opaque is the layer behind an upgrade to something that is not WebSocket: counted, never decoded.
type opaque struct {
	session *session
	count   [2]event.SideCount
}

func (o *opaque) data(side event.Side, at event.At, p []byte) {
	o.count[side].WireBytes += uint64(len(p))
}
func (o *opaque) gap(side event.Side, at event.At, n uint64) {
	if n < lostPlace {
		o.count[side].GapBytes += n
	}
}
func (o *opaque) end(side event.Side, at event.At, _ reassembly.End) {}

func (o *opaque) finish(at event.At) {
	e := o.session.account(at)
	e.Sides = o.count
	o.session.em.connection(e)
}
