package dialogue

import (
	"encoding/binary"
	"net/netip"
	"sort"
	"time"
)

// Packet is one packet of raw IP (LINKTYPE_RAW, 101).
type Packet struct {
	Time int64 // nanoseconds since the Unix epoch
	Data []byte
}

// TCP flags.
const (
	fin, syn, rst, psh, ack = 1, 2, 4, 8, 16
)

// tcp is the state of a connection while its packets are written.
type tcp struct {
	next [2]uint32 // next sequence number
	said [2]uint32 // where what was said last begins
	seen [2]uint32 // what the other side has acknowledged of it
	open bool
	// sights are the ends under which its packets are captured.
	sights [][2]netip.AddrPort
}

// start is when dialogues begin: 2026-01-02 03:04:05 UTC.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano()

// step between two packets.
const tick = int64(time.Millisecond)

// Packets plays the script. Segments are as the script cuts them; ISN is where sequence numbers start, so that they
// can be made to wrap.
func (s *Script) Packets(isn uint32) []Packet {
	w := &writer{now: start, unseen: s.unseen, maxSegment: s.MaxSegment, window: anyWindow}
	if w.maxSegment == 0 {
		w.maxSegment = 1460
	}
	numbers := make([]int, 0, len(s.conns))
	for n := range s.conns {
		numbers = append(numbers, n)
	}
	sort.Ints(numbers)
	conns := make(map[int]*tcp)
	for _, n := range numbers {
		c := s.conns[n]
		conns[n] = &tcp{sights: append([][2]netip.AddrPort{c.ends}, c.sights...),
			next: [2]uint32{isn + uint32(n)*1000, isn + uint32(n)*77777}, open: c.bare}
	}
	for i := 0; i < len(s.steps); i++ {
		st := s.steps[i]
		w.now += int64(st.pause)
		if st.pause > 0 {
			continue
		}
		c := conns[st.conn]
		if !c.open {
			c.open = true
			if st.rst && st.from == 1 { // the SYN is refused
				w.segment(c, 0, syn, nil)
				c.next[0]++
				c.seen[0] = c.next[0]
			} else {
				w.handshake(c)
			}
		}
		for i+1 < len(s.steps) && s.steps[i+1].joined && s.steps[i+1].from == st.from && s.steps[i+1].conn == st.conn {
			i++
			st.data = append(st.data[:len(st.data):len(st.data)], s.steps[i].data...)
		}
		switch {
		case st.rst:
			w.segment(c, st.from, rst|ack, nil)
		case st.fin:
			w.segment(c, st.from, fin|ack, nil)
			c.next[st.from]++
			w.ack(c, 1-st.from)
		case st.window >= 0:
			w.window = uint16(st.window)
			w.segment(c, st.from, ack, nil)
			w.window = anyWindow
		case len(st.data) > 0:
			w.say(c, st)
			if !st.deaf && !s.answeredEarly(i) {
				w.ack(c, 1-st.from)
			}
		}
	}
	w.catchUp()
	return w.packets
}

// answeredEarly says that the other side speaks before it acknowledges step i.
func (s *Script) answeredEarly(i int) bool {
	for _, next := range s.steps[i+1:] {
		if next.conn == s.steps[i].conn && next.pause == 0 {
			return next.early && next.from != s.steps[i].from
		}
	}
	return false
}

type writer struct {
	now     int64
	packets []Packet
	unseen  [2]bool
	lost    bool // what is written now is not captured
	late    bool // what is written now is captured later
	delayed []Packet

	maxSegment int
	window     uint16
}

// anyWindow is the window of packets of which nothing else is said.
const anyWindow = 65535

func (w *writer) handshake(c *tcp) {
	w.segment(c, 0, syn, nil)
	c.next[0]++
	c.seen[0] = c.next[0]
	w.segment(c, 1, syn|ack, nil)
	c.next[1]++
	c.seen[1] = c.next[1]
	w.segment(c, 0, ack, nil)
}

// say sends data in as few segments as hold it.
func (w *writer) say(c *tcp, st step) {
	if st.again {
		c.next[st.from] = c.said[st.from]
	}
	c.said[st.from] = c.next[st.from]
	w.lost, w.late = st.lost, st.late
	for p := st.data; len(p) > 0; {
		n := min(len(p), w.maxSegment)
		w.segment(c, st.from, psh|ack, p[:n])
		c.next[st.from] += uint32(n)
		p = p[n:]
	}
	w.lost, w.late = false, false
	if !st.late {
		w.catchUp()
	}
}

// catchUp captures what was delayed.
func (w *writer) catchUp() {
	for _, p := range w.delayed {
		p.Time = w.now
		w.packets = append(w.packets, p)
		w.now += tick
	}
	w.delayed = nil
}

// ack lets side acknowledge all that the other has sent.
func (w *writer) ack(c *tcp, side int) {
	c.seen[1-side] = c.next[1-side]
	w.segment(c, side, ack, nil)
}

// segment writes a segment once for every place where its connection is captured.
func (w *writer) segment(c *tcp, from int, flags byte, p []byte) {
	if !w.lost && !w.unseen[from] {
		for _, ends := range c.sights {
			w.packet(c, ends[from], ends[1-from], from, flags, p)
		}
	}
	w.now += tick
}

// packet writes a packet: IPv4 or IPv6 by the addresses, with right checksums.
func (w *writer) packet(c *tcp, src, dst netip.AddrPort, from int, flags byte, p []byte) {
	t := make([]byte, 20, 20+len(p))
	binary.BigEndian.PutUint16(t[0:], src.Port())
	binary.BigEndian.PutUint16(t[2:], dst.Port())
	binary.BigEndian.PutUint32(t[4:], c.next[from])
	if flags&ack != 0 {
		binary.BigEndian.PutUint32(t[8:], c.seen[1-from])
	}
	t[12], t[13] = 5<<4, flags
	binary.BigEndian.PutUint16(t[14:], w.window)
	t = append(t, p...)
	const protocol = 6
	sum := uint32(protocol) + uint32(len(t))
	sum = add(add(sum, src.Addr().AsSlice()), dst.Addr().AsSlice())
	binary.BigEndian.PutUint16(t[16:], fold(add(sum, t)))

	var ip []byte
	if src.Addr().Is4() {
		ip = make([]byte, 20)
		ip[0], ip[8], ip[9] = 4<<4|5, 64, protocol
		binary.BigEndian.PutUint16(ip[2:], uint16(20+len(t)))
		copy(ip[12:], src.Addr().AsSlice())
		copy(ip[16:], dst.Addr().AsSlice())
		binary.BigEndian.PutUint16(ip[10:], fold(add(0, ip)))
	} else {
		ip = make([]byte, 40)
		ip[0], ip[6], ip[7] = 6<<4, protocol, 64
		binary.BigEndian.PutUint16(ip[4:], uint16(len(t)))
		copy(ip[8:], src.Addr().AsSlice())
		copy(ip[24:], dst.Addr().AsSlice())
	}
	packet := Packet{Time: w.now, Data: append(ip, t...)}
	if w.late {
		w.delayed = append(w.delayed, packet)
	} else {
		w.packets = append(w.packets, packet)
	}
}

func add(sum uint32, b []byte) uint32 {
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	return sum
}

func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// Pcap writes packets as a pcap file with nanoseconds.
func Pcap(packets []Packet) []byte {
	b := []byte{0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0}
	le := binary.LittleEndian
	for _, p := range packets {
		b = le.AppendUint32(b, uint32(p.Time/1e9))
		b = le.AppendUint32(b, uint32(p.Time%1e9))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = le.AppendUint32(b, uint32(len(p.Data)))
		b = append(b, p.Data...)
	}
	return b
}
