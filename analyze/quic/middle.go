package quic

import (
	"wshake/analyze/tls/keylog"
)

// A connection whose ClientHello was not captured is known by no random. Its secrets are found by trying those of the
// key log on a packet of 1-RTT: the one that opens it is its own, since a packet that opens by chance is out of
// question (RFC 9001 §9.4).

const (
	// trialsInAll bounds how many connections of the key log are tried on packets, by one Reader.
	trialsInAll = 1 << 14
	// trialsPerConn bounds on how many packets of a connection they are tried.
	trialsPerConn = 2
	// laterKeys is how many key updates may have been before a packet.
	laterKeys = 3
)

// numbersTried is how many packet numbers are tried that have the same low octets, by the octets that were sent, less
// one. A sender sends so many that the other side, which acknowledges soon, can tell (RFC 9000 §17.1).
var numbersTried = [4]uint64{64, 16, 2, 1}

// aimed is how a packet opens whose place in its connection was not known.
type aimed struct {
	keys   keys
	length int    // of the id that it is sent to
	number uint64 // of the packet
}

// aim looks for the way to open a packet of 1-RTT under a secret: the length of the id, the number of key updates and the
// packet number. lengths are those of ids that are possible, nil where nothing is known.
func (r *Reader) aim(p []byte, secret []byte, v Version, s *suite, lengths []uint8) (a aimed, ok bool) {
	a.keys = keys{secret: secret, suite: s, masker: newMasker(v, s, secret)}
	var later [1 + laterKeys]keys // behind so many updates
	derived := 0
	if len(lengths) == 0 {
		lengths = anyLength[:]
	}
	for _, length := range lengths {
		number := 1 + int(length)
		if len(p) < number+4+sampleSize {
			continue
		}
		mask := a.keys.masker.mask(p[number+4:])
		first := p[0] ^ mask[0]&0x1f
		const reserved = 0x18 // they are 0 (RFC 9000 §17.3.1)
		if first&reserved != 0 {
			continue
		}
		size := int(first&3) + 1
		header := append(r.header[:0], p[:number+size]...)
		r.header = header
		header[0] = first
		var low uint64
		for i := range size {
			header[number+i] ^= mask[1+i]
			low = low<<8 | uint64(header[number+i])
		}
		sealed := p[number+size:]
		if cap(r.plain) < len(sealed) {
			r.plain = make([]byte, 0, max(2048, len(sealed)))
		}
		for updates := range later {
			if byte(updates&1)*phaseBit != first&phaseBit {
				continue
			}
			for ; derived <= updates; derived++ {
				k := &later[derived]
				if derived == 0 {
					*k = a.keys
					k.now = newSealer(v, s, secret)
					continue
				}
				*k = later[derived-1]
				k.next = nil
				k.following(v)
				k.update(0)
			}
			for i := range numbersTried[size-1] {
				n := low + i<<(8*size)
				if _, ok := later[updates].now.open(r.plain, n, header, sealed); ok {
					a.keys, a.length, a.number = later[updates], int(length), n
					a.keys.before, a.keys.next, a.keys.since, a.keys.opened = nil, nil, n, false
					return a, true
				}
			}
		}
	}
	return a, false
}

// anyLength are the lengths that an id may have.
var anyLength = func() (all [maxID + 1]uint8) {
	for n := range all {
		all[n] = uint8(n)
	}
	return all
}()

// tries is what is known of a packet whose connection is looked for in the key log.
type tries struct {
	sides    []Side    // that may have sent it
	versions []Version // that are possible
	suite    *suite    // nil where each is
	lengths  []uint8   // of ids, nil where any is
}

// search finds the connection of a packet of 1-RTT in the key log, the newest first.
func (r *Reader) search(p []byte, t *tries) (random [32]byte, side Side, v Version, a aimed, ok bool) {
	list := r.keys.Connections()
	for i := len(list) - 1; i >= 0; i-- {
		if r.trials == 0 {
			r.untried++
			return random, side, v, a, false
		}
		r.trials--
		random = list[i]
		for _, side = range t.sides {
			secret := r.keys.Secret(&keylog.Name{Label: labels[levelApplication][side], Random: random})
			if secret == nil {
				continue
			}
			for _, v = range t.versions {
				for j := range suites {
					s := &suites[j]
					if s.size != len(secret) || t.suite != nil && t.suite != s {
						continue
					}
					if a, ok = r.aim(p, secret, v, s, t.lengths); ok {
						return random, side, v, a, true
					}
				}
			}
		}
	}
	return random, side, v, a, false
}

// Untried counts the packets that were not held to the whole key log, since the limit of trials was reached.
func (r *Reader) Untried() uint64 { return r.untried }

// Join begins a connection in its middle with a packet that has a short header, if a secret of the key log opens it. The
// datagram has still to be given to Datagram, as one of the side that is returned. It gives nil where none does.
func (r *Reader) Join(p []byte, handler Handler) (*Conn, Side) {
	const largest = 1500 // what is larger was put together from several datagrams
	if len(p) > largest {
		return nil, 0
	}
	random, side, v, a, ok := r.search(p, &tries{sides: []Side{Client, Server}, versions: []Version{Version1, Version2}})
	if !ok {
		return nil, 0
	}
	c := &Conn{reader: r, handler: handler, credit: maxCredit, version: v, random: random, named: true, middle: true, suite: a.keys.suite}
	c.learn()
	c.learnt = false
	c.took(side, p, &a)
	return c, side
}

// took takes how a packet of a side opens.
func (c *Conn) took(side Side, p []byte, a *aimed) {
	c.keys[levelApplication][side] = a.keys
	if e := &c.largest[levelApplication.space()][side]; *e < a.number {
		*e = a.number
	}
	c.issue(side.Other(), p[1:1+a.length])
}

// identify looks for the secrets of a connection whose ClientHello was not captured whole.
func (c *Conn) identify(side Side, p []byte) {
	if c.tried == trialsPerConn {
		return
	}
	c.tried++
	random, _, _, _, ok := c.reader.search(p, &tries{sides: []Side{side}, versions: []Version{c.version}, suite: c.suite, lengths: c.lengths[side.Other()]})
	if ok {
		c.random, c.named = random, true
		c.learn()
	}
}

// aim finds the place of a side's first packet in a connection whose beginning was not captured.
func (c *Conn) aim(k *keys, side Side, p []byte) {
	s := k.suite
	if s == nil {
		s = c.suite
	}
	if s == nil || s.size != len(k.secret) || !c.pay(16*len(p)) {
		return
	}
	if a, ok := c.reader.aim(p, k.secret, c.version, s, c.lengths[side.Other()]); ok {
		c.took(side, p, &a)
	}
}
