package deflate

import "slices"

// DefaultPoolLimit is the limit, in octets, of a Pool that was given none.
const DefaultPoolLimit = 64 << 20

// Pool lends windows, and marks for them, to the Inflaters of one worker and keeps the Huffman tables they share. It
// is not safe for concurrent use.
type Pool struct {
	limit  int
	held   int // octets of all windows and marks, lent or free
	free   [len(windowSizes)][][]byte
	taken  int
	newest *Inflater // of those with a window, by last use
	oldest *Inflater
	tables tables
}

// NewPool makes a Pool whose windows take at most limit octets together (0: DefaultPoolLimit); one window of 64 KiB
// with its marks is always granted.
func NewPool(limit int) *Pool {
	if limit <= 0 {
		limit = DefaultPoolLimit
	}
	return &Pool{limit: limit}
}

// Taken counts the windows that were taken from one Inflater for another because the limit was reached.
func (p *Pool) Taken() int { return p.taken }

// grow gives z the next larger window, or its first.
func (p *Pool) grow(z *Inflater) {
	class := 0
	for class < len(windowSizes) && windowSizes[class] <= len(z.buf) {
		class++
	}
	buf := p.get(class, z)
	copy(buf, z.buf[:z.pos])
	p.put(z.buf)
	if z.buf == nil {
		p.link(z)
	}
	z.buf = buf
	if z.marks != nil {
		marks := p.get(class, z)
		copy(marks[z.low:], z.marks[z.low:z.clean])
		p.put(z.marks)
		z.marks = marks
	}
}

// mark gives z marks for its window, with any content.
func (p *Pool) mark(z *Inflater) {
	z.marks = p.get(slices.Index(windowSizes[:], len(z.buf)), z)
}

// get finds a window of a size, if need be at the cost of windows of other sizes, then of Inflaters other than z.
func (p *Pool) get(class int, z *Inflater) []byte {
	size := windowSizes[class]
	for {
		if n := len(p.free[class]); n > 0 {
			buf := p.free[class][n-1]
			p.free[class] = p.free[class][:n-1]
			return buf
		}
		if p.held+size <= p.limit || !p.shrink(z) {
			p.held += size
			return make([]byte, size)
		}
	}
}

// put takes a window back, and keeps it within the limit.
func (p *Pool) put(buf []byte) {
	if p.held > p.limit {
		p.held -= len(buf)
		return
	}
	for class, size := range windowSizes {
		if len(buf) == size {
			p.free[class] = append(p.free[class], buf)
		}
	}
}

// shrink drops a free window, or else frees the one whose Inflater was idle for longest. It returns false if only z
// has any.
func (p *Pool) shrink(z *Inflater) bool {
	for class, free := range p.free {
		if n := len(free); n > 0 {
			free[n-1] = nil
			p.free[class] = free[:n-1]
			p.held -= windowSizes[class]
			return true
		}
	}
	victim := p.oldest
	if victim == z {
		victim = z.newer
	}
	if victim == nil {
		return false
	}
	p.taken++
	p.release(victim)
	victim.forget()
	return true
}

// release takes the window of z back.
func (p *Pool) release(z *Inflater) {
	p.unlink(z)
	p.put(z.buf)
	z.buf = nil
	z.unmark()
	z.rebase(z.pos)
}

// touch makes z the one used last.
func (p *Pool) touch(z *Inflater) {
	if z.buf != nil && p.newest != z {
		p.unlink(z)
		p.link(z)
	}
}

func (p *Pool) link(z *Inflater) {
	z.older = p.newest
	if z.older != nil {
		z.older.newer = z
	} else {
		p.oldest = z
	}
	p.newest = z
}

func (p *Pool) unlink(z *Inflater) {
	if z.newer != nil {
		z.newer.older = z.older
	} else {
		p.newest = z.older
	}
	if z.older != nil {
		z.older.newer = z.newer
	} else {
		p.oldest = z.newer
	}
	z.newer, z.older = nil, nil
}
