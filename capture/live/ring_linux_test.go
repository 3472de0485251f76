//go:build !libpcap

package live

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"wshake/capture"
)

// invented is a ring that no kernel fills.
type invented struct {
	*rings
	ring     *ring
	unmapped atomic.Int32
}

func newInvented(blocks int, kind linkKind) *invented {
	i := &invented{ring: &ring{fd: -1, iface: 7, link: kind}}
	i.ring.use(&mapping{octets: make([]byte, blocks*blockSize), unmap: func([]byte) error { i.unmapped.Add(1); return nil }})
	i.rings = &rings{rings: []*ring{i.ring}, known: map[int32]link{7: {name: "eth7"}}, files: make(map[int32]*file)}
	return i
}

// hand hands block n over with the packets that are given.
func (i *invented) hand(n int, packets ...[]byte) {
	b := i.ring.blocks[n].octets
	ne := binary.NativeEndian
	at := blockHeader
	ne.PutUint32(b[blockPackets:], uint32(len(packets)))
	ne.PutUint32(b[blockFirst:], uint32(at))
	for k, p := range packets {
		const start = frameEnd + 12 + headroom
		h := b[at:]
		next := (start + len(p) + 15) &^ 15
		if k < len(packets)-1 {
			ne.PutUint32(h[frameNext:], uint32(next))
		} else {
			ne.PutUint32(h[frameNext:], 0)
		}
		ne.PutUint32(h[frameSeconds:], 1_700_000_000)
		ne.PutUint32(h[frameNano:], uint32(k))
		ne.PutUint32(h[frameCaptured:], uint32(len(p)))
		ne.PutUint32(h[frameLength:], uint32(len(p)))
		ne.PutUint16(h[frameStart:], start)
		ne.PutUint32(h[frameInterface:], 7)
		copy(h[start:], p)
		at += next
	}
	i.again(n)
}

// again hands a block over as it is.
func (i *invented) again(n int) { atomic.StoreUint32(i.ring.blocks[n].status(), unix.TP_STATUS_USER) }

func (i *invented) kernels(n int) bool {
	return atomic.LoadUint32(i.ring.blocks[n].status()) == unix.TP_STATUS_KERNEL
}

func TestABlockGoesBackWithItsLastBatch(t *testing.T) {
	i := newInvented(2, ethernetFrames)
	var packets [][]byte
	for n := range capture.BatchSize + 10 {
		packets = append(packets, fmt.Appendf(nil, "packet %04d", n))
	}
	i.hand(0, packets...)
	var first, second, third capture.Batch
	for _, b := range []*capture.Batch{&first, &second, &third} {
		b.Packets = make([]capture.Packet, 0, capture.BatchSize)
		i.fill(b)
	}
	if len(first.Packets) != capture.BatchSize || len(second.Packets) != 10 || len(third.Packets) != 0 {
		t.Fatalf("%d, %d, %d packets", len(first.Packets), len(second.Packets), len(third.Packets))
	}
	if got := string(second.Packets[9].Data); got != "packet 0521" {
		t.Errorf("last packet %q", got)
	}
	if i.kernels(0) || i.ring.blocks[0].ready() {
		t.Error("the block is not lent")
	}
	first.Release()
	if i.kernels(0) {
		t.Error("the block went back before the second batch was released")
	}
	second.Release()
	if !i.kernels(0) {
		t.Error("the block did not go back")
	}
	i.ring.close()
	if i.unmapped.Load() != 1 {
		t.Error("the ring is still mapped")
	}
}

func TestTheMappingOutlivesTheRing(t *testing.T) {
	i := newInvented(2, ethernetFrames)
	i.hand(0, []byte("one"), []byte("two"))
	b := capture.Batch{Packets: make([]capture.Packet, 0, capture.BatchSize)}
	i.fill(&b)
	i.ring.close()
	if i.unmapped.Load() != 0 || string(b.Packets[0].Data) != "one" {
		t.Error("a batch lost its packets")
	}
	b.Release()
	if i.unmapped.Load() != 1 {
		t.Error("the ring is still mapped")
	}
}

func TestTheRingGoesAround(t *testing.T) {
	i := newInvented(4, cookedFrames)
	b := capture.Batch{Packets: make([]capture.Packet, 0, capture.BatchSize)}
	for n := range 20 {
		i.hand(n%4, []byte{byte(n)})
		if n%3 == 2 { // three blocks are read at once, and one is lent meanwhile
			i.fill(&b)
			var got []byte
			for _, p := range b.Packets {
				got = append(got, p.Data[sll2Header])
			}
			if !slices.Equal(got, []byte{byte(n - 2), byte(n - 1), byte(n)}) {
				t.Fatalf("after block %d: % x", n, got)
			}
			b.Release()
		}
	}
}

// FuzzBlock: a block is the kernel's word, but nothing of it is believed that leads outside.
func FuzzBlock(f *testing.F) {
	i := newInvented(1, ethernetFrames)
	i.hand(0, []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00E"), []byte("two"))
	f.Add(i.ring.blocks[0].octets[:400], false)
	f.Add(i.ring.blocks[0].octets[:400], true)
	f.Add([]byte("\x18000000\x00\x00\x00\x00\x00\x01"), true) // a frame that ends inside its header
	f.Fuzz(func(t *testing.T, octets []byte, any bool) {
		kind := ethernetFrames
		if any {
			kind = cookedFrames
		}
		i := newInvented(1, kind)
		copy(i.ring.blocks[0].octets, octets)
		i.again(0)
		for range 3 {
			b := capture.Batch{Packets: make([]capture.Packet, 0, capture.BatchSize)}
			i.fill(&b)
			for _, p := range b.Packets {
				if int(p.Length) < len(p.Data) || cap(p.Data) != len(p.Data) {
					t.Fatalf("%d octets of %d, room for %d", len(p.Data), p.Length, cap(p.Data))
				}
			}
			b.Release()
		}
		if i.ring.left == 0 && !i.ring.inside && !i.kernels(0) {
			t.Fatal("the block did not go back")
		}
	})
}

// BenchmarkRing compares borrowing from the ring with copying out of it, for packets of 500 octets of which a reader
// looks at the first 80.
func BenchmarkRing(b *testing.B) {
	const blocks = 128
	i := newInvented(blocks, ethernetFrames)
	r := rand.New(rand.NewPCG(1, 2))
	for n := range blocks {
		var packets [][]byte
		for range 380 {
			packets = append(packets, make([]byte, 200+r.IntN(300)*2))
		}
		i.hand(n, packets...)
	}
	storage := make([]byte, 1<<20)
	for _, c := range []struct {
		name string
		use  func(batch *capture.Batch)
	}{
		{"borrowed", func(*capture.Batch) {}},
		{"copied", func(batch *capture.Batch) {
			at := 0
			for k := range batch.Packets {
				p := &batch.Packets[k]
				n := copy(storage[at:], p.Data)
				p.Data = storage[at : at+n]
				at += n
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			batch := capture.Batch{Packets: make([]capture.Packet, 0, capture.BatchSize)}
			sum := 0
			b.ReportAllocs()
			for n := 0; n < b.N; n += len(batch.Packets) {
				batch.Release()
				for k := range blocks {
					if i.kernels(k) {
						i.again(k)
					}
				}
				i.fill(&batch)
				c.use(&batch)
				for _, p := range batch.Packets {
					for _, octet := range p.Data[:80] {
						sum += int(octet)
					}
				}
			}
			batch.Release()
		})
	}
}
