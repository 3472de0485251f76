package quic

import (
	"wshake/analyze/tls"
	"wshake/analyze/tls/keylog"
)

// level is a level of encryption (RFC 9001 §4.1.4).
type level uint8

const (
	levelInitial level = iota
	levelEarly         // 0-RTT
	levelHandshake
	levelApplication // 1-RTT
	levels
)

// levelOf is the level of the packets of a kind.
var levelOf = [...]level{Initial: levelInitial, ZeroRTT: levelEarly, Handshake: levelHandshake, OneRTT: levelApplication}

// space is where a level counts its packets: 0-RTT and 1-RTT together (RFC 9000 §12.3).
func (l level) space() int {
	return [levels]int{levelInitial: 0, levelHandshake: 1, levelEarly: 2, levelApplication: 2}[l]
}

// keys open what one side sends at one level.
type keys struct {
	secret []byte // nil where it is not known
	suite  *suite // nil while it is not known which one; then each is tried that fits the secret
	masker *masker
	now    *sealer
	// Of 1-RTT (RFC 9001 §6): the keys before and behind the present ones.
	before, next *sealer
	phase        byte   // key phase bit of the present keys
	since        uint64 // the first packet number that they opened
	opened       bool   // they opened a packet
	tries        int    // how often several updates were looked for
}

// labels are the names of the secrets in a key log.
var labels = [levels][2]keylog.Label{
	levelEarly:       {Client: keylog.EarlyTraffic},
	levelHandshake:   {Client: keylog.ClientHandshake, Server: keylog.ServerHandshake},
	levelApplication: {Client: keylog.ClientTraffic, Server: keylog.ServerTraffic},
}

// derive makes the keys of a secret. Those of header protection outlast an update.
func (k *keys) derive(v Version, s *suite) {
	k.suite = s
	k.masker = newMasker(v, s, k.secret)
	k.now = newSealer(v, s, k.secret)
}

// following derives the keys behind the next key update.
func (k *keys) following(v Version) *sealer {
	if k.next == nil {
		k.secret = expandLabel(k.suite.hash, k.secret, versionParameters[v].update, k.suite.size)
		k.next = newSealer(v, k.suite, k.secret)
	}
	return k.next
}

// update makes the next keys the present ones, from a packet number on.
func (k *keys) update(number uint64) {
	k.before, k.now, k.next = k.now, k.next, nil
	k.phase ^= phaseBit
	k.since = number
}

// message takes a handshake message of a side.
func (c *Conn) message(side Side, at At, kind uint8, body []byte) {
	h := &c.hello
	switch {
	case body == nil:
		return
	case kind == tls.MessageClientHello && side == Client:
		random, ok := h.ReadClientHello(body)
		if !ok {
			return
		}
		c.random, c.named = random, true
		c.learn()
	case kind == tls.MessageServerHello && side == Server:
		if !h.ReadServerHello(body) || !h.Server {
			return
		}
		c.suite = suiteOf(uint16(h.Suite))
		c.unsupported = c.suite == nil
		c.learn()
	case kind == tls.MessageEncryptedExtensions && side == Server:
		h.ReadEncryptedExtensions(body)
	case kind == tls.MessageCertificate && side == Server:
		h.ReadCertificate(body)
	default:
		return
	}
	c.handler.Hello(at, h)
}

// learn looks for the secrets of levels that cannot be opened yet.
func (c *Conn) learn() {
	if !c.named || c.unsupported {
		return
	}
	for l := levelEarly; l < levels; l++ {
		for side, label := range labels[l] {
			k := &c.keys[l][side]
			if label == "" || k.masker != nil {
				continue
			}
			if k.secret == nil {
				k.secret = c.reader.keys.Secret(&keylog.Name{Label: label, Random: c.random})
			}
			if k.secret != nil && c.suite != nil && c.suite.size == len(k.secret) && l != levelEarly {
				k.derive(c.version, c.suite)
			}
		}
	}
	c.ready, c.learnt = true, true
}

// Retry looks for secrets again, and reads what waited for them.
func (c *Conn) Retry() {
	c.learn()
	c.replay()
}

// GiveUp says that no more secrets come.
func (c *Conn) GiveUp() {
	c.givenUp = true
	c.replay()
}
