package tls

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// wait is what a direction waits for before its next record can be read.
type wait uint8

const (
	waitNothing wait = iota
	waitPeer         // what the other side's records say
	waitSecret
)

// helloState is how far the hello of a side has come.
type helloState uint8

const (
	helloAwaited helloState = iota
	helloRead
	helloMissed // it will not be read any more
)

// direction is what is known of the octets of one side.
//
// What every segment needs comes first: with many connections open at once each line of cache it takes is waited for.
type direction struct {
	side           event.Side
	hello          helloState
	wait           wait
	busy           bool         // its octets are being read: a call further up
	dead           bool         // it was told Undecryptable
	last           bool         // its End has come, and may be held
	over           bool         // its End was told
	desynchronised bool         // where records begin is not known
	tried          int          // Conn.changes when what it waits for was last looked for
	held           layer.Buffer // what comes behind buf while wait
	buf            []byte       // octets from the beginning of a record on that is not complete or waits
	skip           uint64       // octets still to come of a record that lost some
	offset         uint64       // of the octets at hand in the direction's stream

	// cur opens the next record; nil while records are not protected. next is the epoch behind it: in TLS 1.2 what the
	// next ChangeCipherSpec begins, nil while the hellos are not both read; in TLS 1.3 made when it is needed.
	cur, next *epoch
	bufAt     At // the latest packet that carried some of buf
	at        At // the latest packet that carried the octets at hand
	messages  messages

	seq    uint64 // of the next record under cur, if none was missed
	misses misses
	lost   bool // application data may have been lost of which no Gap has told yet
	gaping bool // a Gap of unknown size was the last that was told
	marks  marks

	uncaptured uint64   // octets of the stream up to offset that gaps took
	spent      int64    // on tries, in octets
	epochs     [2]epoch // where cur and next are
}

// since is the packet that brought what is held first.
func (h *direction) since() uint64 {
	if h.wait != waitNothing {
		return h.bufAt.Ordinal
	}
	return h.held.Pieces[0].At.Ordinal
}

// place gives e room of h, where cur is not.
func (h *direction) place(e epoch) *epoch {
	p := &h.epochs[0]
	if h.cur == p {
		p = &h.epochs[1]
	}
	*p = e
	return p
}

// enter begins an epoch.
func (h *direction) enter(e *epoch) {
	h.cur, h.next, h.seq, h.misses, h.messages = e, nil, 0, misses{}, messages{}
}

// loseMessages forgets the message at hand, since octets were lost.
func (h *direction) loseMessages() {
	h.messages.exchange.lose(h.side)
	h.messages.lose()
}

// following is the epoch behind cur, nil if it is not known.
func (h *direction) following() *epoch {
	if h.cur == nil || h.cur.version != versionTLS13 {
		return h.next
	}
	// The secret of a key update follows from the one before it, which may have come only now.
	if h.next == nil || h.next.secret == nil && h.cur.secret != nil && h.cur.stage == stageApplication {
		h.next = h.place(h.cur.following())
	}
	return h.next
}

// keep remembers octets that were not read. Where there are none, the storage goes to others that need some.
func (h *direction) keep(p []byte, at At, room *Room) {
	h.bufAt = at
	switch {
	case len(p) > 0 && len(h.buf) > 0 && &p[0] == &h.buf[0]:
		h.buf = p // nothing of it was read: a record that comes in many segments is not copied for each
	case len(p) > 0:
		if cap(h.buf) == 0 && len(p) >= headerSize && plausible(p) {
			h.buf = room.get(recordSize(p) + usualSegment)
		}
		h.buf = append(h.buf[:0], p...)
	default:
		room.put(h.buf)
		h.buf = nil
	}
}

// blank forgets everything that was kept for reading.
func (h *direction) blank() {
	h.buf, h.cur, h.next, h.messages, h.wait, h.skip, h.desynchronised, h.lost = nil, nil, nil, messages{}, waitNothing, 0, false, false
	dropAllButEnd(&h.held)
}

// marks relate offsets in the stream of records to those in the application data, for acknowledgements.
type marks struct {
	unacked []mark
	total   int64 // application data delivered, gaps included; -1 once it is not known
	acked   int64
}

// mark says that the application data up to plain was complete with the record that ended at sealed.
type mark struct{ sealed, plain int64 }

// maxMarks is how many records are told apart.
const maxMarks = 32

// add counts n octets of application data in a record that ends at sealed.
func (m *marks) add(sealed uint64, n int) {
	if m.total < 0 {
		return
	}
	m.total += int64(n)
	if len(m.unacked) == maxMarks {
		m.unacked = m.unacked[:maxMarks-1] // acknowledgements are lower bounds
	}
	m.unacked = append(m.unacked, mark{int64(sealed), m.total})
}

// lose says that from here on offsets are not known.
func (m *marks) lose() { *m = marks{total: -1} }

// translate turns an acknowledgement of the stream of records, which were read up to offset, into one of application
// data, at least so much.
func (m *marks) translate(acked int64, offset uint64) int64 {
	if m.total < 0 || acked < 0 || acked > int64(offset) {
		return -1
	}
	n := 0
	for n < len(m.unacked) && m.unacked[n].sealed <= acked {
		m.acked = m.unacked[n].plain
		n++
	}
	m.unacked = append(m.unacked[:0], m.unacked[n:]...)
	return m.acked
}
