// Package conn is a TCP connection: it is the Sink that package reassembly feeds and the Carrier of the layers on it,
// it detects what is spoken, and it stacks the layers. It is the only place that knows all of them.
package conn

import (
	"fmt"
	"net/netip"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/internal/convo"
	"wshake/analyze/internal/freelist"
	"wshake/analyze/internal/h2conn"
	"wshake/analyze/internal/h3conn"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/shard"
	"wshake/analyze/internal/tlsconn"
	"wshake/analyze/internal/upgrade"
	"wshake/analyze/ws"
	"wshake/reassembly"
)

// Maker makes the connections of a shard and the layers on them.
type Maker struct {
	*shard.Shard
	decodeAs []DecodeAs
	spare    freelist.List[Conn]
	upgrades *upgrade.Maker
	convos   *convo.Maker
	tls      *tlsconn.Maker
	http2    *h2conn.Maker
	http3    *h3conn.Maker
}

// NewMaker returns a Maker for a shard. What goes to the servers of rules is read as frames, where it is not HTTP.
func NewMaker(s *shard.Shard, rules []DecodeAs) *Maker {
	m := &Maker{Shard: s, decodeAs: rules, convos: convo.NewMaker(s), tls: tlsconn.NewMaker(s)}
	if s.Budget == nil {
		s.Budget = reassembly.NewBudget(0)
	}
	m.upgrades, m.http2, m.http3 = upgrade.NewMaker(s, m), h2conn.NewMaker(s, m), h3conn.NewMaker(s, m)
	return m
}

// HTTP3 is the layer on the streams of a connection of QUIC: see quicconn.Next.
func (m *Maker) HTTP3(below layer.Transport) layer.Streams { return m.http3.New(below) }

// Pending are the TLS connections whose secrets may still come.
func (m *Maker) Pending() *tlsconn.Pending { return m.tls.Pending }

// The layers behind an upgrade: see upgrade.Next.

func (m *Maker) Conversation(h *event.Handshake, c layer.Carrier) layer.Layer {
	return m.convos.Behind(h, c)
}

func (m *Maker) Midstream(c layer.Carrier, from event.At, start [2]ws.Start) layer.Layer {
	return m.convos.Midstream(c, from, start, false)
}

func (m *Maker) Detector(c layer.Carrier) layer.Layer { return newDetector(m, c) }

func (m *Maker) Opaque(h *event.Handshake, c layer.Carrier) layer.Layer {
	if h.Response != nil && handshake.HasToken(h.Response, "Upgrade", "h2c") { // RFC 7540 §3.2
		return m.http2.Upgraded(c, h.Request)
	}
	return &opaque{maker: m, carrier: c}
}

// Conn is one TCP connection.
//
// What every segment needs comes first: with many connections open at once each line of cache it takes is waited for.
type Conn struct {
	// client is the direction of the client's octets; known says that it is decided.
	client   reassembly.Dir
	known    bool
	told     bool // the connection event was made
	detached bool // a layer outlives the connection
	oneSided bool // the caveat one-direction was given
	dropped  bool // the caveat memory-limit was given

	stack layer.Stack

	charged  int // octets in the shard's budget
	maker    *Maker
	tcp      *reassembly.Conn
	id       *event.Conn
	detector detector  // the first layer
	missed   [2]missed // by direction: what no caveat has named yet
	cut      *cut      // nil where no packet was cut
	passed   [2]uint64 // octets by direction that the detector passed over, of which nothing was told
}

// cut is octets beyond the snap length of the capture.
type cut struct {
	first  event.At // the first packet that was cut
	octets [2]uint64
}

// missed is octets of a direction that were not captured.
type missed struct {
	at     event.At // the packet that made the first of them certain
	octets uint64
}

// Open makes the Sink of a connection: see reassembly.Handler.
func (m *Maker) Open(tcp *reassembly.Conn) reassembly.Sink {
	c := m.spare.New()
	c.client, c.known = reassembly.Opener, tcp.Opened() == reassembly.OpenedSYN
	c.maker, c.tcp = m, tcp
	c.detector = detector{maker: m, carrier: c, conn: c}
	c.stack.Top = &c.detector
	c.charge()
	return c
}

func (c *Conn) side(dir reassembly.Dir) event.Side { return event.Side(dir ^ c.client) }

func (c *Conn) dir(side event.Side) reassembly.Dir { return reassembly.Dir(side) ^ c.client }

// midstream reports whether neither SYN of the connection was captured.
func (c *Conn) midstream() bool { return c.tcp.Opened() == reassembly.OpenedMidstream }

// orient decides that side, as it was counted so far, is the client. It reports whether the sides were exchanged.
func (c *Conn) orient(side event.Side) (swapped bool) {
	if c.known {
		return false
	}
	c.known = true
	if side == event.Client {
		return false
	}
	c.client = c.client.Other()
	c.stack.Swap()
	return true
}

// Data, Gap and End are those of reassembly.Sink.
func (c *Conn) Data(dir reassembly.Dir, at reassembly.At, p []byte) {
	c.stack.Data(c.side(dir), at, p)
	c.settle()
}

// settle counts what the connection takes now, unless it is over.
func (c *Conn) settle() {
	if c.charged > 0 {
		c.charge()
	}
}

func (c *Conn) Gap(dir reassembly.Dir, at reassembly.At, n uint64) {
	if !c.isCut(dir, at) {
		m := &c.missed[dir]
		if m.octets == 0 {
			m.at = at
		}
		m.octets += n
		if c.id != nil {
			c.nameMissed()
		}
	}
	c.stack.Gap(c.side(dir), at, n)
	c.settle()
}

// isCut reports whether the octets of a gap are missing because the packet at was cut, and counts them: the end
// names them all at once.
func (c *Conn) isCut(dir reassembly.Dir, at reassembly.At) bool {
	total := c.tcp.Cut(dir)
	if total == 0 || c.cut != nil && total == c.cut.octets[dir] {
		return false
	}
	if c.cut == nil {
		c.cut = &cut{first: at}
	}
	c.cut.octets[dir] = total
	return true
}

func (c *Conn) End(dir reassembly.Dir, at reassembly.At, why reassembly.End) {
	side := c.side(dir)
	if why == reassembly.EndEvicted && c.id != nil && !c.dropped {
		c.dropped = true
		c.caveat(at, "memory-limit", "the connection was dropped here: a limit of memory was reached, and it had been silent for longest; "+
			"what came after was not read", event.Opt[uint64]{})
	}
	c.stack.Ends(side, at, why)
	c.stack.Top.End(side, at, why)
	if c.stack.Over() {
		c.finish(at)
		return
	}
	c.settle()
}

// Reset is that of reassembly.ResetSink.
func (c *Conn) Reset(dir reassembly.Dir, at reassembly.At) { c.stack.Reset(c.side(dir), at) }

// finish is called when both sides have ended.
func (c *Conn) finish(at event.At) {
	c.stack.Top.Finish(at)
	c.discharge()
	if c.detached {
		return
	}
	c.stack.Top, c.detector = layer.Ignored{}, detector{} // lets go of what is held
	if c.id != nil {                                      // of its streams, if it has some, each has an event of its own
		c.maker.Closed(c.id)
	}
	c.maker.spare.Put(c)
}

// Conflict is that of reassembly.ConflictSink.
func (c *Conn) Conflict(dir reassembly.Dir, at reassembly.At, offset uint64, first, second []byte) {
	if detecting(&c.stack) {
		return // what the connection carries is not known yet
	}
	side := c.side(dir)
	k := check.Conflict{At: at, From: side, Offset: offset, First: first, Second: second}
	if talk, is := c.stack.Top.(*convo.Conversation); is {
		if a, b, masked := talk.Unmask(side, c.stack.Offset[side]-offset, first, second); masked {
			k.First, k.Second, k.Unmasked = a, b, true
		}
	}
	c.maker.Findings(c.maker.Checks.Conflict(c.Conn(), &k))
}

// detecting reports whether it is still looked for what a stack carries.
func detecting(s *layer.Stack) bool {
	switch top := s.Top.(type) {
	case *detector:
		return true
	case *tlsconn.Layer:
		return detecting(top.Stack())
	}
	return false
}

// The Carrier of what is above.

func (c *Conn) Stack() *layer.Stack { return &c.stack }

// Seen reports whether any packet of a side was captured.
func (c *Conn) Seen(side event.Side) bool { return c.tcp.Seen(c.dir(side)) }

// Confirmed is that of layer.Carrier.
func (c *Conn) Confirmed(side event.Side) bool { return c.tcp.Confirmed(c.dir(side)) }

func (c *Conn) First() event.At { return c.tcp.First() }
func (c *Conn) Last() event.At  { return c.tcp.Last() }

func (c *Conn) Keep(worth layer.Worth) {
	if worth == layer.Used {
		c.tcp.KeepLast()
		return
	}
	c.tcp.Keep()
}

// Release drops the connection: its later packets cost one look-up.
func (c *Conn) Release() {
	c.stack.Top, c.detector.held = layer.Ignored{}, [2]layer.Buffer{}
	c.discharge()
	c.tcp.Reject()
	if c.id != nil && !c.told {
		c.told = true
		c.maker.Closed(c.id)
	}
}

func (c *Conn) Detach() {
	c.detached = true
	c.tcp = c.tcp.Detached()
}

func (c *Conn) Describe(h *event.Handshake) {
	h.Transport = "http/1.1"
	_, h.TwoClocks = c.tcp.Skew()
}

// Conn gives the identity that events point at.
func (c *Conn) Conn() *event.Conn {
	if c.id != nil {
		return c.id
	}
	guessed := !c.known
	if guessed {
		// Nothing tells: the higher port is taken for the client's.
		client := event.Client
		if c.endpoint(event.Server).Port() > c.endpoint(event.Client).Port() {
			client = event.Server
		}
		c.orient(client)
	}
	c.id = identify(c.tcp, c.client)
	c.id.Guessed = guessed
	if c.id.Midstream {
		text := "the beginning of this connection was not captured"
		if detecting(&c.stack) {
			text += ": it was recognised as WebSocket by its frames"
		}
		over, octets := c.takePassed()
		if over != "" {
			text += "; " + over
		}
		c.caveat(c.tcp.First(), "midstream", text, octets)
	}
	c.namePassed()
	c.nameMissed()
	return c.id
}

// takePassed says how many octets were passed over, "" for none, and forgets them.
func (c *Conn) takePassed() (text string, octets event.Opt[uint64]) {
	client, server := c.passed[c.dir(event.Client)], c.passed[c.dir(event.Server)]
	c.passed = [2]uint64{}
	if client+server == 0 {
		return "", octets
	}
	return fmt.Sprintf("%d octets of the client and %d of the server were passed over until a message was recognised",
		client, server), event.Some(client + server)
}

// namePassed makes a caveat of what was passed over.
func (c *Conn) namePassed() {
	if text, octets := c.takePassed(); text != "" {
		c.caveat(c.tcp.First(), "undecoded", text, octets)
	}
}

// Cut reports whether packets of the connection were cut by the snap length.
func (c *Conn) Cut() bool { return c.tcp.Cut(reassembly.Opener)+c.tcp.Cut(reassembly.Acceptor) > 0 }

// Ends are the addresses of both sides, as far as it is decided who is the client.
func (c *Conn) Ends() [2]netip.AddrPort {
	return [2]netip.AddrPort{event.Client: c.endpoint(event.Client), event.Server: c.endpoint(event.Server)}
}

func (c *Conn) endpoint(side event.Side) netip.AddrPort { return c.tcp.Endpoint(c.dir(side)) }

// nameMissed makes caveats of the gaps since the last call.
func (c *Conn) nameMissed() {
	for dir := range c.missed {
		m := c.missed[dir]
		c.missed[dir] = missed{}
		if m.octets > 0 {
			side := c.side(reassembly.Dir(dir))
			c.caveat(m.at, "gap", fmt.Sprintf("%d octets of the %s's stream were not captured", m.octets, side), event.Some(m.octets))
		}
	}
}

func (c *Conn) caveat(at event.At, name, text string, octets event.Opt[uint64]) {
	c.maker.Caveat(event.Caveat{Conn: c.Conn(), At: at, Name: name, Text: text, Bytes: octets})
}

// Account begins the connection event: what package reassembly knows of the connection and of its end.
func (c *Conn) Account(at event.At) event.Connection {
	c.told = true
	if !c.oneSided {
		for _, side := range []event.Side{event.Client, event.Server} {
			if !c.Seen(side) {
				c.oneSided = true
				c.caveat(c.tcp.First(), "one-direction", fmt.Sprintf("no packet of the %s was captured: what it sent is not known", side), event.Opt[uint64]{})
			}
		}
	}
	t := c.tcp
	e := event.Connection{Conn: c.Conn(), At: at, Last: t.Last(), WebSocket: c.stack.WebSocket, Packets: t.Packets(),
		Bytes:    t.Bytes(),
		Duration: t.Last().Time - t.First().Time}
	c.transport(at)
	c.stack.Fate(&e)
	return e
}
