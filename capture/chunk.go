package capture

import (
	"sync"
	"sync/atomic"
)

// chunkSize is the size of a pooled chunk in octets: large enough that a read call is cheap per packet, small enough that the
// packets just read are still in the processor's cache.
const chunkSize = 256 << 10

// smallChunk is the least size of a chunk for a small file, so that many of them can be open together.
const smallChunk = 16 << 10

// chunk is storage that packets point into. It is held by the window that fills it and by the leases of batches.
type chunk struct {
	buf    []byte
	refs   atomic.Int32
	leased uint64 // serial of the last lease that took it; the reader's goroutine alone looks at it
}

var chunkPool = sync.Pool{New: func() any { return &chunk{buf: make([]byte, chunkSize)} }}

// newChunk gives a chunk of n octets with one reference. Only those of chunkSize are pooled.
func newChunk(n int) *chunk {
	var c *chunk
	if n == chunkSize {
		c = chunkPool.Get().(*chunk)
	} else {
		c = &chunk{buf: make([]byte, n)}
	}
	c.refs.Store(1)
	c.leased = 0
	return c
}

// drop gives one reference back.
func (c *chunk) drop() {
	if c.refs.Add(-1) == 0 && len(c.buf) == chunkSize {
		chunkPool.Put(c)
	}
}

// lease is the hold of one batch on the chunks its packets point into.
type lease struct {
	serial uint64 // counts the leases of one source, from 1
	chunks []*chunk
	free   func() // l.drop, made once
}

var leasePool sync.Pool

func newLease(serial uint64) *lease {
	l, ok := leasePool.Get().(*lease)
	if !ok {
		l = new(lease)
		l.free = l.drop
	}
	l.serial = serial
	return l
}

// take holds c until the lease is dropped.
func (l *lease) take(c *chunk) {
	if c.leased == l.serial {
		return
	}
	c.leased = l.serial
	c.refs.Add(1)
	l.chunks = append(l.chunks, c)
}

func (l *lease) drop() {
	for i, c := range l.chunks {
		c.drop()
		l.chunks[i] = nil
	}
	l.chunks = l.chunks[:0]
	leasePool.Put(l)
}
