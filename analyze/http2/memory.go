package http2

// What parts of a Reader take, octets.
const (
	readerMemory = 2 << 10
	streamMemory = 192
)

// Memory is about what r keeps, octets, without a Block that it shares.
func (r *Reader) Memory() int {
	size := readerMemory + len(r.streams.byID)*streamMemory + len(r.streams.declined)*16 + cap(r.list)*8
	if !r.shares {
		size += r.block.Memory()
	}
	for side := range r.halves {
		x := &r.halves[side]
		size += cap(x.buf) + cap(x.block.octets) + x.held.size + cap(x.search.octets) + 64*cap(x.search.marks) + x.decoder.Memory()
	}
	return size
}
