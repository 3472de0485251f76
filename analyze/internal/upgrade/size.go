package upgrade

import "wshake/analyze/event"

// Size is that of layer.Sized.
func (x *Exchange) Size() int {
	size := exchangeSize + x.held[0].Size() + x.held[1].Size() + x.waiting + x.parser[0].Memory() + x.parser[1].Memory()
	if x.refused != nil {
		size += cap(x.refused.evidence.Body)
	}
	if x.session != nil {
		size += cap(x.session.evidence.Body)
	}
	return size
}

// What parts count for, octets.
const (
	exchangeSize = 2 << 10
	requestSize  = 384
	headSize     = 320
	fieldSize    = 56 // without its text
)

// memoryOf is what a head takes, octets.
func memoryOf(h *event.Head) int {
	if h == nil {
		return 0
	}
	return headSize + len(h.Fields)*fieldSize + int(min(h.Length, 1<<20))
}
