package analyze

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// The three are the same.
const (
	_ = uint(capture.NoTime - event.NoTime)
	_ = uint(event.NoTime - reassembly.NoTime)
	_ = uint(reassembly.NoTime - capture.NoTime)
)

// reader decodes packets and deals their segments out to the workers.
type reader struct {
	src     capture.Source
	decoder *decode.Decoder
	owners  [shards]int // the worker of each shard
	cfg     *Config
	part    *Part  // nil where the run is about all connections
	totals  Totals // what packets tell of the run
	clock   int64
	last    reassembly.At
}

func newReader(src capture.Source, cfg *Config, workers int) *reader {
	r := &reader{src: src, decoder: decode.NewDecoder(cfg.Limits.Decoder), cfg: cfg}
	for i := range r.owners {
		r.owners[i] = i % workers
	}
	r.guess()
	return r
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
			if d.part != nil && d.part.End.Ordinal > 0 {
				r.at = d.part.End
			}
			d.tell(r)
			send(r)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if d.cfg.Live.On && len(r.batch.Packets) == 0 {
			d.clock = max(d.clock, time.Now().UnixNano())
		}
		r.segments = slices.Grow(r.segments, len(r.batch.Packets)+1) // one packet may hold more than one
		for i := range r.batch.Packets {
			d.packet(&r.batch.Packets[i], r)
		}
		r.at = d.last
		d.tell(r)
		send(r)
	}
}

// tell has all shards told the time, also those without packets in the round. In files that depends on nothing but the
// packets: see packet. A live capture tells it with every round.
func (d *reader) tell(r *round) {
	if d.cfg.Live.On {
		r.now, r.due = d.clock, d.last.Ordinal
	}
}

// learn takes secrets that have come, if any have. It waits until all packets before them have been analysed, so that
// what can be decrypted does not depend on how far the workers are.
func (d *reader) learn(free chan *round) bool {
	if d.cfg.Keys.Poll == nil {
		return false
	}
	learn := d.cfg.Keys.Poll()
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
	d.guess()
	return true
}

// guess has datagrams looked at that may be of a connection of QUIC whose beginning was not captured, where there are
// secrets that may open them, or may come.
func (d *reader) guess() {
	if log := d.cfg.Keys.Log; log.Given() || log != nil && d.cfg.Keys.Wait > 0 {
		d.decoder.GuessServices()
	}
}

// packet decodes one packet into the round.
func (d *reader) packet(p *capture.Packet, r *round) {
	d.clock = max(d.clock, p.Time)
	if p.Ordinal%capture.BatchSize == 0 { // how many packets a batch has depends on how fast a pipe is written
		r.now, r.due = p.Time, p.Ordinal
	}
	d.last.Ordinal, d.last.Number, d.last.Time, d.last.Acked, d.last.File = p.Ordinal, p.Number, p.Time, -1, p.File
	next := r.nextSegment()
	if d.part != nil && d.part.Decode != nil && d.decoded(p, r, next) {
		return
	}
	d.totals.packet(p)
	if d.part != nil && d.part.Before != nil {
		d.part.Before(p, d.decoder)
	}
	o := d.decoder.Decode(p, next)
	if o == decode.TCP && d.part == nil && !d.decoder.More() { // nearly every packet
		d.give(r, next.Key.Hash())
		return
	}
	for ok := o == decode.TCP || o == decode.UDP; ok; ok = d.decoder.Next(next) {
		if d.part != nil && d.part.Take != nil && !d.part.Take(p, next) {
			continue
		}
		d.deal(r, next)
		if !d.decoder.More() {
			return
		}
		next = r.nextSegment()
	}
	r.segments = r.segments[:len(r.segments)-1]
}

// decoded deals out a segment that was decoded before, if p stands for one.
func (d *reader) decoded(p *capture.Packet, r *round, s *reassembly.Segment) bool {
	was, err := d.part.Decode(p, s)
	if err != nil {
		panic(err) // whoever made the packets made them wrong
	}
	if was {
		d.deal(r, s)
	}
	return was
}

// nextSegment makes room for one more segment in the round.
func (r *round) nextSegment() *reassembly.Segment {
	n := len(r.segments)
	if n == cap(r.segments) {
		r.segments = slices.Grow(r.segments, 1)
	}
	r.segments = r.segments[:n+1]
	return &r.segments[n]
}

// deal gives s, the last segment of the round, to the worker of its shard.
func (d *reader) deal(r *round, s *reassembly.Segment) {
	var hash uint64
	if s.Key.Protocol == reassembly.ProtocolUDP { // the client of a connection of QUIC may move to another end
		hash = s.Key.HashEnd(s.Service)
	} else {
		hash = s.Key.Hash()
	}
	d.give(r, hash)
}

// give gives the last segment of the round, whose connection has that hash, to the worker of its shard.
func (d *reader) give(r *round, hash uint64) {
	shard := uint8(hash % shards)
	share := &r.shares[d.owners[shard]]
	r.shards = append(r.shards, shard)
	*share = append(*share, uint16(len(r.segments)-1))
}
