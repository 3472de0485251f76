package quicconn

import (
	"net/netip"

	"wshake/analyze/event"
)

// Counts is how many connections there were.
type Counts struct {
	Decrypted, Undecrypted uint64
	// Hidden are those of which nothing was decrypted, by server.
	Hidden []Hidden
	// Untried counts the datagrams that were not held to the whole key log, since too many were.
	Untried uint64
	// Unkept counts the datagrams of no known connection that were not kept for secrets that may come, for lack of room.
	Unkept uint64
	// Dropped are the connections that were given up for lack of memory, Crowded those since too many were between the
	// same two ends.
	Dropped, Crowded GivenUp
}

// GivenUp counts connections that were given up.
type GivenUp struct {
	Count uint64
	First event.At // the packet for which the first was
}

func (g *GivenUp) add(at event.At) {
	if g.Count++; g.Count == 1 {
		g.First = at
	}
}

// Add adds those of another shard.
func (g *GivenUp) Add(o *GivenUp) {
	if o.Count > 0 && (g.Count == 0 || o.First.Ordinal < g.First.Ordinal) {
		g.First = o.First
	}
	g.Count += o.Count
}

// Hidden is connections to a server, of which nothing was decrypted.
type Hidden struct {
	Server netip.AddrPort
	Name   string // by their ClientHello, "" where it tells none
	Count  uint64
	First  event.At
}

const (
	hiddenKept  = 256 // servers that are told apart
	longestName = 253 // octets (RFC 1035 §2.3.4)
)

// add counts connections of a server.
func (c *Counts) add(h *Hidden) {
	for i := range c.Hidden {
		if o := &c.Hidden[i]; o.Server == h.Server && o.Name == h.Name {
			o.Count += h.Count
			o.First = earlier(o.First, h.First)
			return
		}
	}
	if len(c.Hidden) < hiddenKept {
		c.Hidden = append(c.Hidden, *h)
	}
}

// Add adds the counts of another shard.
func (c *Counts) Add(o *Counts) {
	c.Decrypted += o.Decrypted
	c.Undecrypted += o.Undecrypted
	c.Untried += o.Untried
	c.Unkept += o.Unkept
	c.Dropped.Add(&o.Dropped)
	c.Crowded.Add(&o.Crowded)
	for i := range o.Hidden {
		c.add(&o.Hidden[i])
	}
}

// counted counts a connection that is over.
func (t *Table) counted(c *Conn) {
	if c.data[event.Client] || c.data[event.Server] {
		t.counts.Decrypted++
		return
	}
	t.counts.Undecrypted++
	name := c.hello.SNI
	if len(name) > longestName { // it is none
		name = ""
	}
	t.counts.add(&Hidden{c.peer[event.Server], name, 1, c.first})
}

// Counts are the connections that are over.
func (t *Table) Counts() *Counts {
	t.counts.Untried = t.reader.Untried()
	return &t.counts
}
