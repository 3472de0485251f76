package part

import (
	"context"
	"fmt"
	"io"
	"iter"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// Config says how parts are analysed.
type Config struct {
	Show    event.Kinds
	Memory  uint64 // of one part, octets; 0 stands for the default
	KeyLogs [][]byte
}

// Analysis is the configuration of a run of one part.
func (c *Config) Analysis(whole *Whole) analyze.Config {
	a := analyze.Config{Workers: 1, Want: c.Show | event.KindHandshake | event.KindConnection | event.KindFinding | event.KindCaveat | event.KindSummary}
	memory := c.Memory
	if memory == 0 {
		memory = analyze.DefaultMemory
	}
	a.Limits.FitMemory(memory)
	a.Keys.Log = new(keylog.Log)
	feed(a.Keys.Log, c.KeyLogs)
	feed(a.Keys.Log, whole.Secrets)
	return a
}

// feed puts key logs into one.
func feed(log *keylog.Log, list [][]byte) {
	for _, secrets := range list {
		f := log.NewFeed()
		f.Write(secrets)
		f.Close()
	}
}

// Out takes what a part gives.
type Out struct {
	Made func(*Made) error // valid until it returns
	Line func(*Line) error // of what is not compared
	Mark func(*Mark) error // of what connections may have in common
	End  func(hop uint64, e *End) error
}

// Send reads a file for the second time, as far as needed: it sends the segments of flows that are analysed with
// another file. homes are those of its flows that are in several files. A chunk is valid until segments returns.
func Send(ctx context.Context, f File, open Opener, cfg *Config, whole *Whole, homes Homes,
	segments func(home int32, c *Chunk) error) error {
	last := homes.leave(f.Piece)
	if last == 0 {
		return nil
	}
	in, err := openSource(f, open, whole)
	if err != nil {
		return err
	}
	defer in.Close()
	in.ledger = newLedger(whole.Place)
	away := newDepartures(&f, segments)
	part := analyze.Part{End: whole.Last, Before: services(whole, in.ledger)}
	part.Take = func(p *capture.Packet, s *reassembly.Segment) bool {
		if at, shared := homes[flowOf(s)]; shared && at.Home != f.Piece {
			away.add(at.Home, s, in.ledger.at(p.Ordinal))
		}
		return false
	}
	if _, err := analyze.RunPart(ctx, &beginning{in, last}, cfg.Analysis(whole), part, nobody{}); err != nil {
		return err
	}
	return away.flush()
}

// beginning ends behind the batch that has a packet, counted from 1.
type beginning struct {
	*source
	left uint64
}

func (s *beginning) Read(b *capture.Batch) error {
	if s.left == 0 {
		b.Release()
		return io.EOF
	}
	err := s.source.Read(b)
	s.left -= min(s.left, uint64(len(b.Packets)))
	return err
}

// nobody takes nothing: where no connection is analysed nothing is made.
type nobody struct{ event.Ignore }

func (nobody) Order(uint64)               {}
func (nobody) Request(*event.Request)     {}
func (nobody) Cut(*event.Abrupt)          {}
func (nobody) Session(*event.Session)     {}
func (nobody) NoConnect(*event.NoConnect) {}
func (nobody) Closed(*event.Conn)         {}
func (nobody) More(*analyze.More)         {}

// Analyse reads a file for the last time, and analyses the flows that are in it alone and those whose home it is.
// arrived are the segments of these in other files, in any order, fetch reads those that are in files.
func Analyse(ctx context.Context, f File, open Opener, cfg *Config, whole *Whole, homes Homes,
	arrived iter.Seq2[*Chunk, error],
	fetch func(path string) ([]byte, error), out Out) error {
	store := &store{fetch: fetch}
	defer store.close()
	for c, err := range arrived {
		if err == nil {
			err = store.add(c)
		}
		if err != nil {
			return err
		}
	}
	own, err := openSource(f, open, whole)
	if err != nil {
		return err
	}
	defer own.Close()
	in := newMerged(own, newArrivals(store), newLedger(whole.Place))
	a := cfg.Analysis(whole)
	a.Live.Counted = func() (event.Dropped, bool) {
		d, known := capture.Dropped(own.Source)
		return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
	}
	part := analyze.Part{End: whole.Last, Decode: in.segment, Before: services(whole, in.ledger)}
	part.Take = func(_ *capture.Packet, s *reassembly.Segment) bool {
		at, shared := homes[flowOf(s)]
		return !shared || at.Home == f.Piece
	}
	m := newMaker(fmt.Sprintf("piece %d", f.Piece), in.ledger, cfg, whole, out)
	totals, err := analyze.RunPart(ctx, in, a, part, m)
	if err != nil {
		return err
	}
	return m.finish(&totals)
}

// openSource opens a file that could be read before.
func openSource(f File, open Opener, whole *Whole) (*source, error) {
	src, err := open(f, capture.Options{})
	if err != nil {
		return nil, err
	}
	return newSource(src, whole.Names, &f, whole.Bases[f.Piece]), nil
}

// services tells a decoder of the servers of QUIC in all files, nil where there are none.
func services(whole *Whole, l *ledger) func(*capture.Packet, *decode.Decoder) {
	services := whole.Services
	if len(services) == 0 {
		return nil
	}
	return func(p *capture.Packet, d *decode.Decoder) {
		for place := l.at(p.Ordinal); len(services) > 0 &&
			services[0].Place.Compare(place) < 0; services = services[1:] {
			d.Know(services[0].Service, p.Ordinal)
		}
	}
}
