package analyze

import (
	"context"
	"runtime"
	"sync"

	"wshake/analyze/event"
	"wshake/analyze/internal/merge"
	"wshake/capture"
	"wshake/reassembly"
)

// inFlight is how many rounds are on their way at once.
const inFlight = 8

// round is one batch of packets on its way through the workers. Its parts are reused.
type round struct {
	batch    capture.Batch
	segments []reassembly.Segment // the TCP segments and datagrams of QUIC of the batch
	shards   []uint8              // their shards
	shares   [][]uint16           // by worker: the indices of its segments
	buffers  []*merge.Buffer      // by worker
	pending  sync.WaitGroup       // workers that are not done
	now      int64                // capture clock that all shards are told, 0 where they are told nothing
	due      uint64               // ordinal of the packet behind which they are
	learnt   bool                 // secrets came before its first packet
	final    bool                 // the input is over: close the tables
	at       reassembly.At        // its last packet, or the last before it
	taken    chan struct{}        // closed when its events were delivered
}

// newRound makes no room for segments yet: of a small capture, most rounds see none.
func newRound(workers, findings int) *round {
	r := &round{shares: make([][]uint16, workers), buffers: make([]*merge.Buffer, workers)}
	for i := range workers {
		r.buffers[i] = &merge.Buffer{Most: findings}
	}
	r.taken = make(chan struct{})
	return r
}

func (r *round) reset() {
	r.now, r.due = 0, 0
	r.segments, r.shards, r.learnt = r.segments[:0], r.shards[:0], false
	for i := range r.shares {
		r.shares[i] = r.shares[i][:0]
		r.buffers[i].Reset()
	}
	r.batch.Release()
	close(r.taken)
	r.taken = make(chan struct{})
}

// Run analyses src and delivers its events in order to to, from the calling goroutine. It returns when the source is
// exhausted, ctx is done (with its error; what was read until then is analysed and reported), or an error keeps it
// from reading on; the summary is delivered in each case. Events do not depend on cfg.Workers.
//
// A panic in any goroutine that Run starts is one in Run.
func Run(ctx context.Context, src capture.Source, cfg Config, to event.Receiver) error {
	return run(ctx, src, cfg, nil, func(cfg *Config) consumer { return newSummary(cfg, to) })
}

// run is Run for all connections or, where part is not nil, some.
func run(ctx context.Context, src capture.Source, cfg Config, part *Part, to func(*Config) consumer) error {
	cfg.defaults()
	n := cfg.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	n = min(n, shards)

	var guard guard
	var late late
	defer late.watch(ctx)()
	free := make(chan *round, inFlight)
	for range inFlight {
		free <- newRound(n, cfg.Limits.Findings)
	}
	merging := make(chan *round, inFlight)
	work := make([]chan *round, n)
	workers := make([]*worker, n)
	var running sync.WaitGroup
	for i := range n {
		work[i] = make(chan *round, inFlight)
		workers[i] = newWorker(i, n, &cfg)
		workers[i].late = &late
		running.Go(func() {
			for r := range work[i] {
				guard.call(func() { workers[i].analyse(r) })
				// Where a round has very many events, the next waits until they are delivered. All rounds before have been
				// analysed by this worker, so that nobody waits for it.
				many, taken := r.buffers[i].Size() > cfg.Limits.Events/(2*inFlight), r.taken
				r.pending.Done()
				if many {
					<-taken
				}
			}
		})
	}

	ctx, cancel := context.WithCancel(ctx)
	reader := newReader(src, &cfg, n)
	reader.part = part
	var err error
	running.Go(func() {
		guard.call(func() {
			err = reader.read(ctx, free, func(r *round) {
				r.pending.Add(n)
				for _, w := range work {
					w <- r
				}
				merging <- r
			})
		})
		for _, w := range work {
			close(w)
		}
		close(merging)
	})

	merged := false
	defer func() {
		cancel()
		if !merged { // a panic: what still runs ends by itself
			go func() {
				for r := range merging {
					r.pending.Wait()
					close(r.taken)
				}
			}()
		}
	}()
	sum := to(&cfg)
	for r := range merging {
		r.pending.Wait()
		guard.check()
		if late.over.Load() && part == nil {
			merge.Merge(r.buffers, hurried{sum, &late})
		} else {
			merge.Merge(r.buffers, sum)
		}
		sum.losses(r)
		if cfg.Live.Delivered != nil {
			cfg.Live.Delivered()
		}
		r.reset()
		free <- r
	}
	guard.check()
	merged = true
	running.Wait()
	late.tell(sum, reader.last)
	sum.finish(reader, workers)
	return err
}
