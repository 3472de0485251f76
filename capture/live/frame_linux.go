//go:build !libpcap

package live

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"wshake/capture"
)

// Offsets in a packet of TPACKET_V3 (struct tpacket3_hdr, then struct sockaddr_ll), in octets.
const (
	frameNext      = 0
	frameSeconds   = 4
	frameNano      = 8
	frameCaptured  = 12
	frameLength    = 16
	frameStatus    = 20
	frameStart     = 24
	frameTag       = 32
	frameTagType   = 36
	frameAddress   = 48
	frameProtocol  = frameAddress + 2
	frameInterface = frameAddress + 4
	frameHardware  = frameAddress + 8
	frameType      = frameAddress + 10
	frameEnd       = frameAddress + 20
)

const (
	linkEthernet capture.LinkType = 1
	linkSLL2     capture.LinkType = 276

	sll2Header = 20
	tagSize    = 4
	// headroom is what the kernel leaves free before a packet for what is put before it.
	headroom = sll2Header + tagSize
)

// frame is a packet in a block, with its header.
type frame []byte

// frameAt gives the frame at an offset of a block, or false if it does not lie inside.
func frameAt(block []byte, at uint32) (frame, bool) {
	if uint64(at)+frameEnd > uint64(len(block)) {
		return nil, false
	}
	f := frame(block[at:])
	if n := f.u32(frameNext); n != 0 && uint64(n) < uint64(len(f)) {
		f = f[:n]
	}
	if len(f) < frameEnd {
		return nil, false
	}
	start, captured := uint64(f.u16(frameStart)), uint64(f.u32(frameCaptured))
	return f, start >= frameEnd+headroom && start+captured <= uint64(len(f))
}

func (f frame) u16(at int) uint16 { return binary.NativeEndian.Uint16(f[at:]) }
func (f frame) u32(at int) uint32 { return binary.NativeEndian.Uint32(f[at:]) }

// time is in nanoseconds since the Unix epoch.
func (f frame) time() int64 { return int64(f.u32(frameSeconds))*1e9 + int64(f.u32(frameNano)) }

func (f frame) iface() int32 { return int32(f.u32(frameInterface)) }

// ethernet fills in p from a frame that begins with its Ethernet header. A tag that was taken off is put back where it
// was.
func (f frame) ethernet(p *capture.Packet) {
	start, end := f.extent()
	length := f.u32(frameLength)
	const addresses = 12
	if tag, ok := f.tag(); ok && end-start >= addresses {
		copy(f[start-tagSize:], f[start:start+addresses])
		start -= tagSize
		copy(f[start+addresses:], tag[:])
		length += tagSize
	}
	f.fill(p, start, end, length, linkEthernet)
}

// cooked fills in p from a frame that begins with its network layer, and puts a header of LINKTYPE_LINUX_SLL2 before
// it.
func (f frame) cooked(p *capture.Packet) {
	start, end := f.extent()
	length := f.u32(frameLength) + sll2Header
	protocol := [2]byte(f[frameProtocol:])
	if tag, ok := f.tag(); ok {
		start -= tagSize
		copy(f[start:], tag[2:])
		copy(f[start+2:], protocol[:])
		protocol = [2]byte(tag[:2])
		length += tagSize
	}
	start -= sll2Header
	h := f[start:]
	copy(h, protocol[:])
	h[2], h[3] = 0, 0
	binary.BigEndian.PutUint32(h[4:], f.u32(frameInterface))
	binary.BigEndian.PutUint16(h[8:], f.u16(frameHardware))
	copy(h[10:], f[frameType:frameEnd]) // type of packet, length of address, address
	f.fill(p, start, end, length, linkSLL2)
}

func (f frame) extent() (start, end int) {
	start = int(f.u16(frameStart))
	return start, start + int(f.u32(frameCaptured))
}

func (f frame) fill(p *capture.Packet, start, end int, length uint32, link capture.LinkType) {
	p.Data = f[start:end:end]
	p.Length = max(length, uint32(end-start))
	p.Link = link
	p.Time = f.time()
}

// tag gives the tag that the kernel took off, as it was sent.
func (f frame) tag() (tag [tagSize]byte, ok bool) {
	status := f.u32(frameStatus)
	if status&unix.TP_STATUS_VLAN_VALID == 0 {
		return tag, false
	}
	protocol := uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		protocol = f.u16(frameTagType)
	}
	binary.BigEndian.PutUint16(tag[:], protocol)
	binary.BigEndian.PutUint16(tag[2:], uint16(f.u32(frameTag)))
	return tag, true
}
