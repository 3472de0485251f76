package analyze

import (
	"fmt"
	"strconv"

	"wshake/analyze/event"
	"wshake/analyze/tls"
	"wshake/reassembly"
)

// secured is TLS under the layers of a session: it takes the connection's octets and gives the layers what it could
// decrypt. Where it can decrypt nothing it says what the hellos tell, and the connection is passed over.
type secured struct {
	session *session
	conn    *tls.Conn
	hello   *tls.Hello // what the handshake said, nil until it did
	base    [2]uint64  // of its first octet in the side's TCP stream
	given   [2]bool    // application data was delivered of the side
	told    bool       // the caveat was given
}

func newSecured(s *session) *secured {
	b := &secured{session: s}
	b.conn = tls.New(s.em.cfg.Keys, tls.Config{}, b)
	for side := range b.base {
		dir := s.dir(event.Side(side))
		b.base[side] = s.offset[dir]
		s.offset[dir], s.heard[dir] = 0, 0 // from here on the layers count what was decrypted
	}
	return b
}

// own turns an acknowledgement of the TCP stream into one of the TLS connection's octets.
func (b *secured) own(side event.Side, at event.At) event.At {
	if at.Acked >= 0 {
		at.Acked = max(at.Acked-int64(b.base[event.Opposite(side)]), 0)
	}
	return at
}

func (b *secured) data(side event.Side, at event.At, p []byte) {
	b.conn.Data(tls.Side(side), b.own(side, at), p)
	b.passOver()
}

func (b *secured) gap(side event.Side, at event.At, n uint64) {
	b.conn.Gap(tls.Side(side), b.own(side, at), n)
	b.passOver()
}

func (b *secured) end(side event.Side, at event.At, why reassembly.End) {
	b.conn.End(tls.Side(side), b.own(side, at), why)
}

// passOver rejects a connection of which nothing can be read and nothing was.
func (b *secured) passOver() {
	if b.conn.Done() && b.told && !b.given[event.Client] && !b.given[event.Server] {
		b.session.reject()
	}
}

func (b *secured) Hello(at tls.At, h *tls.Hello) {
	kept := *h
	b.hello = &kept
}

func (b *secured) Data(side tls.Side, at tls.At, p []byte) {
	s := b.session
	dir := s.dir(event.Side(side))
	b.given[side] = true
	s.offset[dir] += uint64(len(p))
	s.heard[dir] = s.offset[dir]
	s.layer.data(event.Side(side), at, p)
}

// lostPlace stands for a gap of unknown size where a size is wanted: larger than any message.
const lostPlace = 1 << 40

func (b *secured) Gap(side tls.Side, at tls.At, n uint64) {
	s := b.session
	if n == tls.Unknown {
		n = lostPlace
	}
	s.offset[s.dir(event.Side(side))] += n
	s.layer.gap(event.Side(side), at, n)
}

func (b *secured) Alert(side tls.Side, at tls.At, a tls.Alert) {}

func (b *secured) Undecryptable(side tls.Side, at tls.At, why tls.Reason) {
	b.Gap(side, at, tls.Unknown) // the layers must not take what cannot be read for silence
	if b.told {
		return
	}
	b.told = true
	text := fmt.Sprintf("TLS from the %s on this packet on was not decrypted: %s", side, why)
	if b.hello != nil {
		text += told(b.hello)
	}
	b.session.caveat(at, "tls-undecrypted", text, event.Opt[uint64]{})
}

func (b *secured) End(side tls.Side, at tls.At, why tls.End) {
	b.session.layer.end(event.Side(side), at, why)
}

// describe adds what TLS tells to a handshake.
func (b *secured) describe(h *event.Handshake) {
	if b == nil {
		return
	}
	h.TLS = true
	if b.hello == nil {
		return
	}
	if b.hello.SNI != "" {
		h.SNI = event.Some(b.hello.SNI)
	}
	if b.hello.ALPNKnown && b.hello.ALPN != "" {
		h.ALPN = event.Some(b.hello.ALPN)
	}
}

// told says what the hellos tell without any secret.
func told(h *tls.Hello) string {
	text := ""
	add := func(what string, value any) { text += fmt.Sprintf("; %s %v", what, value) }
	if h.SNI != "" {
		add("server name", strconv.Quote(h.SNI))
	}
	if h.ECH {
		add("encrypted client hello", "offered")
	}
	if h.Server {
		add("version", fmt.Sprintf("%d.%d", h.Version>>8-2, int(h.Version&0xff)-1))
		add("cipher suite", h.Suite)
	}
	if len(h.ALPNOffered) > 0 {
		add("ALPN offered", fmt.Sprintf("%q", h.ALPNOffered))
	}
	switch {
	case h.ALPNKnown && h.ALPN == "h2":
		add("ALPN chosen", "h2: no HTTP/1.1 handshake will appear in it")
	case h.ALPNKnown && h.ALPN != "":
		add("ALPN chosen", strconv.Quote(h.ALPN))
	}
	if len(h.Names) > 0 {
		add("certificate for", fmt.Sprintf("%q", h.Names))
	}
	if h.Client {
		add("JA3", h.JA3)
		add("JA4", h.JA4)
	}
	return text
}
