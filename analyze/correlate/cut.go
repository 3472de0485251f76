package correlate

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// cutsRemembered is how many ends are compared with a new one.
const cutsRemembered = 128

// Cuts is the newest ends without a Close, round and round, with the address of who made them.
type Cuts struct {
	ring [cutsRemembered]struct {
		hop netip.Addr
		cut *event.Abrupt
	}
	next int
}

// ExplainsCut tells whether a finding with this name says why a connection was cut. Such ends are not compared with
// others.
func ExplainsCut(name string) bool {
	return name == "peer-silent" || name == "receiver-stalled" || name == "pong-mismatch"
}

// Compare gives earlier ends that the same hop made after the same silence, and at the same age, nil where there is
// none, and remembers cut. Who made it is known.
func (l *Cuts) Compare(cut *event.Abrupt) (idle, age *event.Abrupt) {
	hop := cut.Conn.Peer[cut.By.Value].Addr()
	idle, age = l.like(hop, cut)
	l.add(hop, cut)
	return idle, age
}

// Cut judges how a conversation ended by what is known of other connections, and of its other leg.
func (c *Correlator) Cut(e *event.Abrupt) []*event.Finding {
	cut := *e // it is kept
	k := check.Cut{Abrupt: &cut}
	a := c.byConn[e.Conn]
	if cut.Begun {
		if a != nil && a.begun == nil {
			a.begun = &cut
		}
		return nil
	}
	if a != nil && slices.ContainsFunc(a.told, func(t told) bool { return ExplainsCut(t.name) }) {
		return nil // the silence has that reason
	}
	if cut.By.Known {
		if c.Earlier != nil {
			k.SameIdle, k.SameAge = c.Earlier(e)
		} else {
			k.SameIdle, k.SameAge = c.cuts.Compare(&cut)
		}
	}
	if a != nil {
		for _, b := range []*attempt{a.downstream, a.upstream} {
			if b != nil && !b.switched {
				return nil // its proxy gave up an upgrade that never came about
			}
		}
		a.cut = &cut
		k.Product, k.ProxiedClient = a.product, a.forwarded
		k.Hop = a.hopOf()
		if other := k.Relayed(); other != nil {
			a.relayed = other
		}
	}
	found := c.checks.Cut(&k)
	if a != nil {
		a.limit = k.Kind()
	}
	if h := k.Hop; h != nil && h.Other != nil {
		if b := c.byConn[h.Conn]; b != nil {
			for _, f := range found {
				if b.has(f.Name) {
					f.Follows = b.root(f.Name)
				}
			}
		}
	}
	return found
}

// hopOf is the proxy whose leg a is, nil where the other leg was not captured.
func (a *attempt) hopOf() *check.CutByHop {
	b, side := a.downstream, event.Client
	if b == nil {
		b, side = a.upstream, event.Server
	}
	if b == nil {
		return nil
	}
	name := a.hop
	if name == "" {
		name = b.hop
	}
	if name == "" {
		name = "the proxy " + a.conn.Peer[side].Addr().String()
	}
	other := b.cut
	if other == nil {
		other = b.begun
	}
	return &check.CutByHop{Name: name, Side: side, Conn: b.conn, Other: other, Limit: b.limit}
}

func (l *Cuts) add(hop netip.Addr, cut *event.Abrupt) {
	l.ring[l.next].hop, l.ring[l.next].cut = hop, cut
	l.next = (l.next + 1) % len(l.ring)
}

// like finds earlier ends that a hop made after the same silence, and at the same age.
func (l *Cuts) like(hop netip.Addr, cut *event.Abrupt) (idle, age *event.Abrupt) {
	for i := range l.ring {
		b := l.ring[(l.next+i)%len(l.ring)].cut
		if b == nil || l.ring[(l.next+i)%len(l.ring)].hop != hop || b.Conn == cut.Conn {
			continue
		}
		if idle == nil && b.Idle > b.LongestIdle && check.Like(cut.Idle, b.Idle, cut.At.Time, b.At.Time) {
			idle = b
		}
		if age == nil && check.Like(cut.Age, b.Age, cut.At.Time, b.At.Time) {
			age = b
		}
	}
	return idle, age
}

// sessionsRemembered is how many ids are kept that answers gave out.
const sessionsRemembered = 4096

// sessions are ids that answers gave out, the newest of them.
type sessions struct {
	byID map[string]event.Session
	ring []string
	next int
}

// Session takes note of an id that an answer gave out.
func (c *Correlator) Session(e *event.Session) {
	s := &c.sessions
	if s.byID == nil {
		s.byID = make(map[string]event.Session)
	}
	if _, known := s.byID[e.ID]; known {
		return
	}
	given := *e
	given.ID, given.Request = strings.Clone(e.ID), strings.Clone(e.Request)
	if len(s.ring) < sessionsRemembered {
		s.ring = append(s.ring, given.ID)
	} else {
		delete(s.byID, s.ring[s.next])
		s.ring[s.next] = given.ID
		s.next = (s.next + 1) % sessionsRemembered
	}
	s.byID[given.ID] = given
}

// partsCompared is how many parts of a target are looked for among the ids.
const partsCompared = 64

// SessionsIn gives the parts of a refused attempt's target that may be an id which an answer gave out.
func SessionsIn(h *event.Handshake) []string {
	if h.Request == nil || h.Response == nil || h.Verdict != event.Refused {
		return nil
	}
	parts := strings.FieldsFunc(h.Request.Target, func(r rune) bool { return strings.ContainsRune("/?&=;", r) })
	parts = parts[:min(len(parts), partsCompared)]
	for i, part := range parts {
		if plain, err := url.QueryUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// unknownSession looks whether a refused attempt names an id that was given out.
func (c *Correlator) unknownSession(h *event.Handshake) []*event.Finding {
	if len(c.sessions.byID) == 0 {
		return nil
	}
	for _, part := range SessionsIn(h) {
		if given, known := c.sessions.byID[part]; known && given.At.Ordinal < h.At.Ordinal {
			return c.checks.Session(h, &given)
		}
	}
	return nil
}
