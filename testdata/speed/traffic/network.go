package traffic

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// network writes the packets of all connections to one pcap file (draft-ietf-opsawg-pcap).
type network struct {
	out     *bufio.Writer
	now     int64 // microseconds since the Unix epoch
	packets int
	packet  [record + headers + segment]byte
	keyLog  io.Writer // of secrets
}

// Sizes in octets.
const (
	record   = 16
	ethernet = 14
	ip       = 20
	tcp      = 32 // with the time stamp option (RFC 7323)
	headers  = ethernet + ip + tcp
	segment  = 1448 // the longest payload
)

// start is when captures begin: 2026-01-02 03:04:05 UTC.
const start = 1_767_323_045

func newNetwork(w, keyLog io.Writer) *network {
	n := &network{out: bufio.NewWriterSize(w, 1<<20), now: start * 1e6, keyLog: keyLog}
	const magic, major, minor, snap, linkEthernet = 0xa1b2c3d4, 2, 4, 262144, 1
	h := binary.LittleEndian.AppendUint32(nil, magic)
	h = binary.LittleEndian.AppendUint16(h, major)
	h = binary.LittleEndian.AppendUint16(h, minor)
	h = append(h, make([]byte, 8)...)
	h = binary.LittleEndian.AppendUint32(h, snap)
	h = binary.LittleEndian.AppendUint32(h, linkEthernet)
	n.out.Write(h)
	return n
}

// side is one end of a connection, used as an index.
type side uint8

const (
	client side = iota
	server
)

// TCP flags (RFC 9293 §3.1).
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

// conn is one TCP connection.
type conn struct {
	network *network
	plot    plot
	address [2]uint32
	port    [2]uint16
	next    [2]uint32 // sequence number
	owed    [2]int    // segments that a side has not acknowledged yet
	from    side      // who is talking
	begun   bool
	turn    int
	turns   int
	said    []byte // by from; its storage is used again
	sent    int    // octets of said

	// Of TLS.
	random [32]byte
	keys   [2]*recordKey
	plain  []byte // what is inside of said; its storage is used again
}

func (n *network) connect(number int, p plot, r *rand.Rand) *conn {
	const clients, servers = 10 << 24, 198<<24 | 18<<16 // 10.0.0.0/8, 198.18.0.0/15
	return &conn{
		network: n, plot: p, turns: p.turns(r),
		address: [2]uint32{clients + 1 + uint32(number%60_000), servers + 1 + uint32(number%20)},
		port:    [2]uint16{uint16(32768 + number/60_000%28_000), p.port()},
		next:    [2]uint32{r.Uint32(), r.Uint32()},
	}
}

// progress says whether a connection goes on.
type progress uint8

const (
	goesOn progress = iota
	over
)

// step lets a few packets of c pass.
func (c *conn) step(r *rand.Rand) progress {
	n := c.network
	n.now += 5 + r.Int64N(30)
	switch {
	case !c.begun:
		c.begun = true
		c.packet(client, syn, nil)
		c.next[client]++
		c.packet(server, syn|ack, nil)
		c.next[server]++
		c.packet(client, ack, nil)
	case c.sent < len(c.said):
		c.talk(r)
	case c.turn < c.turns:
		c.plot.turn(c, r)
		c.turn++
		c.talk(r)
	default:
		c.packet(client, fin|ack, nil)
		c.next[client]++
		c.packet(server, fin|ack, nil)
		c.next[server]++
		c.packet(client, ack, nil)
		return over
	}
	return goesOn
}

// hurry leaves out all turns that can be.
func (c *conn) hurry() {
	if first, last := c.plot.needed(); c.turn >= first {
		c.turn = max(c.turn, c.turns-last)
	}
}

// say sets what from says next. What it appends to is c.said[:0].
func (c *conn) say(from side, p []byte) {
	c.from, c.said, c.sent = from, p, 0
}

// talk sends two segments at most. The other side acknowledges every second one, and sometimes the last one.
func (c *conn) talk(r *rand.Rand) {
	to := c.from ^ 1
	for range 2 {
		p := c.said[c.sent:]
		flags := uint8(ack)
		if len(p) > segment {
			p = p[:segment]
		} else {
			flags |= psh
		}
		c.packet(c.from, flags, p)
		c.next[c.from] += uint32(len(p))
		c.sent += len(p)
		c.owed[to]++
		last := c.sent == len(c.said)
		if c.owed[to] == 2 || last && r.IntN(2) == 0 {
			c.packet(to, ack, nil)
		}
		if last {
			return
		}
	}
}

// packet writes one packet.
func (c *conn) packet(from side, flags uint8, payload []byte) {
	n, to := c.network, from^1
	n.now += 2
	n.packets++
	b := n.packet[:record+headers+len(payload)]
	binary.LittleEndian.PutUint32(b, uint32(n.now/1e6))
	binary.LittleEndian.PutUint32(b[4:], uint32(n.now%1e6))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-record))
	binary.LittleEndian.PutUint32(b[12:], uint32(len(b)-record))

	copy(b[record:], "\x02\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x08\x00")
	b[record+5], b[record+11] = 2-byte(to), 2-byte(from)

	h := b[record+ethernet:]
	h[0], h[1] = 0x45, 0
	binary.BigEndian.PutUint16(h[2:], uint16(ip+tcp+len(payload)))
	binary.BigEndian.PutUint16(h[4:], uint16(n.packets))
	copy(h[6:12], "\x40\x00\x40\x06\x00\x00")
	binary.BigEndian.PutUint32(h[12:], c.address[from])
	binary.BigEndian.PutUint32(h[16:], c.address[to])
	binary.BigEndian.PutUint16(h[10:], ^fold(sum(0, h[:ip])))

	t := h[ip:]
	binary.BigEndian.PutUint16(t, c.port[from])
	binary.BigEndian.PutUint16(t[2:], c.port[to])
	binary.BigEndian.PutUint32(t[4:], c.next[from])
	acknowledged := uint32(0)
	if flags&ack != 0 {
		acknowledged = c.next[to]
		c.owed[from] = 0
	}
	binary.BigEndian.PutUint32(t[8:], acknowledged)
	t[12], t[13] = tcp/4<<4, flags
	copy(t[14:24], "\xff\xff\x00\x00\x00\x00\x01\x01\x08\x0a")
	binary.BigEndian.PutUint32(t[24:], uint32(n.now/1000))
	binary.BigEndian.PutUint32(t[28:], uint32(n.now/1000))
	copy(t[tcp:], payload)
	const protocol = 6
	binary.BigEndian.PutUint16(t[16:], ^fold(sum(protocol+uint64(len(t)), h[12:])))
	n.out.Write(b)
}

// sum adds the 16-bit words of b up (RFC 1071).
func sum(s uint64, b []byte) uint64 {
	for ; len(b) >= 4; b = b[4:] {
		s += uint64(binary.BigEndian.Uint32(b))
	}
	var rest [4]byte
	copy(rest[:], b)
	return s + uint64(binary.BigEndian.Uint32(rest[:]))
}

func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
