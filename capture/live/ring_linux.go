//go:build !libpcap

package live

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"wshake/capture/filter"
)

// blockSize is that of a block of a ring in octets: room for the longest joined segments.
const blockSize = 256 << 10

// ring is a packet socket and the memory that it shares with the kernel. Its reader is one goroutine.
type ring struct {
	name    string
	iface   int32 // index of the interface, 0 for all
	link    linkKind
	fd      int
	mapping *mapping
	blocks  []block
	at      int       // the block that the reader is in, or that comes next
	inside  bool      // the reader is in it
	left    uint32    // frames of it that are to come
	next    uint32    // where the next one is
	gone    bool      // the interface is
	gaveUp  time.Time // when it was found gone and the ring empty

	counting sync.Mutex
	stats    Stats
	closed   bool
}

// linkKind is what frames begin with.
type linkKind uint8

const (
	ethernetFrames linkKind = iota
	cookedFrames
)

// loopbackIndex is the interface whose outgoing packets are not wanted.
type loopbackIndex int32

func openRing(name string, l link, loopback loopbackIndex, o *Options, retire time.Duration) (r *ring, err error) {
	r = &ring{name: name, iface: l.index, link: l.kind, fd: -1}
	kind, socket := unix.SOCK_RAW, filter.Socket{Link: linkEthernet, Keep: uint32(o.Snaplen), Loopback: uint32(loopback)}
	if r.link == cookedFrames {
		kind, socket.Link = unix.SOCK_DGRAM, linkSLL2
		socket.Keep = uint32(max(o.Snaplen-sll2Header, 1))
	}
	program, err := filter.Kernel(o.Filter, socket)
	if err != nil {
		return nil, err
	}
	// Protocol 0: nothing is received before bind says so.
	if r.fd, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if err := r.attach(program); err != nil {
		return nil, fmt.Errorf("attaching a filter of %d instructions: %w", len(program), err)
	}
	if err := r.share(o.Buffer, retire); err != nil {
		return nil, err
	}
	if o.Promiscuous && r.iface != 0 {
		if err := unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, r.promiscuous()); err != nil {
			return nil, fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	all := unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: int(r.iface)}
	if err := unix.Bind(r.fd, &all); err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	return r, nil
}

func networkOrder(n uint16) uint16 {
	b := [2]byte{byte(n >> 8), byte(n)}
	return *(*uint16)(unsafe.Pointer(&b))
}

func (r *ring) promiscuous() *unix.PacketMreq {
	return &unix.PacketMreq{Ifindex: r.iface, Type: unix.PACKET_MR_PROMISC}
}

// attach makes program the filter of the socket.
func (r *ring) attach(program []bpf.RawInstruction) error {
	code := make([]unix.SockFilter, len(program))
	for i, p := range program {
		code[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	return unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}

// share sets up the ring. The kernel hands a block over when it is full, or after retire.
func (r *ring) share(size int, retire time.Duration) error {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("TPACKET_V3: %w", err)
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_RESERVE, headroom); err != nil {
		return fmt.Errorf("headroom: %w", err)
	}
	const frameSize = 2048 // of no effect on this version but that it must divide the block
	n := size / blockSize
	request := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(n), Frame_size: frameSize, Frame_nr: uint32(n * blockSize / frameSize),
		Retire_blk_tov: uint32(retire.Milliseconds()),
	}
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return fmt.Errorf("ring of %d octets: %w", n*blockSize, err)
	}
	octets, err := unix.Mmap(r.fd, 0, n*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping a ring of %d octets: %w", n*blockSize, err)
	}
	r.use(&mapping{octets: octets, unmap: unix.Munmap})
	return nil
}

func (r *ring) use(m *mapping) {
	m.refs.Store(1)
	r.mapping = m
	r.blocks = make([]block, len(m.octets)/blockSize)
	for i := range r.blocks {
		r.blocks[i].mapping = m
		r.blocks[i].octets = m.octets[i*blockSize : (i+1)*blockSize]
	}
}

// head gives the next frame and its block without moving past it, or false if the kernel has handed none over.
func (r *ring) head() (frame, *block, bool) {
	for {
		b := &r.blocks[r.at]
		switch {
		case !r.inside:
			if !b.ready() {
				return nil, nil, false
			}
			b.begin()
			r.inside = true
			header := frame(b.octets)
			r.left, r.next = header.u32(blockPackets), header.u32(blockFirst)
		case r.left == 0:
			r.leave()
		default:
			f, ok := frameAt(b.octets, r.next)
			if ok {
				return f, b, true
			}
			r.left = 0 // the kernel does not write such
		}
	}
}

// skip moves past the frame that head gave.
func (r *ring) skip(f frame) {
	r.left--
	if r.next += f.u32(frameNext); f.u32(frameNext) == 0 {
		r.left = 0 // it is the last
	}
}

// leave ends the reader's hold on its block.
func (r *ring) leave() {
	r.blocks[r.at].drop()
	r.inside = false
	r.at = (r.at + 1) % len(r.blocks)
}

// clearError takes an error off the socket, which would end every poll at once.
func (r *ring) clearError() { unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR) }

// deafen lets nothing more pass.
func (r *ring) deafen() {
	r.counting.Lock()
	defer r.counting.Unlock()
	if !r.closed {
		r.attach([]bpf.RawInstruction{{Op: unix.BPF_RET | unix.BPF_K}})
	}
}

// count adds what the kernel counted since the last time, which it forgets when asked.
func (r *ring) count() Stats {
	r.counting.Lock()
	defer r.counting.Unlock()
	if r.closed {
		return r.stats
	}
	if s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		r.stats.Packets += uint64(s.Packets)
		r.stats.KernelDrops += uint64(s.Drops)
	}
	return r.stats
}

func (r *ring) close() {
	r.count()
	r.deafen() // the mapping keeps the socket alive after its descriptor is closed
	if r.iface != 0 {
		unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_DROP_MEMBERSHIP, r.promiscuous())
	}
	r.counting.Lock()
	defer r.counting.Unlock()
	r.closed = true
	unix.Close(r.fd)
	if r.mapping == nil {
		return
	}
	if r.inside {
		r.leave()
	}
	r.mapping.drop()
}
