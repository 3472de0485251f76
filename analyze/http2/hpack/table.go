package hpack

// table is the dynamic table of one direction (§2.3.2), as far as it is known.
type table struct {
	// ring holds the entries that are known, the newest at ring[newest]; count of them.
	ring          []entry
	newest, count int
	octets        uint64 // sum of their sizes; at least that, where a name is not known
	// older says that there may be older entries that are not known.
	older bool
	// limit is the size that the encoder keeps to. Where it is not sure, it may be another one: a block was lost that may
	// have set it.
	limit uint64
	sure  bool
	room  uint64 // octets of entries that are kept
}

// entry is an entry of the table. It is never changed once it is made.
type entry struct {
	octets  []byte // name and value
	name    int    // length of the name
	unknown bool   // the name is not known
}

func (e *entry) size() uint64 { return uint64(len(e.octets)) + 32 }

const (
	// defaultLimit is the size of a table until the encoder says otherwise (RFC 9113 §6.5.2).
	defaultLimit = 4096
	// longName is how long a name is at most that is not known. It is only used where the size of an entry decides
	// whether it was added.
	longName = 256
)

func (t *table) reset(room uint64) {
	ring := t.ring
	if len(ring) > keptRing {
		ring = nil
	}
	clear(ring)
	*t = table{ring: ring, limit: defaultLimit, sure: true, room: room}
}

// keptRing is how long a ring is at most that is kept for the next connection, entries.
const keptRing = 64

// lose says that blocks were missed.
//
// From then on no entry can be said to be evicted. An entry is taken for added if it would have been under the limit
// that was last known, or under the default where that is less: an encoder that has chosen a smaller one in a block
// that was missed and then adds entries larger than that is not recognised.
func (t *table) lose() {
	t.clear()
	t.older, t.sure = true, false
	t.limit = min(t.limit, defaultLimit)
}

func (t *table) clear() {
	for t.count > 0 {
		t.drop()
	}
}

// at gives the entry of index i, from 1 for the newest. It is nil where it is not known; ok says whether there may be
// one.
func (t *table) at(i uint64) (e *entry, ok bool) {
	switch {
	case i <= uint64(t.count):
		n := t.newest - int(i-1)
		if n < 0 {
			n += len(t.ring)
		}
		return &t.ring[n], true
	case !t.older:
		return nil, false
	case !t.sure:
		return nil, true
	}
	return nil, t.octets+(i-uint64(t.count))*32 <= t.limit
}

// add puts a field in front.
func (t *table) add(f Field) {
	n := size(f.Name, f.Value)
	unknown := f.Unknown&UnknownName != 0
	switch {
	case n > t.limit && t.sure:
		// Larger than the table: that is empty then (§4.4).
		t.clear()
		t.older = false
		return
	case n > t.limit, unknown && n+longName > t.limit:
		// It was added or the table is empty.
		t.clear()
		t.older = true
		return
	}
	if t.sure {
		t.shrink(t.limit - n)
	}
	e := entry{octets: make([]byte, 0, len(f.Name)+len(f.Value)), name: len(f.Name), unknown: unknown}
	e.octets = append(append(e.octets, f.Name...), f.Value...)
	t.push(e)
	t.octets += n
	if t.sure && t.octets+32 > t.limit {
		t.older = false
	}
	for t.octets > t.room {
		t.drop()
		t.older = true
	}
}

func (t *table) push(e entry) {
	if t.count == len(t.ring) {
		t.grow()
	}
	if t.count > 0 {
		if t.newest++; t.newest == len(t.ring) {
			t.newest = 0
		}
	}
	t.ring[t.newest] = e
	t.count++
}

// grow makes the ring larger, in order from its oldest entry on.
func (t *table) grow() {
	larger := make([]entry, max(8, 2*len(t.ring)))
	for i := range t.count {
		e, _ := t.at(uint64(t.count - i))
		larger[i] = *e
	}
	t.ring, t.newest = larger, max(t.count-1, 0)
}

// drop forgets the oldest entry that is known.
func (t *table) drop() {
	e, _ := t.at(uint64(t.count))
	t.octets -= e.size()
	*e = entry{}
	t.count--
}

// shrink evicts what is beyond n octets.
func (t *table) shrink(n uint64) {
	for t.octets > n {
		t.drop()
		t.older = false // what is older was evicted first
	}
	if t.octets+32 > n {
		t.older = false
	}
}

// setLimit is what a size update does (§4.3).
func (t *table) setLimit(n uint64) {
	t.limit, t.sure = n, true
	t.shrink(n)
}

// memory is about what the table takes, octets.
func (t *table) memory() int { return len(t.ring)*48 + int(min(t.octets, t.room)) }
