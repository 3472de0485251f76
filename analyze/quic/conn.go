package quic

import (
	"wshake/analyze/tls"
)

// Bits of the first octet of a short header (RFC 9000 §17.3.1).
const phaseBit = 0x04

// Conn reads one connection from the datagrams of both sides.
type Conn struct {
	reader  *Reader
	handler Handler
	version Version
	// original is the connection id that the keys of Initial packets come from: the client's first choice for the
	// server, or what a Retry gave it.
	original [1 + maxID]byte
	sources  [2][1 + maxID]byte // the id that each side uses as its source in long headers; its length first
	heard    [2]bool            // a packet of the side with a long header was opened
	retried  bool               // the server sent a Retry or negotiated the version, and the client has not obeyed so far
	obeyed   bool               // the first of several Retry packets was read

	random      [32]byte // of the client
	named       bool     // it is known
	middle      bool     // the beginning was not captured: see Reader.Join
	tried       int      // packets that the key log's secrets were tried on
	suite       *suite
	unsupported bool // another suite was chosen
	ready       bool // secrets were looked for
	givenUp     bool // and none comes any more
	hello       tls.Hello

	keys                   [levels][2]keys
	largest                [3][2]uint64    // by space and side: the packet number that is expected next
	lengths                [2][]uint8      // of the ids that each side issued
	crypto                 [2][2]handshake // by space and side: of Initial and Handshake packets
	waiting                []waits
	waited                 int    // octets in waiting
	learnt                 bool   // something was learnt that may open what waits
	dropped, droppedOctets uint64 // packets that waited in vain
	failed                 [2]int

	streams streams
	segment [2]int // size of the datagrams that a side has its kernel cut (UDP GSO)
	credit  int    // octets that may still be opened in vain
	told    [2]bool
	resets  int // streams that were broken off and whose octets may still come
	closed  [2]bool
	early   bool      // packets of 0-RTT were captured
	numbers [2]window // of 0-RTT and 1-RTT
	lost    [Losses]bool
}

// handshake is the CRYPTO stream of a side at a level.
type handshake struct {
	order    order
	messages tls.Messages
}

// waits is a datagram that waits for keys.
type waits struct {
	side   Side
	at     At
	octets []byte
}

// maxCredit is what may be opened in vain, octets, before it is earned again.
const maxCredit = 1 << 20

// Accept begins a connection with a datagram of its client, whose first packet has the header h. It gives nil where the
// packet is no Initial of a client that opens. The datagram has still to be given to Datagram.
func (r *Reader) Accept(h *Header, p []byte, handler Handler) *Conn {
	c := &Conn{reader: r, handler: handler, credit: maxCredit}
	if !c.begin(h, p) {
		return nil
	}
	return c
}

// begin takes the id that the client's Initial is sent to for the one that keys come from, if they open it.
func (c *Conn) begin(h *Header, p []byte) bool {
	if h.Kind != Initial {
		return false
	}
	secrets := initialSecrets(h.Version, h.Destination)
	k := keys{secret: secrets[Client]}
	k.derive(h.Version, &suites[0])
	saved := c.largest[0]
	_, _, ok := c.unseal(&k, levelInitial, Client, p[:h.end], h.number)
	c.largest[0] = saved
	if !ok {
		return false
	}
	c.version = h.Version
	setID(&c.original, h.Destination)
	// Where nothing of the server was captured its keys are not needed.
	c.keys[levelInitial] = [2]keys{Client: k, Server: {secret: secrets[Server]}}
	return true
}

// initial sets the keys of Initial packets.
func (c *Conn) initial(v Version, id []byte) {
	c.version = v
	setID(&c.original, id)
	secrets := initialSecrets(v, id)
	for side := range secrets {
		k := &c.keys[levelInitial][side]
		*k = keys{secret: secrets[side]}
		k.derive(v, &suites[0])
	}
}

func setID(to *[1 + maxID]byte, id []byte) {
	to[0] = byte(len(id))
	copy(to[1:], id)
}

func getID(id *[1 + maxID]byte) []byte { return id[1 : 1+id[0]] }

// Begins reports whether an Initial that the client sends may begin the connection again: behind a Retry or a
// negotiation of the version (RFC 9000 §17.2.5.2, §6.2).
func (c *Conn) Begins(h *Header, p []byte) bool {
	if !c.retried || c.heard[Server] || h.Kind != Initial || string(h.Destination) == string(getID(&c.original)) {
		return false
	}
	// The random stays the same behind a Retry, but a ClientHello is sent from its beginning.
	was := c.version
	if !c.begin(h, p) {
		return false
	}
	c.retried = false
	if was != c.version {
		c.hello, c.named = tls.Hello{}, false
	}
	c.crypto[levelInitial.space()] = [2]handshake{}
	c.largest[0] = [2]uint64{}
	return true
}

// Has reports whether a long header fits to the connection by its ids.
func (c *Conn) Has(side Side, h *Header) bool {
	if side == Client && c.retried && !c.heard[Server] && h.Kind == Initial {
		return string(h.Destination) == string(getID(&c.original)) // see Begins
	}
	to, from := getID(&c.sources[side.Other()]), getID(&c.sources[side])
	return side == Client && string(h.Destination) == string(getID(&c.original)) ||
		len(to) > 0 && string(h.Destination) == string(to) || len(from) > 0 && string(h.Source) == string(from)
}

// Result is what became of the packets of a datagram.
type Result struct{ Opened, Failed, Waiting int }

// Datagram reads a datagram of a side.
func (c *Conn) Datagram(side Side, at At, p []byte) (r Result) {
	c.datagram(side, at, p, len(p), &r)
	if c.learnt {
		c.replay()
	}
	return r
}

// datagram reads packets that are coalesced (RFC 9000 §12.2). size is that of the whole datagram.
func (c *Conn) datagram(side Side, at At, p []byte, size int, r *Result) {
	for len(p) > 0 {
		if !IsLong(p) {
			c.short(side, at, p, size, r)
			return
		}
		h, ok := ParseGreased(p)
		if !ok {
			r.Failed++
			return
		}
		packet := p[:h.end]
		p = p[h.end:]
		switch h.Kind {
		case Negotiation, Retry:
			c.retry(side, &h, r)
		case Unread:
			r.Failed++
		default:
			c.long(side, at, &h, packet, r)
		}
	}
}

// retry takes a Retry or a negotiation of the version, which come before anything else of a server (RFC 9000 §17.2.5.2,
// §6.2) and can be made by anybody, but change nothing by themselves.
func (c *Conn) retry(side Side, h *Header, r *Result) {
	if side != Server || c.heard[Server] {
		r.Failed++
		return
	}
	r.Opened++
	if h.Kind == Retry && c.obeyed { // only the first one counts
		return
	}
	c.retried = true
	c.obeyed = h.Kind == Retry
}

// long reads a packet with a long header.
func (c *Conn) long(side Side, at At, h *Header, packet []byte, r *Result) {
	l := levelOf[h.Kind]
	c.early = c.early || l == levelEarly
	if h.Version != c.version && !c.heard[Server] && side == Server && h.Kind == Initial {
		// The server chose another version that is compatible (RFC 9368 §2.3): its keys come from the same id.
		was := c.version
		c.initial(h.Version, getID(&c.original))
		if _, _, ok := c.unseal(&c.keys[l][side], l, side, packet, h.number); !ok {
			c.initial(was, getID(&c.original))
		}
	}
	k := &c.keys[l][side]
	if l == levelInitial && k.masker == nil && k.secret != nil {
		k.derive(c.version, &suites[0])
	}
	if h.Version != c.version && l != levelEarly {
		r.Failed++
		return
	}
	if k.masker == nil && (k.secret == nil || l != levelEarly && !c.ready) {
		c.locked(side, at, l, packet, r)
		return
	}
	var number uint64
	var content []byte
	ok := false
	if k.masker == nil {
		ok = c.trySuites(k, l, side, h.Version, packet, h.number)
	}
	if k.masker != nil {
		number, content, ok = c.unseal(k, l, side, packet, h.number)
	}
	if !ok {
		c.fail(side, at, l, r)
		return
	}
	if !c.heard[side] && l != levelEarly || l == levelEarly && c.sources[side][0] == 0 {
		c.heard[side] = c.heard[side] || l != levelEarly
		setID(&c.sources[side], h.Source)
		c.issue(side, h.Source)
	}
	if side == Client && l != levelEarly && !c.heard[Server] && string(h.Destination) != string(getID(&c.original)) {
		c.issue(Server, h.Destination) // no packet of the server was captured so far
	}
	c.number(l, side, number)
	r.Opened++
	c.frames(side, at, l, content)
}

// trySuites finds the suite of a secret by a packet that it opens.
func (c *Conn) trySuites(k *keys, l level, side Side, v Version, packet []byte, number int) bool {
	for i := range suites {
		s := &suites[i]
		if s.size != len(k.secret) || !c.pay(len(packet)) {
			continue
		}
		t := keys{secret: k.secret}
		t.derive(v, s)
		if _, _, ok := c.unseal(&t, l, side, packet, number); ok {
			*k = t
			if l != levelEarly && c.suite == nil {
				c.suite = s
				c.learn()
			}
			return true
		}
	}
	return false
}

// pay takes what a try costs from the credit.
func (c *Conn) pay(n int) bool {
	if c.credit < n {
		return false
	}
	c.credit -= n
	return true
}

// short reads a packet with a short header, which takes the rest of a datagram. size is that of the whole datagram.
func (c *Conn) short(side Side, at At, p []byte, size int, r *Result) {
	k := &c.keys[levelApplication][side]
	if !c.named && !c.unsupported {
		c.identify(side, p)
	}
	if k.masker == nil && (k.secret == nil || !c.ready) {
		c.locked(side, at, levelApplication, p, r)
		return
	}
	if c.middle && !k.opened {
		c.aim(k, side, p)
	}
	for len(p) > 0 {
		n := c.openShort(k, side, at, p, size)
		if n == 0 {
			c.fail(side, at, levelApplication, r)
			return
		}
		r.Opened++
		// What is behind a packet was another datagram before the sender's kernel put them together.
		if p = p[n:]; IsLong(p) {
			c.datagram(side, at, p, size, r)
			return
		}
	}
}

// openShort opens the packet that p begins with and gives its length; 0 where none opens.
func (c *Conn) openShort(k *keys, side Side, at At, p []byte, size int) int {
	try := func(n int) bool {
		for _, length := range c.lengths[side.Other()] {
			if k.masker == nil && !c.trySuites(k, levelApplication, side, c.version, p[:n], 1+int(length)) {
				continue
			}
			number, content, ok := c.unseal(k, levelApplication, side, p[:n], 1+int(length))
			if !ok {
				continue
			}
			c.number(levelApplication, side, number)
			c.frames(side, at, levelApplication, content)
			return true
		}
		return false
	}
	if len(c.lengths[side.Other()]) == 0 { // nothing of the other side was captured
		c.guessLength(k, side, p)
	}
	// border is the end of the first segment, if datagrams of so many octets were put together.
	border := func(segment int) int {
		behind := size - len(p)
		return (behind/segment+1)*segment - behind
	}
	if s := c.segment[side]; s > 0 {
		if n := border(s); n < len(p) && try(n) {
			return n
		}
	}
	if try(len(p)) {
		return len(p)
	}
	const smallest, largest = 1200, 1500
	if size <= smallest {
		return 0
	}
	last := 0
	for s := largest; s >= smallest; s-- {
		n := border(s)
		if n >= len(p) || n == last {
			continue
		}
		if last = n; !c.pay(n) {
			return 0
		}
		if try(n) {
			c.segment[side] = s
			return n
		}
	}
	return 0
}

// guessLength finds the length of the ids that a side issued of which no long header was captured.
func (c *Conn) guessLength(k *keys, side Side, p []byte) {
	for n := range maxID + 1 {
		if !c.pay(len(p)) {
			return
		}
		ok := false
		if k.masker == nil {
			ok = c.trySuites(k, levelApplication, side, c.version, p, 1+n)
		} else {
			_, _, ok = c.unseal(k, levelApplication, side, p, 1+n)
		}
		if ok {
			c.lengths[side.Other()] = append(c.lengths[side.Other()], uint8(n))
			return
		}
	}
}

// unseal removes header protection and opens a packet; number is the offset of its packet number. It changes nothing
// but the keys of 1-RTT, where an update is proven. The content is valid until the next call.
func (c *Conn) unseal(k *keys, l level, side Side, packet []byte, number int) (n uint64, content []byte, ok bool) {
	if len(packet) < number+4+sampleSize {
		return 0, nil, false
	}
	mask := k.masker.mask(packet[number+4:])
	first := packet[0] ^ mask[0]&0x0f
	if l == levelApplication {
		first = packet[0] ^ mask[0]&0x1f
	}
	size := int(first&3) + 1
	header := append(c.reader.header[:0], packet[:number+size]...)
	header[0] = first
	var low uint64
	for i := range size {
		header[number+i] ^= mask[1+i]
		low = low<<8 | uint64(header[number+i])
	}
	c.reader.header = header
	n = decodeNumber(c.largest[l.space()][side], low, size)
	sealed := packet[number+size:]
	if cap(c.reader.plain) < len(sealed) {
		c.reader.plain = make([]byte, 0, max(2048, len(sealed)))
	}
	plain := c.reader.plain
	if l != levelApplication {
		content, ok = k.now.open(plain, n, header, sealed)
		return n, content, ok
	}
	return c.unsealPhase(k, first, n, header, sealed)
}

// unsealPhase opens a packet of 1-RTT under the keys that its phase may mean (RFC 9001 §6).
func (c *Conn) unsealPhase(k *keys, first byte, n uint64, header, sealed []byte) (uint64, []byte, bool) {
	plain := c.reader.plain
	if first&phaseBit == k.phase {
		if content, ok := k.now.open(plain, n, header, sealed); ok {
			if !k.opened || n < k.since {
				k.opened, k.since = true, n
			}
			return n, content, true
		}
		return c.unsealLater(k, n, header, sealed, 2)
	}
	if k.before != nil && n < k.since {
		if content, ok := k.before.open(plain, n, header, sealed); ok {
			return n, content, true
		}
	}
	if !c.pay(len(sealed)) {
		return 0, nil, false
	}
	if content, ok := k.following(c.version).open(plain, n, header, sealed); ok {
		k.update(n)
		k.opened = true
		return n, content, true
	}
	if k.before == nil || n < k.since {
		return c.unsealLater(k, n, header, sealed, 3)
	}
	content, ok := k.before.open(plain, n, header, sealed)
	return n, content, ok
}

// unsealLater tries the keys behind several updates, first of them so many, in steps of two: the phase bit tells odd
// from even. Behind packets that were not captured the first one of a side may be behind any number of updates.
func (c *Conn) unsealLater(k *keys, n uint64, header, sealed []byte, first int) (uint64, []byte, bool) {
	const most, tries = 9, 8
	if k.opened || k.tries == tries || !c.pay(4*len(sealed)) {
		return 0, nil, false
	}
	k.tries++
	t := keys{secret: k.secret, suite: k.suite, masker: k.masker, now: k.now, next: k.next, phase: k.phase}
	for i := 1; i <= most; i++ {
		t.following(c.version)
		t.update(n)
		if i < first || (i-first)%2 != 0 {
			continue
		}
		if content, ok := t.now.open(c.reader.plain, n, header, sealed); ok {
			t.opened = true
			*k = t
			return n, content, true
		}
	}
	return 0, nil, false
}

// decodeNumber completes a packet number of so many octets (RFC 9000 §A.3).
func decodeNumber(expected, low uint64, size int) uint64 {
	window := uint64(1) << (8 * size)
	n := expected&^(window-1) | low
	switch {
	case n+window/2 <= expected && n < 1<<62-window:
		return n + window
	case n > expected+window/2 && n >= window:
		return n - window
	}
	return n
}

// number takes note of a packet number that was read.
func (c *Conn) number(l level, side Side, n uint64) {
	if e := &c.largest[l.space()][side]; n >= *e {
		*e = n + 1
	}
	if l.space() == levelApplication.space() {
		c.numbers[side].add(n)
	}
	c.credit = min(c.credit+2048, maxCredit)
}

// locked takes a packet whose keys are not known.
func (c *Conn) locked(side Side, at At, l level, packet []byte, r *Result) {
	// Before the ClientHello was read, and while secrets may still come, it can wait.
	if !c.givenUp && !c.unsupported && (!c.named || c.reader.later) {
		if c.waited+len(packet) <= c.reader.limits.Waits {
			c.waiting = append(c.waiting, waits{side, at, append([]byte(nil), packet...)})
			c.waited += len(packet) + pieceSize
			r.Waiting++
			return
		}
		c.lose(at, LimitWaits)
	}
	c.fail(side, at, l, r)
}

// fail takes note of a packet that was not opened.
func (c *Conn) fail(side Side, at At, l level, r *Result) {
	r.Failed++
	k := &c.keys[l][side]
	if l == levelEarly && k.secret == nil && c.named {
		c.lose(at, LossEarly)
	}
	if c.told[side] || l != levelApplication || k.masker != nil && k.opened {
		return // a damaged packet, a stateless reset, or one that is not needed
	}
	if c.failed[side]++; k.masker != nil && c.failed[side] < failsEnough {
		return
	}
	c.told[side] = true
	why := WrongKeys
	switch {
	case c.unsupported:
		why = NoSuite
	case !c.named:
		why = NoHello
	case k.secret == nil:
		why = NoSecret
	}
	c.handler.Undecrypted(side, at, why)
}

// failsEnough is how many packets of a side are not opened before its keys are taken for wrong.
const failsEnough = 8

// replay reads what waited for keys.
func (c *Conn) replay() {
	c.learnt = false
	list := c.waiting
	c.waiting, c.waited = nil, 0
	for _, w := range list {
		var r Result
		c.datagram(w.side, w.at, w.octets, len(w.octets), &r)
		if r.Opened == 0 && r.Waiting == 0 {
			c.dropped++
			c.droppedOctets += uint64(len(w.octets))
		}
	}
}

// Dropped counts the packets that have waited in vain since the last call, and their octets.
func (c *Conn) Dropped() (n, octets uint64) {
	n, octets = c.dropped, c.droppedOctets
	c.dropped, c.droppedOctets = 0, 0
	return n, octets
}

// Waits reports whether packets wait for secrets.
func (c *Conn) Waits() bool { return len(c.waiting) > 0 }

// What the parts of a connection take, octets.
const (
	connMemory   = 2304 // Conn and the storage of its ids
	keysMemory   = 2048 // keys of a side at a level that are derived
	sealerMemory = 1024 // keys before or behind an update
)

// Memory is about what the connection takes, octets.
func (c *Conn) Memory() int {
	n := connMemory + c.waited + c.streams.memory()
	for l := range c.keys {
		for side := range c.keys[l] {
			k := &c.keys[l][side]
			if k.masker == nil {
				continue
			}
			n += keysMemory
			if k.before != nil {
				n += sealerMemory
			}
			if k.next != nil {
				n += sealerMemory
			}
		}
	}
	for space := range c.crypto {
		for side := range c.crypto[space] {
			h := &c.crypto[space][side]
			n += h.order.held + h.messages.Memory()
		}
	}
	return n
}

// Locked reports whether packets of 1-RTT of a side were told not to be opened and never will be.
func (c *Conn) Locked(side Side) bool {
	return c.told[side] && c.ready && !c.reader.later && !c.Secret()
}

// Secret reports whether a secret of the traffic is known: streams can be read.
func (c *Conn) Secret() bool {
	k := &c.keys[levelApplication]
	return k[Client].secret != nil || k[Server].secret != nil
}

// issue remembers a connection id of a side.
func (c *Conn) issue(side Side, id []byte) {
	known := false
	for _, n := range c.lengths[side] {
		known = known || int(n) == len(id)
	}
	if !known {
		c.lengths[side] = append(c.lengths[side], uint8(len(id)))
	}
	c.handler.Issued(side, id)
}

func (c *Conn) lose(at At, l Loss) {
	if !c.lost[l] {
		c.lost[l] = true
		c.handler.Lost(at, l)
	}
}

// Early reports whether packets of 0-RTT were captured.
func (c *Conn) Early() bool { return c.early }

// Missing reports whether packets of a side behind the first that was read may not have been captured.
func (c *Conn) Missing(side Side) bool { return c.numbers[side].missing > 0 }

// Version is the version that is spoken.
func (c *Conn) Version() Version { return c.version }

// frames reads the content of a packet.
func (c *Conn) frames(side Side, at At, l level, p []byte) {
	for len(p) > 0 {
		f, rest, ok := parseFrame(p)
		if !ok {
			c.lose(at, LossFrame)
			return
		}
		p = rest
		switch f.kind {
		case frameCrypto:
			c.cryptoFrame(side, at, l, &f)
		case frameStream, frameResetStream, frameResetStreamAt, frameStopSending:
			if l >= levelEarly && l != levelHandshake {
				c.streamFrame(side, at, &f)
			}
		case frameACK, frameACKECN: // the other side sent it, even if it was not captured
			if e := &c.largest[l.space()][side.Other()]; f.largest >= *e && f.largest < 1<<62-1 {
				*e = f.largest + 1
			}
		case frameNewConnectionID:
			c.issue(side, f.data)
		case frameClose, frameCloseApplication:
			if !c.closed[side] {
				c.closed[side] = true
				c.handler.Close(side, at, &Close{Application: f.kind == frameCloseApplication, Code: f.code, Text: f.data})
			}
		}
	}
}

// cryptoFrame takes a piece of the handshake. What TLS says behind it, in 1-RTT, is not needed.
func (c *Conn) cryptoFrame(side Side, at At, l level, f *frame) {
	if l == levelApplication || l == levelEarly {
		return
	}
	h := &c.crypto[l.space()][side]
	if f.offset > h.order.next && h.order.held+len(f.data)+pieceSize > c.reader.limits.Crypto {
		c.lose(at, LimitCrypto)
		return
	}
	take := func(kind uint8, body []byte) bool {
		c.message(side, at, kind, body)
		return true
	}
	// The storage of the packet is used again by what a message sets free, so octets are read before.
	h.messages.Add(h.order.add(at, f.offset, f.data), take)
	for {
		p, ok := h.order.pop()
		if !ok {
			return
		}
		h.messages.Add(p.octets, take)
	}
}
