// Package tlsconn is TLS as a layer: it takes a connection's octets and gives the layer above what could be decrypted.
// Where nothing can be decrypted it says what the hellos tell, and the connection is passed over.
package tlsconn

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/tls"
	"wshake/reassembly"
)

// Layer is TLS on a Carrier, and itself the Carrier of what it decrypts.
type Layer struct {
	state
	conn tls.Conn
}

// state is all of a Layer that a new connection begins without.
type state struct {
	below   layer.Carrier
	maker   *Maker
	base    [2]uint64   // of its first octet in the side's stream below
	given   [2]bool     // application data was delivered of the side
	named   bool        // the caveat was given
	left    bool        // nothing of it is read any more
	counted bool        // in the summary
	told    bool        // the connection event was made
	place   place       // among those that wait for secrets
	over    event.At    // the packet that ended the connection, while its secrets are awaited
	stack   layer.Stack // counts what was decrypted
	hello   *tls.Hello  // what the handshake said, nil until it did
}

// Maker makes the TLS layers of a shard.
type Maker struct {
	*shard.Shard
	// Pending are the connections whose secrets may still come.
	Pending *Pending
	spare   freelist.List[Layer]
}

// NewMaker returns a Maker for a shard.
func NewMaker(s *shard.Shard) *Maker {
	return &Maker{Shard: s, Pending: newPending(s.MaxSecretsWaiting)}
}

// New makes the layer of a carrier. So many octets of each side were held before it was known, and are replayed to it.
func (m *Maker) New(below layer.Carrier, held [2]int) *Layer {
	l := m.spare.Take()
	if l == nil {
		l = new(Layer)
	}
	l.state = state{below: below, maker: m}
	config := tls.Config{Room: m.Room}
	if m.SecretsWait > 0 {
		config.Secrets = tls.SecretsLater
	}
	l.conn.Reset(m.Keys, config, (*plain)(l))
	for side := range l.base {
		l.base[side] = below.Stack().Offset[side] - uint64(held[side])
	}
	return l
}

// own turns an acknowledgement of the stream below into one of the TLS connection's octets.
func (l *Layer) own(side event.Side, at event.At) event.At {
	if at.Acked >= 0 {
		at.Acked = max(at.Acked-int64(l.base[side.Other()]), 0)
	}
	return at
}

func (l *Layer) Data(side event.Side, at event.At, p []byte) {
	if l.left {
		return
	}
	l.conn.Data(side, l.own(side, at), p)
	l.changed(at)
}

func (l *Layer) Gap(side event.Side, at event.At, n uint64) {
	l.conn.Gap(side, l.own(side, at), n)
	l.changed(at)
}

func (l *Layer) End(side event.Side, at event.At, why reassembly.End) {
	raw := at
	at.Acked = -1 // it counts other octets than the layers above do
	l.stack.Ends(side, at, why)
	l.conn.End(side, l.own(side, raw), why)
	l.changed(raw)
}

func (l *Layer) Reset(side event.Side, at event.At) {
	at.Acked = -1
	l.stack.Reset(side, at)
}

// Finish finishes what is above, unless that has to wait for secrets.
func (l *Layer) Finish(at event.At) {
	at.Acked = -1
	if l.conn.Waits() {
		l.over = at
		l.below.Detach()
		return
	}
	l.finish(at)
}

// finish is called when nothing more comes: l may then be another connection's.
func (l *Layer) finish(at event.At) {
	l.stack.Top.Finish(at)
	l.stack.Top = layer.Ignored{}
	l.count(at)
	l.maker.spare.Put(l)
}

// changed is called when something may have changed of what is waited for.
func (l *Layer) changed(at event.At) {
	l.maker.Pending.update(l, at)
	switch {
	case l.conn.Waits():
	case l.over.Ordinal != 0:
		below, at := l.below, l.over
		l.over = event.At{}
		l.finish(at)
		below.Release()
	default:
		l.passOver()
	}
}

// hidden says that nothing of the connection could be read, or would have been.
func (l *Layer) hidden() bool {
	return !l.given[event.Client] && !l.given[event.Server] && (l.named || !l.maker.Keys.Given())
}

// passOver skips the rest of a connection of which nothing can be read and nothing was.
func (l *Layer) passOver() {
	if !l.counted && l.conn.Done() && l.hidden() {
		l.Release()
	}
}

// count counts the connection, once, and where it is asked for makes its event, unless a layer above has.
func (l *Layer) count(at event.At) {
	if l.counted {
		return
	}
	l.counted = true
	if l.hidden() {
		l.maker.TLS.Undecrypted++
		if !l.Seen(event.Client) || !l.Seen(event.Server) {
			l.maker.TLS.Half++
		}
	} else {
		l.maker.TLS.Decrypted++
	}
	if l.maker.Wants(event.KindTLS) && !l.told {
		l.maker.Connection(l.Account(at))
	}
}

// The Carrier of what is above.

// Below is the Carrier that TLS lies on.
func (l *Layer) Below() layer.Carrier { return l.below }

// Ends are the addresses of both sides, invalid where the Carrier does not tell them.
func (l *Layer) Ends() (ends [2]netip.AddrPort) {
	if below, ok := l.below.(interface{ Ends() [2]netip.AddrPort }); ok {
		ends = below.Ends()
	}
	return ends
}

func (l *Layer) Conn() *event.Conn              { return l.below.Conn() }
func (l *Layer) Stack() *layer.Stack            { return &l.stack }
func (l *Layer) Seen(side event.Side) bool      { return l.below.Seen(side) }
func (l *Layer) First() event.At                { return l.below.First() }
func (l *Layer) Last() event.At                 { return l.below.Last() }
func (l *Layer) Confirmed(side event.Side) bool { return l.below.Confirmed(side) }
func (l *Layer) Keep(worth layer.Worth)         { l.below.Keep(worth) }
func (l *Layer) Detach()                        { l.below.Detach() }

// Release skips what follows, unless the connection is to be told of at its end.
func (l *Layer) Release() {
	l.stack.Top = layer.Ignored{}
	if l.maker.Wants(event.KindTLS) {
		l.left = true
		return
	}
	l.count(event.At{})
	l.below.Release()
}

// Describe adds what TLS tells to a handshake.
func (l *Layer) Describe(h *event.Handshake) {
	l.below.Describe(h)
	h.TLS = true
	if l.hello == nil {
		return
	}
	if l.hello.SNI != "" {
		h.SNI = event.Some(l.hello.SNI)
	}
	if l.hello.ALPNKnown && l.hello.ALPN != "" {
		h.ALPN = event.Some(l.hello.ALPN)
	}
}

// Account adds what is known of TLS to the connection event.
func (l *Layer) Account(at event.At) event.Connection {
	l.told = true
	e := l.below.Account(at)
	e.WebSocket, e.TLS = l.stack.WebSocket, l.tls()
	l.stack.Fate(&e)
	return e
}

func (l *Layer) tls() *event.TLS {
	t := &event.TLS{Decrypted: !l.hidden()}
	if h := l.hello; h != nil {
		t.Client, t.Server, t.SNI, t.ALPNOffered, t.ALPN = h.Client, h.Server, h.SNI, h.ALPNOffered, h.ALPN
		t.Names, t.JA3, t.JA4 = h.Names, h.JA3, h.JA4
		t.Resumed = event.Opt[bool]{Value: h.Session == tls.Resumed, Known: h.Session != tls.ResumptionUnknown}
		if h.Server {
			t.Version, t.Suite = h.Version.String(), h.Suite.String()
		}
	}
	return t
}

// plain is the Layer as it takes what was decrypted.
type plain Layer

func (p *plain) Hello(at tls.At, h *tls.Hello) {
	kept := *h
	p.hello = &kept
}

func (p *plain) Data(side event.Side, at tls.At, octets []byte) {
	p.given[side] = true
	p.stack.Data(side, at, octets)
}

func (p *plain) Gap(side event.Side, at tls.At, n uint64) {
	if n == tls.Unknown {
		n = layer.UnknownSize
	}
	p.stack.Gap(side, at, n)
}

func (p *plain) Alert(side event.Side, at tls.At, a tls.Alert) {}

func (p *plain) End(side event.Side, at tls.At, why tls.End) { p.stack.Top.End(side, at, why) }

func (p *plain) Undecryptable(side event.Side, at tls.At, why tls.Reason) {
	p.Gap(side, at, tls.Unknown) // the layers must not take what cannot be read for silence
	if p.named {
		return
	}
	p.named = true
	text := fmt.Sprintf("TLS from the %s was not decrypted from this packet on: %s", side, p.reason(why))
	if p.hello != nil {
		text += helloText(p.hello)
	}
	p.maker.Caveat(event.Caveat{Conn: p.below.Conn(), At: at, Name: "tls-undecrypted", Text: text})
}

// reason says why nothing can be opened, and what to do.
func (p *plain) reason(why tls.Reason) string {
	switch l := (*Layer)(p); {
	case !l.Seen(event.Server):
		return "no packet of the server was captured, and its half of the TLS handshake says which keys are used: capture both directions"
	case !l.Seen(event.Client):
		return "no packet of the client was captured, and the random of its ClientHello is the name of the secrets: capture both directions"
	case l.cut() && !(l.hello != nil && l.hello.Client && l.hello.Server):
		return "the snap length of the capture cut its handshake: capture whole packets (tcpdump -s 0)"
	case why == tls.NoSecret && !l.maker.Keys.Given():
		return "no key log was given; " + HowToLog
	case why == tls.NoSecret:
		if random, known := l.conn.ClientRandom(); known {
			return fmt.Sprintf("the key log has no secret for client random %x: it was written by another program, or not yet when this "+
				"connection began", random)
		}
	}
	return why.String()
}

// cut reports whether packets of the connection were cut by the snap length.
func (l *Layer) cut() bool {
	below, ok := l.below.(interface{ Cut() bool })
	return ok && below.Cut()
}

// HowToLog says how to get a key log.
const HowToLog = "have one written while the capture runs and give it to --keylog: browsers, curl and Python with " +
	"SSLKEYLOGFILE=FILE, Node with --tls-keylog=FILE, Go with tls.Config.KeyLogWriter, nginx and other servers on OpenSSL with a " +
	"preloaded library (sslkeylog), Java with an agent (jSSLKeyLog)"

// helloText says what the hellos tell without any secret.
func helloText(h *tls.Hello) string {
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
