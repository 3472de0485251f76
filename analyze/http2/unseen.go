package http2

import "math"

// unseen are the streams of the client whose requests may have been missed: those between the requests before and
// behind a loss.
type unseen struct {
	list []span
	from uint32 // and all from this one on, where it is not 0
}

// span is the streams from one to another, both included.
type span struct{ from, to uint32 }

// maxSpans is how many are told apart; more are joined with those between them.
const maxSpans = 16

func (u *unseen) has(id uint32) bool {
	if u.from > 0 && id >= u.from {
		return true
	}
	for _, s := range u.list {
		if s.from <= id && id <= s.to {
			return true
		}
	}
	return false
}

// open says that from behind stream last on requests may be missed.
func (u *unseen) open(last uint32) {
	if u.from == 0 {
		u.from = min(last, math.MaxUint32-1) + 1
	}
}

// close says that the request on stream next was seen, or that it is known to be the next one.
func (u *unseen) close(last, next uint32) {
	if u.from == 0 {
		return
	}
	u.from = 0
	u.add(last+1, next-1)
}

func (u *unseen) add(from, to uint32) {
	if from > to {
		return
	}
	if n := len(u.list); n == maxSpans || n > 0 && u.list[n-1].to+1 >= from {
		u.list[n-1].to = max(u.list[n-1].to, to)
		return
	}
	u.list = append(u.list, span{from, to})
}
