package quicconn

import (
	"container/list"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/quic"
	"wshake/analyze/tls"
	"wshake/reassembly"
)

// Conn is one connection, and the Transport of its streams.
type Conn struct {
	// What each datagram of it needs comes first.
	locked  [2]bool // short headers of the side open no more: see quic.Conn.Locked
	seen    [2]bool
	waits   bool // packets wait for keys
	packets uint64
	octets  uint64
	last    event.At
	placed  event.At // the packet for which it was last moved behind the others: see Table.touch

	table   *Table
	quic    *quic.Conn
	place   *list.Element
	ends    []ends
	ids     []id // that lead to it
	worth   layer.Worth
	charged int   // octets that count for it: see Table.weigh
	swept   int64 // capture time when it was last looked for streams that stand still, ns
	port    uint16
	peer    [2]netip.AddrPort // when it began
	now     netip.AddrPort    // of the client, once it has moved
	changes []change
	first   event.At

	hello       tls.Hello
	helloMemory int      // octets of its texts
	helloed     event.At // the packet that completed the ClientHello
	streams     layer.Streams
	foreign     bool // what it carries is not HTTP/3
	middle      bool // its beginning was not captured
	data        [2]bool
	id          *event.Conn
	early       bool // the caveat that 0-RTT was not decrypted was given
	named       bool // the caveat that it was not decrypted was given
	why         quic.Reason
	failed      [2]bool // packets of the side could not be opened
	limited     bool
	oneSide     bool
	closed      event.At // the packet with CONNECTION_CLOSE
	close       layer.TransportEnd
	over        bool
}

// change is a move of the client to another address or port.
type change struct {
	to netip.AddrPort
	at event.At
}

// count counts a datagram of a side.
func (c *Conn) count(side event.Side, s *reassembly.Segment) {
	c.last = s.At
	c.last.Acked = -1
	c.seen[side] = true
	c.packets++
	c.octets += uint64(s.Wire)
}

// idsKept bounds the ids that lead to a connection.
const idsKept = 128

func sortByFirst(list []*Conn) {
	slices.SortFunc(list, func(a, b *Conn) int {
		if a.first.Ordinal < b.first.Ordinal {
			return -1
		}
		return 1
	})
}

// handler is a Conn as it takes what was read.
type handler Conn

func (h *handler) conn() *Conn { return (*Conn)(h) }

func (h *handler) Hello(at quic.At, hello *tls.Hello) {
	h.hello = *hello
	h.helloMemory = len(hello.SNI) + len(hello.JA3) + len(hello.JA4)
	for _, list := range [][]string{hello.ALPNOffered, hello.Names} {
		for _, text := range list {
			h.helloMemory += len(text) + 16
		}
	}
	if h.helloed.Ordinal == 0 {
		h.helloed = at
	}
}

func (h *handler) Issued(side quic.Side, octets []byte) {
	c := h.conn()
	if len(octets) == 0 {
		return
	}
	t, i := c.table, makeID(octets)
	if o, known := t.ids[i]; known && o.conn == c && o.side == side {
		return
	} else if !known {
		t.sizes[i.size]++
	}
	t.ids[i] = issued{c, side}
	if c.ids = append(c.ids, i); len(c.ids) > idsKept {
		oldest := c.ids[0]
		c.ids = c.ids[1:]
		if t.ids[oldest].conn == c {
			delete(t.ids, oldest)
			t.sizes[oldest.size]--
		}
	}
}

// forgetIDs has its ids lead nowhere.
func (c *Conn) forgetIDs() {
	t := c.table
	for _, i := range c.ids {
		if t.ids[i].conn == c {
			delete(t.ids, i)
			t.sizes[i.size]--
		}
	}
	c.ids = nil
}

// speaksHTTP3 says whether the streams may carry HTTP/3, as far as its hellos tell.
func (c *Conn) speaksHTTP3() bool {
	isH3 := func(p string) bool { return p == "h3" || strings.HasPrefix(p, "h3-") }
	if c.hello.ALPNKnown {
		return isH3(c.hello.ALPN)
	}
	return !c.hello.Client || slices.ContainsFunc(c.hello.ALPNOffered, isH3)
}

// above is the layer of the streams, nil where they carry nothing that is read.
func (h *handler) above(side quic.Side) layer.Streams {
	c := h.conn()
	h.data[side] = true
	if c.streams == nil && !c.foreign {
		if c.speaksHTTP3() {
			c.streams = c.table.next.HTTP3(c)
		} else {
			c.foreign = true
		}
	}
	return c.streams
}

func (h *handler) Data(side quic.Side, at quic.At, stream uint64, p []byte) {
	if s := h.above(side); s != nil {
		s.Data(side, at, stream, p)
	}
}

func (h *handler) Gap(side quic.Side, at quic.At, stream, n uint64) {
	if s := h.above(side); s != nil {
		s.Gap(side, at, stream, n)
	}
}

func (h *handler) End(side quic.Side, at quic.At, stream uint64) {
	if s := h.above(side); s != nil {
		s.End(side, at, stream)
	}
}

func (h *handler) Reset(side quic.Side, at quic.At, stream, code uint64) {
	if s := h.above(side); s != nil {
		s.Reset(side, at, stream, code)
	}
}

func (h *handler) StopSending(side quic.Side, at quic.At, stream, code uint64) {
	if s := h.above(side); s != nil {
		s.StopSending(side, at, stream, code)
	}
}

// Close takes note of CONNECTION_CLOSE. The connection is over a little later, since packets may have been captured
// out of order.
func (h *handler) Close(side quic.Side, at quic.At, f *quic.Close) {
	c := h.conn()
	if c.closed.Ordinal != 0 {
		return
	}
	c.closed = at
	c.close = layer.TransportEnd{Ended: event.EndedFIN, By: event.Some(side)}
	const h3NoError = 0x100 // RFC 9114 §8.1
	if f.Application && f.Code != h3NoError && f.Code != 0 || !f.Application && f.Code != 0 {
		c.close.Ended, c.close.Failed = event.EndedReset, true
		c.close.Text = fmt.Sprintf("0x%x", f.Code)
	}
	c.table.closing = append(c.table.closing, c)
}

func (h *handler) Undecrypted(side quic.Side, at quic.At, why quic.Reason) {
	c := h.conn()
	h.failed[side] = true
	if h.named {
		return
	}
	h.named, h.why = true, why
	text := fmt.Sprintf("QUIC from the %s was not decrypted from this packet on: %s", side, why)
	text += c.helloText()
	text += "; a WebSocket over HTTP/3 in it cannot be seen: give its secrets (SSLKEYLOGFILE and --keylog), or switch QUIC off, so that TCP is used"
	c.table.Caveat(event.Caveat{Conn: c.Conn(), At: at, Name: "quic-undecrypted", Text: text})
}

// helloText says what the hellos tell without any secret.
func (c *Conn) helloText() string {
	var text strings.Builder
	h := &c.hello
	fmt.Fprintf(&text, "; version %s", c.quic.Version())
	if !h.Client {
		return text.String()
	}
	if h.SNI != "" {
		fmt.Fprintf(&text, "; server name %s", strconv.Quote(h.SNI))
	}
	if h.ECH {
		text.WriteString("; encrypted client hello offered")
	}
	if h.Server {
		fmt.Fprintf(&text, "; cipher suite %s", h.Suite)
	}
	if len(h.ALPNOffered) > 0 {
		fmt.Fprintf(&text, "; ALPN offered %q", h.ALPNOffered)
	}
	if h.ALPNKnown && h.ALPN != "" {
		fmt.Fprintf(&text, "; ALPN chosen %s", strconv.Quote(h.ALPN))
	}
	fmt.Fprintf(&text, "; JA4 %s", h.JA4)
	return text.String()
}

func (h *handler) Lost(at quic.At, l quic.Loss) {
	if l == quic.LossEarly {
		h.early = true
		h.conn().caveat(at, "quic-undecrypted", "0-RTT of the client was not decrypted from this packet on: no "+
			"CLIENT_EARLY_TRAFFIC_SECRET of it is in a key log (some "+
			"libraries never write one); requests that it sent so are not known")
		return
	}
	text := map[quic.Loss]string{
		quic.LossFrame:   "a frame of QUIC was damaged or of a type that is not known: the rest of its packet was not read",
		quic.LimitStream: "more streams are open at a time than are followed",
		quic.LimitHeld:   "more octets of its streams than are kept wait for those before them",
		quic.LimitCrypto: "more octets of its handshake than are kept wait for those before them",
		quic.LimitWaits:  "more packets than are kept wait for their keys",
	}[l]
	h.conn().limit(at, text)
}

// limit gives the caveat that something was not read, if anything is told of the connection: now or once it is.
func (c *Conn) limit(at event.At, text string) {
	if c.limited {
		return
	}
	c.limited = true
	c.caveat(at, "quic-limit", text)
}

func (c *Conn) caveat(at event.At, name, text string) {
	c.table.Caveat(event.Caveat{Conn: c.Conn(), At: at, Name: name, Text: text})
}

// moved takes note of another address or port of the client.
func (c *Conn) moved(to netip.AddrPort, at event.At) {
	from := c.peer[event.Client]
	if c.now.IsValid() {
		from = c.now
	}
	if to == from {
		return
	}
	c.now = to
	if len(c.changes) < paths {
		c.changes = append(c.changes, change{to, at})
	}
	if c.id != nil {
		c.nameChanges()
	}
}

func (c *Conn) nameChanges() {
	for _, m := range c.changes {
		c.caveat(m.at, "address-changed", fmt.Sprintf("from this packet on the client sends from %s (RFC 9000 §9): the connection has the name of its first addresses", m.to))
	}
	c.changes = nil
}

// finish ends the connection as its CONNECTION_CLOSE says.
func (c *Conn) finish() { c.end(c.close, c.closed) }

// end ends the connection.
func (c *Conn) end(how layer.TransportEnd, at event.At) {
	if c.over {
		return
	}
	c.over = true
	c.quic.Finish(at)
	c.table.unopened(c, at)
	if c.streams != nil {
		c.streams.Close(at, how)
		c.streams = nil
	}
	c.foreign = true
	c.table.counted(c)
	if c.id != nil {
		c.table.Closed(c.id)
	}
}

// The Transport.

// Conn gives the identity that events point at.
func (c *Conn) Conn() *event.Conn {
	if c.id == nil {
		c.id = &event.Conn{Ordinal: c.first.Ordinal, First: c.first, Peer: c.peer, UDP: true, Midstream: c.middle}
		if c.middle {
			c.caveat(c.first, "midstream", "the beginning of this connection was not captured")
		}
		c.nameChanges()
	}
	return c.id
}

// Ends are the addresses of both sides when it began.
func (c *Conn) Ends() [2]netip.AddrPort { return c.peer }

func (c *Conn) Describe(h *event.Handshake) {
	h.Transport, h.TLS = "h3", true
	if c.hello.SNI != "" {
		h.SNI = event.Some(c.hello.SNI)
	}
	if c.hello.ALPNKnown && c.hello.ALPN != "" {
		h.ALPN = event.Some(c.hello.ALPN)
	}
}

// Account begins a connection event.
func (c *Conn) Account(at event.At) event.Connection {
	if !c.oneSide {
		for _, side := range []event.Side{event.Client, event.Server} {
			if !c.seen[side] {
				c.oneSide = true
				c.caveat(c.first, "one-direction", fmt.Sprintf("no packet of the %s was captured: what it sent is not known", side))
			}
		}
	}
	h := &c.hello
	e := event.Connection{Conn: c.Conn(), At: at, Last: c.last, Packets: c.packets, Bytes: c.octets,
		Duration: c.last.Time - c.first.Time}
	e.TLS = &event.TLS{Decrypted: c.data[event.Client] || c.data[event.Server], Client: h.Client, Server: h.Server, SNI: h.SNI, ALPNOffered: h.ALPNOffered,
		ALPN: h.ALPN, Names: h.Names, JA3: h.JA3, JA4: h.JA4,
		Resumed: event.Opt[bool]{Value: h.Session == tls.Resumed, Known: h.Session != tls.ResumptionUnknown}}
	for _, other := range c.ends[min(1, len(c.ends)):] {
		k := reassembly.Key{Addr: other.addr, Port: other.port}
		e.Moved = append(e.Moved, [2]netip.AddrPort{k.Endpoint(0), k.Endpoint(1)})
	}
	if h.Server {
		e.TLS.Version, e.TLS.Suite = h.Version.String(), h.Suite.String()
	}
	return e
}

// Seen reports whether packets of a side were captured.
func (c *Conn) Seen(side event.Side) bool { return c.seen[side] }
func (c *Conn) First() event.At           { return c.first }
func (c *Conn) Last() event.At            { return c.last }

// Missing reports whether packets of a side may not have been captured.
func (c *Conn) Missing(side event.Side) bool { return c.quic.Missing(side) }

// Early reports whether packets of 0-RTT were captured.
func (c *Conn) Early() bool { return c.quic.Early() }

var _ layer.Transport = (*Conn)(nil)
