// Package merge puts the events of many workers into one order.
//
// Each worker writes the events of a round of packets into a Buffer. Merge delivers them in the order of the packets
// whose analysis completed them, whatever the number of workers.
package merge

import (
	"sort"

	"wshake/analyze/event"
)

// Receiver takes what layers make: events, and what only the comparison of connections and their accounts need.
type Receiver interface {
	event.Receiver
	// Request is an upgrade request whose answer is not known yet.
	Request(*event.Request)
	// Cut is told the end of a conversation without a Close; Session an id that an answer gave out.
	Cut(*event.Abrupt)
	Session(*event.Session)
	// NoConnect is a connection of HTTP/2 or HTTP/3 on which no WebSocket is allowed, or one of TCP that was refused.
	NoConnect(*event.NoConnect)
	// Closed says that no event of c comes any more, where none of Connection said so.
	Closed(c *event.Conn)
	// More counts findings or caveats that are not told.
	More(*More)
}

// Buffer holds the events of one round of packets until they can be put in order with those of other workers. Its
// storage is reused from round to round, so that a frame costs no allocation.
type Buffer struct {
	refs        []ref
	requests    []event.Request
	noConnects  []event.NoConnect
	handshakes  []event.Handshake
	frames      []event.Frame
	messages    []event.Message
	connections []event.Connection
	findings    []*event.Finding
	caveats     []event.Caveat
	cuts        []event.Abrupt
	sessions    []event.Session
	closed      []*event.Conn
	more        []More
	counts      map[kindOf]counted
	bytes       []byte // payloads kept for the events of this round
	size        int    // what events hold besides themselves, octets, about
	// Most is how many findings of a connection and check, and caveats of a connection and name, are told of a round; the
	// others are counted. 0 or less means all.
	Most int
}

// What is in a Buffer beside the kinds of events that people see.
const (
	kindRequest event.Kinds = 1 << 13
	kindClosed  event.Kinds = 1 << 14
	kindCut     event.Kinds = 1 << 12
	kindSession event.Kinds = 1 << 11
	kindNoConn  event.Kinds = 1 << 10
	kindMore    event.Kinds = 1 << 15
)

// ref is the place of an event in the run's order: by the packet being analysed when it was complete, then by
// connection, then as it came.
type ref struct {
	order, conn uint64
	index       int32
	kind        event.Kinds
}

func (b *Buffer) add(order uint64, c *event.Conn, k event.Kinds, n int) {
	b.refs = append(b.refs, ref{order: order, conn: c.Ordinal, index: int32(n - 1), kind: k})
}

// AddRequest and its like put an event in place. order is the ordinal of the packet whose analysis made the event.
func (b *Buffer) AddRequest(order uint64, e event.Request) {
	b.requests = append(b.requests, e)
	b.add(order, e.Conn, kindRequest, len(b.requests))
}

func (b *Buffer) AddNoConnect(order uint64, e event.NoConnect) {
	b.noConnects = append(b.noConnects, e)
	b.refs = append(b.refs, ref{order: order, conn: e.Ordinal, index: int32(len(b.noConnects) - 1), kind: kindNoConn})
}

func (b *Buffer) AddHandshake(order uint64, e event.Handshake) {
	b.size += handshakeSize + findingSize*len(e.Findings)
	for _, h := range [...]*event.Head{e.Request, e.Response} {
		if h != nil {
			b.size += int(min(h.Length, 1<<20)) + 64*len(h.Fields)
		}
	}
	b.handshakes = append(b.handshakes, e)
	b.add(order, e.Conn, event.KindHandshake, len(b.handshakes))
}

func (b *Buffer) AddFrame(order uint64, e event.Frame) {
	b.frames = append(b.frames, e)
	b.add(order, e.Conn, event.KindFrame, len(b.frames))
}

func (b *Buffer) AddMessage(order uint64, e event.Message) {
	b.messages = append(b.messages, e)
	b.add(order, e.Conn, event.KindMessage, len(b.messages))
}

func (b *Buffer) AddConnection(order uint64, e event.Connection) {
	b.connections = append(b.connections, e)
	b.add(order, e.Conn, event.KindConnection, len(b.connections))
}

func (b *Buffer) AddFinding(order uint64, e *event.Finding) {
	if m := b.another(order, kindOf{e.Conn, e.Name, false}, e.At); m != nil {
		m.Levels[e.Level]++
		return
	}
	b.size += findingSize
	b.findings = append(b.findings, e)
	b.add(order, e.Conn, event.KindFinding, len(b.findings))
}

func (b *Buffer) AddCaveat(order uint64, e event.Caveat) {
	if m := b.another(order, kindOf{e.Conn, e.Name, true}, e.At); m != nil {
		m.Octets += e.Bytes.Value
		return
	}
	b.size += len(e.Text)
	b.caveats = append(b.caveats, e)
	b.add(order, e.Conn, event.KindCaveat, len(b.caveats))
}

func (b *Buffer) AddCut(order uint64, e event.Abrupt) {
	b.cuts = append(b.cuts, e)
	b.add(order, e.Conn, kindCut, len(b.cuts))
}

func (b *Buffer) AddSession(order uint64, e event.Session) {
	b.sessions = append(b.sessions, e)
	b.add(order, e.Conn, kindSession, len(b.sessions))
}

// AddClosed says that no event of c comes any more.
func (b *Buffer) AddClosed(order uint64, c *event.Conn) {
	b.closed = append(b.closed, c)
	b.add(order, c, kindClosed, len(b.closed))
}

// Keep copies p into the buffer's storage. The copy is valid until Reset.
func (b *Buffer) Keep(p []byte) []byte {
	if len(b.bytes)+len(p) > cap(b.bytes) { // what was kept so far stays where it is: events refer to it
		b.size += len(b.bytes)
		b.bytes = make([]byte, 0, max(len(p), min(2*cap(b.bytes), cap(b.bytes)+1<<20)))
	}
	n := len(b.bytes)
	b.bytes = append(b.bytes, p...)
	return b.bytes[n:len(b.bytes):len(b.bytes)]
}

// Reset empties b for the next round.
func (b *Buffer) Reset() {
	clear(b.requests) // lets go of heads and strings
	clear(b.noConnects)
	clear(b.handshakes)
	clear(b.findings)
	clear(b.caveats)
	clear(b.connections)
	clear(b.closed)
	clear(b.cuts)
	clear(b.sessions)
	b.cuts, b.sessions = b.cuts[:0], b.sessions[:0]
	clear(b.more)
	clear(b.counts)
	if len(b.refs) > usual {
		*b = Buffer{Most: b.Most} // an unusual round: its storage is not kept
		return
	}
	b.more, b.size = b.more[:0], 0
	b.refs, b.requests, b.handshakes, b.frames, b.messages = b.refs[:0], b.requests[:0], b.handshakes[:0], b.frames[:0], b.messages[:0]
	b.noConnects = b.noConnects[:0]
	b.connections, b.findings, b.caveats, b.closed, b.bytes = b.connections[:0], b.findings[:0], b.caveats[:0], b.closed[:0], b.bytes[:0]
}

// usual is how many events of a round storage is kept for.
const usual = 16 << 10

// What events hold elsewhere, octets, about.
const (
	findingSize   = 700
	handshakeSize = 1 << 10
)

// Size is about the memory that the events take, octets.
func (b *Buffer) Size() int {
	return b.size + len(b.bytes) + len(b.refs)*32 + len(b.handshakes)*700 + len(b.frames)*224 + len(b.messages)*264 +
		len(b.connections)*400 + len(b.caveats)*112 + len(b.more)*160
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

func (b *Buffer) deliver(r *ref, to Receiver) {
	switch r.kind {
	case kindRequest:
		to.Request(&b.requests[r.index])
	case kindNoConn:
		to.NoConnect(&b.noConnects[r.index])
	case event.KindHandshake:
		to.Handshake(&b.handshakes[r.index])
	case event.KindFrame:
		to.Frame(&b.frames[r.index])
	case event.KindMessage:
		to.Message(&b.messages[r.index])
	case event.KindConnection:
		to.Connection(&b.connections[r.index])
	case event.KindFinding:
		to.Finding(b.findings[r.index])
	case event.KindCaveat:
		to.Caveat(&b.caveats[r.index])
	case kindCut:
		to.Cut(&b.cuts[r.index])
	case kindSession:
		to.Session(&b.sessions[r.index])
	case kindClosed:
		to.Closed(b.closed[r.index])
	case kindMore:
		to.More(&b.more[r.index])
	}
}

// Merge delivers the events of several buffers in order. A connection's events are all in one buffer, so the result
// does not depend on how connections are spread over buffers. A Receiver with a method Order is told the ordinal of the
// packet whose analysis made an event, before each.
func Merge(buffers []*Buffer, to Receiver) {
	ordered, _ := to.(interface{ Order(ordinal uint64) })
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
		r := &buffers[best].refs[next[best]]
		if ordered != nil {
			ordered.Order(r.order)
		}
		buffers[best].deliver(r, to)
		next[best]++
	}
}
