package upgrade

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// A client may send any number of requests before the first answer comes (pipelining, RFC 9112 §9.3.2). Of a few the
// heads are kept; of more only what is needed to pair them with their answers.
const (
	keptRequests   = 64      // requests that wait with their heads
	keptHeads      = 1 << 20 // octets of memory of those
	queuedRequests = 1 << 10 // runs of requests that wait
)

// enqueue adds a request to those that wait for their answers.
func (x *Exchange) enqueue(q *request) {
	plain := q.attempt == handshake.NoAttempt && !q.connect
	if n := len(x.queue); plain && n > 0 && (n >= keptRequests || x.waiting > keptHeads) {
		x.unkept++
		last := x.queue[n-1]
		switch {
		case last.unkept && last.noBody == q.noBody && last.answer == nil:
			last.more++
			return
		case n >= queuedRequests:
			// Which request an answer belongs to is not known from here on.
			x.desynchronise(event.Client)
			return
		}
		q.head, q.unkept = nil, true
	}
	q.memory = requestSize + memoryOf(q.head)
	x.waiting += q.memory
	x.queue = append(x.queue, q)
}

// dequeue removes the oldest request, or one of its run.
func (x *Exchange) dequeue() {
	q := x.queue[0]
	if q.more > 0 {
		*q = request{noBody: q.noBody, unkept: true, more: q.more - 1, memory: q.memory}
		return
	}
	x.waiting -= q.memory
	x.queue[0] = nil
	x.queue = x.queue[1:]
}

// tellUnkept says that requests were not kept, where a handshake is told of that they may have to do with.
func (x *Exchange) tellUnkept(at event.At) {
	if x.unkept == 0 {
		return
	}
	requests := fmt.Sprintf("%d requests", x.unkept)
	if x.unkept == 1 {
		requests = "1 request"
	}
	x.maker.Caveat(event.Caveat{Conn: x.carrier.Conn(), At: at, Name: "pipelining-limit",
		Text: requests + " that came before the answers to earlier ones were counted and not kept: an answer that belongs to one of them is told without its request"})
	x.unkept = 0
}
