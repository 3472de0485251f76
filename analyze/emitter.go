package analyze

import (
	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
)

// emitter puts the events of one partition into the round at hand. The partition's sessions share it.
type emitter struct {
	cfg     *Config
	buf     *event.Buffer
	order   uint64 // ordinal of the packet being analysed
	windows *deflate.Pool
	scratch ws.Scratch
	// awaiting are the TLS connections whose secrets may still come.
	awaiting *awaiting
	// decrypted and undecrypted count the TLS connections that are over.
	decrypted, undecrypted uint64
	// Sessions and layers that are over.
	sessions      freelist.List[session]
	exchanges     freelist.List[exchange]
	conversations freelist.List[conversation]
	controls      freelist.List[controls]
	// Facts being judged.
	attempt event.Handshake
	ending  check.Ending
}

// exchange gives a layer whose parsers are to be Reset.
func (m *emitter) exchange() *exchange {
	x := m.exchanges.Take()
	if x == nil {
		return new(exchange)
	}
	x.pairing = pairing{}
	return x
}

// conversation gives a layer whose streams are to be Reset.
func (m *emitter) conversation() *conversation {
	c := m.conversations.New()
	c.em = m
	if m.cfg.Payload > 0 {
		c.keeping = new(keeping)
	}
	return c
}

func (m *emitter) wants(w event.Kinds) bool { return m.cfg.Want&w != 0 }

// asked tells those who compare connections that an upgrade was asked for, before its answer is known.
func (m *emitter) asked(c *event.Conn, q *event.Head) {
	m.buf.AddRequest(m.order, event.Request{Conn: c, Head: q})
}

func (m *emitter) handshake(h event.Handshake)   { m.buf.AddHandshake(m.order, h) }
func (m *emitter) frame(f event.Frame)           { m.buf.AddFrame(m.order, f) }
func (m *emitter) message(e event.Message)       { m.buf.AddMessage(m.order, e) }
func (m *emitter) connection(e event.Connection) { m.buf.AddConnection(m.order, e) }
func (m *emitter) finding(f *event.Finding)      { m.buf.AddFinding(m.order, f) }
func (m *emitter) caveat(c event.Caveat)         { m.buf.AddCaveat(m.order, c) }
