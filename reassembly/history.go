package reassembly

import (
	"bytes"
	"math/bits"
)

// history is the tail of what one direction delivered, kept to compare retransmissions with. The octet with
// sequence number q lies at ring[q mod len(ring)], which the wrap of sequence numbers leaves true because the
// length is a power of two.
type history struct {
	ring []byte
	n    uint32 // how many octets before the next expected one are in the ring
}

const smallestRing = 256

// add takes the octets from sequence number seq on, which follow the tail. budget is what the ring may still grow
// by, limit how long it may become; it returns by how much it grew, in octets.
func (y *history) add(seq uint32, p []byte, limit, budget int, from *ringPool) int {
	grown := 0
	if want := int(y.n) + len(p); want > len(y.ring) && len(y.ring) < limit {
		size := max(smallestRing, 1<<bits.Len(uint(min(want, limit)-1)))
		if size-len(y.ring) <= budget {
			grown = size - len(y.ring)
			y.resize(seq, size, from)
		}
	}
	if len(y.ring) == 0 {
		return 0
	}
	if skip := len(p) - len(y.ring); skip > 0 {
		p, seq = p[skip:], seq+uint32(skip)
		y.n = 0
	}
	at := int(seq) & (len(y.ring) - 1)
	copy(y.ring, p[copy(y.ring[at:], p):])
	y.n = min(y.n+uint32(len(p)), uint32(len(y.ring)))
	return grown
}

// resize moves the tail before next into a longer ring.
func (y *history) resize(next uint32, size int, from *ringPool) {
	old := *y
	y.ring = from.get(size)
	for q := next - old.n; q != next; {
		kept := old.ring[int(q)&(len(old.ring)-1):]
		kept = kept[:min(len(kept), int(next-q))]
		q += uint32(copy(y.ring[int(q)&(size-1):], kept))
	}
	from.put(old.ring)
}

// forget empties the tail, where a gap interrupts it.
func (y *history) forget() { y.n = 0 }

// free gives the ring back to the pool and returns its length in octets.
func (y *history) free(to *ringPool) int {
	n := len(y.ring)
	to.put(y.ring)
	*y = history{}
	return n
}

// ringPool holds unused rings, by the logarithm of their length.
type ringPool [bits.UintSize][][]byte

// maxFreeRings bounds how many unused rings of one length are kept.
const maxFreeRings = 256

func (r *ringPool) get(size int) []byte {
	free := &r[bits.Len(uint(size))-1]
	n := len(*free)
	if n == 0 {
		return make([]byte, size)
	}
	ring := (*free)[n-1]
	*free = (*free)[:n-1]
	return ring
}

func (r *ringPool) put(ring []byte) {
	if len(ring) == 0 {
		return
	}
	if free := &r[bits.Len(uint(len(ring)))-1]; len(*free) < maxFreeRings {
		*free = append(*free, ring)
	}
}

// differs reports whether p, octets from seq on that lie in the tail, differs from it.
func (y *history) differs(seq uint32, p []byte) bool {
	at := int(seq) & (len(y.ring) - 1)
	n := min(len(p), len(y.ring)-at)
	return !bytes.Equal(y.ring[at:at+n], p[:n]) || !bytes.Equal(y.ring[:len(p)-n], p[n:])
}

// appendTo appends n octets of the tail from seq on.
func (y *history) appendTo(b []byte, seq uint32, n int) []byte {
	at := int(seq) & (len(y.ring) - 1)
	k := min(n, len(y.ring)-at)
	return append(append(b, y.ring[at:at+k]...), y.ring[:n-k]...)
}

// compareHistory compares retransmitted octets with what the history of d still has of them.
func (t *Table) compareHistory(d *direction, seq uint32, p []byte, o *origin) {
	y := &d.history
	next := d.conn.next[d.side]
	if skip := int64(next-seq) - int64(y.n); skip > 0 { // older than the tail
		p = p[min(skip, int64(len(p))):]
		seq = next - y.n
	}
	if len(p) > 0 && y.differs(seq, p) {
		t.scratch = y.appendTo(t.scratch[:0], seq, len(p))
		t.reportConflict(d, seq, t.scratch, p, o)
	}
}

// reportConflict tells the Sink that octets from seq on were delivered as first and came again as second, with
// differences.
func (t *Table) reportConflict(d *direction, seq uint32, first, second []byte, o *origin) {
	same := 0
	for first[same] == second[same] {
		same++
	}
	t.stats.Conflicts++
	c := d.conn
	if sink, wants := c.sink.(ConflictSink); wants && !c.is(flagRejected) {
		offset := d.offset - uint64(c.next[d.side]-seq) + uint64(same)
		sink.Conflict(c.dir(d.side), c.at(d.side, o), offset, first[same:], second[same:])
	}
}
