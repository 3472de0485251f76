package html

import (
	"io"
	"math"
	"path/filepath"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// Page collects events and writes the page in Flush.
type Page struct {
	w       io.Writer
	options report.Options
	limits  Limits
	err     error
	written bool

	model    model
	summary  *event.Summary
	base     int64 // the earliest time seen, ns
	last     int64
	conns    map[connID]int // indexes in the model
	groups   map[string]*group
	caveats  map[string]*caveatGroup
	told     int // caveats told in full
	kinds    map[string]int32
	hosts    map[string]*hostCount
	payloads *payloads
	heads    int // octets of heads kept
	said     int // octets of messages in words
	failed   int // handshakes listed that were not established
	all      *density
	opened   *density
	previous struct { // item
		time   int64
		packet int64
	}
}

const (
	hostsCounted      = 1000
	bucketsOfAll      = 4096
	bucketsOfOne      = 256
	latencyBuckets    = 91 // 1 µs to 1000 s, ten to a decade
	gapsOfOne         = 200
	casesOfOneCaveat  = 50
	namedByConnection = 50
	rangesOfOne       = 100
	unreadMost        = 20
)

// New writes to w. Of o it takes Names and Redact, which here only makes the page say that package redact stood in
// front of it; payload is how many octets of each payload the events hold.
func New(w io.Writer, o report.Options, payload int, l Limits) *Page {
	p := &Page{w: w, options: o, limits: l.withDefaults(), base: math.MaxInt64, conns: make(map[connID]int),
		groups:  make(map[string]*group),
		caveats: make(map[string]*caveatGroup), kinds: make(map[string]int32), hosts: make(map[string]*hostCount)}
	p.payloads = newPayloads(p.limits)
	p.all, p.opened = newDensity(bucketsOfAll), newDensity(bucketsOfAll)
	p.model.PayloadLimit, p.model.Redacted = payload, o.Redact
	p.model.Verdicts = make(map[string]int64)
	// lists in JSON, not null
	p.model.Connections, p.model.Handshakes, p.model.Groups = []*connection{}, []*handshake{}, []*group{}
	p.model.Findings, p.model.Caveats, p.model.Hosts = []*finding{}, []*caveatGroup{}, []*hostCount{}
	p.model.Items.Closes, p.model.Items.Unknown = make(map[int]*closing), make(map[int][]event.Range)
	p.model.Items.Said = make(map[int]string)
	p.model.Latency.Counts = make([]uint64, latencyBuckets)
	p.kind("")
	return p
}

// Err returns the first error of any write so far.
func (p *Page) Err() error { return p.err }

// Pause does nothing: the page is written at the end.
func (p *Page) Pause() error { return nil }

// sees takes note of a time. For an event whose file holds no time, the latest time so far stands in, so that the
// order stays right; the page says how many there are.
func (p *Page) sees(t int64) int64 {
	if t == event.NoTime {
		p.model.Untimed++
		return p.last
	}
	if p.base == math.MaxInt64 && len(p.model.Items.Time) > 0 { // all before had none: they are put where times begin
		p.model.Items.Time[0] += t
		p.previous.time += t
	}
	p.base, p.last = min(p.base, t), max(p.last, t)
	return t
}

// connID tells connections, and streams of one, apart.
type connID struct {
	ordinal uint64
	stream  event.Opt[uint64]
}

func idOf(c *event.Conn) connID { return connID{c.Ordinal, c.Stream} }

// stream is the stream that c means, nil where it is the connection as a whole.
func stream(c *event.Conn) *uint64 {
	if !c.Stream.Known {
		return nil
	}
	return &c.Stream.Value
}

// connection gives the index of c in the model, -1 where it is not listed.
func (p *Page) connection(c *event.Conn, at *event.At) int {
	if c == nil {
		return -1
	}
	if i, ok := p.conns[idOf(c)]; ok {
		listed := p.model.Connections[i]
		t := p.sees(at.Time)
		listed.First, listed.Last = min(listed.First, t), max(listed.Last, t)
		return i
	}
	if len(p.model.Connections) == p.limits.Connections {
		return -1
	}
	i, t := len(p.model.Connections), p.sees(at.Time)
	p.model.Connections = append(p.model.Connections, &connection{Number: c.Ordinal, Stream: stream(c),
		Client: c.Peer[event.Client].String(), Server: c.Peer[event.Server].String(), Midstream: c.Midstream,
		Guessed: c.Guessed, First: t, Last: t, File: int(at.File)})
	p.conns[idOf(c)] = i
	return i
}

func (p *Page) Frame(e *event.Frame) {
	if o := e.Header.Opcode; !o.Control() && !o.Reserved() {
		return // its message is told
	}
	payload := e.Payload
	payload.Text = false
	i := p.item(&item{conn: e.Conn, at: e.At, first: e.First, from: e.From, opcode: uint8(e.Header.Opcode),
		length: int64(min(e.Header.Length, math.MaxInt64)),
		wire:   e.Header.Length, complete: e.Complete, unmasked: e.From == event.Client && !e.Header.Masked,
		fragment: !e.Header.FIN}, &payload)
	if i >= 0 && (e.Code.Known || e.Reason.Known) {
		p.model.Items.Closes[i] = p.closing(e.From, e.Code, e.Reason, false)
	}
}

func (p *Page) closing(from event.Side, code event.Opt[uint16], reason event.Opt[string], answered bool) *closing {
	c := &closing{From: from.String(), Answered: answered, Reason: text(reason)}
	if code.Known {
		c.Code = &code.Value
	}
	return c
}

func (p *Page) Message(e *event.Message) {
	length := int64(-1)
	if e.Length.Known {
		length = int64(min(e.Length.Value, math.MaxInt64))
	}
	i := p.item(&item{conn: e.Conn, at: e.At, first: e.First, from: e.From, opcode: uint8(e.Opcode), length: length,
		wire: e.WireLength, frames: e.Frames,
		compressed: e.Compressed, complete: e.Complete, kind: e.Kind}, &e.Payload)
	switch {
	case i < 0 || e.App == nil:
	case p.said >= p.limits.Words:
		p.model.Rest.Words++
	default:
		words := shown(e.App.Protocol+": "+e.App.Text, valueMost)
		p.said += len(words)
		p.model.Items.Said[i] = words
	}
}

// item is a message or a control frame.
type item struct {
	conn                                     *event.Conn
	at, first                                event.At
	from                                     event.Side
	opcode                                   uint8
	length                                   int64
	wire                                     uint64
	frames                                   int
	compressed, complete, unmasked, fragment bool
	kind                                     string
}

// item lists an item and returns its index, -1 where it is only counted.
func (p *Page) item(e *item, payload *event.Payload) int {
	c := p.connection(e.conn, &e.at)
	t := p.sees(e.at.Time)
	if e.opcode < 8 && e.at.Time != event.NoTime {
		p.all.message(t, int(e.from), e.wire)
	}
	m := &p.model.Items
	if c < 0 || len(m.Connection) == p.limits.Items {
		p.model.Rest.Items++
		if c >= 0 {
			listed := p.model.Connections[c]
			if listed.density == nil {
				listed.density = newDensity(bucketsOfOne)
			}
			listed.density.message(t, int(e.from), e.wire)
			listed.Unlisted++
		}
		return -1
	}
	shape := uint16(e.opcode)
	for _, bit := range []struct {
		is  bool
		bit uint16
	}{
		{e.from == event.Server, shapeServer}, {e.compressed, shapeCompressed}, {!e.complete, shapeIncomplete},
		{e.unmasked, shapeUnmasked},
		{e.fragment, shapeFragment},
	} {
		if bit.is {
			shape |= bit.bit
		}
	}
	kept := 0
	if payload.Kept {
		shape |= shapeAsked
		if kept = p.payloads.add(payload); kept < len(payload.Data) {
			p.model.Rest.Payloads++
			shape |= shapeTruncated
		} else if payload.Truncated {
			shape |= shapeTruncated
		}
		if payload.Text {
			shape |= shapeText
		}
		if kept > 0 && len(payload.Unknown) > 0 {
			m.Unknown[len(m.Connection)] = payload.Unknown[:min(len(payload.Unknown), rangesOfOne)]
		}
	}
	packet := int64(e.at.Number)
	m.Connection = append(m.Connection, int32(c))
	m.Time = append(m.Time, t-p.previous.time)
	m.Packet = append(m.Packet, packet-p.previous.packet)
	p.previous.time, p.previous.packet = t, packet
	back := int64(0)
	if e.first.File == e.at.File {
		back = min(max(packet-int64(e.first.Number), 0), math.MaxInt32)
	}
	m.Back = append(m.Back, int32(back))
	m.File = append(m.File, int32(e.at.File))
	m.Shape = append(m.Shape, shape)
	m.Length = append(m.Length, e.length)
	m.Wire = append(m.Wire, int64(min(e.wire, math.MaxInt64))-e.length)
	m.Frames = append(m.Frames, int32(min(e.frames, math.MaxInt32)))
	m.Kept = append(m.Kept, int32(kept))
	m.Kind = append(m.Kind, p.kind(e.kind))
	return len(m.Connection) - 1
}

func (p *Page) kind(name string) int32 {
	i, ok := p.kinds[name]
	if !ok {
		i = int32(len(p.model.Items.Kinds))
		p.model.Items.Kinds = append(p.model.Items.Kinds, report.Sanitise(name))
		p.kinds[name] = i
	}
	return i
}

func (p *Page) Connection(e *event.Connection) {
	i := p.connection(e.Conn, &e.At)
	p.sees(e.At.Time)
	if i < 0 {
		p.model.Rest.Connections++
		return
	}
	c := p.model.Connections[i]
	c.Over, c.Packets, c.Bytes, c.Ended, c.Pings = true, e.Packets, e.Bytes, e.Ended.String(), e.Pings
	if e.Duration > 0 && e.At.Time != event.NoTime {
		c.First = min(c.First, p.sees(e.At.Time-e.Duration))
	}
	if e.EndedBy.Known {
		c.EndedBy = e.EndedBy.Value.String()
	}
	if e.Close != nil {
		c.Close = p.closing(e.Close.From, e.Close.Code, e.Close.Reason, e.Close.Answered)
	}
	if e.LongestIdle.Known {
		c.Idle = &e.LongestIdle.Value
	}
	if r := e.PingRTT; r != nil {
		c.RTT = &[3]int64{r.Min, r.Median, r.Max}
	}
	for side, s := range e.Sides {
		c.Sides[side] = [5]uint64{s.Frames, s.Messages, s.PayloadBytes, s.WireBytes, s.GapBytes}
	}
	if t := e.TLS; t != nil {
		c.TLS = &secured{Decrypted: t.Decrypted, SNI: shown(t.SNI, valueMost), ALPN: shown(t.ALPN, valueMost),
			Version: t.Version, Suite: t.Suite}
	}
	c.Caveats = append(c.Caveats, e.Caveats[:min(len(e.Caveats), namedByConnection)]...)
}

func (p *Page) Finding(e *event.Finding) {
	g := p.group(e)
	g.Count++
	if len(p.model.Findings) == p.limits.Findings {
		p.model.Rest.Findings++
		return
	}
	f := &finding{Group: g.index, Connection: p.connection(e.Conn, &e.At), Time: p.sees(e.At.Time),
		Packet: e.At.Number, File: int(e.At.File), Fault: e.Fault.String(),
		Text: shown(e.Text, sentenceMost), Seen: shown(e.Seen, sentenceMost), Wanted: shown(e.Wanted, sentenceMost),
		Advice: shown(e.Advice, sentenceMost)}
	if e.Conn != nil {
		f.Number = e.Conn.Ordinal
	}
	if e.Follows != nil {
		f.Follows = e.Follows.Name
	}
	p.model.Findings = append(p.model.Findings, f)
}

func (p *Page) group(e *event.Finding) *group {
	g := p.groups[e.Name]
	if g == nil {
		g = &group{Name: e.Name, ID: e.ID, Level: e.Level.String(), Section: e.Section, Root: report.NamesHop(e),
			index: len(p.model.Groups)}
		p.groups[e.Name] = g
		p.model.Groups = append(p.model.Groups, g)
	}
	return g
}

func (p *Page) Caveat(e *event.Caveat) {
	g := p.caveats[e.Name]
	if g == nil {
		g = &caveatGroup{Name: e.Name}
		p.caveats[e.Name] = g
		p.model.Caveats = append(p.model.Caveats, g)
	}
	g.Count++
	g.Octets += e.Bytes.Value
	i := p.connection(e.Conn, &e.At)
	if i >= 0 && e.Name == "gap" {
		if c := p.model.Connections[i]; len(c.Gaps) < gapsOfOne {
			c.Gaps = append(c.Gaps, [3]int64{p.sees(e.At.Time), int64(min(e.Bytes.Value, math.MaxInt64)), int64(e.At.Number)})
		}
	}
	if p.told == p.limits.Caveats || len(g.Cases) == casesOfOneCaveat {
		return
	}
	p.told++
	c := &caveat{Connection: i, Packet: e.At.Number, File: int(e.At.File), Text: shown(e.Text, sentenceMost)}
	if e.Conn != nil {
		c.Number = e.Conn.Ordinal
	}
	if e.Bytes.Known {
		c.Octets = &e.Bytes.Value
	}
	g.Cases = append(g.Cases, c)
}

func (p *Page) Summary(e *event.Summary) { p.summary = e }

// names gives the files as the page shows them: without their folders.
func (p *Page) names() []string {
	if p.options.Names == nil {
		return nil
	}
	var names []string
	for _, name := range p.options.Names() {
		names = append(names, report.Sanitise(filepath.Base(name)))
	}
	return names
}
