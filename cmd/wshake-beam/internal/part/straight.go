package part

import (
	"context"
	"math"
	"runtime"
	"time"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
)

// A run that is the only one is read once: there is no other to ask which flows, secrets and servers it has, and its
// connections are compared while they are read. It uses all processors.

// Straight reads the only run of a capture and prints its events.
func Straight(ctx context.Context, f File, open Opener, cfg *Config, line func(*Line) error) (*Looked, error) {
	l := &Looked{File: f}
	if l.Unread = !l.leaveOut(open); l.Unread {
		return l, nil
	}
	f = l.File
	var keys keylog.Collector
	defer keys.Close()
	src, err := open(f, capture.Options{Problem: l.problem, Secrets: keys.Embedded, Prescan: keys.Prescan})
	if err != nil {
		l.Unread = true
		l.lost(f.Path, f.Listed, err)
		return l, nil
	}
	names := src.Names()
	if len(f.Next) == 0 {
		names = []string{f.Path} // a stream has no name of its own
	}
	counted := make([]Neighbour, len(names)) // as the Source counts them
	for i, path := range names {
		counted[i] = Neighbour{Path: path, Number: int32(i)}
	}
	var in File
	in.of(counted)
	s := newSource(src, names, &in, Base{})
	defer s.Close()
	s.ledger = newLedger(Place{})
	s.seen = func(p *capture.Packet, place Place) {
		p.Ordinal |= Marked
		l.Packets++
		l.Bytes += uint64(p.Length)
		l.Place = place
	}
	a := cfg.Analysis(new(Whole))
	a.Workers = runtime.GOMAXPROCS(0)
	feed(&keys.Log, cfg.KeyLogs)
	a.Keys = analyze.Keys{Log: &keys.Log, Poll: keys.Poll}
	if capture.SecretsMayComeLate(src) {
		a.Keys.Wait = time.Duration(math.MaxInt64)
	}
	a.Live.Counted = func() (event.Dropped, bool) {
		d, known := capture.Dropped(src)
		return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
	}
	to := newCompared(s.ledger, cfg, names, line)
	totals, err := analyze.RunPart(ctx, s, a, analyze.Part{}, to)
	if err != nil {
		return nil, err
	}
	to.w.place = l.Place
	to.Finish(names, &totals)
	return l, to.w.err
}

// compared compares connections while they are analysed, and prints their events.
type compared struct {
	*analyze.Joiner
	ledger *ledger
	w      *streamed
	ids    map[uint64]string    // of connections, by ordinal
	hosts  map[streamKey]string // that connections asked for
	last   *event.Conn          // that was named
}

// streamKey tells connections apart, and the streams of one.
type streamKey struct {
	ordinal, stream uint64
	isStream        bool
}

func keyOf(c *event.Conn) streamKey { return streamKey{c.Ordinal, c.Stream.Value, c.Stream.Known} }

func newCompared(l *ledger, cfg *Config, names []string, line func(*Line) error) *compared {
	c := &compared{ledger: l, ids: make(map[uint64]string), hosts: make(map[streamKey]string)}
	host := func(of *event.Conn) (string, bool) { host, known := c.hosts[keyOf(of)]; return host, known }
	c.w = &streamed{writer{host: host, line: line}}
	c.w.printer = newPrinter(cfg.Show, names, func(ordinal uint64) string { return c.ids[ordinal] })
	c.Joiner = analyze.NewJoiner(cfg.comparison(&Whole{Names: names}), c.w)
	return c
}

// name has a connection known by its ordinal, which events and their texts have.
func (c *compared) name(of *event.Conn) {
	if of == nil || of == c.last {
		return
	}
	c.last = of
	if _, known := c.ids[of.Ordinal]; !known {
		c.ids[of.Ordinal] = ConnOf(of)
	}
}

func (c *compared) Order(ordinal uint64) { c.w.place = c.ledger.at(ordinal) }

func (c *compared) Request(e *event.Request) { c.name(e.Conn); c.Joiner.Request(e) }
func (c *compared) Session(e *event.Session) { c.name(e.Conn); c.Joiner.Session(e) }
func (c *compared) Cut(e *event.Abrupt)      { c.name(e.Conn); c.Joiner.Cut(e) }
func (c *compared) More(e *analyze.More)     { c.name(e.Conn); c.Joiner.More(e) }
func (c *compared) Caveat(e *event.Caveat)   { c.name(e.Conn); c.Joiner.Caveat(e) }
func (c *compared) Finding(e *event.Finding) { c.name(e.Conn); c.Joiner.Finding(e) }
func (c *compared) Frame(e *event.Frame)     { c.name(e.Conn); c.Joiner.Frame(e) }
func (c *compared) Message(e *event.Message) { c.name(e.Conn); c.Joiner.Message(e) }

func (c *compared) Connection(e *event.Connection) { c.name(e.Conn); c.Joiner.Connection(e) }

func (c *compared) NoConnect(e *event.NoConnect) {
	if _, known := c.ids[e.Ordinal]; !known {
		c.ids[e.Ordinal] = connID(e.Peer, e.QUIC, &e.First)
	}
	c.Joiner.NoConnect(e)
}

func (c *compared) Handshake(e *event.Handshake) {
	c.name(e.Conn)
	c.hosts[keyOf(e.Conn)] = hostOf(e)
	c.Joiner.Handshake(e)
}

// streamed prints frames and messages, too.
type streamed struct{ writer }

func (s *streamed) Frame(e *event.Frame) {
	s.printer.json.Frame(e)
	s.print(e.Conn, e.At.Time)
}

func (s *streamed) Message(e *event.Message) {
	s.printer.json.Message(e)
	s.print(e.Conn, e.At.Time)
}
