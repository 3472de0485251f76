package analyze

import (
	"context"

	"wshake/analyze/event"
	"wshake/analyze/internal/merge"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// A capture that is too large for one machine is analysed in parts: RunPart for some of its connections each, then a
// Joiner for what was made of all. Module wshake-beam does it.

// Part says which connections of a source a run is about.
type Part struct {
	// Take is asked for each segment that was decoded whether the run is about its connection, nil where it is about
	// all. Packets are counted all the same. It is called in the order of the packets, from one goroutine.
	Take func(*capture.Packet, *reassembly.Segment) bool
	// Decode fills the segment that a packet of the source stands for, instead of a decoder. It gives false for one
	// that is as captured; nil where all are. The others are counted where they were read first, and Take is not asked.
	Decode func(*capture.Packet, *reassembly.Segment) (bool, error)
	// Before is called before each packet is decoded, nil where that is of no use.
	Before func(*capture.Packet, *decode.Decoder)
	// End is the last packet of the capture as a whole; the zero At where the source ends with it.
	End reassembly.At
}

// Made takes what is made of connections before they are compared.
type Made interface {
	merge.Receiver
	// Order is called before each event with the ordinal of the packet whose analysis made it.
	Order(ordinal uint64)
}

// More counts findings or caveats that are not told.
type More = merge.More

// RunPart is Run for some of the connections of a capture. What it makes goes to a Joiner, in the order of the capture
// as a whole.
func RunPart(ctx context.Context, src capture.Source, cfg Config, part Part, to Made) (Totals, error) {
	p := &partial{Made: to}
	err := run(ctx, src, cfg, &part, func(*Config) consumer { return p })
	return p.totals, err
}

// Joiner compares connections that were analysed in parts, and sums up. Its methods take what RunPart made of all parts,
// in the order of the packets.
type Joiner struct {
	merge.Receiver
	sum *summary
}

// NewJoiner makes a Joiner that delivers events to to.
func NewJoiner(cfg Config, to event.Receiver) *Joiner {
	cfg.defaults()
	sum := newSummary(&cfg, to)
	return &Joiner{sum, sum}
}

// Earlier has ends without a Close compared with those that f gives, where not all come to this Joiner.
func (j *Joiner) Earlier(f func(*event.Abrupt) (idle, age *event.Abrupt)) {
	j.sum.correlate.Earlier = f
}

// Finish delivers what is about the whole capture. names are its files, t the totals of all parts.
func (j *Joiner) Finish(names []string, t *Totals) {
	j.sum.total.Files = names
	j.sum.conclude(t)
}

// consumer takes what the workers made of each round, in order.
type consumer interface {
	merge.Receiver
	losses(*round)
	finish(*reader, []*worker)
}

// partial is the consumer of a part.
type partial struct {
	Made
	totals Totals
}

func (p *partial) losses(*round) {}

func (p *partial) finish(d *reader, workers []*worker) {
	d.totals.gather(d, workers)
	p.totals = d.totals
}
