package event

import "sort"

// Receiver takes events in the order of the run. What it is given is borrowed until it returns, but for heads and findings,
// which do not change.
type Receiver interface {
	Handshake(*Handshake)
	Frame(*Frame)
	Message(*Message)
	Connection(*Connection)
	Finding(*Finding)
	Caveat(*Caveat)
	Summary(*Summary)
}

// Correlator is a Receiver that is also told of requests as they come.
type Correlator interface {
	Receiver
	Request(*Request)
}

// Buffer holds the events of one round of packets until they can be put in order with those of other workers. Its
// storage is reused from round to round, so that a frame costs no allocation.
type Buffer struct {
	refs        []ref
	requests    []Request
	handshakes  []Handshake
	frames      []Frame
	messages    []Message
	connections []Connection
	findings    []*Finding
	caveats     []Caveat
	bytes       []byte // payloads kept for the events of this round
}

type kind uint8

const (
	kindRequest kind = iota
	kindHandshake
	kindFrame
	kindMessage
	kindConnection
	kindFinding
	kindCaveat
)

// ref is the place of an event in the run's order: by the packet being analysed when it was complete, then by
// connection, then as it came.
type ref struct {
	order, conn uint64
	index       int32
	kind        kind
}

func (b *Buffer) add(order uint64, c *Conn, k kind, n int) {
	b.refs = append(b.refs, ref{order: order, conn: c.Ordinal, index: int32(n - 1), kind: k})
}

// AddRequest and its like put an event in place. order is the ordinal of the packet whose analysis made the event.
func (b *Buffer) AddRequest(order uint64, e Request) {
	b.requests = append(b.requests, e)
	b.add(order, e.Conn, kindRequest, len(b.requests))
}

func (b *Buffer) AddHandshake(order uint64, e Handshake) {
	b.handshakes = append(b.handshakes, e)
	b.add(order, e.Conn, kindHandshake, len(b.handshakes))
}

func (b *Buffer) AddFrame(order uint64, e Frame) {
	b.frames = append(b.frames, e)
	b.add(order, e.Conn, kindFrame, len(b.frames))
}

func (b *Buffer) AddMessage(order uint64, e Message) {
	b.messages = append(b.messages, e)
	b.add(order, e.Conn, kindMessage, len(b.messages))
}

func (b *Buffer) AddConnection(order uint64, e Connection) {
	b.connections = append(b.connections, e)
	b.add(order, e.Conn, kindConnection, len(b.connections))
}

func (b *Buffer) AddFinding(order uint64, e *Finding) {
	b.findings = append(b.findings, e)
	b.add(order, e.Conn, kindFinding, len(b.findings))
}

func (b *Buffer) AddCaveat(order uint64, e Caveat) {
	b.caveats = append(b.caveats, e)
	b.add(order, e.Conn, kindCaveat, len(b.caveats))
}

// Keep copies p into the buffer's storage. The copy is valid until Reset.
func (b *Buffer) Keep(p []byte) []byte {
	n := len(b.bytes)
	b.bytes = append(b.bytes, p...)
	return b.bytes[n:len(b.bytes):len(b.bytes)]
}

// Reset empties b for the next round.
func (b *Buffer) Reset() {
	clear(b.requests) // lets go of heads and strings
	clear(b.handshakes)
	clear(b.findings)
	clear(b.caveats)
	clear(b.connections)
	b.refs, b.requests, b.handshakes, b.frames, b.messages = b.refs[:0], b.requests[:0], b.handshakes[:0], b.frames[:0], b.messages[:0]
	b.connections, b.findings, b.caveats, b.bytes = b.connections[:0], b.findings[:0], b.caveats[:0], b.bytes[:0]
}

// sort puts the events in order; they nearly always are.
func (b *Buffer) sort() {
	less := func(i, j int) bool { return before(&b.refs[i], &b.refs[j]) }
	if !sort.SliceIsSorted(b.refs, less) {
		sort.SliceStable(b.refs, less)
	}
}

func before(a, b *ref) bool {
	if a.order != b.order {
		return a.order < b.order
	}
	return a.conn < b.conn
}

func (b *Buffer) deliver(r *ref, to Correlator) {
	switch r.kind {
	case kindRequest:
		to.Request(&b.requests[r.index])
	case kindHandshake:
		to.Handshake(&b.handshakes[r.index])
	case kindFrame:
		to.Frame(&b.frames[r.index])
	case kindMessage:
		to.Message(&b.messages[r.index])
	case kindConnection:
		to.Connection(&b.connections[r.index])
	case kindFinding:
		to.Finding(b.findings[r.index])
	case kindCaveat:
		to.Caveat(&b.caveats[r.index])
	}
}

// Merge delivers the events of several buffers in order. A connection's events are all in one buffer, so the result does
// not depend on how connections are spread over buffers.
func Merge(buffers []*Buffer, to Correlator) {
	next := make([]int, len(buffers))
	for _, b := range buffers {
		b.sort()
	}
	for {
		best := -1
		for i, b := range buffers {
			if next[i] < len(b.refs) && (best < 0 || before(&b.refs[next[i]], &buffers[best].refs[next[best]])) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		buffers[best].deliver(&buffers[best].refs[next[best]], to)
		next[best]++
	}
}
