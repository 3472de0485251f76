package part

import (
	"context"
	"fmt"
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
	for _, list := range [][][]byte{c.KeyLogs, whole.Secrets} {
		for _, secrets := range list {
			f := a.Keys.Log.NewFeed()
			f.Write(secrets)
			f.Close()
		}
	}
	return a
}

// Out takes what a part gives.
type Out struct {
	Made func(*Made) error // valid until it returns
	Line func(*Line) error // of what is not compared
	Mark func(*Mark) error // of what connections may have in common
	End  func(hop uint64, e *End) error
}

// Send reads a file for the second time: it sends the segments of flows that are analysed with another file. homes are
// those of its flows that are in several files. A chunk is valid until segments returns.
func Send(ctx context.Context, f File, open Opener, cfg *Config, whole *Whole, homes Homes,
	segments func(home int32, c *Chunk) error) error {
	if !homes.leave(f.Piece) {
		return nil
	}
	away := newDepartures(&f, func(home int32, c *Chunk) (bool, error) { return false, segments(home, c) })
	take := func(in *source) func(*capture.Packet, *reassembly.Segment) bool {
		return func(p *capture.Packet, s *reassembly.Segment) bool {
			if home, shared := homes[flowOf(s)]; shared && home != f.Piece {
				away.add(home, s, in.ledger.at(p.Ordinal))
			}
			return false
		}
	}
	if _, err := runFile(ctx, f, open, cfg, whole, take, func(*ledger) analyze.Made { return nobody{} }); err != nil {
		return err
	}
	return away.flush()
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
	own := newDepartures(&f, func(_ int32, c *Chunk) (bool, error) { return true, store.add(c) })
	take := func(in *source) func(*capture.Packet, *reassembly.Segment) bool {
		return func(p *capture.Packet, s *reassembly.Segment) bool {
			home, shared := homes[flowOf(s)]
			if shared && home == f.Piece {
				own.add(home, s, in.ledger.at(p.Ordinal))
			}
			return !shared
		}
	}
	var m *maker
	totals, err := runFile(ctx, f, open, cfg, whole, take, func(l *ledger) analyze.Made {
		m = newMaker(fmt.Sprintf("piece %d", f.Piece), l, cfg, whole, out)
		return m
	})
	if err != nil || m == nil {
		return err
	}
	if err := m.finish(&totals); err != nil {
		return err
	}
	if err := own.flush(); err != nil {
		return err
	}
	return connect(ctx, f.Piece, store, cfg, whole, out)
}

// runFile reads a file whose flows are known. take makes what is asked for each segment, made what takes the events;
// it is not called where the file cannot be read, which Look said.
func runFile(ctx context.Context, f File, open Opener, cfg *Config, whole *Whole,
	take func(*source) func(*capture.Packet, *reassembly.Segment) bool,
	made func(*ledger) analyze.Made) (totals analyze.Totals, err error) {
	src, err := open(f, capture.Options{})
	if err != nil {
		return totals, nil
	}
	in := newSource(src, whole.Names, f.Number, whole.Bases[f.Piece])
	defer in.Close()
	in.ledger = newLedger(whole.Place)
	a := cfg.Analysis(whole)
	a.Live.Counted = func() (event.Dropped, bool) {
		d, known := capture.Dropped(src)
		return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
	}
	var before func(*capture.Packet, *decode.Decoder)
	if services := whole.Services; len(services) > 0 {
		before = func(p *capture.Packet, d *decode.Decoder) {
			for place := in.ledger.at(p.Ordinal); len(services) > 0 &&
				services[0].Place.Compare(place) < 0; services = services[1:] {
				d.Know(services[0].Service, p.Ordinal)
			}
		}
	}
	return analyze.RunPart(ctx, in, a, analyze.Part{Take: take(in), Before: before, End: whole.Last}, made(in.ledger))
}

// connect analyses flows of several files.
func connect(ctx context.Context, home int32, store *store, cfg *Config, whole *Whole, out Out) error {
	src := &joined{store: store, names: whole.Names, ledger: newLedger(whole.Place)}
	if err := src.begin(); err != nil || len(src.files) == 0 {
		return err
	}
	m := newMaker(fmt.Sprintf("flows of piece %d", home), src.ledger, cfg, whole, out)
	totals, err := analyze.RunPart(ctx, src, cfg.Analysis(whole), analyze.Part{Decode: readSegment, End: whole.Last}, m)
	if err != nil {
		return err
	}
	return m.finish(&totals)
}
