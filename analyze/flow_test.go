package analyze

import (
	"encoding/binary"
	"net/netip"

	"wshake/capture"
	"wshake/reassembly"
)

// flow writes the packets of one TCP connection, as raw IPv4.
type flow struct {
	ends [2]netip.AddrPort // client, server
	next [2]uint32         // sequence numbers
	now  int64             // ns
	step int64             // between two packets, ns
	tape tape
}

// newFlow makes the n-th of many connections, with addresses of its own.
func newFlow(n int) *flow {
	client := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	return &flow{
		ends: [2]netip.AddrPort{netip.AddrPortFrom(client, uint16(40000+n%20000)), netip.MustParseAddrPort("192.0.2.1:80")},
		next: [2]uint32{uint32(n) * 7919, uint32(n) * 104729},
		now:  1_700_000_000e9 + int64(n)*1000, step: 1e6,
	}
}

// opened adds the TCP handshake.
func (f *flow) opened() *flow {
	for i, flags := range []uint8{reassembly.SYN, reassembly.SYN | reassembly.ACK, reassembly.ACK} {
		side := i & 1
		f.segment(side, flags, f.next[side], f.next[side^1], nil)
		if i < 2 {
			f.next[side]++
		}
	}
	return f
}

const largestSegment = 1460

// say sends p, acknowledging all that came.
func (f *flow) say(side int, p []byte) {
	for len(p) > 0 {
		n := min(len(p), largestSegment)
		f.segment(side, reassembly.ACK|reassembly.PSH, f.next[side], f.next[side^1], p[:n])
		f.next[side] += uint32(n)
		p = p[n:]
	}
}

// close ends both sides.
func (f *flow) close() {
	for side := range f.next {
		f.segment(side, reassembly.FIN|reassembly.ACK, f.next[side], f.next[side^1], nil)
		f.next[side]++
	}
}

func (f *flow) segment(side int, flags uint8, seq, ack uint32, p []byte) {
	b := ipv4TCP(f.ends[side], f.ends[side^1], flags, seq, ack, p)
	f.tape = append(f.tape, capture.Packet{Data: b, Time: f.now, Length: uint32(len(b)), Link: linkRaw})
	f.now += f.step
}

// ipv4TCP is a packet without checksums.
func ipv4TCP(from, to netip.AddrPort, flags uint8, seq, ack uint32, p []byte) []byte {
	b := make([]byte, 40, 40+len(p))
	b[0], b[8], b[9] = 4<<4|5, 64, 6
	binary.BigEndian.PutUint16(b[2:], uint16(40+len(p)))
	copy(b[12:], from.Addr().AsSlice())
	copy(b[16:], to.Addr().AsSlice())
	binary.BigEndian.PutUint16(b[20:], from.Port())
	binary.BigEndian.PutUint16(b[22:], to.Port())
	binary.BigEndian.PutUint32(b[24:], seq)
	binary.BigEndian.PutUint32(b[28:], ack)
	b[32], b[33] = 5<<4, flags
	binary.BigEndian.PutUint16(b[34:], 65535)
	return append(b, p...)
}
