package decode

import (
	"bytes"
	"container/list"
	"slices"
	"sort"
	"time"

	"wshake/capture"
)

// fragment is one IP fragment of either version, its data borrowed from the packet.
type fragment struct {
	key      fragmentKey
	offset   int // in octets
	more     bool
	protocol uint8
	data     []byte
}

// fragmentKey tells which fragments belong together (RFC 791 §3.2, RFC 8200 §4.5).
type fragmentKey struct {
	src, dst [16]byte
	tunnel   uint64
	id       uint32
	protocol uint8 // 0 in IPv6, where the first fragment's is the one that counts
}

func (k *fragmentKey) ipv6() bool { return [12]byte(k.src[:]) != [12]byte(mapped[:]) }

// datagram is what has been captured of a fragmented datagram.
type datagram struct {
	key      fragmentKey
	first    Tally   // of the fragment seen first
	pieces   []piece // in order, not overlapping
	have     int     // octets in pieces
	length   int     // of the whole, -1 until the last fragment was seen
	protocol uint8   // of the fragment at offset 0
	dropped  bool    // it will not be joined; what still comes of it is refused
	packets  uint64  // that brought its fragments and are counted nowhere else yet
	bytes    uint64  // of those packets on the wire
	memory   int
	age      *list.Element
}

type piece struct {
	offset int
	data   []byte
}

func (p piece) end() int { return p.offset + len(p.data) }

// fragments holds the datagrams that are not complete.
type fragments struct {
	datagrams map[fragmentKey]*datagram
	oldest    list.List // of *datagram, by first fragment
	memory    int
	dropped   int // datagrams that only wait to be forgotten
	counts    *Counts
	unread    *unread

	maxMemory, maxDatagrams int
	maxAge                  int64
}

// What a datagram and a piece cost beyond their octets, roughly.
const (
	datagramMemory = 384
	pieceMemory    = 64
)

func (f *fragments) init(cfg Config, counts *Counts, unread *unread) {
	f.datagrams = make(map[fragmentKey]*datagram)
	f.counts, f.unread = counts, unread
	f.maxMemory, f.maxDatagrams, f.maxAge = 16<<20, 4096, int64(60*time.Second)
	if cfg.FragmentBytes > 0 {
		f.maxMemory = cfg.FragmentBytes
	}
	if cfg.FragmentDatagrams > 0 {
		f.maxDatagrams = cfg.FragmentDatagrams
	}
	if cfg.FragmentAge > 0 {
		f.maxAge = int64(cfg.FragmentAge)
	}
}

func (f *fragments) waiting() int { return len(f.datagrams) - f.dropped }

// fragment takes in a fragment and, when that completes its datagram, decodes what it carries.
func (d *Decoder) fragment(p fragment) Outcome {
	const longest = 65535
	end := p.offset + len(p.data)
	// Every fragment but the last has a multiple of 8 octets; an empty one says nothing.
	if end > longest || d.cut == 0 && (len(p.data) == 0 || p.more && len(p.data)%8 != 0) {
		return Malformed
	}
	f := &d.fragments
	f.expire(d.packet.Time)
	g := f.open(p.key, d.packet)
	if d.cut == 0 {
		g.packets++
		g.bytes += uint64(d.packet.Length)
	}
	switch {
	case d.cut > 0: // its end is lost, and with it the datagram
		f.drop(g)
		return Truncated
	case g.dropped:
		f.countUnread(g)
		return FragmentDropped
	case !f.place(g, p):
		f.counts.Overlapping.count(g.first)
		f.drop(g)
		return FragmentDropped
	case g.have == g.length:
		payload, protocol := g.join(), g.protocol
		d.earlier = Unread{Packets: g.packets - 1, Bytes: g.bytes - uint64(d.packet.Length)}
		f.forget(g)
		d.limited = true
		if p.key.protocol == carriesEthernet || p.key.protocol == carriesWireless {
			return d.carried(protocol, payload)
		}
		return d.extensions(protocol, payload)
	}
	f.evict()
	if f.datagrams[p.key] != g {
		return FragmentDropped
	}
	return FragmentHeld
}

// open finds the datagram of key or begins one.
func (f *fragments) open(key fragmentKey, p *capture.Packet) *datagram {
	if g := f.datagrams[key]; g != nil {
		return g
	}
	g := &datagram{key: key, length: -1, memory: datagramMemory}
	g.first.add(p)
	g.age = f.oldest.PushBack(g)
	f.datagrams[key] = g
	f.memory += g.memory
	return g
}

// place puts a fragment where it belongs. It refuses one that contradicts those before it: that has other octets for a
// place already filled, overlaps at all in IPv6 without being a copy (RFC 5722), or disagrees on where the datagram
// ends.
func (f *fragments) place(g *datagram, p fragment) bool {
	end := p.offset + len(p.data)
	if n := len(g.pieces); n > 0 && g.pieces[n-1].end() > end && !p.more {
		return false
	}
	if g.length >= 0 && (end > g.length || !p.more && end != g.length) {
		return false
	}
	if !p.more {
		g.length = end
	}
	if p.offset == 0 {
		g.protocol = p.protocol
	}
	i := sort.Search(len(g.pieces), func(i int) bool { return g.pieces[i].end() > p.offset })
	if p.key.ipv6() && i < len(g.pieces) && g.pieces[i].offset < end {
		return g.pieces[i].offset == p.offset && bytes.Equal(g.pieces[i].data, p.data)
	}
	for at, b := p.offset, p.data; len(b) > 0; i++ {
		free := len(b) // octets before the next piece
		if i < len(g.pieces) {
			free = min(free, g.pieces[i].offset-at)
		}
		if free > 0 {
			g.pieces = slices.Insert(g.pieces, i, piece{at, bytes.Clone(b[:free])})
			g.have += free
			g.memory += free + pieceMemory
			f.memory += free + pieceMemory
			at, b = at+free, b[free:]
			continue
		}
		old := g.pieces[i].data[at-g.pieces[i].offset:]
		both := min(len(old), len(b))
		if !bytes.Equal(old[:both], b[:both]) {
			return false
		}
		at, b = at+both, b[both:]
	}
	return true
}

// join gives the payload of a complete datagram, owned by the caller.
func (g *datagram) join() []byte {
	b := make([]byte, 0, g.length)
	for _, p := range g.pieces {
		b = append(b, p.data...)
	}
	return b
}

// drop releases what a datagram holds but remembers it, so that the rest of it is not taken for another.
func (f *fragments) drop(g *datagram) {
	if g.dropped {
		return
	}
	f.countUnread(g)
	f.memory -= g.memory - datagramMemory
	g.pieces, g.memory, g.dropped = nil, datagramMemory, true
	f.dropped++
	f.evict()
}

// forget removes a datagram.
func (f *fragments) forget(g *datagram) {
	delete(f.datagrams, g.key)
	f.oldest.Remove(g.age)
	f.memory -= g.memory
	if g.dropped {
		f.dropped--
	}
}

// expire forgets the datagrams that have waited too long at the given capture time.
func (f *fragments) expire(now int64) {
	for e := f.oldest.Front(); e != nil; e = f.oldest.Front() {
		g := e.Value.(*datagram)
		if first := g.first.First.Time; now == capture.NoTime || first == capture.NoTime || now-first <= f.maxAge {
			return
		}
		f.giveUp(g, &f.counts.Expired)
	}
}

// evict forgets the oldest datagrams until the limits hold.
func (f *fragments) evict() {
	for f.memory > f.maxMemory || len(f.datagrams) > f.maxDatagrams {
		f.giveUp(f.oldest.Front().Value.(*datagram), &f.counts.Evicted)
	}
}

func (f *fragments) giveUp(g *datagram, why *Tally) {
	if !g.dropped {
		why.count(g.first)
	}
	f.countUnread(g)
	f.forget(g)
}

// countUnread counts the packets that brought fragments for nothing.
func (f *fragments) countUnread(g *datagram) {
	what := Protocol{Registry: Undecoded, Number: uint32(FragmentDropped)}
	f.unread.add(Unread{What: what, Packets: g.packets, Bytes: g.bytes, First: g.first.First})
	g.packets, g.bytes = 0, 0
}

// held sums up the packets of datagrams that are still waited for.
func (f *fragments) held() Unread {
	all := Unread{What: Protocol{Registry: Undecoded, Number: uint32(FragmentHeld)}}
	for e := f.oldest.Front(); e != nil; e = e.Next() {
		g := e.Value.(*datagram)
		if all.Packets == 0 {
			all.First = g.first.First
		}
		all.Packets += g.packets
		all.Bytes += g.bytes
	}
	return all
}

// count adds what of tells once.
func (t *Tally) count(of Tally) {
	if t.Count == 0 {
		t.First, t.Link = of.First, of.Link
	}
	t.Count++
}
