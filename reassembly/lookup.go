package reassembly

// Which connection a segment belongs to is decided by its ends, the tunnel it was captured in, and its numbers:
//
//   - Usually one connection has the same Key, and the numbers are near to those it has had. This takes one look-up.
//   - Several connections may have the same Key: a capture on both sides of a firewall that changes sequence numbers, or
//     two networks that use the same addresses. Then the numbers decide. Octets far away from every known stream begin a
//     connection of their own.
//   - The two directions may be captured in different tunnels. A direction joins a connection in another tunnel if nothing
//     of that direction was captured there, and its sequence and acknowledgement numbers fit.

const (
	// maxSameEnds is how many connections with the same ends are remembered, over all tunnels. The oldest is evicted.
	maxSameEnds = 64
	// nearDistance is how far the numbers of a segment may be from those of its connection without further
	// thought: the largest windows in use.
	nearDistance = 1 << 24
	// maxWindow is the largest window that scaling allows (RFC 7323 §2.3).
	maxWindow = 1 << 30
)

// fit says how well the numbers of a segment match those of a connection.
type fit uint8

const (
	fitNone    fit = iota // sequence and acknowledgement number are both far away
	fitUnknown            // nothing is known to compare with
	fitPartly             // one is far away, or both directions are not known well enough
	fitOne                // one is near, the other is not known
	fitBoth               // both are near
)

// findConn gives the connection that s belongs to, nil if s begins a new one. Segments that belong nowhere and carry
// nothing are not placed.
func (t *Table) findConn(s *Segment) (c *Conn, placed bool) {
	c = t.conns.at(t.index.find(&s.Key, &t.conns))
	if c == nil {
		return t.joinTunnel(s), true
	}
	if s.Seq-c.next[s.From&1]+nearDistance <= 2*nearDistance && !c.is(flagSiblings) && s.Flags&(SYN|RST) != SYN {
		return c, true
	}
	return t.chooseConn(c, s)
}

// chooseConn is findConn when c has the Key of s, but s may belong to another connection.
func (t *Table) chooseConn(c *Conn, s *Segment) (*Conn, bool) {
	syn := s.Flags&(SYN|RST) == SYN
	newest, best, bestFit := c, (*Conn)(nil), fitNone
	if !c.is(flagSiblings) {
		if bestFit = c.fits(s); bestFit > fitNone {
			best = c
		}
	} else {
		t.sameEnds(&s.Key, func(k *Conn) {
			if k.key.Tunnel != s.Key.Tunnel && !k.joined(s) {
				return
			}
			if newest.first.ordinal < k.first.ordinal {
				newest = k
			}
			f := k.fits(s)
			if f > bestFit || f == bestFit && best != nil && best.first.ordinal < k.first.ordinal {
				best, bestFit = k, f
			}
		})
	}
	switch {
	case bestFit > fitNone:
		return best, true
	case s.Flags&RST != 0:
		return newest, true
	case syn:
		if !t.contested(newest, s) {
			return newest, true
		}
	case len(s.Payload) == 0 && s.Cut == 0:
		return nil, false
	}
	newest.flags |= flagSiblings
	return nil, true
}

// contested reports whether the SYN s, which does not fit c, begins a connection beside it. Then c ends only
// when the new connection carries octets and c has not gone on until then: a single SYN proves nothing.
func (t *Table) contested(c *Conn, s *Segment) bool {
	from := s.From & 1
	far := s.Seq+1-c.next[from]+plausibleDistance > 2*plausibleDistance
	if c.bothEnded() || c.is(flagRejected) || c.closed(from) || !far {
		return false
	}
	if c.flow != nil {
		e := t.evidenceOf(c)
		e.contested.set(s)
		c.flags |= flagContested
	}
	return true
}

// sameEnds calls f for each connection with the ends of k, in any tunnel, in no particular order.
func (t *Table) sameEnds(k *Key, f func(*Conn)) {
	x := &t.index
	if x.used == 0 {
		return
	}
	hash, mask := x.hash(k), x.mask()
	for i := hash & mask; x.slots[i].conn != 0; i = (i + 1) & mask {
		if x.slots[i].hash != hash {
			continue
		}
		if c := t.conns.at(x.slots[i].conn); c.key.sameEnds(k) {
			f(c)
		}
	}
}

// position is about where the stream of a side is; known says whether anything was captured that tells.
func (c *Conn) position(side uint8) (seq uint32, known bool) {
	switch {
	case c.knows(side, baseKnown):
		return c.next[side], true
	case c.flow != nil && c.flow.dirs[side].heldBytes > 0:
		for i := range c.flow.held {
			if seg := &c.flow.held[i]; seg.side == side {
				seq = seg.seq + uint32(len(seg.p))
			}
		}
		return seq, true
	case c.knows(side^1, ackSeen):
		return c.ack[side^1], true
	}
	return 0, false
}

// fits compares the numbers of s with those of c.
func (c *Conn) fits(s *Segment) fit {
	from := s.From & 1
	seq := s.Seq
	if s.Flags&SYN != 0 {
		seq++
		if c.knows(from, baseKnown) && seq == c.base(from) {
			return fitBoth
		}
	}
	at, seqKnown := c.position(from)
	seqNear := seqKnown && seq-at+nearDistance <= 2*nearDistance
	ackAt, ackKnown := c.position(from ^ 1)
	ackKnown = ackKnown && s.Flags&ACK != 0
	ackNear := ackKnown && s.Ack-ackAt+nearDistance <= 2*nearDistance
	switch {
	case s.Flags&(SYN|RST) == SYN && c.isReplacedBy(s):
		return fitNone
	case seqNear && ackNear:
		return fitBoth
	case seqNear && !ackKnown, ackNear && !seqKnown:
		return fitOne
	case seqNear, ackNear:
		return fitPartly
	case !seqKnown && !ackKnown:
		return fitUnknown
	case seqKnown && !ackKnown && seq-at+maxWindow <= 2*maxWindow:
		return fitPartly // nothing but the distance speaks against it: the capture may have lost as much
	}
	return fitNone
}

// joined reports whether the sender of s was found to belong to c, though its packets are in another tunnel.
func (c *Conn) joined(s *Segment) bool {
	e := c.evidence
	return e != nil && e.joined && e.joinedSide == s.From&1 && e.joinedTunnel == s.Key.Tunnel
}

// joinTunnel finds the connection in another tunnel that s belongs to, nil if there is none. The direction of s
// joins a connection of which only the other direction was captured, if all numbers fit.
func (t *Table) joinTunnel(s *Segment) *Conn {
	var best *Conn
	bestFit := fitPartly
	from := s.From & 1
	t.sameEnds(&s.Key, func(k *Conn) {
		f := fitBoth + 1
		switch {
		case k.joined(s):
			if f = k.fits(s); f > fitNone {
				f += fitBoth
			}
		case k.key.Tunnel == s.Key.Tunnel, k.class <= classRejected, !k.lacks(from), k.evidence != nil && k.evidence.joined:
			return
		default:
			f = k.fits(s)
		}
		if f > bestFit || f == bestFit && best != nil && k.first.ordinal > best.first.ordinal {
			best, bestFit = k, f
		}
	})
	if best == nil || best.joined(s) {
		return best
	}
	e := t.evidenceOf(best)
	e.joined, e.joinedSide, e.joinedTunnel = true, from, s.Key.Tunnel
	t.stats.Joined++
	return best
}

// lacks reports whether nothing of a sender was captured.
func (c *Conn) lacks(side uint8) bool {
	if c.knows(side, synSeen|ackSeen) {
		return false
	}
	return c.flow == nil || c.flow.dirs[side].isEmpty() && c.flow.dirs[side].heldBytes == 0
}

// evictSameEnds makes room for one more connection with the ends of k, and reports whether there are others with
// the same Key.
func (t *Table) evictSameEnds(k *Key) (siblings bool) {
	n := 0
	var oldest *Conn
	t.sameEnds(k, func(c *Conn) {
		n++
		siblings = siblings || c.key.Tunnel == k.Tunnel
		if oldest == nil || c.first.ordinal < oldest.first.ordinal {
			oldest = c
		}
	})
	if n >= maxSameEnds {
		t.evictConn(oldest)
	}
	return siblings
}

// meetSiblings is called for a segment of an open connection that shares its Key with others.
func (t *Table) meetSiblings(c *Conn, s *Segment) {
	if s.Flags&SYN == 0 {
		c.flags &^= flagContested // it goes on
	}
	if c.is(flagSiblings) && len(s.Payload) > 0 {
		t.endContested(c, s.From&1)
	}
}

// endContested ends the connections whose ends c has taken over, when c carries octets, now of the side from.
func (t *Table) endContested(c *Conn, from uint8) {
	t.sameEnds(&c.key, func(k *Conn) {
		if k == c || k.key.Tunnel != c.key.Tunnel || !k.is(flagContested) || k.class <= classRejected {
			return
		}
		for side := range uint8(2) { // a SYN that was forged is not answered
			if side != from && c.lacks(side) && !k.lacks(side) {
				return
			}
		}
		k.flags &^= flagContested
		if !k.is(flagResetPending) {
			t.stats.Replaced++
		}
		t.endBoth(k, EndReplaced, k.evidence.contested.packet())
		t.reclassify(k)
	})
}
