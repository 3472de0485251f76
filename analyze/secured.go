package analyze

import (
	"fmt"
	"strconv"
	"strings"

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
	left    bool       // nothing of it is read any more
	counted bool       // in the summary
	over    event.At   // the packet that ended the connection, while its secrets are awaited
	place   place      // among those that wait for secrets
}

func newSecured(s *session) *secured {
	b := &secured{session: s}
	config := tls.Config{}
	if s.em.cfg.Await > 0 {
		config.Secrets = tls.SecretsLater
	}
	b.conn = tls.New(s.em.cfg.Keys, config, b)
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
		at.Acked = max(at.Acked-int64(b.base[side.Other()]), 0)
	}
	return at
}

func (b *secured) data(side event.Side, at event.At, p []byte) {
	if b.left {
		return
	}
	b.conn.Data(event.Side(side), b.own(side, at), p)
	b.settle(at)
}

func (b *secured) gap(side event.Side, at event.At, n uint64) {
	b.conn.Gap(event.Side(side), b.own(side, at), n)
	b.settle(at)
}

func (b *secured) end(side event.Side, at event.At, why reassembly.End) {
	b.conn.End(event.Side(side), b.own(side, at), why)
	b.settle(at)
}

// settle is called when something has changed.
func (b *secured) settle(at event.At) {
	b.session.em.awaiting.settle(b, at)
	switch {
	case b.conn.Waits():
	case b.over.Ordinal != 0:
		at := b.over
		b.over = event.At{}
		b.session.finish(at)
	default:
		b.passOver()
	}
}

// outlive lets the connection, which is over, wait for its secrets.
func (b *secured) outlive(at event.At) {
	b.over = at
	b.session.conn = b.session.conn.Detached()
}

// hidden says that nothing of the connection could be read.
func (b *secured) hidden() bool { return b.told && !b.given[event.Client] && !b.given[event.Server] }

// passOver rejects a connection of which nothing can be read and nothing was.
func (b *secured) passOver() {
	if !b.counted && b.conn.Done() && b.hidden() {
		b.session.reject()
	}
}

// leave is called when no layer wants what is decrypted. It tells whether nobody wants the connection's account either.
func (b *secured) leave() bool {
	if b.session.em.wants(event.KindTLS) {
		b.left = true
		return false
	}
	b.finish(event.At{})
	return true
}

// finish counts the connection, once, and where it is asked for gives its account, unless a layer has.
func (b *secured) finish(at event.At) {
	s := b.session
	if b.counted {
		return
	}
	b.counted = true
	if b.hidden() {
		s.em.undecrypted++
	} else {
		s.em.decrypted++
	}
	if s.em.wants(event.KindTLS) && !s.accounted {
		s.em.connection(s.account(at))
	}
}

// account says what is known of TLS, nil where there is none.
func (b *secured) account() *event.TLS {
	if b == nil {
		return nil
	}
	t := &event.TLS{Decrypted: !b.hidden()}
	if h := b.hello; h != nil {
		t.Client, t.Server, t.SNI, t.ALPNOffered, t.ALPN = h.Client, h.Server, h.SNI, h.ALPNOffered, h.ALPN
		t.Names, t.JA3, t.JA4 = h.Names, h.JA3, h.JA4
		t.Resumed = event.Opt[bool]{Value: h.Session == tls.Resumed, Known: h.Session != tls.ResumptionUnknown}
		if h.Server {
			t.Version, t.Suite = h.Version.String(), h.Suite.String()
		}
	}
	return t
}

func (b *secured) Hello(at tls.At, h *tls.Hello) {
	kept := *h
	b.hello = &kept
}

func (b *secured) Data(side event.Side, at tls.At, p []byte) {
	s := b.session
	dir := s.dir(event.Side(side))
	b.given[side] = true
	s.offset[dir] += uint64(len(p))
	s.heard[dir] = s.offset[dir]
	s.layer.data(event.Side(side), at, p)
}

// lostPlace stands for a gap of unknown size where a size is wanted: larger than any message.
const lostPlace = 1 << 40

func (b *secured) Gap(side event.Side, at tls.At, n uint64) {
	s := b.session
	if n == tls.Unknown {
		n = lostPlace
	}
	s.offset[s.dir(event.Side(side))] += n
	s.layer.gap(event.Side(side), at, n)
}

func (b *secured) Alert(side event.Side, at tls.At, a tls.Alert) {}

func (b *secured) Undecryptable(side event.Side, at tls.At, why tls.Reason) {
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

func (b *secured) End(side event.Side, at tls.At, why tls.End) {
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
	var text strings.Builder
	add := func(what string, value any) { fmt.Fprintf(&text, "; %s %v", what, value) }
	if h.SNI != "" {
		add("server name", strconv.Quote(h.SNI))
	}
	if h.ECH {
		add("encrypted client hello", "offered")
	}
	if h.Server {
		add("version", h.Version)
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
	return text.String()
}
