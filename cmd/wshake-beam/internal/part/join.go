package part

import (
	"cmp"
	"slices"
	"strings"

	"wshake/analyze"
	"wshake/analyze/event"
)

// Join compares the connections of what was made of one or more groups, in the order of the capture, prints the events
// and gives what they sum up to. made come in any order, each once.
func Join(made []*Made, cfg *Config, whole *Whole, line func(*Line) error) (*analyze.Sums, error) {
	records, order := inOrder(made)
	o := newNumbered()
	for _, m := range made {
		o.late.add(m.Late)
	}
	for _, r := range records {
		o.visit(r)
	}
	o.number()
	hosts := make(map[*event.Conn]string)
	like := make(map[*event.Abrupt]*Record)
	for _, r := range records {
		o.intern(r)
		if h := r.Handshake; h != nil {
			hosts[h.Conn] = hostOf(h)
		}
		if r.Cut != nil {
			like[r.Cut] = r
		}
	}
	w := &writer{line: line, host: func(c *event.Conn) (string, bool) { host, known := hosts[c]; return host, known }}
	w.printer = newPrinter(cfg.Show, whole.Names, func(ordinal uint64) string { return o.ids[ordinal] })
	j := analyze.NewJoiner(cfg.comparison(whole), w)
	j.Earlier(func(e *event.Abrupt) (idle, age *event.Abrupt) { return like[e].SameIdle, like[e].SameAge })
	for i, r := range records {
		w.place = order[i]
		r.give(j)
	}
	w.place = whole.Place
	return j.Sums(), w.err
}

// comparison is the configuration of a Joiner.
func (c *Config) comparison(whole *Whole) analyze.Config {
	without := Config{Show: c.Show, Memory: c.Memory} // what is compared is decrypted
	a := without.Analysis(&Whole{Names: whole.Names})
	a.Want = c.Show
	return a
}

// inOrder puts records in the order in which one reader of all would make them.
func inOrder(made []*Made) ([]*Record, []Place) {
	type entry struct {
		*Record
		run  string
		conn Place
	}
	late := make(Late)
	for _, m := range made {
		late.add(m.Late)
	}
	var all []entry
	for _, m := range made {
		for i := range m.Records {
			e := entry{Record: &m.Records[i], run: m.Run}
			if at := e.first(); at != nil {
				e.conn = late.place(at)
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(a.Place.Compare(b.Place), a.conn.Compare(b.conn), strings.Compare(a.run, b.run), cmp.Compare(a.Count, b.Count))
	})
	records, places := make([]*Record, len(all)), make([]Place, len(all))
	for i := range all {
		records[i], places[i] = all[i].Record, all[i].Place
	}
	return records, places
}

// first is the first packet of the connection that a record is about, nil where it is about none.
func (r *Record) first() *event.At {
	if r.NoConnect != nil {
		return &r.NoConnect.First
	}
	if c := r.conn(); *c != nil {
		return &(*c).First
	}
	return nil
}

// conn is where a record has the connection that it is about.
func (r *Record) conn() **event.Conn {
	var none *event.Conn
	switch {
	case r.Request != nil:
		return &r.Request.Conn
	case r.Session != nil:
		return &r.Session.Conn
	case r.Cut != nil:
		return &r.Cut.Conn
	case r.Handshake != nil:
		return &r.Handshake.Conn
	case r.Connection != nil:
		return &r.Connection.Conn
	case r.Finding != nil:
		return &r.Finding.Conn
	case r.Caveat != nil:
		return &r.Caveat.Conn
	case r.Closed != nil:
		return &r.Closed
	case r.More != nil:
		return &r.More.Conn
	}
	return &none
}

// give gives a record to who compares connections.
func (r *Record) give(to *analyze.Joiner) {
	switch {
	case r.Request != nil:
		to.Request(r.Request)
	case r.Session != nil:
		to.Session(r.Session)
	case r.Cut != nil:
		to.Cut(r.Cut)
	case r.NoConnect != nil:
		to.NoConnect(r.NoConnect)
	case r.Handshake != nil:
		to.Handshake(r.Handshake)
	case r.Connection != nil:
		to.Connection(r.Connection)
	case r.Finding != nil:
		to.Finding(r.Finding)
	case r.Caveat != nil:
		to.Caveat(r.Caveat)
	case r.Closed != nil:
		to.Closed(r.Closed)
	case r.More != nil:
		to.More(r.More)
	}
}

// writer prints what a Joiner delivers.
type writer struct {
	printer *printer
	host    func(*event.Conn) (name string, known bool) // what a connection asked for
	place   Place
	count   uint32 // counts lines
	line    func(*Line) error
	err     error
}

func (w *writer) Handshake(e *event.Handshake) {
	w.printer.json.Handshake(e)
	w.print(e.Conn, e.At.Time)
}

func (w *writer) Connection(e *event.Connection) {
	w.printer.json.Connection(e)
	w.print(e.Conn, e.At.Time)
}

func (w *writer) Finding(e *event.Finding) {
	w.printer.json.Finding(e)
	w.print(e.Conn, e.At.Time)
}

func (w *writer) Caveat(e *event.Caveat) {
	w.printer.json.Caveat(e)
	w.print(e.Conn, e.At.Time)
}

func (w *writer) Summary(e *event.Summary) {
	w.printer.json.Summary(e)
	w.print(nil, event.NoTime)
}

func (w *writer) Frame(*event.Frame)     {}
func (w *writer) Message(*event.Message) {}

func (w *writer) print(c *event.Conn, at int64) {
	text := w.printer.text()
	if text == nil || w.err != nil {
		return
	}
	host := ""
	if c != nil {
		known := false
		if host, known = w.host(c); !known {
			host = c.Peer[event.Server].String()
		}
	}
	w.count++
	w.err = w.line(&Line{Host: host, Time: at, Place: w.place, Count: w.count, Text: text})
}

var _ event.Receiver = (*writer)(nil)

// ConnOf names the connection of an event.
func ConnOf(c *event.Conn) string { return connID(c.Peer, c.UDP, &c.First) }
