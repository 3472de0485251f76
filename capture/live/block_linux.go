//go:build !libpcap

package live

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapping is the memory of a ring. It is unmapped when neither the ring nor a batch needs it.
type mapping struct {
	octets []byte
	refs   atomic.Int32
	unmap  func([]byte) error
}

func (m *mapping) drop() {
	if m.refs.Add(-1) == 0 {
		m.unmap(m.octets)
	}
}

// block is a part of a ring that belongs to the kernel while it is being filled, then to us until it is given back.
type block struct {
	octets  []byte
	mapping *mapping
	refs    atomic.Int32 // the reader's and those of batches
	lent    atomic.Bool  // to us; the kernel's own mark says the same, but not whether it is lent anew
	leased  uint64       // serial of the last lease that took it; the reader's alone
}

// Offsets in a block of TPACKET_V3 (struct tpacket_block_desc), in octets.
const (
	blockStatus  = 8
	blockPackets = 12
	blockFirst   = 16
	blockHeader  = 48
)

func (b *block) status() *uint32 { return (*uint32)(unsafe.Pointer(&b.octets[blockStatus])) }

// ready reports whether the kernel has handed the block over anew.
func (b *block) ready() bool {
	return !b.lent.Load() && atomic.LoadUint32(b.status())&unix.TP_STATUS_USER != 0
}

// begin makes the block the reader's.
func (b *block) begin() {
	b.lent.Store(true)
	b.refs.Store(1)
	b.mapping.refs.Add(1)
}

// drop gives the block back to the kernel with its last reference.
func (b *block) drop() {
	if b.refs.Add(-1) > 0 {
		return
	}
	atomic.StoreUint32(b.status(), unix.TP_STATUS_KERNEL)
	b.lent.Store(false) // only now, or the reader would take it for a new one
	b.mapping.drop()
}

// lease is the hold of one batch on the blocks that its packets point into.
type lease struct {
	serial uint64
	blocks []*block
	free   func() // l.drop, made once
}

var leases sync.Pool

func newLease(serial uint64) *lease {
	l, ok := leases.Get().(*lease)
	if !ok {
		l = new(lease)
		l.free = l.drop
	}
	l.serial = serial
	return l
}

// take holds b until the lease is dropped.
func (l *lease) take(b *block) {
	if b.leased == l.serial {
		return
	}
	b.leased = l.serial
	b.refs.Add(1)
	l.blocks = append(l.blocks, b)
}

func (l *lease) drop() {
	for i, b := range l.blocks {
		b.drop()
		l.blocks[i] = nil
	}
	l.blocks = l.blocks[:0]
	leases.Put(l)
}
