package part

import (
	"cmp"
	"slices"

	"wshake/analyze"
	"wshake/analyze/event"
)

// maker keeps what a run makes until enough is there to be sent. What an event holds is borrowed, so an event that is
// kept is encoded before the call returns or copied.
type maker struct {
	ledger *ledger
	order  Place
	count  uint32
	made   Made
	send   func(*Made) error
	err    error
	direct *direct // of frames and messages
	marks  marker
}

func newMaker(run string, l *ledger, cfg *Config, whole *Whole, out Out) *maker {
	m := &maker{ledger: l, send: out.Made, made: Made{Run: run}}
	m.marks = marker{run: RunOf(run), open: make(map[*event.Conn]*opened), send: out.Mark, hop: out.End}
	m.direct = newDirect(cfg.Show, whole.Names, &m.order, out.Line)
	return m
}

// finish sends what is left at the end of a run.
func (m *maker) finish(t *analyze.Totals) error {
	m.marks.finish()
	m.flush(t)
	return cmp.Or(m.err, m.marks.err, m.direct.err)
}

// sentAtOnce is how many records are encoded together.
const sentAtOnce = 512

func (m *maker) Order(ordinal uint64) { m.order = m.ledger.at(ordinal) }

func (m *maker) add(r Record) {
	r.Place, r.Count = m.order, m.count
	m.count++
	m.marks.add(&r, m.ledger.placeOf)
	m.made.Records = append(m.made.Records, r)
	if len(m.made.Records) >= sentAtOnce {
		m.flush(nil)
	}
}

// flush sends what is there. Heads and findings do not change and need no copy.
func (m *maker) flush(t *analyze.Totals) {
	if m.err != nil || len(m.made.Records) == 0 && t == nil {
		return
	}
	m.made.Totals = t
	m.made.Late = m.ledger.lates(&m.made)
	m.err = m.send(&m.made)
	m.made.Records = m.made.Records[:0]
	m.made.Count++
}

// lates lists the packets in v that are out of order.
func (l *ledger) lates(v any) []LatePlace {
	l.Lock()
	defer l.Unlock()
	return l.late.within(v)
}

// placeOf is the place of a packet that an event names.
func (l *ledger) placeOf(at *event.At) Place {
	l.Lock()
	defer l.Unlock()
	return l.late.place(at)
}

func (m *maker) Request(e *event.Request)     { c := *e; m.add(Record{Request: &c}) }
func (m *maker) Session(e *event.Session)     { c := *e; m.add(Record{Session: &c}) }
func (m *maker) Cut(e *event.Abrupt)          { c := *e; m.add(Record{Cut: &c}) }
func (m *maker) NoConnect(e *event.NoConnect) { c := *e; m.add(Record{NoConnect: &c}) }
func (m *maker) Closed(c *event.Conn)         { m.add(Record{Closed: c}) }
func (m *maker) More(e *analyze.More)         { c := *e; m.add(Record{More: &c}) }
func (m *maker) Finding(e *event.Finding)     { m.add(Record{Finding: e}) }
func (m *maker) Caveat(e *event.Caveat)       { c := *e; m.add(Record{Caveat: &c}) }
func (m *maker) Summary(*event.Summary)       {}

func (m *maker) Handshake(e *event.Handshake) {
	c := *e
	c.Evidence.Early, c.Evidence.Body, c.Evidence.NotHTTP = slices.Clone(c.Evidence.Early), slices.Clone(c.Evidence.Body), slices.Clone(c.Evidence.NotHTTP)
	if b := c.ResponseBody; b != nil {
		body := *b
		body.Octets = slices.Clone(b.Octets)
		c.ResponseBody = &body
	}
	m.direct.Handshake(e)
	m.add(Record{Handshake: &c})
}

func (m *maker) Connection(e *event.Connection) {
	c := *e
	m.direct.Connection(e)
	m.add(Record{Connection: &c})
}

func (m *maker) Frame(e *event.Frame)     { m.direct.Frame(e) }
func (m *maker) Message(e *event.Message) { m.direct.Message(e) }
