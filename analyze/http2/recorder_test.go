package http2

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"wshake/analyze/event"
	own "wshake/analyze/http2/hpack"
	"wshake/reassembly"
)

// recorder is a Handler that writes down what it is told: one line a call, pieces of DATA joined.
type recorder struct {
	reader *Reader
	lines  []string
	next   func(h *Head) Next
	stray  func(stream uint32) Next
	data   map[string]*bytes.Buffer // not logged yet, by side and stream
	order  []string
}

func (c *recorder) say(format string, args ...any) {
	c.flush()
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

func (c *recorder) flush() {
	for _, key := range c.order {
		text := c.data[key].String()
		if len(text) > 40 {
			text = fmt.Sprintf("%s.. %d", text[:40], len(text))
		}
		c.lines = append(c.lines, fmt.Sprintf("%s data %q", key, text))
	}
	c.order, c.data = nil, map[string]*bytes.Buffer{}
}

func (c *recorder) Head(h *Head) Next {
	var fields []string
	for _, f := range h.Fields {
		name, value := string(f.Name), string(f.Value)
		if f.Unknown&own.UnknownName != 0 {
			name = "?"
		}
		if f.Unknown&own.UnknownValue != 0 {
			value = "?"
		}
		if len(value) > 30 {
			value = value[:30] + ".."
		}
		fields = append(fields, name+"="+value)
	}
	more := ""
	if h.Dropped > 0 {
		more = fmt.Sprintf(" dropped=%d", h.Dropped)
	}
	if h.EndStream {
		more += " END_STREAM"
	}
	c.say("%s %d %s [%d-%d] %s%s", h.From, h.Stream, h.Kind, h.First.Ordinal, h.Last.Ordinal, strings.Join(fields, " "), more)
	if c.next != nil {
		return c.next(h)
	}
	if v, _ := h.Lookup(":protocol"); string(v) == "websocket" {
		return Follow
	}
	return Pass
}

func (c *recorder) Stray(side Side, at At, stream uint32) Next {
	c.say("%s %d stray", side, stream)
	if c.stray != nil {
		return c.stray(stream)
	}
	return Pass
}

func (c *recorder) Data(side Side, at At, stream uint32, p []byte) {
	key := fmt.Sprintf("%s %d", side, stream)
	if c.data[key] == nil {
		c.data[key] = new(bytes.Buffer)
		c.order = append(c.order, key)
	}
	c.data[key].Write(p)
}

func (c *recorder) Gap(side Side, at At, stream uint32, n uint64) {
	if n == Unknown {
		c.say("%s %d gap", side, stream)
		return
	}
	c.say("%s %d gap %d", side, stream, n)
}

func (c *recorder) EndStream(side Side, at At, stream uint32) { c.say("%s %d end", side, stream) }

func (c *recorder) Reset(side Side, at At, stream uint32, code event.Opt[ErrorCode]) {
	if !code.Known {
		c.say("%s %d reset", side, stream)
		return
	}
	c.say("%s %d reset %s", side, stream, code.Value)
}

func (c *recorder) Settings(side Side, at At, list []Setting, acknowledged bool) {
	text := ""
	for _, s := range list {
		text += fmt.Sprintf(" %d=%d", s.ID, s.Value)
	}
	if acknowledged {
		text = " ack"
	}
	c.say("%s settings%s", side, text)
}

func (c *recorder) GoAway(side Side, at At, g *GoAway) {
	c.say("%s goaway %d %s %q", side, g.Last, g.Code, g.Debug)
}

func (c *recorder) AltService(at At, value []byte) { c.say("alternative %s", value) }

func (c *recorder) Stalled(s *Stall) {
	c.say("%s %d stalled %d-%d-%d %v", s.From, s.Stream, s.Since.Ordinal, s.Reopened.Ordinal, s.Resumed.Ordinal, s.Over)
}

func (c *recorder) Fault(f *Fault) {
	more := ""
	if f.Err != nil {
		more = ": " + f.Err.Error()
	}
	if !f.Sure && !f.Kind.Fatal() {
		more += ", unsure"
	}
	if len(f.Octets) > 0 {
		more = fmt.Sprintf(": %q", f.Octets)
	}
	c.say("%s fault [%d] %s (%s, %s %d)%s", f.From, f.At.Ordinal, f.Kind, f.Kind.Section(), f.Frame, f.Stream, more)
}

var lossNames = [...]string{LossPlace: "place", LossResumed: "resumed", LossRest: "rest", LossFrame: "frame", LossBlock: "block", LimitBlock: "limit block",
	LimitFields: "limit fields", LimitStreams: "limit streams", LimitSettings: "limit settings", LimitHeld: "limit held"}

func (c *recorder) Lost(l *Loss) {
	c.say("%s lost %s [%d] %s %d %d", l.From, lossNames[l.Kind], l.At.Ordinal, l.Frame, l.Stream, l.Bytes)
}

func (c *recorder) End(side Side, at At, why reassembly.End) { c.say("%s over", side) }

// call is one call of a Reader.
type call struct {
	side   Side
	octets []byte
	gap    uint64
	end    bool
}

// play reads calls, each a packet of its own, and gives what was told.
func play(o Options, c *recorder, calls []call) []string {
	var numbered []numberedCall
	for i, one := range calls {
		numbered = append(numbered, numberedCall{one, uint64(i + 1)})
	}
	return playNumbered(o, c, numbered)
}

type numberedCall struct {
	call
	packet uint64
}

func playNumbered(o Options, c *recorder, calls []numberedCall) []string {
	c.flush()
	r := NewReader(o, c)
	c.reader = r
	for _, one := range calls {
		at := At{Ordinal: one.packet}
		switch {
		case one.end:
			r.End(one.side, at, reassembly.EndFIN)
		case one.gap > 0:
			r.Gap(one.side, at, one.gap)
		default:
			p := bytes.Clone(one.octets)
			r.Data(one.side, at, p)
			clear(p) // it is borrowed
		}
	}
	c.flush()
	return c.lines
}

// peer writes what one side sends.
type peer struct {
	side Side
	framer
	block   bytes.Buffer
	encoder *hpack.Encoder
}

func newPeer(side Side) *peer {
	p := &peer{side: side}
	p.encoder = hpack.NewEncoder(&p.block)
	return p
}

// fields encodes a header block: name, value, name, value..
func (p *peer) fields(list ...string) []byte {
	p.block.Reset()
	for i := 0; i < len(list); i += 2 {
		p.encoder.WriteField(hpack.HeaderField{Name: list[i], Value: list[i+1]})
	}
	return bytes.Clone(p.block.Bytes())
}

func (p *peer) headers(stream uint32, end bool, list ...string) {
	p.frame(TypeHeaders, FlagEndHeaders|ending(end), stream, p.fields(list...))
}

// call is what was written since the last.
func (p *peer) call() call {
	c := call{side: p.side, octets: bytes.Clone(p.wire.Bytes())}
	p.wire.Reset()
	return c
}

// dialogue is both sides.
type dialogue struct {
	client, server *peer
	calls          []call
}

func newDialogue() *dialogue {
	d := &dialogue{client: newPeer(Client), server: newPeer(Server)}
	d.client.wire.WriteString(preface)
	return d
}

// send ends the packet of a side.
func (d *dialogue) send(p *peer) { d.calls = append(d.calls, p.call()) }

// open is the beginning of both sides.
func (d *dialogue) open(server ...Setting) {
	d.client.settings()
	d.send(d.client)
	d.server.settings(server...)
	d.server.acknowledge()
	d.send(d.server)
	d.client.acknowledge()
	d.send(d.client)
}

var connect = []string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/chat", ":authority", "ws.example"}

// websocket opens a stream.
func (d *dialogue) websocket(stream uint32) {
	d.client.headers(stream, false, connect...)
	d.send(d.client)
	d.server.headers(stream, false, ":status", "200")
	d.send(d.server)
}

func (d *dialogue) end() {
	d.calls = append(d.calls, call{side: Client, end: true}, call{side: Server, end: true})
}

func check(t *testing.T, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, "\n"); text != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", text, strings.TrimSpace(want))
	}
}

// quiet is a Handler that follows WebSockets and says nothing.
type quiet struct{}

func (quiet) Head(h *Head) Next {
	if v, _ := h.Lookup(":protocol"); string(v) == "websocket" {
		return Follow
	}
	return Pass
}
func (quiet) Stray(Side, At, uint32) Next                  { return Follow }
func (quiet) Data(Side, At, uint32, []byte)                {}
func (quiet) Gap(Side, At, uint32, uint64)                 {}
func (quiet) EndStream(Side, At, uint32)                   {}
func (quiet) Reset(Side, At, uint32, event.Opt[ErrorCode]) {}
func (quiet) Settings(Side, At, []Setting, bool)           {}
func (quiet) GoAway(Side, At, *GoAway)                     {}
func (quiet) AltService(At, []byte)                        {}
func (quiet) Stalled(*Stall)                               {}
func (quiet) Fault(*Fault)                                 {}
func (quiet) Lost(*Loss)                                   {}
func (quiet) End(Side, At, reassembly.End)                 {}
