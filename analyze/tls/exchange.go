package tls

import (
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"

	"golang.org/x/crypto/cryptobyte"
)

// maxTranscript bounds what an exchange keeps of a handshake, octets.
const maxTranscript = 2 * MaxMessage

// exchange is a key exchange of TLS 1.2 with RSA (RFC 5246 §7.4.7.1), or a handshake that may become one: what the
// master secret follows from besides the pre-master secret, which key logs have under the label RSA.
type exchange struct {
	suite    *parameters // nil until the hellos are paired
	extended bool        // the server's hello asks for the extended master secret (RFC 7627)

	premaster keylog.Name // as the ClientKeyExchange names it
	ended     [2]bool     // the side's last message was read: ClientKeyExchange, ServerHelloDone
	lost      bool        // a message before those was lost

	// transcript is what the extended master secret depends on: the ClientHello, the server's messages, and the client's
	// from there on. They are kept apart since a capture may show the two sides in any order.
	transcript [3][]byte
	size       int
	session    []byte // the hash of transcript (RFC 7627 §3), once that is complete
}

// take reads the next message of side.
func (x *exchange) take(side event.Side, m message) {
	if m.kind == typeHelloRequest || x.ended[side] {
		return // no part of the handshake (RFC 5246 §7.4.1.1), or behind the exchange
	}
	x.keep(side, m)
	switch {
	case m.tooLarge:
	case m.kind == typeServerHelloDone && side == event.Server:
		x.ended[event.Server] = true
	case m.kind == typeClientKeyExchange && side == event.Client:
		body := cryptobyte.String(m.body)
		var encrypted cryptobyte.String
		if body.ReadUint16LengthPrefixed(&encrypted) && body.Empty() && len(encrypted) >= keylog.PremasterNameSize {
			x.premaster.Label = keylog.Premaster
			copy(x.premaster.Random[:keylog.PremasterNameSize], encrypted)
			x.ended[event.Client] = true
		}
	}
	if x.extended && x.complete() {
		h := x.suite.prf()
		for _, part := range x.transcript {
			h.Write(part)
		}
		x.session = h.Sum(nil)
		x.transcript = [3][]byte{}
	}
}

// keep adds m to the transcript, as far as that is of use.
func (x *exchange) keep(side event.Side, m message) {
	n := len(m.body)
	x.size += messageHeader + n
	switch {
	case x.lost || x.suite != nil && !x.extended:
		return
	case m.tooLarge || x.size > maxTranscript:
		x.lose(side)
		return
	}
	part := &x.transcript[1]
	switch {
	case m.kind == typeClientHello:
		part = &x.transcript[0]
	case side == event.Client:
		part = &x.transcript[2]
	}
	*part = append(append(*part, byte(m.kind), byte(n>>16), byte(n>>8), byte(n)), m.body...)
}

// lose says that the next message of side was lost. x may be nil.
func (x *exchange) lose(side event.Side) {
	if x != nil && !x.ended[side] {
		x.lost, x.transcript = true, [3][]byte{}
	}
}

// complete tells whether the pre-master secret is all that it takes.
func (x *exchange) complete() bool {
	return x.suite != nil && x.ended[event.Client] && (!x.extended || x.ended[event.Server] && !x.lost)
}

// master derives the master secret (RFC 5246 §8.1, RFC 7627 §4), nil if that cannot be done. x may be nil.
func (x *exchange) master(keys *keylog.Log, randoms *[2][32]byte) []byte {
	if x == nil || !x.complete() {
		return nil
	}
	premaster := keys.Secret(&x.premaster)
	switch {
	case premaster == nil:
		return nil
	case x.extended:
		return prf12(x.suite.prf, premaster, "extended master secret", x.session, keylog.MasterSize)
	}
	return prf12(x.suite.prf, premaster, "master secret", append(randoms[event.Client][:], randoms[event.Server][:]...), keylog.MasterSize)
}

// join begins the exchange that h's hello may lead to, or joins the one that the other side's hello began.
func (c *Conn) join(h *direction) {
	other := &c.directions[h.side.Other()]
	switch {
	case c.hellos[h.side] == c.hellos[other.side]:
		h.messages.exchange = other.messages.exchange
	case c.config.Secrets == SecretsLater || c.keys.MayHavePremasters(): // else a copy of each handshake would be for nothing
		h.messages.exchange = new(exchange)
	}
}

// exchange is that of two hellos that chose suite, nil if it is none with RSA or if what follows a hello was lost.
func (c *Conn) exchange(suite *parameters) *exchange {
	client, server := &c.directions[event.Client].messages, &c.directions[event.Server].messages
	x := client.exchange
	if x == nil || x != server.exchange || suite == nil || !suite.rsa {
		client.exchange, server.exchange = nil, nil
		return nil
	}
	if x.suite, x.extended = suite, c.server.extended; !x.extended {
		x.transcript = [3][]byte{}
	}
	return x
}

// exchanging lets the exchange that h takes part in have m.
func (c *Conn) exchanging(h *direction, m message) {
	if x := h.messages.exchange; x != nil {
		ended, lost := x.ended, x.lost
		if x.take(h.side, m); ended != x.ended || lost != x.lost {
			c.changes++ // for which the other side may wait
		}
	}
}

// mayComplete tells whether messages that are still to be read may complete the exchange of e.
func (c *Conn) mayComplete(e *epoch) bool {
	if e == nil || e.exchange == nil || e.exchange.complete() || e.exchange.extended && e.exchange.lost {
		return false
	}
	for side := range c.directions {
		// A side that has left it without an end resumes a session, or has lost the messages.
		if x := e.exchange; !x.ended[side] && (x.extended || side == int(event.Client)) && c.directions[side].messages.exchange != x {
			return false
		}
	}
	return true
}

// noSecret is why the secret of h's records is missing.
func (c *Conn) noSecret(h *direction) Reason {
	for _, e := range [...]*epoch{h.cur, h.following()} {
		if e == nil || e.exchange == nil || !e.exchange.lost || e.exchange.complete() {
			continue
		}
		if name := &e.exchange.premaster; c.keys.Secret(name) != nil || name.Label == "" && c.keys.MayHavePremasters() {
			return ExchangeMissing
		}
	}
	return NoSecret
}
