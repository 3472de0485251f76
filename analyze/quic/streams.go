package quic

import (
	"cmp"
	"maps"
	"slices"
)

// streams are the streams of a connection.
type streams struct {
	open map[half]*order // those that are not over
	over [4]passed       // by the two lowest bits of their ids
	held int             // octets that wait in all of them
}

// half is one direction of a stream.
type half struct {
	id   uint64
	side Side
}

// What a stream takes, octets: a direction that is open without what waits in it, and one that is over.
const (
	halfMemory = 192
	overMemory = 40
)

// memory is about what the streams take, octets.
func (s *streams) memory() int {
	n := s.held + len(s.open)*halfMemory
	for i := range s.over {
		n += (len(s.over[i].above[Client]) + len(s.over[i].above[Server])) * overMemory
	}
	return n
}

// passed remembers which streams of a type are over, by direction: late copies of their octets say nothing new.
type passed struct {
	below [2]uint64 // all with smaller numbers are over
	above [2]map[uint64]struct{}
}

// passedKept is how many streams are remembered one by one.
const passedKept = 4096

func (p *passed) has(h half) bool {
	n := h.id >> 2
	if n < p.below[h.side] {
		return true
	}
	_, over := p.above[h.side][n]
	return over
}

func (p *passed) add(h half) {
	above := p.above[h.side]
	if above == nil {
		above = map[uint64]struct{}{}
		p.above[h.side] = above
	}
	above[h.id>>2] = struct{}{}
	below := &p.below[h.side]
	for {
		if _, over := above[*below]; !over {
			break
		}
		delete(above, *below)
		*below++
	}
	if len(above) <= passedKept {
		return
	}
	list := slices.Sorted(maps.Keys(above))
	for _, n := range list[:passedKept/2] {
		delete(above, n)
		*below = n + 1
	}
}

// sends reports whether a side may send on a stream (RFC 9000 §2.1).
func sends(side Side, id uint64) bool {
	return id&2 == 0 || Side(id&1) == side
}

// streamFrame takes STREAM, RESET_STREAM and STOP_SENDING.
func (c *Conn) streamFrame(side Side, at At, f *frame) {
	if f.kind == frameStopSending {
		if sends(side.Other(), f.stream) {
			c.handler.StopSending(side, at, f.stream, f.code)
		}
		return
	}
	s := &c.streams
	h := half{f.stream, side}
	over := &s.over[f.stream&3]
	if !sends(side, f.stream) || over.has(h) {
		return
	}
	o := s.open[h]
	if o == nil {
		if len(s.open) >= c.reader.limits.Streams {
			c.lose(at, LimitStream)
			return
		}
		if s.open == nil {
			s.open = map[half]*order{}
		}
		o = new(order)
		s.open[h] = o
	}
	before := o.held
	if f.kind != frameStream {
		// What was sent before may have been captured behind it.
		if !o.sized && len(o.pieces) == 0 {
			o.since = at.Time
		}
		o.final, o.sized, o.reset, o.code = max(f.offset, o.next), true, true, f.code
		c.resets++
		c.advance(h, o, at)
		return
	}
	if ready := o.add(at, f.offset, f.data); len(ready) > 0 {
		c.handler.Data(side, at, f.stream, ready)
	}
	if f.fin && !o.reset && !o.sized {
		o.final, o.sized, o.ended = f.offset+uint64(len(f.data)), true, at
	}
	c.advance(h, o, at)
	s.held += o.held - before
	limits := &c.reader.limits
	for o.held > limits.Held || s.held > limits.All && o.held > 0 {
		c.lose(at, LimitHeld)
		c.giveUp(h, o, at)
	}
}

// advance delivers what waits no longer.
func (c *Conn) advance(h half, o *order, at At) {
	for {
		p, ok := o.pop()
		if !ok {
			break
		}
		c.handler.Data(h.side, p.at, h.id, p.octets)
	}
	if !o.complete() {
		return
	}
	delete(c.streams.open, h)
	c.streams.over[h.id&3].add(h)
	if o.reset {
		c.resets--
		c.handler.Reset(h.side, at, h.id, o.code)
		return
	}
	c.handler.End(h.side, o.ended, h.id) // which may have waited for octets sent before
}

// giveUp names the hole that octets of a stream wait for.
func (c *Conn) giveUp(h half, o *order, at At) {
	before := o.held
	if n, packet := o.skip(); n > 0 {
		if packet.Ordinal != 0 {
			c.handler.Gap(h.side, packet, h.id, n)
		} else {
			c.handler.Gap(h.side, at, h.id, n)
		}
	}
	c.advance(h, o, at)
	c.streams.held += o.held - before
}

// ordered are the streams that are open, in order.
func (c *Conn) ordered() []half {
	list := make([]half, 0, len(c.streams.open))
	for h := range c.streams.open {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b half) int {
		if a.id != b.id {
			return cmp.Compare(a.id, b.id)
		}
		return cmp.Compare(a.side, b.side)
	})
	return list
}

const (
	// lateBehindReset is how long, ns of capture time, octets may come behind the RESET_STREAM of their stream.
	lateBehindReset = 1e9
	// lateInMiddle is how long the beginning of a stream may come behind what follows it, in a connection whose own was
	// not captured: most such streams began before.
	lateInMiddle = 1e9
)

// Expire gives up what streams have waited for since before a capture time, ns.
func (c *Conn) Expire(since int64, at At) {
	if c.streams.held == 0 && c.resets == 0 {
		return
	}
	for _, h := range c.ordered() {
		// Behind a reset nothing is sent again.
		for o := c.streams.open[h]; o != nil && o.waits() && (o.since < since || o.reset && o.since < at.Time-lateBehindReset ||
			c.middle && o.next == 0 && o.since < at.Time-lateInMiddle); o = c.streams.open[h] {
			c.giveUp(h, o, at)
		}
	}
}

// Finish gives up all that waits: nothing more was captured.
func (c *Conn) Finish(at At) {
	c.GiveUp()
	for _, h := range c.ordered() {
		o := c.streams.open[h]
		for o != nil && (len(o.pieces) > 0 || o.sized) {
			c.giveUp(h, o, at)
			o = c.streams.open[h]
		}
	}
}
