package analyze

import (
	"fmt"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/reassembly"
)

// layer is what a session stacks: it takes the octets of both sides, in order per side. A layer that learns that the
// rest belongs to another one calls session.become and hands over what it has not used.
type layer interface {
	data(side event.Side, at event.At, p []byte)
	gap(side event.Side, at event.At, n uint64)
	end(side event.Side, at event.At, why reassembly.End)
	// finish is called once, when both sides have ended.
	finish(at event.At)
}

// session is one connection. It decides which layer reads it: first it looks what is spoken (sniffing), then HTTP
// (exchange), then frames (conversation). It is the Sink that package reassembly feeds.
type session struct {
	// What every segment needs comes first: with many connections open at once each line of cache it takes is waited for.
	layer layer
	below *secured // TLS under layer, nil where there is none
	// client is the direction of the client's octets; known says that it is decided.
	client    reassembly.Dir
	known     bool
	accounted bool      // the connection event was made
	websocket bool      // an established, invalid or mid-stream WebSocket was seen
	offset    [2]uint64 // octets that the layers were given so far, gaps included, by direction
	heard     [2]uint64 // offset behind the last octet that was captured

	em     *emitter
	conn   *reassembly.Conn
	id     *event.Conn
	looks  sniffing  // the first layer
	missed [2]missed // what no caveat has named yet
	ends   [2]reassembly.End
	endAt  [2]event.At
	sooner reassembly.Dir // whose end was captured first

	findings []string // for the connection event
	caveats  []string
}

// missed is octets of a direction that were not captured.
type missed struct {
	at     event.At // the packet that made the first of them certain
	octets uint64
}

// ending is how one direction ended.
type ending struct {
	at   event.At
	side event.Side
	why  reassembly.End
}

func newSession(em *emitter, c *reassembly.Conn) *session {
	s := em.sessions.New()
	s.client, s.known = reassembly.Opener, c.Opened() == reassembly.OpenedSYN
	s.em, s.conn = em, c
	s.looks.session = s
	s.layer = &s.looks
	return s
}

// first is the end that was captured first, of those that are known.
func (s *session) first() ending {
	return ending{at: s.endAt[s.sooner], side: s.side(s.sooner), why: s.ends[s.sooner]}
}

// orient decides which direction is the client's.
func (s *session) orient(client reassembly.Dir) {
	s.client, s.known = client, true
}

func (s *session) side(dir reassembly.Dir) event.Side {
	return event.Side(dir ^ s.client)
}

func (s *session) dir(side event.Side) reassembly.Dir {
	return reassembly.Dir(side) ^ s.client
}

// event gives the identity that events point at. From the first call on the orientation is fixed, and what was missed of the
// connection is named: of one that nothing is reported of nobody needs to know.
func (s *session) event() *event.Conn {
	if s.id == nil {
		guessed := false
		if !s.known {
			// Nothing tells: the higher port is taken for the client's.
			a, b := s.conn.Endpoint(reassembly.Opener), s.conn.Endpoint(reassembly.Acceptor)
			if b.Port() > a.Port() {
				s.orient(reassembly.Acceptor)
			} else {
				s.orient(reassembly.Opener)
			}
			guessed = true
		}
		s.id = newConn(s.conn, s.client)
		s.id.Guessed = guessed
		if s.id.Midstream {
			text := "the beginning of this connection was not captured"
			if _, looking := s.layer.(*sniffing); looking {
				text += ": it was recognised as WebSocket by its frames"
			}
			s.caveat(s.conn.First(), "midstream", text, event.Opt[uint64]{})
		}
		s.nameMissed()
	}
	return s.id
}

// nameMissed makes caveats of the gaps since the last call.
func (s *session) nameMissed() {
	for dir := range s.missed {
		m := s.missed[dir]
		s.missed[dir] = missed{}
		if m.octets > 0 {
			s.caveat(m.at, "gap", fmt.Sprintf("%d octets of the %s's stream were not captured", m.octets, s.side(reassembly.Dir(dir))), event.Some(m.octets))
		}
	}
}

// become replaces the layer.
func (s *session) become(l layer) { s.layer = l }

// reject says that the connection carries nothing for us.
func (s *session) reject() {
	s.layer = ignored{}
	if s.below == nil || s.below.leave() {
		s.conn.Reject()
	}
}

func (s *session) Data(dir reassembly.Dir, at reassembly.At, p []byte) {
	if s.below != nil {
		s.below.data(s.side(dir), at, p)
		return
	}
	s.offset[dir] += uint64(len(p))
	s.heard[dir] = s.offset[dir]
	s.layer.data(s.side(dir), at, p)
}

func (s *session) Gap(dir reassembly.Dir, at reassembly.At, n uint64) {
	if s.below == nil {
		s.offset[dir] += n
	}
	if s.missed[dir].octets == 0 {
		s.missed[dir].at = at
	}
	s.missed[dir].octets += n
	if s.id != nil {
		s.nameMissed()
	}
	if s.below != nil {
		s.below.gap(s.side(dir), at, n)
		return
	}
	s.layer.gap(s.side(dir), at, n)
}

func (s *session) End(dir reassembly.Dir, at reassembly.At, why reassembly.End) {
	side := s.side(dir)
	raw := at
	if s.below != nil {
		at.Acked = -1 // it counts other octets than the layers do
	}
	s.ends[dir], s.endAt[dir] = why, at
	if s.ends[dir.Other()] == 0 || at.Ordinal < s.endAt[dir.Other()].Ordinal { // octets that wait for others delay an end
		s.sooner = dir
	}
	if s.below != nil {
		s.below.end(side, raw, why)
	} else {
		s.layer.end(side, at, why)
	}
	if s.ends[dir.Other()] != 0 {
		if s.below != nil && s.below.conn.Waits() {
			s.below.outlive(at)
			return
		}
		s.finish(at)
	}
}

// finish is called when both sides have ended and nothing more can be read of them.
func (s *session) finish(at event.At) {
	s.layer.finish(at)
	s.layer = ignored{}
	if s.below != nil {
		s.below.finish(at)
	}
	s.em.sessions.Put(s)
}

func (s *session) Conflict(dir reassembly.Dir, at reassembly.At, offset uint64, first, second []byte) {
	if _, looking := s.layer.(*sniffing); looking {
		return // what the connection carries is not known yet
	}
	from := s.side(dir)
	s.report(s.em.cfg.Checks.Conflict(s.event(), &check.Conflict{At: at, From: from, Offset: offset, First: first, Second: second}))
}

// report emits findings that do not belong to a handshake.
func (s *session) report(found []*event.Finding) {
	for _, f := range found {
		s.note(f)
		s.em.finding(f)
	}
}

// note remembers a finding for the connection event.
func (s *session) note(f *event.Finding) { s.findings = addOnce(s.findings, f.Name) }

// caveat emits a caveat.
func (s *session) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	s.caveats = addOnce(s.caveats, name)
	s.em.caveat(event.Caveat{Conn: s.event(), At: at, Name: name, Text: text, Bytes: octets})
}

// caveatOnce emits a caveat that is said once of a connection.
func (s *session) caveatOnce(at event.At, name, text string) {
	for _, c := range s.caveats {
		if c == name {
			return
		}
	}
	s.caveat(at, name, text, event.Opt[uint64]{})
}

// seen says whether any packet of a side was captured.
func (s *session) seen(side event.Side) bool { return s.conn.Seen(s.dir(side)) }

func addOnce(list []string, s string) []string {
	for _, e := range list {
		if e == s {
			return list
		}
	}
	return append(list, s)
}

// ignored is the layer of connections that carry nothing for us, and of those that are over.
type ignored struct{}

func (ignored) data(event.Side, event.At, []byte)        {}
func (ignored) gap(event.Side, event.At, uint64)         {}
func (ignored) end(event.Side, event.At, reassembly.End) {}
func (ignored) finish(event.At)                          {}
