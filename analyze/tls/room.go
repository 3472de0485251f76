package tls

// Room is the room that records are opened into, and that those are put together in which come in pieces. Connections
// that are read by one goroutine share it. The zero value is ready for use.
type Room struct {
	octets []byte
	free   [][]byte // of recordRoom octets each
}

const (
	// recordRoom is room for a record and the segment that completes it, octets. Room for records that are much smaller
	// is made for each.
	recordRoom, smallRoom = 20 << 10, 4 << 10
	usualSegment          = 1460
	// freeMost is how many are kept that nobody needs now.
	freeMost = 64
)

// get gives storage for n octets: that which was in use last, so that it is still in the processor's cache.
func (r *Room) get(n int) []byte {
	if n < smallRoom || n > recordRoom {
		return make([]byte, 0, n)
	}
	last := len(r.free) - 1
	if last < 0 {
		return make([]byte, 0, recordRoom)
	}
	b := r.free[last]
	r.free = r.free[:last]
	return b
}

// put takes storage that is not used any more.
func (r *Room) put(b []byte) {
	if cap(b) == recordRoom && len(r.free) < freeMost {
		r.free = append(r.free, b[:0])
	}
}

// take gives room for n octets. Until it is given back, others get room of their own: what a record holds may be TLS
// again.
func (r *Room) take(n int) []byte {
	b := r.octets
	r.octets = nil
	if cap(b) < n {
		b = make([]byte, 0, n)
	}
	return b[:0]
}

// give gives room back.
func (r *Room) give(b []byte) {
	if cap(b) > cap(r.octets) {
		r.octets = b
	}
}
