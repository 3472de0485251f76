// Package quicconn is the connections of QUIC of a shard: it finds the one that a datagram belongs to, has it read, and
// is the Transport of what its streams carry. Of what cannot be decrypted it says what the ClientHello tells.
//
// # Design
//
// A connection is found by the ends of a datagram and, where they are shared or have changed, by the connection id in
// it (RFC 9000 §5.1, §5.2). What an id finds must still open under the connection's keys: an id proves nothing. A
// shard has all connections of a server's end, since the client's may change (§9): package analyze deals datagrams out
// by it.
//
// Only an Initial packet that opens begins a connection. So octets that look like QUIC and are none cost one look-up,
// and one derivation of keys where they look like an Initial.
//
// Rejected: to deal datagrams out by connection id. Ids are issued inside of encrypted packets, so who deals would have
// to decrypt first.
package quicconn

import (
	"container/list"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/quic"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// Next makes the layer on the streams of a connection.
type Next interface {
	HTTP3(below layer.Transport) layer.Streams
}

const (
	idle    = 10 * time.Minute // a connection without packets is over
	linger  = time.Second      // packets behind CONNECTION_CLOSE are still read for so long, capture time
	patient = 60 * time.Second // octets of a stream wait so long for those before them
	sweep   = time.Second      // how often it is looked for them
	paths   = 8                // ends that a connection is known by at a time
	// reorder bounds the datagrams that are kept because the Initial before them may still come, and for how long.
	reorder     = 32
	reorderTime = time.Second
)

// ends are the two ends of a datagram.
type ends struct {
	addr [2][16]byte
	port [2]uint16
}

// id is a connection id.
type id struct {
	size   uint8
	octets [20]byte
}

// path is a connection at two ends.
type path struct {
	conn   *Conn
	client uint8 // index in the key of the client's end
}

// flow is what is known of two ends.
type flow struct {
	ends   ends
	newest path
	before []path // other connections at these ends, the newest last
}

// all gives the connections at the ends, the newest first.
func (f *flow) all(yield func(path) bool) {
	if f == nil || !yield(f.newest) {
		return
	}
	for _, p := range slices.Backward(f.before) {
		if !yield(p) {
			return
		}
	}
}

func (p path) side(from uint8) event.Side { return event.Side(from ^ p.client) }

// issued is who issued an id.
type issued struct {
	conn *Conn
	side event.Side
}

// early is a datagram on ends without a connection.
type early struct {
	ends ends
	s    reassembly.Segment
}

// Table is the connections of one shard.
type Table struct {
	*shard.Shard
	next    Next
	reader  *quic.Reader
	memory  memory
	flows   map[ends]*flow
	recent  [512]*flow // of flows, those of the latest datagrams: see flow
	ids     map[id]issued
	sizes   [21]int           // how many of ids have that size
	order   [worths]list.List // of *Conn, by what it is worth: the one that was silent longest first, or nearly (see touch)
	waits   int               // connections with packets that wait for keys
	closing []*Conn           // behind CONNECTION_CLOSE, in that order
	early   []early
	strays  []early // datagrams of which a connection may be known once secrets have come
	unread  map[unreadKey]*Unread
	joins   map[ends]uint8 // how many datagrams were held to the key log, at ends without a connection
	last    *Unread        // the one that was counted last
	counts  Counts
}

// NewTable makes the Table of a shard.
func NewTable(s *shard.Shard, next Next) *Table {
	t := &Table{Shard: s, next: next, reader: quic.NewReader(s.Keys, quic.Limits{}, s.SecretsWait > 0),
		flows: map[ends]*flow{}, ids: map[id]issued{}, unread: map[unreadKey]*Unread{}}
	t.memory.limit = s.Budget.Limit() / share
	t.memory.step = uint64(min(t.memory.limit/connMemory/4, 1024))
	return t
}

// slot is where recent may have two ends.
func (e *ends) slot() int {
	low := binary.LittleEndian.Uint16(e.addr[0][14:]) ^ binary.LittleEndian.Uint16(e.addr[1][14:]) ^ e.port[0] ^ e.port[1]
	return int(low^low>>9) % len(Table{}.recent)
}

// flow is what is known of the ends of a datagram, nil for nothing.
func (t *Table) flow(e *ends) *flow {
	slot := e.slot()
	f := t.recent[slot]
	if f == nil || f.ends != *e {
		if f = t.flows[*e]; f != nil {
			t.recent[slot] = f
		}
	}
	return f
}

// Datagram takes the next datagram of the shard.
func (t *Table) Datagram(s *reassembly.Segment) {
	e := ends{s.Key.Addr, s.Key.Port}
	known := t.flow(&e)
	// Where nothing can be opened it is counted, whatever it is.
	if known != nil && known.before == nil && !s.Long {
		if c := known.newest.conn; c.locked[known.newest.side(s.From)] {
			t.touch(c, s)
			c.count(known.newest.side(s.From), s)
			t.missed(s, true)
			return
		}
	}
	at := s.At
	at.Acked = -1
	if p, ok := t.find(known, s); ok {
		t.deliver(p, s, at)
		return
	}
	if p, ok := t.begin(e, known, s, at); ok {
		t.deliver(p, s, at)
		t.lateFor(e)
		return
	}
	if p, ok := t.migrated(s); ok {
		if t.deliver(p, s, at) && p.conn.place != nil { // an id alone proves nothing
			p.conn.moved(s.Key.Endpoint(p.client), at)
			t.add(e, p)
		}
		return
	}
	if known == nil && s.Long && t.wait(e, s) {
		return
	}
	if p, ok := t.join(e, known, s, at); ok {
		t.deliver(p, s, at)
		return
	}
	if known == nil && t.keepStray(e, s) {
		return
	}
	t.missed(s, false)
}

// keepStray keeps a datagram on ends without a connection while secrets may still come: they may show that a connection
// has moved there, or one whose beginning was not captured.
func (t *Table) keepStray(e ends, s *reassembly.Segment) bool {
	if t.SecretsWait == 0 || s.Long {
		return false
	}
	if !t.memory.fits(s) {
		t.counts.Unkept++
		return false
	}
	t.strays = append(t.strays, early{e, t.keep(s)})
	return true
}

// dropStrays counts as not opened what strayed before a capture time, ns.
func (t *Table) dropStrays(before int64) {
	n := 0
	for ; n < len(t.strays) && t.strays[n].s.At.Time < before; n++ {
		t.drop(&t.strays[n].s)
	}
	t.strays = slices.Delete(t.strays, 0, n)
}

const (
	joinsKept = 1024 // ends without a connection whose datagrams were held to the key log
	joinsEach = 2    // datagrams of each that are
)

// join looks whether a secret of the key log opens a datagram of a connection whose beginning was not captured.
func (t *Table) join(e ends, known *flow, s *reassembly.Segment, at event.At) (path, bool) {
	if known != nil || s.Long || len(t.Keys.Connections()) == 0 {
		return path{}, false
	}
	n := t.joins[e]
	if n == joinsEach || n == 0 && len(t.joins) >= joinsKept {
		return path{}, false
	}
	if t.joins == nil {
		t.joins = map[ends]uint8{}
	}
	if n == 0 {
		t.charge(joinMemory)
	}
	t.joins[e] = n + 1
	c := &Conn{table: t, first: at, last: at, placed: at, middle: true}
	var from event.Side
	if c.quic, from = t.reader.Join(s.Payload, (*handler)(c)); c.quic == nil {
		return path{}, false
	}
	delete(t.joins, e)
	t.charge(-joinMemory)
	p := path{c, s.From ^ uint8(from)}
	if moved := t.sameSecrets(c); moved != nil {
		c.forgetIDs()
		p.conn = moved
		moved.moved(s.Key.Endpoint(p.client), at)
		t.add(e, p)
		return p, true
	}
	t.open(c, e, p, s)
	return p, true
}

// sameSecrets finds the connection that has the secrets of c, which has moved to other ends under an id that was not
// captured; nil where there is none.
func (t *Table) sameSecrets(c *Conn) *Conn {
	random, _ := c.quic.ClientRandom()
	for _, o := range t.all() {
		if of, known := o.quic.ClientRandom(); known && of == random && !o.over {
			return o
		}
	}
	return nil
}

// find looks for the connection of a datagram among those at its ends.
func (t *Table) find(known *flow, s *reassembly.Segment) (path, bool) {
	if known == nil {
		return path{}, false
	}
	newest := known.newest
	if !s.Long {
		if len(known.before) > 0 {
			for p := range known.all {
				if t.addressed(p, s) {
					return p, true
				}
			}
		}
		return newest, true
	}
	h, ok := quic.ParseGreased(s.Payload)
	if !ok {
		return newest, true
	}
	for p := range known.all {
		if p.conn.quic.Has(p.side(s.From), &h) {
			return p, true
		}
	}
	if h.Kind == quic.Initial && newest.side(s.From) == event.Client || h.Kind == quic.Initial && len(known.before) > 0 {
		return path{}, false
	}
	if h.Kind == quic.ZeroRTT {
		return path{}, false
	}
	return newest, true
}

// addressed reports whether a short header is sent to an id of the connection.
func (t *Table) addressed(p path, s *reassembly.Segment) bool {
	receiver := p.side(s.From).Other()
	for n, count := range t.sizes {
		if count == 0 || n == 0 || len(s.Payload) < 1+n {
			continue
		}
		if o, ok := t.ids[makeID(s.Payload[1:1+n])]; ok && o.conn == p.conn && o.side == receiver {
			return true
		}
	}
	return false
}

func makeID(octets []byte) (i id) {
	i.size = uint8(len(octets))
	copy(i.octets[:], octets)
	return i
}

// begin looks whether a datagram begins a connection, or begins one again.
func (t *Table) begin(e ends, known *flow, s *reassembly.Segment, at event.At) (path, bool) {
	h, ok := quic.ParseLong(s.Payload)
	if !ok || h.Kind != quic.Initial {
		return path{}, false
	}
	for p := range known.all {
		if p.client == s.From && p.conn.quic.Begins(&h, s.Payload) {
			return p, true
		}
	}
	c := &Conn{table: t, first: at, last: at, placed: at}
	if c.quic = t.reader.Accept(&h, s.Payload, (*handler)(c)); c.quic == nil {
		return path{}, false
	}
	p := path{c, s.From}
	t.open(c, e, p, s)
	return p, true
}

// open takes a connection in.
func (t *Table) open(c *Conn, e ends, p path, s *reassembly.Segment) {
	c.place = t.order[c.worth].PushBack(c)
	c.port = s.Key.Port[p.client^1]
	c.peer[event.Client], c.peer[event.Server] = s.Key.Endpoint(p.client), s.Key.Endpoint(p.client^1)
	t.add(e, p)
}

// perEnds bounds the connections that are told apart at the same ends, beside the newest.
const perEnds = 32

// add makes a connection known at two ends.
func (t *Table) add(e ends, p path) {
	if f := t.flows[e]; f != nil {
		if len(f.before) == perEnds {
			t.counts.Crowded.add(p.conn.last)
			t.giveUp(f.before[0].conn)
		}
		f.before = append(f.before, f.newest)
		f.newest = p
	} else {
		t.flows[e] = &flow{ends: e, newest: p}
	}
	c := p.conn
	c.ends = append(c.ends, e)
	if len(c.ends) > paths {
		t.forget(c.ends[1], c) // never the first
		c.ends = append(c.ends[:1], c.ends[2:]...)
	}
}

// forget makes a connection unknown at two ends.
func (t *Table) forget(e ends, c *Conn) {
	f := t.flows[e]
	if f == nil {
		return
	}
	f.before = slices.DeleteFunc(f.before, func(p path) bool { return p.conn == c })
	if f.newest.conn == c {
		last := len(f.before) - 1
		if last < 0 {
			delete(t.flows, e)
			if slot := e.slot(); t.recent[slot] == f {
				t.recent[slot] = nil
			}
			return
		}
		f.newest, f.before = f.before[last], f.before[:last]
	}
	if len(f.before) == 0 {
		f.before = nil
	}
}

// migrated looks for a connection whose client has moved to other ends (RFC 9000 §9).
func (t *Table) migrated(s *reassembly.Segment) (path, bool) {
	if s.Long {
		return path{}, false
	}
	for n, count := range t.sizes {
		if count == 0 || n == 0 || len(s.Payload) < 1+n {
			continue
		}
		o, ok := t.ids[makeID(s.Payload[1:1+n])]
		if !ok || o.conn.over || !o.conn.quic.Secret() {
			continue
		}
		p := path{o.conn, s.From}
		if o.side == event.Client {
			p.client ^= 1
		}
		return p, true
	}
	return path{}, false
}

// deliver has a datagram read, and reports whether a packet in it opened.
func (t *Table) deliver(p path, s *reassembly.Segment, at event.At) bool {
	c := p.conn
	side := p.side(s.From)
	t.touch(c, s)
	c.count(side, s)
	if c.locked[side] && !s.Long {
		t.missed(s, true)
		return false
	}
	r := c.quic.Datagram(side, at, s.Payload)
	if r.Opened == 0 && r.Waiting == 0 {
		t.missed(s, c.named || c.early)
	}
	for side := range c.locked {
		c.locked[side] = c.quic.Locked(event.Side(side))
	}
	t.settle(c, at)
	return r.Opened > 0
}

// touch takes note that a connection was not silent. It is moved behind the others only once in a while, which touches
// less memory: as many packets as a quarter of the connections that fit.
func (t *Table) touch(c *Conn, s *reassembly.Segment) {
	if s.At.Ordinal-c.placed.Ordinal > t.memory.step {
		c.placed = s.At
		t.order[c.worth].MoveToBack(c.place)
	}
}

// settle takes note of what a connection takes and whether it waits, and gives up what is too much.
func (t *Table) settle(c *Conn, at event.At) {
	t.unopened(c, at)
	if at.Time-c.swept > int64(sweep) {
		c.swept = at.Time
		c.quic.Expire(at.Time-int64(patient), at)
	}
	if waits := c.quic.Waits(); waits != c.waits {
		c.waits = waits
		if t.waits--; waits {
			t.waits += 2
		}
	}
	t.weigh(c)
	t.keepToMemory(at)
}

// unopened counts the packets of a connection that have waited in vain.
func (t *Table) unopened(c *Conn, at event.At) {
	if n, octets := c.quic.Dropped(); n > 0 {
		u := t.row(unreadKey{port: c.port}, at)
		u.Packets += n
		u.Bytes += octets
	}
}

// all are the connections in a fixed order, as they are now: those that are gone later are over.
func (t *Table) all() (list []*Conn) {
	for i := range t.order {
		for e := t.order[i].Front(); e != nil; e = e.Next() {
			list = append(list, e.Value.(*Conn))
		}
	}
	return list
}

// wait keeps a datagram for the Initial that should have come before it.
func (t *Table) wait(e ends, s *reassembly.Segment) bool {
	for len(t.early) > 0 && (len(t.early) >= reorder || s.At.Time-t.early[0].s.At.Time > int64(reorderTime)) {
		t.drop(&t.early[0].s)
		t.early = slices.Delete(t.early, 0, 1)
	}
	if !t.memory.fits(s) {
		return false
	}
	t.early = append(t.early, early{e, t.keep(s)})
	return true
}

// lateFor reads what came before the connection's first Initial.
func (t *Table) lateFor(e ends) {
	list := t.early
	t.early = nil
	for i := range list {
		w := &list[i]
		if w.ends != e {
			t.early = append(t.early, *w)
			continue
		}
		at := w.s.At
		at.Acked = -1
		if p, ok := t.find(t.flows[e], &w.s); ok {
			t.release(&w.s)
			last := p.conn.last
			p.conn.first = earlier(p.conn.first, at)
			t.deliver(p, &w.s, at)
			p.conn.last = last
			continue
		}
		t.drop(&w.s)
	}
}

func earlier(a, b event.At) event.At {
	if b.Ordinal < a.Ordinal {
		return b
	}
	return a
}

// unreadKey is what datagrams are counted by: the server's port, and whether they are only guessed to be of QUIC.
type unreadKey struct {
	port    uint16
	guessed bool
	rest    bool // of all ports that have no row of their own
}

// rowsKept bounds the rows: an attacker may use every port.
const rowsKept = 1024

func (t *Table) row(k unreadKey, at event.At) *Unread {
	u := t.last
	if u == nil || u.key != k {
		if u = t.unread[k]; u == nil && len(t.unread) >= rowsKept {
			k = unreadKey{rest: true}
			u = t.unread[k]
		}
		t.last = u
	}
	if u == nil {
		u = &Unread{key: k, Unread: decode.Unread{What: decode.Protocol{Registry: decode.UDPPort, Shape: decode.QUIC, Number: uint32(k.port)}, First: at}}
		switch {
		case k.rest:
			u.What = decode.Protocol{Registry: decode.Remainder}
		case k.guessed:
			u.What.Shape = decode.NoShape
		}
		t.unread[k], t.last = u, u
	}
	if at.Ordinal < u.First.Ordinal {
		u.First = at
	}
	return u
}

// missed counts a datagram of which nothing was opened; told says that its connection has a caveat.
func (t *Table) missed(s *reassembly.Segment, told bool) {
	u := t.row(unreadKey{port: s.Key.Port[s.Service&1], guessed: s.Guessed && !told}, s.At)
	u.Packets++
	u.Bytes += uint64(s.Wire)
	if told || s.Guessed {
		return
	}
	if u.Untold == 0 || s.At.Ordinal < u.UntoldFirst.Ordinal {
		u.UntoldFirst = s.At
	}
	u.Untold++
	u.UntoldBytes += uint64(s.Wire)
}

// Advance tells the time of the capture, ns.
func (t *Table) Advance(now int64) {
	for len(t.closing) > 0 && now-t.closing[0].closed.Time > int64(linger) {
		c := t.closing[0]
		t.closing = t.closing[1:]
		c.finish()
	}
	for i := range t.order {
		order := &t.order[i]
		for e := order.Front(); e != nil && now-e.Value.(*Conn).placed.Time > int64(idle); e = order.Front() {
			c := e.Value.(*Conn)
			if now-c.last.Time <= int64(idle) {
				c.placed = c.last
				order.MoveToBack(e)
				continue
			}
			c.end(layer.TransportEnd{Ended: event.EndedTimeout}, c.last)
			t.remove(c)
		}
	}
}

// Retry looks for secrets that connections wait for.
func (t *Table) Retry() {
	t.charge(-len(t.joins) * joinMemory)
	clear(t.joins)
	for _, c := range t.all() {
		if !c.over {
			c.quic.Retry()
			t.settle(c, c.last)
		}
	}
	list := t.strays
	t.strays = nil
	for i := range list {
		t.release(&list[i].s)
		t.Datagram(&list[i].s)
	}
}

// GiveUpBefore gives up the wait of those that have waited since before a capture time, ns.
func (t *Table) GiveUpBefore(since int64) {
	t.dropStrays(since)
	if t.waits == 0 {
		return
	}
	for _, c := range t.all() {
		if !c.over && c.quic.Waits() && c.first.Time < since {
			c.quic.GiveUp()
			t.settle(c, c.last)
		}
	}
}

// giveUp ends a connection to make room.
func (t *Table) giveUp(c *Conn) {
	c.end(layer.TransportEnd{Ended: event.EndedTimeout}, c.last)
	t.remove(c)
}

// remove forgets a connection.
func (t *Table) remove(c *Conn) {
	for _, e := range c.ends {
		t.forget(e, c)
	}
	c.forgetIDs()
	if c.waits {
		t.waits--
	}
	if c.closed.Ordinal != 0 {
		if i := slices.Index(t.closing, c); i >= 0 {
			t.closing = slices.Delete(t.closing, i, i+1)
		}
	}
	t.order[c.worth].Remove(c.place)
	c.place = nil
	t.charge(-c.charged)
}

// Close ends what is open, in the order of first packets: the capture is over.
func (t *Table) Close(at reassembly.At) {
	for i := range t.early {
		t.drop(&t.early[i].s)
	}
	t.early = nil
	t.dropStrays(math.MaxInt64)
	open := t.all()
	sortByFirst(open)
	for _, c := range open {
		if c.closed.Ordinal != 0 {
			c.finish()
		} else {
			c.end(layer.TransportEnd{Ended: event.EndedCaptureEnd}, c.last)
		}
		t.remove(c)
	}
}

// Unread are the datagrams of which nothing was opened, in no order.
func (t *Table) Unread() (rows []*Unread) {
	for _, u := range t.unread {
		rows = append(rows, u)
	}
	return rows
}
