package reassembly

import "slices"

// Ahead reads the memory that segments will need shortly before they are taken. With more connections open than fit the
// processor's caches, a segment waits for memory a dozen times, each time to learn where to look next; read ahead, what many segments need
// is waited for together. Nothing but time depends on it.
type Ahead struct {
	coming []coming
	read   byte // keeps the reads from being left out
}

// coming is a segment to come, and what is known of its connection so far.
type coming struct {
	table   *Table
	segment *Segment
	hash    uint32
	dir     Dir
	conn    *Conn
	near    Near // nil where the segment needs no more than the Conn
}

// Near is a Sink whose own memory can be read ahead.
type Near interface {
	// Near is called twice for octets of dir to come: where step 0 reads, step 1 may find pointers to follow. What it returns,
	// made of what was read, has no meaning.
	Near(dir Dir, step int) byte
}

// crowded is from how many open connections on a Table does not fit the caches.
const crowded = 512

// Look notes that t will be given s.
func (a *Ahead) Look(t *Table, s *Segment) {
	if t.conns.live-t.lists[ended].n-t.lists[rejected].n < crowded {
		return
	}
	n := len(a.coming)
	a.coming = slices.Grow(a.coming, 1)[:n+1]
	f := &a.coming[n]
	f.table, f.segment = t, s
	f.hash = t.index.hash(&s.Key)
	a.read += byte(t.index.slots[f.hash&t.index.mask()].conn)
}

// Fetch reads for all that were noted, and forgets them. The Tables must not have been given a segment since.
func (a *Ahead) Fetch() {
	all := a.coming
	for i := range all {
		f := &all[i]
		if f.conn = f.table.conns.at(f.table.index.likely(f.hash)); f.conn != nil {
			a.read += f.conn.key.Addr[0][0] + byte(f.conn.last.ordinal) + f.conn.opener
		}
	}
	for i := range all {
		f := &all[i]
		if c := f.conn; c != nil && c.flow != nil && c.class > rejected && len(f.segment.Payload) > 0 {
			f.dir = c.dir(f.segment.From & 1)
			f.near, _ = c.sink.(Near)
			a.read += c.flow.half[0].side + c.flow.half[1].side
		}
	}
	for i := range all {
		f := &all[i]
		if f.near == nil {
			continue
		}
		a.read += f.near.Near(f.dir, 0)
		from := f.segment.From & 1
		if ring := f.conn.flow.half[from].history.ring; len(ring) > 0 {
			a.read += ring[int(f.conn.next[from])&(len(ring)-1)]
		}
	}
	for i := range all {
		if f := &all[i]; f.near != nil {
			a.read += f.near.Near(f.dir, 1)
		}
	}
	clear(all)
	a.coming = all[:0]
}
