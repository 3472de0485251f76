package part

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"net/netip"

	"wshake/analyze/correlate"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Node names a connection, with all of its streams, and the run that made its records. Two that are equal by chance are
// compared with each other, which changes nothing.
type Node struct{ Run, Conn uint64 }

// RunOf is the number of a run by its name.
func RunOf(name string) uint64 { return hash(name) }

func hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

func nodeConn(peer [2]netip.AddrPort, first *event.At) uint64 {
	b := binary.BigEndian.AppendUint32(nil, uint32(first.File))
	b = binary.BigEndian.AppendUint64(b, first.Number)
	return hash(string(b), peer[0].String(), peer[1].String())
}

// connOf is the connection that a record is about, 0 where it is about none.
func (r *Record) connOf() uint64 {
	if r.NoConnect != nil {
		return nodeConn(r.NoConnect.Peer, &r.NoConnect.First)
	}
	if c := r.conn(); *c != nil {
		return nodeConn((*c).Peer, &(*c).First)
	}
	return 0
}

// Role is what a connection has to do with what a mark is about.
type Role uint8

// Roles. Connections are compared where one mark has the roles that are written beside each other.
const (
	Attempted  Role = iota + 1 // with each other and with Answered: the mark is what answers the key
	Answered                   // a wrong Accept
	Upstream                   // with Downstream: the ends of a proxy
	Downstream                 //
	Given                      // with Asked: a session's id
	Asked                      //
	NoUpgrade                  // with Browser: a client's address and a server, or the address of a gateway
	Browser                    //
)

// Mark says that a connection has something that another one may have, too.
type Mark struct {
	Key  uint64 // hash of what that is
	Role Role
	Node Node
	// Begin and End are the places where the request and its answer were made out, of an attempt; Request is that of the
	// packet which completed the request, and comes before Begin where the keys of TLS came late.
	Begin, End, Request Place
	// Legs are the keys that an attempt has as Upstream and Downstream. Numbered says that both SYNs were captured.
	Legs     [2]uint64
	Numbered bool
}

// never is behind all places.
var never = Place{Time: 1<<63 - 1}

// marker makes marks of records.
type marker struct {
	run  uint64
	open map[*event.Conn]*opened
	send func(*Mark) error
	// hop sends an end without a Close to be compared with others of the same hop.
	hop func(hop uint64, e *End) error
	err error
}

// opened is the newest attempt of a connection.
type opened struct {
	head      *event.Head
	mark      Mark
	sent      bool
	explained bool // a finding says why it is cut
}

func (m *marker) give(k *Mark) {
	if m.err == nil {
		m.err = m.send(k)
	}
}

// add makes marks of a record.
func (m *marker) add(r *Record, place func(*event.At) Place) {
	node := Node{m.run, 0}
	switch {
	case r.Request != nil:
		c := r.Request.Conn
		m.sendOpen(c)
		node.Conn = r.connOf()
		up, down := correlate.LegsOf(r.Request)
		o := &opened{head: r.Request.Head, mark: Mark{Role: Attempted, Node: node, Begin: r.Place, End: never, Numbered: c.Numbered}}
		o.mark.Request = place(&r.Request.Head.Last)
		o.mark.Legs = [2]uint64{hash("legs", up.Proxy.String(), up.Path), hash("legs", down.Proxy.String(), down.Path)}
		if key := r.Request.Head.Get("Sec-WebSocket-Key"); key != "" {
			o.mark.Key = hash("accept", ws.Accept(key))
		}
		m.open[c] = o
	case r.Handshake != nil:
		h := r.Handshake
		node.Conn = r.connOf()
		if o := m.open[h.Conn]; o != nil && o.head == h.Request {
			o.mark.End = r.Place
			m.sendOpen(h.Conn)
		}
		if h.AcceptValid.Known && !h.AcceptValid.Value {
			m.give(&Mark{Key: hash("accept", h.Accept.Value), Role: Answered, Node: node})
		}
		for _, part := range correlate.SessionsIn(h) {
			m.give(&Mark{Key: hash("session", part), Role: Asked, Node: node})
		}
		if correlate.ByBrowser(h) {
			m.give(&Mark{Key: hashEnds(h.Conn.Peer), Role: Browser, Node: node})
		}
		if correlate.GatewayRefused(h) {
			m.give(&Mark{Key: hash("gateway", h.Conn.Peer[event.Server].Addr().String()), Role: Browser, Node: node})
		}
	case r.Session != nil:
		node.Conn = r.connOf()
		m.give(&Mark{Key: hash("session", r.Session.ID), Role: Given, Node: node})
	case r.NoConnect != nil:
		node.Conn = r.connOf()
		key := hashEnds(r.NoConnect.Peer)
		if r.NoConnect.Refused {
			key = hash("gateway", r.NoConnect.Peer[event.Client].Addr().String())
		}
		m.give(&Mark{Key: key, Role: NoUpgrade, Node: node})
	case r.Finding != nil:
		if o := m.open[r.Finding.Conn]; o != nil && correlate.ExplainsCut(r.Finding.Name) {
			o.explained = true
		}
	case r.Cut != nil:
		o := m.open[r.Cut.Conn]
		if r.Cut.Begun || !r.Cut.By.Known || o != nil && o.explained || m.err != nil {
			return
		}
		m.err = m.hop(hash("hop", r.Cut.Conn.Peer[r.Cut.By.Value].Addr().String()),
			&End{Run: m.run, Place: r.Place, First: place(&r.Cut.Conn.First), Count: r.Count, Cut: r.Cut})
	case r.Connection != nil:
		m.sendOpen(r.Connection.Conn)
		delete(m.open, r.Connection.Conn)
	case r.Closed != nil:
		m.sendOpen(r.Closed)
		delete(m.open, r.Closed)
	}
}

func hashEnds(peer [2]netip.AddrPort) uint64 {
	return hash("ends", peer[event.Client].Addr().String(), peer[event.Server].String())
}

func (m *marker) sendOpen(c *event.Conn) {
	if o := m.open[c]; o != nil && !o.sent {
		o.sent = true
		m.give(&o.mark)
	}
}

// finish sends the marks of attempts without an answer.
func (m *marker) finish() {
	for c := range m.open { // in any order: who takes marks sorts them
		m.sendOpen(c)
	}
}

// Encode makes octets of a mark, without its Key.
func (m *Mark) Encode() []byte {
	b := []byte{byte(m.Role), 0}
	if m.Numbered {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, m.Node.Run), m.Node.Conn)
	if m.Role != Attempted && m.Role != Upstream && m.Role != Downstream {
		return b
	}
	for _, p := range []Place{m.Begin, m.End, m.Request} {
		b = binary.AppendVarint(b, p.Time)
		b = binary.AppendVarint(b, int64(p.File))
		b = binary.AppendUvarint(b, p.Number)
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, m.Legs[0]), m.Legs[1])
}

var errMark = errors.New("a mark that was sent is damaged")

// DecodeMark reads what Encode wrote.
func DecodeMark(key uint64, b []byte) (*Mark, error) {
	r := sent{b: b}
	fixed := r.octets(18)
	m := &Mark{Key: key, Role: Role(fixed[0]), Numbered: fixed[1] == 1,
		Node: Node{binary.BigEndian.Uint64(fixed[2:]), binary.BigEndian.Uint64(fixed[10:])}}
	if len(r.b) > 0 {
		for _, p := range []*Place{&m.Begin, &m.End, &m.Request} {
			p.Time, p.File, p.Number = r.varint(), int32(r.varint()), r.uvarint()
		}
		legs := r.octets(16)
		m.Legs = [2]uint64{binary.BigEndian.Uint64(legs), binary.BigEndian.Uint64(legs[8:])}
	}
	if r.bad || m.Role == 0 || m.Role > Browser {
		return nil, errMark
	}
	return m, nil
}
