package tlsconn

import (
	"container/list"
	"math"

	"wshake/analyze/event"
)

// Pending are the TLS connections of a shard that wait for secrets, the one that waits longest first. A connection
// that is over may still be among them: what was captured of it is held until its secrets come or it is given up.
type Pending struct {
	queue  *list.List // of *Layer
	octets int        // that they hold
	limit  int        // of octets
}

func newPending(limit int) *Pending { return &Pending{queue: list.New(), limit: limit} }

// pendingSize is about what a connection that waits takes besides the octets that it holds.
const pendingSize = 4 << 10

// place is where a connection stands among those that wait. Its zero value waits for nothing.
type place struct {
	element *list.Element
	since   int64 // capture time, ns
	octets  int
}

// update takes note of whether l waits, and gives up what waits longest as long as too much is held.
func (p *Pending) update(l *Layer, at event.At) {
	waits := l.conn.Waits()
	if !waits && l.place.element == nil {
		return
	}
	octets := 0
	if waits {
		octets = pendingSize + l.conn.Held()
	}
	p.octets += octets - l.place.octets
	l.place.octets = octets
	switch {
	case !waits:
		p.queue.Remove(l.place.element)
		l.place = place{}
	case l.place.element == nil:
		l.place.element, l.place.since = p.queue.PushBack(l), at.Time
	}
	for p.octets > p.limit {
		p.giveUpFirst()
	}
}

// Retry looks for the secrets of all that wait.
func (p *Pending) Retry() {
	for e := p.queue.Front(); e != nil; {
		l := e.Value.(*Layer)
		e = e.Next()
		l.conn.Retry()
		l.changed(event.At{})
	}
}

// GiveUpBefore gives up what has waited since before a capture time, ns.
func (p *Pending) GiveUpBefore(since int64) {
	for e := p.queue.Front(); e != nil && e.Value.(*Layer).place.since < since; e = p.queue.Front() {
		p.giveUpFirst()
	}
}

// GiveUpAll gives up all: no more secrets come.
func (p *Pending) GiveUpAll() { p.GiveUpBefore(math.MaxInt64) }

func (p *Pending) giveUpFirst() {
	l := p.queue.Front().Value.(*Layer)
	l.conn.GiveUp()
	l.changed(event.At{})
}
