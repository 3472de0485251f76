package tls

import "wshake/analyze/event"

// message reads a handshake message and tells whether those behind it in the record are of the same epoch.
func (c *Conn) message(h *direction, m message) bool {
	epoch := h.cur
	switch {
	case m.kind == typeClientHello && h.side == event.Client:
		c.clientHello(h, m)
	case m.kind == typeServerHello && h.side == event.Server:
		c.serverHello(h, m)
	case h.hello == helloAwaited:
		if m.kind != typeHelloRequest { // a HelloRequest is no answer (RFC 5246 §7.4.1.1)
			h.miss(c, HandshakeMalformed)
		}
	case m.kind == typeCertificate && h.side == event.Server && !m.tooLarge:
		c.certificate(m.body)
	case c.version == versionTLS13 && h.cur != nil:
		c.message13(h, m)
	case m.kind == typeServerHelloDone && h.side == event.Server:
		c.flight = true
		c.serverDone(h)
	}
	c.exchanging(h, m)
	return h.cur == epoch && !h.dead
}

// message13 reads a handshake message of TLS 1.3 that is protected.
func (c *Conn) message13(h *direction, m message) {
	stage := h.cur.stage
	switch {
	case m.kind == typeEncryptedExtensions && h.side == event.Server && stage == stageHandshake && !m.tooLarge:
		e := parseEncryptedExtensions(m.body)
		if !c.hello.ALPNKnown {
			c.hello.ALPN, c.hello.ALPNKnown = e.protocol, true
		}
		if e.early {
			c.decideEarly(earlyAccepted)
		} else {
			c.decideEarly(earlyRejected)
		}
	case m.kind == typeFinished && h.side == event.Server && stage == stageHandshake:
		c.announce(h.at)
		c.advance(h)
	case m.kind == typeFinished && stage == stageHandshake,
		m.kind == typeEndOfEarlyData && stage == stageEarly,
		m.kind == typeKeyUpdate && stage == stageApplication:
		c.advance(h)
	}
}

// advance enters the epoch of TLS 1.3 that follows.
func (c *Conn) advance(h *direction) {
	h.enter(h.following())
	if h.side == event.Server {
		c.decideEarly(earlyUnclear)
	}
}

func (c *Conn) clientHello(h *direction, m message) {
	if m.tooLarge {
		h.miss(c, HandshakeTooLarge)
		return
	}
	hello := parseClientHello(m.body)
	if hello == nil {
		h.miss(c, HandshakeMalformed)
		return
	}
	again := c.hellos[event.Client] > 0 && hello.random == c.randoms[event.Client]
	c.randoms[event.Client], c.offered = hello.random, hello.early
	c.changes++
	if again { // the answer to a HelloRetryRequest
		c.second = true
		return
	}
	c.hellos[event.Client]++
	c.join(h)
	if h.hello == helloAwaited {
		h.hello = helloRead
		f := &c.hello
		f.Client = true
		f.SNI, f.ALPNOffered, f.ECH = hello.serverName, hello.protocols, hello.ech
		f.JA3, f.JA4 = hello.ja3(), hello.ja4('t')
	}
	c.pair()
}

func (c *Conn) serverHello(h *direction, m message) {
	if m.tooLarge {
		h.miss(c, HandshakeTooLarge)
		return
	}
	hello := parseServerHello(m.body)
	if hello == nil {
		h.miss(c, HandshakeMalformed)
		return
	}
	c.changes++
	if hello.random == retry {
		c.version, c.hello.Retried = hello.version, true
		return
	}
	c.hellos[event.Server]++
	c.join(h)
	c.server, c.randoms[event.Server] = *hello, hello.random
	if h.hello == helloAwaited {
		h.hello, c.version = helloRead, hello.version
		f := &c.hello
		f.Server = true
		f.Version, f.Suite = Version(hello.version), hello.suite
		if hello.version < versionTLS13 {
			f.ALPN, f.ALPNKnown = hello.protocol, true
		} else {
			f.Session = Fresh
			if hello.psk {
				f.Session = Resumed
			}
		}
	}
	c.pair()
}

// pair finds out what the records behind two hellos are protected with.
func (c *Conn) pair() {
	if c.hellos[event.Client] != c.hellos[event.Server] || c.pairs == c.hellos[event.Server] {
		return
	}
	c.pairs = c.hellos[event.Server]
	s := &c.server
	suite := s.suite.parameters(s.version)
	x := c.exchange(suite)
	switch {
	case s.version != versionTLS12 && s.version != versionTLS13:
		c.cannot = UnsupportedVersion
	case s.compression != 0:
		c.cannot = Compressed
	case suite == nil:
		c.cannot = UnsupportedSuite
	case s.version == versionTLS12:
		for i := range c.directions {
			h := &c.directions[i]
			h.next = h.place(newEpoch12(event.Side(i), suite, c.randoms, s.etm, x))
		}
	case c.pairs == 1:
		client, server := &c.directions[event.Client], &c.directions[event.Server]
		server.enter(server.place(newEpoch13(stageHandshake, event.Server, suite, c.randoms[event.Client])))
		c.early = client.place(newEpoch13(stageEarly, event.Client, suite, c.randoms[event.Client]))
		if !c.offered || !s.psk || c.hello.Retried {
			c.decideEarly(earlyRejected)
		}
	}
}

// earlyData is what became of the client's early data (RFC 8446 §2.3).
type earlyData uint8

const (
	earlyRejected earlyData = iota
	earlyAccepted
	earlyUnclear // what the server said of it was not read
)

// decideEarly lets the client's records be read behind its hello, once the server has said what becomes of early data.
// What was rejected is passed over, as the server does: it does not authenticate in the epoch that follows. What may
// have been accepted is read if it authenticates.
func (c *Conn) decideEarly(what earlyData) {
	if c.early == nil {
		return
	}
	e := c.early
	if what == earlyRejected {
		e = c.directions[event.Client].place(e.following())
	}
	c.early = nil
	c.changes++
	if client := &c.directions[event.Client]; !client.dead && !client.over {
		client.enter(e)
	}
}

// certificate reads the names of the server's certificate.
func (c *Conn) certificate(body []byte) {
	c.flight = true
	if c.hello.Names == nil {
		c.hello.Names, _ = certificateNames(c.version, body)
	}
}

// serverDone is called where the first flight of a TLS 1.2 server ends: with its ServerHelloDone or its
// ChangeCipherSpec.
func (c *Conn) serverDone(h *direction) {
	switch {
	case c.hello.Session != ResumptionUnknown || h.messages.broken || h.hello != helloRead:
	case c.flight:
		c.hello.Session = Fresh
	default:
		c.hello.Session = Resumed
	}
	if c.directions[event.Client].hello != helloAwaited {
		c.announce(h.at)
	}
}

// beginsHello tells whether p begins with the hello of side.
func beginsHello(side event.Side, p []byte) bool {
	if len(p) < messageHeader || len(p) < messageHeader+bodySize(p) {
		return false
	}
	body := p[messageHeader : messageHeader+bodySize(p)]
	switch messageType(p[0]) {
	case typeClientHello:
		return side == event.Client && parseClientHello(body) != nil
	case typeServerHello:
		return side == event.Server && parseServerHello(body) != nil
	}
	return false
}
