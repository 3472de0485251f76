package conn

import (
	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/internal/layer"
)

// Where a capture was merged of two with different clocks, all of a server's packets may stand before those of its
// client. If it lacks the SYNs, too, an answer is the first that is met of the connection: it waits for its request
// until anything of the client was captured.

// earlyLimit bounds what is held behind such an answer, octets.
const earlyLimit = 64 << 10

// mayBeEarly reports whether the request of an answer that a side sent may still come.
func (d *detector) mayBeEarly(side event.Side) bool {
	return d.midstream() && !d.conn.Seen(side.Other())
}

// searchRequest looks for the request of the answer that waits, in the newest segment of a side.
func (d *detector) searchRequest(side event.Side, newest layer.Piece) {
	switch {
	case side == d.answerFrom && !d.conn.Seen(side.Other()) && d.held[side].Octets <= earlyLimit:
	case side != d.answerFrom && http1.LooksLikeRequest(newest.Octets) == http1.Yes:
		d.answerFirst(newest.At.Ordinal)
		d.http(side, side, newest.At, nil)
	default:
		d.requestMissed()
	}
}

// requestMissed begins with the answer: its request does not come.
func (d *detector) requestMissed() {
	d.answerFirst(0)
	d.http(d.answerFrom.Other(), d.answerFrom, d.held[d.answerFrom].Pieces[0].At, nil)
}

// answerFirst forgets what was held before the answer, and of the client before the packet with its request.
func (d *detector) answerFirst(request uint64) {
	for side := range d.held {
		from := d.answer
		if event.Side(side) != d.answerFrom {
			from = request
		}
		kept := layer.Buffer{}
		for _, p := range d.held[side].Pieces {
			if p.At.Ordinal >= from {
				kept.Pieces = append(kept.Pieces, p)
				kept.Octets += len(p.Octets)
			}
		}
		d.held[side] = kept
	}
	d.answer = 0
}
