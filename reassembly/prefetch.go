package reassembly

import "slices"

// Prefetcher reads the memory that a batch of segments will need before the Table gets them. With more open
// connections than fit the processor's caches, one segment waits for memory about twelve times, one after the
// other. Prefetching waits for many segments at once. It changes nothing but the time needed.
type Prefetcher struct {
	upcoming []upcoming
	read     byte // keeps the compiler from removing the reads
}

// upcoming is a segment of the batch, and what is known of its connection so far.
type upcoming struct {
	table   *Table
	segment *Segment
	hash    uint32
	dir     Dir
	conn    *Conn
	sink    Prefetchable // nil if only the Conn is needed
}

// Prefetchable is a Sink whose own memory can be prefetched.
type Prefetchable interface {
	// Prefetch reads the memory that the next octets of dir need. It is called with step 0, then with step 1,
	// which may follow pointers that step 0 has read. The result is computed from what was read and has no
	// meaning.
	Prefetch(dir Dir, step int) byte
}

// prefetchFrom is the number of open connections from which a Table does not fit the caches.
const prefetchFrom = 512

// Crowded reports whether t has so many open connections that Add does something.
func (t *Table) Crowded() bool {
	return t.conns.live-t.lists[classEnded].n-t.lists[classRejected].n >= prefetchFrom
}

// Add notes that t will get s.
func (a *Prefetcher) Add(t *Table, s *Segment) {
	if !t.Crowded() {
		return
	}
	n := len(a.upcoming)
	a.upcoming = slices.Grow(a.upcoming, 1)[:n+1]
	f := &a.upcoming[n]
	f.table, f.segment = t, s
	f.hash = t.index.hash(&s.Key)
	a.read += byte(t.index.slots[f.hash&t.index.mask()].conn)
}

// Fetch reads the memory for all segments that were added, and forgets them. Their Tables must not have got a segment
// since Add.
func (a *Prefetcher) Fetch() {
	all := a.upcoming
	for i := range all {
		f := &all[i]
		if f.conn = f.table.conns.at(f.table.index.likely(f.hash)); f.conn != nil {
			a.read += f.conn.key.Addr[0][0] + byte(f.conn.last.ordinal) + f.conn.opener
		}
	}
	for i := range all {
		f := &all[i]
		if c := f.conn; c != nil && c.flow != nil && c.class > classRejected && len(f.segment.Payload) > 0 {
			f.dir = c.dir(f.segment.From & 1)
			f.sink, _ = c.sink.(Prefetchable)
			a.read += c.flow.dirs[0].side + c.flow.dirs[1].side
		}
	}
	for i := range all {
		f := &all[i]
		if f.sink == nil {
			continue
		}
		a.read += f.sink.Prefetch(f.dir, 0)
		from := f.segment.From & 1
		if ring := f.conn.flow.dirs[from].history.ring; len(ring) > 0 {
			a.read += ring[int(f.conn.next[from])&(len(ring)-1)]
		}
	}
	for i := range all {
		if f := &all[i]; f.sink != nil {
			a.read += f.sink.Prefetch(f.dir, 1)
		}
	}
	clear(all)
	a.upcoming = all[:0]
}
