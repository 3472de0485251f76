package analyze

import (
	"wshake/analyze/internal/conn"
	"wshake/analyze/internal/shard"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// shards is how many connection tables there are, whatever the number of workers: which connection lives in which
// table, and so what a limit does to it, is the same in every run.
const shards = 16

// worker analyses the connections of its shards.
type worker struct {
	index    int
	shards   [shards]*table // nil where another worker has it
	prefetch reassembly.Prefetcher
}

// table is the connections of one shard.
type table struct {
	*shard.Shard
	conns *conn.Maker
	tcp   *reassembly.Table
}

func newWorker(index, workers int, cfg *Config) *worker {
	w := &worker{index: index}
	for i := index; i < shards; i += workers {
		t := &table{Shard: &shard.Shard{Config: cfg.shard(), Windows: deflate.NewPool(cfg.Limits.Windows / shards)}}
		t.conns = conn.NewMaker(t.Shard, cfg.DecodeAs)
		t.tcp = reassembly.NewTable(cfg.Limits.Reassembly.Share(shards), t.conns)
		w.shards[i] = t
	}
	return w
}

// analyse takes the worker's share of a round.
func (w *worker) analyse(r *round) {
	for _, t := range w.shards {
		if t != nil {
			t.Buffer = r.buffers[w.index]
			if r.learnt {
				t.Order = 0 // before all packets of the round
				t.conns.Pending().Retry()
			}
		}
	}
	for _, i := range r.shares[w.index] {
		w.prefetch.Add(w.shards[r.shards[i]].tcp, &r.segments[i])
	}
	w.prefetch.Fetch()
	told := r.now == 0
	for _, i := range r.shares[w.index] {
		s, t := &r.segments[i], w.shards[r.shards[i]]
		if !told && s.At.Ordinal > r.due {
			w.advance(r)
			told = true
		}
		t.Order = s.At.Ordinal
		t.tcp.Segment(s)
	}
	if !told {
		w.advance(r)
	}
	if !r.final {
		return
	}
	for _, t := range w.shards {
		if t != nil {
			t.Order = r.at.Ordinal
			t.tcp.Close(r.at)
			t.conns.Pending().GiveUpAll()
		}
	}
}

// advance tells the shards the time.
func (w *worker) advance(r *round) {
	for _, t := range w.shards {
		if t != nil {
			t.Order = r.due
			t.tcp.Advance(r.now)
			t.conns.Pending().GiveUpBefore(r.now - int64(t.SecretsWait))
		}
	}
}
