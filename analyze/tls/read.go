package tls

import "wshake/analyze/event"

// record reads one record, unless h has to wait for something.
func (c *Conn) record(h *direction, r record) wait {
	switch {
	case h.cur != nil:
		return c.protected(h, r)
	case h.messages.broken && h.next != nil && !r.isChangeCipherSpec():
		// Octets of the handshake are missing, and the ChangeCipherSpec may have been among them.
		return c.protected(h, r)
	}
	switch r.kind() {
	case handshake:
		h.messages.add(r.fragment(), func(m message) bool { return c.message(h, m) })
		return waitNothing
	case alert:
		c.alert(h, r.fragment())
		return waitNothing
	case changeCipherSpec:
		return c.change(h)
	}
	h.miss(c, HandshakeMissing)
	if h.side == event.Client && c.hello.Retried && c.pairs == 0 && !c.second {
		return waitNothing // early data, which the HelloRetryRequest has rejected (RFC 8446 §4.2.10)
	}
	if h.next != nil {
		c.giveUp(h, HandshakeMalformed) // no ChangeCipherSpec
		return waitNothing
	}
	return c.unready(h)
}

// change reads a ChangeCipherSpec that is not protected.
func (c *Conn) change(h *direction) wait {
	if c.version == versionTLS13 {
		return waitNothing // for the sake of middleboxes (RFC 8446 §D.4)
	}
	h.miss(c, HandshakeMissing)
	if h.next == nil && c.cannot == 0 {
		return c.unready(h)
	}
	if h.side == event.Server {
		c.serverDone(h)
	}
	if h.next == nil {
		return c.unready(h)
	}
	h.enter(h.next)
	return waitNothing
}

// unready is what becomes of h before a record that cannot be read while there are no keys to look for.
func (c *Conn) unready(h *direction) wait {
	client, server := c.directions[event.Client].hello, c.directions[event.Server].hello
	switch {
	case c.cannot != 0:
		c.giveUp(h, c.cannot)
	case client != helloAwaited && server != helloAwaited && client+server != 2*helloRead:
		c.giveUp(h, c.missed)
	default:
		return waitPeer
	}
	return waitNothing
}

// unlocked tells whether there are keys to try.
func (c *Conn) unlocked(h *direction) bool {
	return h.cur.unlock(c.keys) || h.following().unlock(c.keys)
}

// locked is what becomes of h before a record whose secret is missing.
func (c *Conn) locked(h *direction) wait {
	if c.mayComplete(h.cur) || c.mayComplete(h.following()) {
		return waitPeer
	}
	if c.config.Secrets == SecretsLater {
		return waitSecret
	}
	if server := &c.directions[event.Server]; h.side == event.Client && !c.announced && !server.dead && !server.over {
		return waitPeer // the server's records may still say what belongs to the Hello
	}
	c.giveUp(h, c.noSecret(h))
	return waitNothing
}

// protected reads a record of an epoch.
func (c *Conn) protected(h *direction, r record) wait {
	if c.version == versionTLS13 && r.kind() != applicationData {
		// Protected records have one type only. Others are for middleboxes, or an alert of a peer that has no keys yet.
		if r.kind() == alert && h.cur.stage == stageHandshake {
			c.alert(h, r.fragment())
		}
		return waitNothing
	}
	if r.kind() == changeCipherSpec && h.cur != nil && h.next == nil && c.hellos[event.Client] != c.hellos[event.Server] {
		return waitPeer // a renegotiation, whose other hello comes behind this in the capture
	}
	if c.finishes(h, r) {
		c.advance(h)
		return waitNothing
	}
	if !c.unlocked(h) {
		return c.locked(h)
	}
	room := c.room.take(len(r))
	defer c.room.give(room)
	if kind, content, ok := c.open(h, r, room); ok {
		c.content(h, kind, content)
		return waitNothing
	}
	h.misses.records++
	h.misses.unproven += uint64(len(r))
	c.despair(h)
	return waitNothing
}

// mayFinish tells whether a record of size octets is the client's Finished of TLS 1.3, by its place and its size:
// without a certificate it is all that the client says in that epoch, and any other message has another size. Where
// the secret of what follows is known, keys for this one record, which says nothing else, need not be made.
func (c *Conn) mayFinish(h *direction, size int) bool {
	const longestTag = 16
	e := h.cur
	if h.side != event.Client || e == nil || e.version != versionTLS13 || e.stage != stageHandshake || e.ready() ||
		h.misses.any() {
		return false
	}
	beyond := size - headerSize - messageHeader - e.suite.secretSize // the type and the tag
	return beyond > 0 && beyond <= 1+longestTag && h.following().unlock(c.keys) &&
		beyond == h.following().protection.minSize()
}

// finishes tells whether r is the client's Finished: it may be, and is no record behind one that is missing.
func (c *Conn) finishes(h *direction, r record) bool {
	if !c.mayFinish(h, len(r)) {
		return false
	}
	room := c.room.take(len(r))
	defer c.room.give(room)
	_, _, behind := h.following().protection.open(room, 0, r)
	return !behind
}

// content takes what an authentic record holds.
func (c *Conn) content(h *direction, kind contentType, content []byte) {
	c.tellLost(h)
	switch kind {
	case applicationData:
		if h.cur.data() && len(content) > 0 {
			c.deliver(h, content)
		}
	case handshake:
		if h.messages.broken && h.cur.version == versionTLS12 && beginsHello(h.side, content) {
			h.messages = messages{} // a renegotiation begins
		}
		h.messages.add(content, func(m message) bool { return c.message(h, m) })
	case alert:
		c.alert(h, content)
	case changeCipherSpec:
		if c.version == versionTLS13 {
			return
		}
		if h.next == nil {
			c.giveUp(h, HandshakeMissing)
			return
		}
		h.enter(h.next)
	}
}

// deliver hands application data on.
func (c *Conn) deliver(h *direction, p []byte) {
	c.announce(h.at)
	h.marks.add(h.offset, len(p))
	h.gaping = false
	at := h.at
	other := &c.directions[h.side.Other()]
	at.Acked = other.marks.translate(at.Acked, other.offset+uint64(len(other.buf)))
	c.out.Data(h.side, at, p)
}

// damaged takes note of a record of which only the beginning, its header at least, was captured.
func (c *Conn) damaged(h *direction, beginning record) {
	kind, e := beginning.kind(), h.cur
	if kind == changeCipherSpec && h.next != nil && c.version == versionTLS12 {
		h.enter(h.next)
		return
	}
	if e == nil || e.version == versionTLS13 || kind == handshake {
		h.loseMessages()
	}
	if e == nil || e.version == versionTLS13 && kind != applicationData {
		return
	}
	h.seq++
	if kind != applicationData || !e.data() {
		return
	}
	if e.ready() && !h.lost {
		if n, exact := e.protection.contentSize(recordSize(beginning) - headerSize); exact {
			h.marks.add(h.offset+uint64(recordSize(beginning)), max(n, 0))
			c.announce(h.at)
			c.out.Gap(h.side, h.at, uint64(max(n, 0)))
			return
		}
	}
	h.lost = true
	c.tellLost(h)
}

// alert tells of an alert.
func (c *Conn) alert(h *direction, p []byte) {
	if len(p) == 2 {
		c.out.Alert(h.side, h.at, Alert{Level: p[0], Description: p[1]})
	}
}
