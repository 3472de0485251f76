package tls

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/tls/keylog"
	"wshake/reassembly"
)

// Config bounds what a Conn keeps.
type Config struct {
	// MaxHeld is how much memory each direction may take, in octets, to hold records until the other side's hello or the
	// secret is there; 256 KiB if 0.
	MaxHeld int
	// Secrets says what to do when a secret is missing.
	Secrets Secrets
	// Room is shared with other connections; nil for room of its own.
	Room *Room
}

// Secrets says when the key log is expected to have a connection's secrets.
type Secrets uint8

const (
	// SecretsNow: when its records are read, and a first pre-master secret (RSA) when its hellos are. One that is missing
	// then makes the side undecryptable.
	SecretsNow Secrets = iota
	// SecretsLater: they may come. Records, and the end of a side, are held until Retry finds them, MaxHeld is reached or
	// GiveUp is called.
	SecretsLater
)

const defaultMaxHeld = 256 << 10

// Conn reads one TLS connection. Its methods are called in the order of the capture and take a side's octets as
// reassembly.Sink does a direction's, from the first of the ClientHello or of a record on. At.Acked counts from there.
//
// It keeps per direction at most MaxHeld, a record (18 KiB) and the segment behind it, and a handshake message (64
// KiB); and while keys are agreed 128 KiB of handshake messages. It is not safe for concurrent use.
type Conn struct {
	keys       *keylog.Log
	config     Config
	out        Plain
	room       *Room
	changes    int // of something that a direction may wait for
	directions [2]direction

	hello     Hello
	announced bool

	// The handshake at hand; in TLS 1.2 there may be several.
	hellos  [2]int // how many came from each side, second ClientHellos not counted
	pairs   int    // how many were answered
	randoms [2][32]byte
	server  serverHello
	version uint16 // 0 until the server has chosen
	cannot  Reason // why records of the pair cannot be opened
	missed  Reason // why a hello was missed
	second  bool   // the ClientHello that answers a HelloRetryRequest came
	offered bool   // the last ClientHello offered early data
	early   *epoch // of the client's early data, while it is not decided what becomes of that
	flight  bool   // of the server, from ServerHello on: a Certificate or ServerHelloDone was read
}

// New makes a Conn that looks its secrets up in keys, which may be nil, and tells out.
func New(keys *keylog.Log, config Config, out Plain) *Conn {
	c := new(Conn)
	c.Reset(keys, config, out)
	return c
}

// Reset makes c ready for another connection, as New does.
func (c *Conn) Reset(keys *keylog.Log, config Config, out Plain) {
	if config.MaxHeld <= 0 {
		config.MaxHeld = defaultMaxHeld
	}
	marks := [2][]mark{c.directions[0].marks.unacked[:0], c.directions[1].marks.unacked[:0]}
	*c = Conn{keys: keys, config: config, out: out, room: config.Room}
	if c.room == nil {
		c.room = new(Room)
	}
	for side := range c.directions {
		h := &c.directions[side]
		h.side, h.marks.unacked = event.Side(side), marks[side]
	}
}

// Data takes the next octets of a side. p is only read, and only until Data returns.
func (c *Conn) Data(side event.Side, at At, p []byte) { c.take(side, layer.Piece{At: at, Octets: p}) }

// Gap says that n octets of a side were not captured.
func (c *Conn) Gap(side event.Side, at At, n uint64) { c.take(side, layer.Piece{At: at, Gap: n}) }

// End says that no more octets of a side come. What comes after it is ignored.
func (c *Conn) End(side event.Side, at At, why End) { c.take(side, layer.Piece{At: at, Why: why}) }

// Waits tells whether a side waits for a secret.
func (c *Conn) Waits() bool {
	return c.directions[event.Client].wait == waitSecret || c.directions[event.Server].wait == waitSecret
}

// Held is how much memory waits to be read, in octets.
func (c *Conn) Held() int {
	n := 0
	for i := range c.directions {
		n += c.directions[i].held.Size() + len(c.directions[i].buf)
	}
	return n
}

// ClientRandom is the random of the ClientHello that was read last, by which key logs name secrets.
func (c *Conn) ClientRandom() (random [32]byte, known bool) {
	return c.randoms[event.Client], c.hellos[event.Client] > 0
}

// Retry looks again for secrets that were missing.
func (c *Conn) Retry() {
	c.changes++
	c.settle()
	c.finish()
}

// GiveUp says that no more secrets come: from here on it is as with SecretsNow.
func (c *Conn) GiveUp() {
	c.config.Secrets = SecretsNow
	c.Retry()
}

// Done tells whether nothing more but an End will be told: both sides are undecryptable or over.
func (c *Conn) Done() bool {
	for i := range c.directions {
		if h := &c.directions[i]; !h.dead && !h.over {
			return false
		}
	}
	return true
}

func (c *Conn) take(side event.Side, p layer.Piece) {
	h := &c.directions[side]
	if h.last {
		return
	}
	h.last = p.Why != 0
	if h.wait == waitNothing && h.held.Empty() && !c.stays(&c.directions[side.Other()]) {
		c.read(h, p)
	} else {
		hold(&h.held, p)
		if h.held.Size()+len(h.buf) > c.config.MaxHeld {
			c.overflow(h)
		}
	}
	c.settle()
	c.finish()
}

// finish gives up what still waits when both sides are over, what waits for secrets first: the other side may have
// waited for what its records would have said.
func (c *Conn) finish() {
	if !c.directions[0].last || !c.directions[1].last || c.config.Secrets == SecretsLater && c.Waits() {
		return
	}
	for _, what := range [...]wait{waitSecret, waitPeer, waitSecret} {
		for i := range c.directions {
			if h := &c.directions[i]; h.wait == what {
				c.giveUpWaiting(h)
				c.settle()
			}
		}
	}
}

// settle reads what was held, as far as it goes now, in the order of the capture.
func (c *Conn) settle() {
	for h := c.readable(); h != nil; h = c.readable() {
		h.busy = true
		if h.wait == waitNothing {
			c.read(h, h.held.Next())
		} else {
			h.wait, h.tried = waitNothing, c.changes
			c.consume(h, h.buf, len(h.buf), h.bufAt)
		}
		h.busy = false
	}
}

// readable is the direction whose held octets were captured first of what may be read now, nil if there is none.
func (c *Conn) readable() *direction {
	var first *direction
	for i := range c.directions {
		h, other := &c.directions[i], &c.directions[i^1]
		if h.busy || h.over || h.held.Empty() && h.wait == waitNothing {
			continue
		}
		if h.wait != waitNothing && h.tried == c.changes {
			if c.stays(h) {
				return nil
			}
			continue
		}
		if other.busy && h.since() > other.at.Ordinal {
			continue // what is being read comes before
		}
		if first == nil || h.since() < first.since() {
			first = h
		}
	}
	return first
}

// stays tells whether h waits for a secret that may come. The other direction then waits with it, so that both are
// read in the order of the capture.
func (c *Conn) stays(h *direction) bool {
	return h.wait == waitSecret && c.config.Secrets == SecretsLater
}

func (c *Conn) read(h *direction, p layer.Piece) {
	busy := h.busy
	h.busy = true
	switch {
	case p.Why != 0:
		c.end(h, p.At, p.Why)
	case h.dead:
	case p.Gap > 0:
		c.gap(h, p.At, p.Gap)
	case len(h.buf) > 0:
		had := len(h.buf)
		if most := len(h.buf) + len(p.Octets); most > cap(h.buf) && had >= headerSize && plausible(h.buf) {
			// Grow once for the whole record and the segment that completes it.
			small := h.buf
			h.buf = append(c.room.get(max(recordSize(small), most)+len(p.Octets)), small...)
			c.room.put(small)
		}
		h.buf = append(h.buf, p.Octets...)
		c.consume(h, h.buf, had, p.At)
	default:
		c.consume(h, p.Octets, 0, p.At)
	}
	h.busy = busy
}

// consume reads the records in data and keeps what is left. What lies before index fresh has been in h.buf; at carried
// the rest.
func (c *Conn) consume(h *direction, data []byte, fresh int, at At) {
	used := 0
	for {
		h.at = at
		if used < fresh {
			h.at = reassembly.Later(h.bufAt, at)
		}
		n := c.step(h, data[used:])
		used += n
		h.offset += uint64(n)
		if h.dead {
			return
		}
		if n == 0 || h.wait != waitNothing {
			break
		}
		c.settle()
	}
	h.keep(data[used:], h.at, c.room)
}

// step reads what data begins with and gives back how many octets that took: none if there must be more, or if the
// direction has to wait.
func (c *Conn) step(h *direction, data []byte) int {
	switch {
	case h.skip > 0:
		n := min(h.skip, uint64(len(data)))
		h.skip -= n
		return int(n)
	case h.desynchronised:
		return c.search(h, data)
	case len(data) < headerSize:
		return 0
	case !plausible(data):
		return c.stray(h, data)
	}
	size := recordSize(data)
	if len(data) < size {
		// A record that may be a Finished makes no keys of its epoch, here as when it is whole.
		if h.cur != nil && contentType(data[0]) == applicationData && c.config.Secrets == SecretsNow &&
			!c.mayFinish(h, size) && !c.unlocked(h) {
			h.wait = c.locked(h) // the rest of it would not help
		}
		return 0
	}
	h.offset += uint64(size) // while the record is read it is where the record ends
	h.wait = c.record(h, data[:size])
	h.offset -= uint64(size)
	if h.wait != waitNothing {
		return 0
	}
	return size
}

// stray is called where a record should begin and does not.
func (c *Conn) stray(h *direction, data []byte) int {
	if h.cur == nil && h.next == nil {
		h.miss(c, HandshakeMalformed)
		if h.hello == helloRead {
			c.giveUp(h, HandshakeMalformed)
			return 0
		}
	}
	h.desynchronised = true
	return c.search(h, data)
}

// miss says that the hello of h, unless it was read, will not be.
func (h *direction) miss(c *Conn, why Reason) {
	if h.hello == helloAwaited {
		h.hello = helloMissed
		c.changes++
		if c.missed == 0 {
			c.missed = why
		}
	}
}

// gap passes over n octets that are missing.
func (c *Conn) gap(h *direction, at At, n uint64) {
	h.at = reassembly.Later(h.bufAt, at)
	h.miss(c, HandshakeMissing)
	if h.cur == nil {
		h.loseMessages()
		c.changes++ // the other side may have waited for them
	}
	had := uint64(len(h.buf))
	if !h.desynchronised && had >= headerSize {
		h.skip = uint64(recordSize(h.buf)) - had
		c.damaged(h, h.buf)
		had = 0
	}
	h.offset += uint64(len(h.buf)) + n
	h.uncaptured += n
	h.buf = h.buf[:0]
	m := min(h.skip, n)
	h.skip -= m
	if beyond := had + n - m; beyond > 0 {
		h.misses.octets += beyond
		h.desynchronised = true
		if h.cur != nil { // told at once, for what the other side says next may answer what was lost
			h.lost = true
			c.tellLost(h)
		}
	}
}

// end tells the end of a side, and before it what that makes certain.
func (c *Conn) end(h *direction, at At, why End) {
	h.at = reassembly.Later(h.at, at)
	if !h.dead {
		h.miss(c, HandshakeMissing)
		c.conclude(h)
	}
	h.over = true
	h.blank()
	h.held = layer.Buffer{}
	c.changes++
	if h.side == event.Server {
		c.decideEarly(earlyUnclear)
	}
	if c.directions[h.side.Other()].over {
		c.announce(at)
	}
	c.out.End(h.side, at, why)
}

// conclude tells what is certain of h now that nothing follows.
func (c *Conn) conclude(h *direction) {
	unread := len(h.buf) > 0 || h.misses.any()
	switch {
	case h.cur != nil && h.misses.records > 0 && !h.cur.ready():
		c.giveUp(h, c.noSecret(h))
	case h.cur != nil && h.misses.records > 0 && !h.cur.proven:
		c.giveUp(h, WrongSecret)
	case unread && h.cur.data(), h.misses.any() && h.following().data():
		h.lost = true
		c.tellLost(h)
	default:
		c.tellLost(h)
	}
}

// giveUp says that nothing more of h can be decrypted.
func (c *Conn) giveUp(h *direction, why Reason) {
	c.announce(h.at)
	if h.cur.data() && h.cur.proven && h.misses.any() {
		h.lost = true
	}
	c.tellLost(h)
	h.miss(c, why)
	h.dead = true
	h.blank()
	c.changes++
	if h.side == event.Server {
		c.decideEarly(earlyUnclear)
	}
	c.out.Undecryptable(h.side, h.at, why)
}

// overflow gives up what keeps h from being read: secrets first.
func (c *Conn) overflow(h *direction) {
	if c.Waits() && c.config.Secrets == SecretsLater {
		c.config.Secrets = SecretsNow
		c.changes++
		c.settle()
	}
	if h.wait != waitNothing && !h.held.Empty() {
		c.giveUpWaiting(h)
	}
}

// giveUpWaiting gives up what h waits for.
func (c *Conn) giveUpWaiting(h *direction) {
	h.at = reassembly.Later(h.at, h.held.Pieces[len(h.held.Pieces)-1].At)
	switch {
	case h.wait == waitSecret || h.cur != nil && !c.unlocked(h):
		c.giveUp(h, c.noSecret(h))
	case c.missed != 0:
		c.giveUp(h, c.missed)
	default:
		c.giveUp(h, HandshakeMissing)
	}
}

// announce tells the Hello, once.
func (c *Conn) announce(at At) {
	if !c.announced {
		c.announced = true
		c.changes++
		c.out.Hello(at, &c.hello)
	}
}

// tellLost tells of a gap of unknown size, if there is one to tell of and none was told since the last application
// data.
func (c *Conn) tellLost(h *direction) {
	if !h.lost {
		return
	}
	h.lost = false
	if !h.gaping {
		h.gaping = true
		h.marks.lose()
		c.announce(h.at)
		c.out.Gap(h.side, h.at, Unknown)
	}
}
