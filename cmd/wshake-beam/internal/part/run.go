package part

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

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
	// Shares is over how many runs the flows that travel are spread; 0 stands for the default.
	Shares uint64
}

// defaultShares is enough for some processors of one machine.
const defaultShares = 16

// shareOf is the share of a flow, from 1.
func (c *Config) shareOf(flow Flow) Share {
	n := c.Shares
	if n == 0 {
		n = defaultShares
	}
	return Share(uint64(flow)%n + 1)
}

// Share is the flows that travel to one run. To begin a run takes some milliseconds, more than most flows do.
type Share uint64

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
	Made    func(*Made) error         // valid until it returns
	Segment func(Share, *Chunk) error // of flows that travel
	Line    func(*Line) error         // of what is not compared
	Mark    func(*Mark) error         // of what connections may have in common
	End     func(hop uint64, e *End) error
	Counted func(read, travelled int64) // octets of packets
}

// Chunk is some segments of a share in one file, in their order.
type Chunk struct {
	File   int32
	Count  uint32 // counts the chunks of the share in the file
	Octets []byte
}

// chunkSize is about how large a Chunk is, chunksSize how large all that are being filled may be, octets.
const (
	chunkSize  = 256 << 10
	chunksSize = 64 << 20
)

// Analyse reads a file for the second time: it analyses the flows that do not travel.
func Analyse(ctx context.Context, f File, open Opener, cfg *Config, whole *Whole, travels func(Flow) bool, out Out) error {
	a := cfg.Analysis(whole)
	src, err := open(f.Path, capture.Options{})
	if err != nil {
		return nil // Look said so
	}
	in := newSource(src, whole.Names, f.Number)
	defer in.Close()
	in.ledger = newLedger(whole.Place)
	a.Live.Counted = func() (event.Dropped, bool) {
		d, known := capture.Dropped(src)
		return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
	}
	away := &departures{chunks: make(map[Share]*Chunk), counts: make(map[Share]uint32), send: out.Segment}
	take := func(p *capture.Packet, s *reassembly.Segment) bool {
		flow := flowOf(s)
		if !travels(flow) {
			return true
		}
		away.add(cfg.shareOf(flow), f.Number, s, in.ledger.at(p.Ordinal))
		return false
	}
	var before func(*capture.Packet, *decode.Decoder)
	if services := whole.Services; len(services) > 0 {
		before = func(p *capture.Packet, d *decode.Decoder) {
			for place := in.ledger.at(p.Ordinal); len(services) > 0 && services[0].Place.Compare(place) < 0; services = services[1:] {
				d.Know(services[0].Service, p.Ordinal)
			}
		}
	}
	m := newMaker(fmt.Sprintf("file %d", f.Number), in.ledger, cfg, whole, out)
	totals, err := analyze.RunPart(ctx, in, a, analyze.Part{Take: take, Before: before, End: whole.Last}, m)
	if err != nil {
		return err
	}
	m.marks.finish()
	m.flush(&totals)
	away.flush()
	if out.Counted != nil {
		out.Counted(int64(totals.Bytes), away.octets)
	}
	return firstError(m.err, m.marks.err, m.failed(), away.err)
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func newMaker(run string, l *ledger, cfg *Config, whole *Whole, out Out) *maker {
	m := &maker{ledger: l, send: out.Made, made: Made{Run: run}}
	m.marks = marker{run: RunOf(run), open: make(map[*event.Conn]*opened), send: out.Mark, hop: out.End}
	m.direct = newDirect(cfg.Show, whole.Names, &m.order, out.Line)
	return m
}

func (m *maker) failed() error { return m.direct.(*direct).err }

// departures gathers the segments that travel.
type departures struct {
	chunks map[Share]*Chunk
	counts map[Share]uint32 // chunks that were sent
	size   int
	octets int64 // of packets
	send   func(Share, *Chunk) error
	err    error
}

func (d *departures) add(share Share, file int32, s *reassembly.Segment, place Place) {
	c := d.chunks[share]
	if c == nil {
		c = &Chunk{File: file, Count: d.counts[share]}
		d.chunks[share] = c
	}
	before := len(c.Octets)
	c.Octets = appendSegment(c.Octets, s, place)
	d.size += len(c.Octets) - before
	d.octets += int64(s.Wire)
	if len(c.Octets) >= chunkSize {
		d.sendChunk(share, c)
	}
	if d.size >= chunksSize {
		d.flush()
	}
}

func (d *departures) sendChunk(share Share, c *Chunk) {
	d.size -= len(c.Octets)
	delete(d.chunks, share)
	d.counts[share]++
	if d.err == nil {
		d.err = d.send(share, c)
	}
}

// flush sends all chunks, in the order of their shares.
func (d *departures) flush() {
	shares := make([]Share, 0, len(d.chunks))
	for share := range d.chunks {
		shares = append(shares, share)
	}
	slices.Sort(shares)
	for _, share := range shares {
		d.sendChunk(share, d.chunks[share])
	}
}

// Connect analyses the flows of a share, each of which is in several files. chunks come in any order, each once.
func Connect(ctx context.Context, share Share, chunks iter.Seq2[*Chunk, error], cfg *Config, whole *Whole, out Out) error {
	store := newStore()
	defer store.close()
	for c, err := range chunks {
		if err != nil {
			return err
		}
		if err := store.add(c); err != nil {
			return err
		}
	}
	src := &joined{store: store, names: whole.Names, ledger: newLedger(whole.Place)}
	if err := src.begin(); err != nil {
		return err
	}
	a := cfg.Analysis(whole)
	m := newMaker(fmt.Sprintf("share %d", share), src.ledger, cfg, whole, out)
	totals, err := analyze.RunPart(ctx, src, a, analyze.Part{Decode: readSegment, End: whole.Last}, m)
	if err != nil {
		return err
	}
	m.marks.finish()
	m.flush(&totals)
	return firstError(m.err, m.marks.err, m.failed())
}

// joined is the Source of the segments of a share, from all files, in the order of their places.
type joined struct {
	store   *store
	names   []string
	ledger  *ledger
	files   []*fileReader
	ordinal uint64
}

// fileReader reads the segments of a share in one file.
type fileReader struct {
	chunks []storedChunk
	rest   []byte // of the current chunk
	head   []byte // the next segment
	time   int64
	place  Place
	store  *store
}

func (j *joined) begin() error {
	for _, chunks := range j.store.byFile() {
		f := &fileReader{chunks: chunks, store: j.store}
		more, err := f.next()
		if err != nil {
			return err
		}
		if more {
			j.files = append(j.files, f)
		}
	}
	return nil
}

// next goes to the next segment.
func (f *fileReader) next() (more bool, err error) {
	for len(f.rest) == 0 {
		if len(f.chunks) == 0 {
			return false, nil
		}
		if f.rest, err = f.store.octets(&f.chunks[0]); err != nil {
			return false, err
		}
		f.place.File = f.chunks[0].file
		f.chunks = f.chunks[1:]
	}
	r := sent{b: f.rest}
	size := r.octets(4)
	n := uint64(size[0])<<24 | uint64(size[1])<<16 | uint64(size[2])<<8 | uint64(size[3])
	f.head = r.octets(n)
	if r.bad {
		return false, errSegment
	}
	f.rest = r.b
	r = sent{b: f.head}
	f.time, f.place = r.readPlace(f.place.File)
	if r.bad {
		return false, errSegment
	}
	return true, nil
}

func (j *joined) Read(b *capture.Batch) error {
	b.Release()
	octets := 0
	for len(j.files) > 0 && len(b.Packets) < capture.BatchSize && octets < capture.BatchOctets {
		best := 0
		for i := range j.files {
			if j.files[i].place.Compare(j.files[best].place) < 0 {
				best = i
			}
		}
		f := j.files[best]
		j.ordinal++
		p := capture.Packet{Data: f.head, Time: f.time, Ordinal: j.ordinal, Number: f.place.Number, File: f.place.File}
		b.Packets = append(b.Packets, p)
		octets += len(f.head)
		j.ledger.note(&p, f.place)
		more, err := f.next()
		if err != nil {
			return err
		}
		if !more {
			j.files = slices.Delete(j.files, best, best+1)
		}
	}
	if len(b.Packets) == 0 {
		return io.EOF
	}
	return nil
}

func (j *joined) Names() []string               { return j.names }
func (j *joined) Progress() (read, total int64) { return 0, 0 }
func (j *joined) Close() error                  { return nil }
