package analyze

import (
	"wshake/analyze/internal/conn"
	"wshake/analyze/internal/quicconn"
	"wshake/analyze/internal/shard"
	"wshake/analyze/search"
	"wshake/analyze/tls"
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
	late     *late
}

// table is the connections of one shard: those of TCP, and those of QUIC.
type table struct {
	*shard.Shard
	conns *conn.Maker
	tcp   *reassembly.Table
	quic  *quicconn.Table
}

func newWorker(index, workers int, cfg *Config) *worker {
	w := &worker{index: index}
	room := new(tls.Room)
	for i := index; i < shards; i += workers {
		memory := cfg.Limits.Memory / shards
		budget := reassembly.NewBudget(memory)
		t := &table{Shard: &shard.Shard{Config: cfg.shard(), Budget: budget, Keeping: memory / 2, Windows: deflate.NewPool(cfg.Limits.Windows / shards),
			Searching: search.Budget{Left: cfg.Limits.Searching / shards}, Room: room}}
		t.conns = conn.NewMaker(t.Shard, cfg.DecodeAs)
		limits := cfg.Limits.Reassembly.Share(shards)
		limits.Budget = budget
		t.tcp = reassembly.NewTable(limits, t.conns)
		t.quic = quicconn.NewTable(t.Shard, t.conns)
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
				t.quic.Retry()
				t.tcp.KeepToBudget()
			}
		}
	}
	if w.crowded() {
		for _, i := range r.shares[w.index] {
			if r.segments[i].Key.Protocol == reassembly.ProtocolTCP {
				w.prefetch.Add(w.shards[r.shards[i]].tcp, &r.segments[i])
			}
		}
		w.prefetch.Fetch()
	}
	told := r.now == 0
	for n, i := range r.shares[w.index] {
		if w.late.over.Load() {
			w.late.segments.Add(uint64(len(r.shares[w.index]) - n))
			break
		}
		s, t := &r.segments[i], w.shards[r.shards[i]]
		if !told && s.At.Ordinal > r.due {
			w.advance(r)
			told = true
		}
		t.Order = s.At.Ordinal
		if s.Key.Protocol == reassembly.ProtocolUDP {
			t.quic.Datagram(s)
			t.tcp.KeepToBudget()
			continue
		}
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
			t.quic.Close(r.at)
		}
	}
}

// crowded reports whether any shard has so many connections that prefetching pays.
func (w *worker) crowded() bool {
	for _, t := range w.shards {
		if t != nil && t.tcp.Crowded() {
			return true
		}
	}
	return false
}

// advance tells the shards the time.
func (w *worker) advance(r *round) {
	for _, t := range w.shards {
		if t != nil {
			t.Order = r.due
			t.tcp.Advance(r.now)
			t.quic.Advance(r.now)
			t.conns.Pending().GiveUpBefore(r.now - int64(t.SecretsWait))
			t.quic.GiveUpBefore(r.now - int64(t.SecretsWait))
		}
	}
}
