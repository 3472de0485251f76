package analyze

import (
	"container/list"
	"math"

	"wshake/analyze/event"
)

// awaiting are the TLS connections of a partition that wait for secrets, the one that waits longest first. A connection that is over
// may still be among them: what was captured of it is held until its secrets come or it is given up.
type awaiting struct {
	queue  *list.List // of *secured
	octets int        // that they hold
	limit  int        // of octets
}

func newAwaiting(limit int) *awaiting { return &awaiting{queue: list.New(), limit: limit} }

// awaitingSize is about what a connection that waits takes besides the octets that it holds.
const awaitingSize = 4 << 10

// place is where a connection stands among those that wait. Its zero value waits for nothing.
type place struct {
	element *list.Element
	since   int64 // capture time, ns
	octets  int
}

// settle takes note of whether b waits, and gives up what waits longest as long as too much is held.
func (a *awaiting) settle(b *secured, at event.At) {
	waits := b.conn.Waits()
	if !waits && b.place.element == nil {
		return
	}
	octets := 0
	if waits {
		octets = awaitingSize + b.conn.Held()
	}
	a.octets += octets - b.place.octets
	b.place.octets = octets
	switch {
	case !waits:
		a.queue.Remove(b.place.element)
		b.place = place{}
	case b.place.element == nil:
		b.place.element, b.place.since = a.queue.PushBack(b), at.Time
	}
	for a.octets > a.limit {
		a.giveUpFirst()
	}
}

// retry looks for the secrets of all that wait.
func (a *awaiting) retry() {
	for e := a.queue.Front(); e != nil; {
		b := e.Value.(*secured)
		e = e.Next()
		b.conn.Retry()
		b.settle(event.At{})
	}
}

// giveUpBefore gives up what has waited since before a time.
func (a *awaiting) giveUpBefore(since int64) {
	for e := a.queue.Front(); e != nil && e.Value.(*secured).place.since < since; e = a.queue.Front() {
		a.giveUpFirst()
	}
}

func (a *awaiting) giveUpAll() { a.giveUpBefore(math.MaxInt64) }

func (a *awaiting) giveUpFirst() {
	b := a.queue.Front().Value.(*secured)
	b.conn.GiveUp()
	b.settle(event.At{})
}
