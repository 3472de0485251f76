package traffic

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// shell is a dialogue as with SSH: a line of each side, then short and encrypted packets, some of them long.
type shell struct{ noise bulk }

func (p *shell) turns(r *rand.Rand) int { return 2 * (20 + r.IntN(80)) }

func (p *shell) needed() (first, last int) { return 2, 0 }

func (p *shell) port() uint16 { return 22 }

func (p *shell) turn(c *conn, r *rand.Rand) {
	if p.noise.noise == nil {
		p.noise.fill(r)
	}
	b, from := c.said[:0], side(c.turn%2)
	switch {
	case c.turn < 2:
		b = append(b, "SSH-2.0-OpenSSH_9.6\r\n"...)
	case from == server && r.IntN(10) == 0:
		b = append(b, p.noise.some(2000+r.IntN(20_000), r)...)
	default:
		b = append(b, p.noise.some(36+16*r.IntN(8), r)...)
	}
	c.say(from, b)
}

// other writes a datagram that is no QUIC: a question to a DNS server, its answer, or what nobody knows.
func (n *network) other(r *rand.Rand) {
	const (
		header           = "\x00\x01\x00\x00\x00\x00\x00\x00" // one question
		question         = "\x03www\x07example\x03org\x00\x00\x01\x00\x01"
		asked, told, dns = 0x0100, 0x8180, 53
	)
	number, id := r.IntN(20_000), uint16(r.Uint32())
	if r.IntN(2) == 0 {
		b := make([]byte, 20+r.IntN(1000))
		for i := 0; i+8 <= len(b); i += 8 {
			binary.LittleEndian.PutUint64(b[i:], r.Uint64())
		}
		n.datagram(number, side(r.IntN(2)), 20_000+uint16(number%7), b)
		return
	}
	q := binary.BigEndian.AppendUint16(nil, id)
	q = append(binary.BigEndian.AppendUint16(q, asked), header...)
	q = append(append(q, fmt.Sprintf("%c%04d", 4, number%10_000)...), question...)
	n.datagram(number, client, dns, q)
	a := append([]byte(nil), q...)
	binary.BigEndian.PutUint16(a[2:], told)
	binary.BigEndian.PutUint16(a[6:], 1)
	a = append(a, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07"...)
	n.datagram(number, server, dns, a)
}
