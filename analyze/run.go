package analyze

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/ws/deflate"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// partitions is how many connection tables there are, whatever the number of workers: which connection lives in which
// table, and so what a limit does to it, is the same in every run.
const partitions = 16

// inFlight is how many rounds are on their way at once.
const inFlight = 8

// round is one batch of packets on its way through the workers. Its parts are reused.
type round struct {
	batch    capture.Batch
	segments []reassembly.Segment // the TCP segments of the batch
	parts    []uint8              // their partitions
	shares   [][]uint16           // by worker: the indices of its segments
	buffers  []*event.Buffer      // by worker
	pending  sync.WaitGroup       // workers that are not done
	now      int64                // capture clock that all tables are told, 0 where they are told nothing
	due      uint64               // ordinal of the packet behind which they are
	learnt   bool                 // secrets came before its first packet
	final    bool                 // the input is over: close the tables
	at       reassembly.At        // its last packet, or the last before it
}

// Run analyses src and delivers its events in order to to. It returns when the source is exhausted, ctx is done (with its error;
// what was read until then is analysed and reported), or an error keeps it from reading on; the summary is delivered in each case.
// Events do not depend on cfg.Workers.
func Run(ctx context.Context, src capture.Source, cfg Config, to event.Receiver) error {
	cfg.defaults()
	n := cfg.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	n = min(n, partitions)

	free := make(chan *round, inFlight)
	for range inFlight {
		free <- newRound(n)
	}
	merging := make(chan *round, inFlight)
	work := make([]chan *round, n)
	workers := make([]*worker, n)
	var running sync.WaitGroup
	for i := range n {
		work[i] = make(chan *round, inFlight)
		workers[i] = newWorker(i, n, &cfg)
		running.Add(1)
		go func() {
			defer running.Done()
			defer cfg.Over()
			for r := range work[i] {
				workers[i].analyse(r)
			}
		}()
	}

	acc := newAccountant(&cfg, to)
	merged := make(chan struct{})
	go func() {
		defer close(merged)
		defer cfg.Over()
		for r := range merging {
			r.pending.Wait()
			event.Merge(r.buffers, acc)
			acc.losses(r)
			if cfg.Settled != nil {
				cfg.Settled()
			}
			r.reset()
			free <- r
		}
	}()

	reader := &reader{src: src, decoder: decode.NewDecoder(cfg.Decoder), cfg: &cfg, summary: &acc.summary}
	for part := range reader.owners {
		reader.owners[part] = part % n
	}
	err := reader.read(ctx, free, func(r *round) {
		r.pending.Add(n)
		for _, w := range work {
			w <- r
		}
		merging <- r
	})
	for _, w := range work {
		close(w)
	}
	close(merging)
	running.Wait()
	<-merged
	acc.finish(src.Names(), reader, workers)
	return err
}

func newRound(n int) *round {
	r := &round{segments: make([]reassembly.Segment, 0, capture.BatchSize), shares: make([][]uint16, n), buffers: make([]*event.Buffer, n)}
	for i := range n {
		r.buffers[i] = new(event.Buffer)
	}
	return r
}

func (r *round) reset() {
	r.now, r.due = 0, 0
	r.segments, r.parts, r.learnt = r.segments[:0], r.parts[:0], false
	for i := range r.shares {
		r.shares[i] = r.shares[i][:0]
		r.buffers[i].Reset()
	}
	r.batch.Release()
}

// reader decodes packets and deals their segments out to the workers.
type reader struct {
	src     capture.Source
	decoder *decode.Decoder
	owners  [partitions]int // the worker of each partition
	cfg     *Config
	summary *event.Summary
	clock   int64
	last    reassembly.At
}

// read fills rounds and sends them until the input is over, and then a final, empty one.
func (d *reader) read(ctx context.Context, free chan *round, send func(*round)) error {
	for {
		r := <-free
		err := ctx.Err()
		if err == nil {
			err = d.src.Read(&r.batch)
		}
		r.learnt = d.learn(free)
		if err != nil {
			r.final, r.at = true, d.last
			d.tell(r)
			send(r)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if d.cfg.Live && len(r.batch.Packets) == 0 {
			d.clock = max(d.clock, time.Now().UnixNano())
		}
		for i := range r.batch.Packets {
			d.packet(&r.batch.Packets[i], r)
		}
		r.at = d.last
		d.tell(r)
		send(r)
	}
}

// tell has all tables told the time, also those without packets in the round. In files that depends on nothing but the packets: see
// packet. A live capture tells it with every round.
func (d *reader) tell(r *round) {
	if d.cfg.Live {
		r.now, r.due = d.clock, d.last.Ordinal
	}
}

// learn takes secrets that have come, if any have. It waits until all packets before them have been analysed, so that what can
// be decrypted does not depend on how far the workers are.
func (d *reader) learn(free chan *round) bool {
	if d.cfg.Secrets == nil {
		return false
	}
	learn := d.cfg.Secrets()
	if learn == nil {
		return false
	}
	var idle [inFlight - 1]*round
	for i := range idle {
		idle[i] = <-free
	}
	learn()
	for _, r := range idle {
		free <- r
	}
	return true
}

// packet decodes one packet into the round.
func (d *reader) packet(p *capture.Packet, r *round) {
	s := d.summary
	s.Packets++
	s.Bytes += uint64(p.Length)
	if !s.FirstTime.Known || p.Time < s.FirstTime.Value {
		s.FirstTime = event.Some(p.Time)
	}
	if !s.LastTime.Known || p.Time > s.LastTime.Value {
		s.LastTime = event.Some(p.Time)
	}
	d.clock = max(d.clock, p.Time)
	if p.Ordinal%capture.BatchSize == 0 { // how many packets a batch has depends on how fast a pipe is written
		r.now, r.due = p.Time, p.Ordinal
	}
	d.last.Ordinal, d.last.Number, d.last.Time, d.last.Acked, d.last.File = p.Ordinal, p.Number, p.Time, -1, p.File
	n := len(r.segments)
	r.segments = slices.Grow(r.segments, 1)[:n+1]
	if d.decoder.Decode(p, &r.segments[n]) != decode.TCP {
		r.segments = r.segments[:n]
		return
	}
	part := uint8(r.segments[n].Key.Hash() % partitions)
	w := d.owners[part]
	r.parts = append(r.parts, part)
	r.shares[w] = append(r.shares[w], uint16(n))
}

// worker analyses the connections of its partitions.
type worker struct {
	index      int
	partitions [partitions]*partition // nil where another worker has it
	prefetch      reassembly.Prefetcher
}

// partition is one connection table with what its sessions share. Limits are per partition, so that reaching one does not
// depend on the number of workers.
type partition struct {
	emitter
	table *reassembly.Table
}

func newWorker(index, n int, cfg *Config) *worker {
	w := &worker{index: index}
	for i := index; i < partitions; i += n {
		p := &partition{emitter: emitter{cfg: cfg, windows: deflate.NewPool(cfg.MaxWindows / partitions), awaiting: newAwaiting(cfg.MaxAwaiting / partitions)}}
		p.table = reassembly.NewTable(cfg.Reassembly.Share(partitions), p)
		w.partitions[i] = p
	}
	return w
}

// Open makes the session of a connection.
func (p *partition) Open(c *reassembly.Conn) reassembly.Sink { return newSession(&p.emitter, c) }

func (w *worker) analyse(r *round) {
	defer r.pending.Done()
	for _, p := range w.partitions {
		if p != nil {
			p.buf = r.buffers[w.index]
			if r.learnt {
				p.order = 0 // before all packets of the round
				p.awaiting.retry()
			}
		}
	}
	for _, i := range r.shares[w.index] {
		w.prefetch.Add(w.partitions[r.parts[i]].table, &r.segments[i])
	}
	w.prefetch.Fetch()
	told := r.now == 0
	for _, i := range r.shares[w.index] {
		s, p := &r.segments[i], w.partitions[r.parts[i]]
		if !told && s.At.Ordinal > r.due {
			w.advance(r)
			told = true
		}
		p.order = s.At.Ordinal
		p.table.Segment(s)
	}
	if !told {
		w.advance(r)
	}
	if !r.final {
		return
	}
	for _, p := range w.partitions {
		if p != nil {
			p.order = r.at.Ordinal
			p.table.Close(r.at)
			p.awaiting.giveUpAll()
		}
	}
}

// advance tells the tables the time.
func (w *worker) advance(r *round) {
	for _, p := range w.partitions {
		if p != nil {
			p.order = r.due
			p.table.Advance(r.now)
			p.awaiting.giveUpBefore(r.now - int64(p.cfg.Await))
		}
	}
}
