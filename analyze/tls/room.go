package tls

// Room is the room that records are opened into. Connections that are read by one goroutine share it. The zero value is
// ready for use.
type Room struct {
	octets []byte
	free   [][]byte // of connections that are over, for records that come in pieces
}

// What is kept in free: so many, of so many octets each.
const freeMost, freeLeast, freeLargest = 16, 4 << 10, 32 << 10

// get gives storage for n octets.
func (r *Room) get(n int) []byte {
	if last := len(r.free) - 1; last >= 0 && n >= freeLeast && cap(r.free[last]) >= n {
		b := r.free[last]
		r.free = r.free[:last]
		return b
	}
	return make([]byte, 0, n)
}

// put takes storage that is not used any more.
func (r *Room) put(b []byte) {
	if cap(b) >= freeLeast && cap(b) <= freeLargest && len(r.free) < freeMost {
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
