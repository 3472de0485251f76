package http2

// What parts of a Reader take, octets.
const (
	readerMemory = 2 << 10
	streamMemory = 192
)

// Memory is about what r keeps, octets, without a Block that it shares. It is asked for at each packet, and changes
// where octets are read.
func (r *Reader) Memory() int {
	if !r.weighed {
		r.memory, r.weighed = r.weigh(), true
	}
	return r.memory
}

func (r *Reader) weigh() int {
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
