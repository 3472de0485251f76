package hostile

import (
	"encoding/binary"
	"io"
	"iter"
)

// Packet is one packet of raw IP (LINKTYPE_RAW, 101).
type Packet struct {
	Time int64 // nanoseconds since the Unix epoch
	Data []byte
}

// Flags of TCP.
const (
	FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
)

// Flow writes the packets of one TCP connection. Side 0 is the client.
type Flow struct {
	Ends [2]End
	Next [2]uint32 // sequence numbers
	Said [2]uint32 // octets of Say
	TTL  [2]byte
	Now  int64 // capture time of the next packet, ns
	Step int64
	Out  func(Packet)
}

// End is an address and a port.
type End struct {
	Addr [4]byte
	Port uint16
}

// Start is when all that is made here begins: 2026-01-02 03:04:05 UTC.
const Start = int64(1767323045e9)

// NewFlow is the n-th connection to a server.
func NewFlow(n int, out func(Packet)) *Flow {
	return &Flow{
		Ends: [2]End{{[4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}, uint16(20000 + n%40000)}, {[4]byte{192, 0, 2, 1}, 80}},
		Next: [2]uint32{uint32(n) * 7919, uint32(n) * 104729}, TTL: [2]byte{64, 63}, Now: Start, Step: 1e3, Out: out,
	}
}

// Open sends the three packets that open the connection.
func (f *Flow) Open() *Flow {
	f.Send(0, SYN, f.Next[0], nil)
	f.Next[0]++
	f.Send(1, SYN|ACK, f.Next[1], nil)
	f.Next[1]++
	f.Send(0, ACK, f.Next[0], nil)
	return f
}

// Say sends octets in segments, and acknowledges all that came.
func (f *Flow) Say(side int, p []byte) {
	const largest = 1460
	for len(p) > 0 {
		n := min(len(p), largest)
		f.Send(side, ACK|PSH, f.Next[side], p[:n])
		f.Next[side] += uint32(n)
		f.Said[side] += uint32(n)
		p = p[n:]
	}
}

// Close sends the FIN of both sides, and the last acknowledgement.
func (f *Flow) Close() {
	for side := range 2 {
		f.Send(side, FIN|ACK, f.Next[side], nil)
		f.Next[side]++
	}
	f.Send(0, ACK, f.Next[0], nil)
}

// Send sends one packet as it is told.
func (f *Flow) Send(side int, flags byte, seq uint32, p []byte) {
	b := make([]byte, 40, 40+len(p))
	b[0], b[8], b[9] = 4<<4|5, f.TTL[side], 6
	binary.BigEndian.PutUint16(b[2:], uint16(40+len(p)))
	from, to := f.Ends[side], f.Ends[side^1]
	copy(b[12:], from.Addr[:])
	copy(b[16:], to.Addr[:])
	binary.BigEndian.PutUint16(b[20:], from.Port)
	binary.BigEndian.PutUint16(b[22:], to.Port)
	binary.BigEndian.PutUint32(b[24:], seq)
	if flags&ACK != 0 {
		binary.BigEndian.PutUint32(b[28:], f.Next[side^1])
	}
	b[32], b[33] = 5<<4, flags
	binary.BigEndian.PutUint16(b[34:], 65535)
	b = append(b, p...)
	binary.BigEndian.PutUint16(b[10:], checksum(0, b[:20]))
	pseudo := uint32(6 + len(b) - 20)
	for i := 12; i < 20; i += 2 {
		pseudo += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(b[36:], checksum(pseudo, b[20:]))
	f.Out(Packet{f.Now, b})
	f.Now += f.Step
}

// checksum is that of RFC 1071, begun with a sum.
func checksum(sum uint32, b []byte) uint16 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) > 0 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// WritePcap writes packets as a capture file with times in nanoseconds.
func WritePcap(w io.Writer, packets iter.Seq[Packet]) error {
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	head = binary.LittleEndian.AppendUint32(head, 4<<16|2) // version 2.4
	head = append(head, make([]byte, 8)...)
	head = binary.LittleEndian.AppendUint32(head, 1<<18)
	head = binary.LittleEndian.AppendUint32(head, 101)
	_, err := w.Write(head)
	for p := range packets {
		if err != nil {
			return err
		}
		r := binary.LittleEndian.AppendUint32(head[:0], uint32(p.Time/1e9))
		r = binary.LittleEndian.AppendUint32(r, uint32(p.Time%1e9))
		r = binary.LittleEndian.AppendUint32(r, uint32(len(p.Data)))
		r = binary.LittleEndian.AppendUint32(r, uint32(len(p.Data)))
		if _, err = w.Write(r); err == nil {
			_, err = w.Write(p.Data)
		}
	}
	return err
}
