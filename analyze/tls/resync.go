package tls

// What it may cost to find the place among the records again. Every octet of the stream buys tries of creditRate
// octets, so the work stays proportional to the traffic whatever was lost and whoever sends. How much there is depends
// on the place in the stream alone, not on how it was cut into segments.
const (
	creditRate  = 8
	creditStart = 1 << 20
	creditMost  = 16 << 20
	tryOverhead = 256 // what a try costs besides its octets, in octets
	// patience is how many octets in a row may fail to authenticate before a direction is given up.
	patience = 1 << 20
)

// misses is what may have passed unread since the last record that authenticated.
type misses struct {
	records  uint64 // that did not authenticate
	octets   uint64 // in which records were not found
	unproven uint64 // octets of both that were there
}

func (m *misses) any() bool { return m.records > 0 || m.octets > 0 }

// slack is how many records that is at most, where the smallest is of size octets.
func (m *misses) slack(size int) uint64 {
	if m.octets == 0 {
		return m.records
	}
	return m.records + m.octets/uint64(size) + 1
}

// afford pays for a try of r, the record at hand.
func (h *direction) afford(r record) bool {
	cost := int64(len(r) + tryOverhead)
	earned := creditStart + creditRate*int64(h.offset-h.uncaptured)
	h.spent = max(h.spent, earned-creditMost)
	if earned-h.spent < cost {
		return false
	}
	h.spent += cost
	return true
}

// open opens r: as the next record of the current epoch; else, as its tag proves, as a later one or as one of the
// epoch that follows. The content is in dst.
func (c *Conn) open(h *direction, r record, dst []byte) (kind contentType, content []byte, ok bool) {
	try := func(e *epoch, seq uint64) bool {
		kind, content, ok = e.protection.open(dst, seq, r)
		return ok
	}
	if h.cur.ready() {
		if h.desynchronised && !h.afford(r) {
			return 0, nil, false
		}
		if try(h.cur, h.seq) {
			h.found(h.cur, h.seq)
			return
		}
	}
	for _, e := range [...]*epoch{h.cur, h.following()} {
		if !e.unlock(c.keys) {
			continue
		}
		first, last := uint64(0), h.misses.slack(headerSize+e.protection.minSize())
		if e == h.cur {
			first, last = h.seq+1, h.seq+last
		}
		for seq := first; seq <= last && h.afford(r); seq++ {
			if try(e, seq) {
				h.found(e, seq)
				return
			}
		}
	}
	return 0, nil, false
}

// found takes note that a record of e with the number seq authenticated.
func (h *direction) found(e *epoch, seq uint64) {
	switch {
	case e != h.cur:
		if h.misses.any() && h.cur.data() || seq > 0 && e.data() {
			h.lost = true
		}
		h.enter(e)
		if seq > 0 {
			h.loseMessages()
		}
	case seq > h.seq:
		h.lost = h.lost || e.data()
		h.loseMessages()
	}
	e.proven = true
	h.seq = seq + 1
	h.misses = misses{}
	h.desynchronised = false
}

// search looks in data for a record that authenticates and gives back how many octets were passed, that record
// included.
func (c *Conn) search(h *direction, data []byte) int {
	switch {
	case h.cur == nil && h.next == nil:
		h.wait = c.unready(h)
	case !c.unlocked(h):
		h.wait = c.locked(h)
	}
	if h.wait != waitNothing || h.dead {
		return 0
	}
	passed, whole := 0, true
	pass := func(i int) {
		h.misses.octets += uint64(i - passed)
		h.misses.unproven += uint64(i - passed)
		passed = i
	}
	for i := range data {
		if !h.mayBegin(data[i:]) {
			continue
		}
		pass(i)
		rest := data[i:]
		if len(rest) < headerSize || len(rest) < recordSize(rest) {
			whole = false
			break
		}
		r := record(rest[:recordSize(rest)])
		if h.cur == nil && r.isChangeCipherSpec() {
			h.desynchronised = false
			h.enter(h.next)
			return i + len(r)
		}
		h.offset += uint64(i + len(r)) // while the record is read it is where the record ends
		room := c.room.take(len(r))
		kind, content, ok := c.open(h, r, room)
		if ok {
			c.content(h, kind, content)
		}
		c.room.give(room)
		h.offset -= uint64(i + len(r))
		if ok {
			return i + len(r)
		}
	}
	if whole {
		pass(len(data))
	}
	c.despair(h)
	return passed
}

// mayBegin tells whether p begins like a protected record, as far as p goes.
func (h *direction) mayBegin(p []byte) bool {
	e := h.cur
	if !e.ready() {
		e = h.next
	}
	for i, c := range p[:min(len(p), headerSize)] {
		switch {
		case i == 0 && e.version == versionTLS13 && contentType(c) != applicationData,
			i == 0 && (contentType(c) < changeCipherSpec || contentType(c) > applicationData),
			i == 1 && c != 3,
			i == 2 && c != 3:
			return false
		}
	}
	if len(p) < headerSize {
		return true
	}
	if h.cur == nil && contentType(p[0]) == changeCipherSpec {
		return recordSize(p) == headerSize+1
	}
	size := recordSize(p) - headerSize
	return size <= maxFragment && (!e.ready() || size >= e.protection.minSize())
}

// despair gives the direction up if nothing has authenticated for too long.
func (c *Conn) despair(h *direction) {
	if h.misses.unproven <= patience {
		return
	}
	if h.cur != nil && h.cur.proven {
		c.giveUp(h, OutOfStep)
	} else {
		c.giveUp(h, WrongSecret)
	}
}
