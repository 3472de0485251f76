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
}

// Hidden is connections to a server, of which nothing was decrypted.
type Hidden struct {
	Server netip.AddrPort
	Name   string // by their ClientHello, "" where it tells none
	Count  uint64
	First  event.At
}

// hiddenKept bounds the servers that are told apart.
const hiddenKept = 256

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
	t.counts.add(&Hidden{c.peer[event.Server], c.hello.SNI, 1, c.first})
}

// Counts are the connections that are over.
func (t *Table) Counts() *Counts {
	t.counts.Untried = t.reader.Untried()
	return &t.counts
}
