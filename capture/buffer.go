package capture

import (
	"sync"
	"sync/atomic"
)

// bufferSize is the size of a pooled buffer in octets: large enough that a read call is cheap per packet, small enough
// that the packets just read are still in the processor's cache.
const bufferSize = 256 << 10

// smallBuffer is the least size of a buffer for a small file, so that many of them can be open together.
const smallBuffer = 16 << 10

// buffer is storage that packets point into. It is held by the peekReader that fills it and by the leases of batches.
type buffer struct {
	octets []byte
	refs   atomic.Int32
	leased uint64 // serial of the last lease that took it; the reader's goroutine alone looks at it
}

var bufferPool = sync.Pool{New: func() any { return &buffer{octets: make([]byte, bufferSize)} }}

// newBuffer gives a buffer of n octets with one reference. Only those of bufferSize are pooled.
func newBuffer(n int) *buffer {
	var c *buffer
	if n == bufferSize {
		c = bufferPool.Get().(*buffer)
	} else {
		c = &buffer{octets: make([]byte, n)}
	}
	c.refs.Store(1)
	c.leased = 0
	return c
}

// release gives one reference back.
func (c *buffer) release() {
	if c.refs.Add(-1) == 0 && len(c.octets) == bufferSize {
		bufferPool.Put(c)
	}
}

// lease keeps the buffers that the packets of one batch point into.
type lease struct {
	serial  uint64 // counts the leases of one source, from 1
	buffers []*buffer
	free    func() // l.release, made once
}

var leasePool sync.Pool

func newLease(serial uint64) *lease {
	l, ok := leasePool.Get().(*lease)
	if !ok {
		l = new(lease)
		l.free = l.release
	}
	l.serial = serial
	return l
}

// hold keeps c until the lease is released.
func (l *lease) hold(c *buffer) {
	if c.leased == l.serial {
		return
	}
	c.leased = l.serial
	c.refs.Add(1)
	l.buffers = append(l.buffers, c)
}

func (l *lease) release() {
	for i, c := range l.buffers {
		c.release()
		l.buffers[i] = nil
	}
	l.buffers = l.buffers[:0]
	leasePool.Put(l)
}
