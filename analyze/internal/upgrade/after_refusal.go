package upgrade

import (
	"wshake/analyze/check"
	"wshake/analyze/event"
)

// afterRefusal watches what a client sends behind the refusal of its upgrade: it may take that for success.
type afterRefusal struct {
	answer *event.Head
	begins uint64 // offset of the answer in the server's stream
	recent recentOctets
	at     event.At // of the first octet that is no request
	octets []byte   // from there on
	over   bool     // nothing is looked for any more
}

// bad takes note that at an offset of the client's octets, which the packet at carried, no request begins.
func (b *afterRefusal) bad(at event.At, offset uint64) {
	if b.over || b.octets != nil {
		return
	}
	if at.Acked <= int64(b.begins) { // it may have been sent before the answer came
		b.over = true
		return
	}
	b.at = at
	b.recent.found(offset, &b.octets)
}

// judge decides when enough octets are known.
func (b *afterRefusal) judge(x *Exchange) {
	if b.over || len(b.octets) == 0 {
		return
	}
	is, more := check.LooksLikeFrame(b.octets)
	if more {
		return
	}
	if b.over = true; is {
		x.maker.Findings(x.maker.Checks.AfterRefusal(x.carrier.Conn(), &check.AfterRefusal{Answer: b.answer, At: b.at, Octets: b.octets}))
	}
}
