package conn

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
	"wshake/analyze/internal/merge"
	"wshake/analyze/internal/shard"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// toy is a transport of many streams on one connection: each piece is the number of its stream, its length in two
// octets, and so many octets of HTTP/1.1 and WebSocket. It shows what it takes to add a transport.
type toy struct {
	maker   *Maker
	carrier layer.Carrier
	rest    [2][]byte
	streams map[byte]*toyStream
	order   []*toyStream
}

// toyStream is the Carrier of one stream. What it does not know itself it asks the connection.
type toyStream struct {
	layer.Carrier
	stack layer.Stack
	id    *event.Conn
	no    byte
}

func (s *toyStream) Stack() *layer.Stack { return &s.stack }
func (s *toyStream) Release()            { s.stack.Top = layer.Ignored{} }

func (s *toyStream) Describe(h *event.Handshake) { h.Transport = "toy" }

func (s *toyStream) Conn() *event.Conn {
	if s.id == nil {
		id := *s.Carrier.Conn()
		id.Stream = event.Some(uint64(s.no))
		s.id = &id
	}
	return s.id
}

func (s *toyStream) Account(at event.At) event.Connection {
	e := s.Carrier.Account(at)
	e.Conn, e.WebSocket = s.Conn(), s.stack.WebSocket
	s.stack.Fate(&e)
	return e
}

func (t *toy) Data(side event.Side, at event.At, p []byte) {
	p = append(t.rest[side], p...)
	for len(p) >= 3 && len(p) >= 3+int(binary.BigEndian.Uint16(p[1:])) {
		n := 3 + int(binary.BigEndian.Uint16(p[1:]))
		t.stream(p[0]).stack.Data(side, at, p[3:n])
		p = p[n:]
	}
	t.rest[side] = slices.Clone(p)
}

func (t *toy) stream(no byte) *toyStream {
	s := t.streams[no]
	if s == nil {
		s = &toyStream{Carrier: t.carrier, no: no}
		s.stack.Top = t.maker.Detector(s)
		t.streams[no], t.order = s, append(t.order, s)
	}
	return s
}

func (t *toy) Gap(side event.Side, at event.At, n uint64) {
	for _, s := range t.order {
		s.stack.Gap(side, at, layer.UnknownSize)
	}
}

func (t *toy) End(side event.Side, at event.At, why reassembly.End) {
	for _, s := range t.order {
		s.stack.Ends(side, at, why)
		s.stack.Top.End(side, at, why)
	}
}

func (t *toy) Finish(at event.At) {
	for _, s := range t.order {
		s.stack.Top.Finish(at)
	}
}

// toyHandler puts the toy on each connection.
type toyHandler struct{ *Maker }

func (h toyHandler) Open(tcp *reassembly.Conn) reassembly.Sink {
	c := h.Maker.Open(tcp).(*Conn)
	c.stack.Top = &toy{maker: h.Maker, carrier: c, streams: make(map[byte]*toyStream)}
	return c
}

// toyEvents writes down what the streams said.
type toyEvents struct {
	event.Ignore
	strings.Builder
}

func (e *toyEvents) NoConnect(*event.NoConnect) {}
func (e *toyEvents) Request(*event.Request)     {}
func (e *toyEvents) Closed(*event.Conn)         {}
func (e *toyEvents) Cut(*event.Abrupt)          {}
func (e *toyEvents) Session(*event.Session)     {}
func (e *toyEvents) More(*merge.More)           {}
func (e *toyEvents) Handshake(h *event.Handshake) {
	fmt.Fprintf(e, "%d/%d %s %s %s\n", h.Conn.Ordinal, h.Conn.Stream.Value, h.Transport, h.Request.Target, h.Verdict)
}
func (e *toyEvents) Message(m *event.Message) {
	fmt.Fprintf(e, "%d/%d %s %s\n", m.Conn.Ordinal, m.Conn.Stream.Value, m.From, m.Payload.Data)
}
func (e *toyEvents) Connection(c *event.Connection) {
	fmt.Fprintf(e, "%d/%d %s %v, %d and %d messages\n", c.Conn.Ordinal, c.Conn.Stream.Value, c.Ended, c.WebSocket, c.Sides[0].Messages, c.Sides[1].Messages)
}

// A transport needs no change to any other package: its conversations come out as events of their streams.
func TestToyTransport(t *testing.T) {
	checks, err := check.NewSet(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &shard.Shard{Config: &shard.Config{Want: event.AllKinds, Checks: checks, Policy: new(check.Policy), Payload: 64,
		MaxMessage: 1 << 20, MaxHead: 1 << 16, MaxHeld: 1 << 16}, Buffer: new(merge.Buffer), Keeping: 1 << 20, Windows: deflate.NewPool(1 << 20)}
	table := reassembly.NewTable(reassembly.Config{}, toyHandler{NewMaker(s, nil)})
	ends := [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:80")}
	seq, ordinal := [2]uint32{1000, 9000}, uint64(0)
	send := func(side event.Side, flags uint8, p []byte) {
		ordinal++
		s.Order = ordinal
		g := reassembly.Segment{From: uint8(side), Flags: flags, Seq: seq[side], Ack: seq[side.Other()], Payload: p,
			At: reassembly.At{Ordinal: ordinal, Number: ordinal, Time: int64(ordinal) * 1e6, Acked: -1}}
		for i, end := range ends {
			g.Key.Addr[i], g.Key.Port[i] = end.Addr().As16(), end.Port()
		}
		table.Segment(&g)
		if seq[side] += uint32(len(p)); flags&(reassembly.SYN|reassembly.FIN) != 0 {
			seq[side]++
		}
	}
	piece := func(no byte, text string) []byte {
		return append([]byte{no, byte(len(text) >> 8), byte(len(text))}, text...)
	}
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	ask := "GET /%s HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Version: 13\r\n\r\n"
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + ws.Accept(key) + "\r\n\r\n"
	send(event.Client, reassembly.SYN, nil)
	send(event.Server, reassembly.SYN|reassembly.ACK, nil)
	send(event.Client, reassembly.ACK, slices.Concat(piece(1, fmt.Sprintf(ask, "one")), piece(7, fmt.Sprintf(ask, "seven"))))
	send(event.Server, reassembly.ACK, slices.Concat(piece(7, answer), piece(1, answer+"\x81\x02hi")))
	cut := piece(7, "\x81\x85\x00\x00\x00\x00hello")
	send(event.Client, reassembly.ACK, cut[:6])
	send(event.Client, reassembly.ACK, cut[6:])
	send(event.Client, reassembly.FIN|reassembly.ACK, nil)
	send(event.Server, reassembly.FIN|reassembly.ACK, nil)
	send(event.Client, reassembly.ACK, nil)
	var got toyEvents
	merge.Merge([]*merge.Buffer{s.Buffer}, &got)
	want := "1/7 toy /seven established\n1/1 toy /one established\n1/1 server hi\n1/7 client hello\n" +
		"1/1 fin true, 0 and 1 messages\n1/7 fin true, 1 and 0 messages\n"
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
