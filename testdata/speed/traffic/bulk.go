package traffic

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
)

// bulk is requests and long answers, as HTTP or as what looks like it inside TLS.
type bulk struct {
	answer int // octets
	secure bool
	noise  []byte // what answers are made of
}

func (p *bulk) turns(r *rand.Rand) int { return 2 * (1 + r.IntN(16)) }

func (p *bulk) needed() (first, last int) { return 2, 0 }

func (p *bulk) port() uint16 {
	if p.secure {
		return 443
	}
	return 80
}

func (p *bulk) turn(c *conn, r *rand.Rand) {
	if p.noise == nil {
		p.fill(r)
	}
	b, from := c.said[:0], side(c.turn%2)
	switch {
	case p.secure && c.turn < 2:
		b = p.hello(b, from)
	case p.secure && from == client:
		b = p.record(b, 300+r.IntN(400), r)
	case p.secure:
		for range p.answer / longestRecord {
			b = p.record(b, longestRecord, r)
		}
	case from == client:
		b = append(b, "GET /asset/"...)
		b = strconv.AppendUint(b, r.Uint64N(1e6), 10)
		b = append(b, " HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n\r\n"...)
	default:
		b = append(b, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(p.answer), 10)
		b = append(b, "\r\n\r\n"...)
		b = append(b, p.some(p.answer, r)...)
	}
	c.say(from, b)
}

func (p *bulk) fill(r *rand.Rand) {
	p.noise = make([]byte, 1<<20)
	for i := 0; i < len(p.noise); i += 8 {
		binary.LittleEndian.PutUint64(p.noise[i:], r.Uint64())
	}
}

func (p *bulk) some(n int, r *rand.Rand) []byte { return p.noise[r.IntN(len(p.noise)-n):][:n] }

// TLS (RFC 8446 §5.1).
const (
	handshakeRecord = 22
	dataRecord      = 23
	longestRecord   = 16384 / 2
)

func (p *bulk) record(b []byte, n int, r *rand.Rand) []byte {
	b = append(b, dataRecord, 3, 3)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	return append(b, p.some(n, r)...)
}

// hello appends a ClientHello or ServerHello that offers what is needed to be one (RFC 8446 §4.1.2).
func (p *bulk) hello(b []byte, from side) []byte {
	body := append([]byte{3, 3}, p.noise[:32]...)
	body = append(body, 0)
	if from == client {
		body = append(body, 0, 2, 0x13, 0x01, 1, 0)
	} else {
		body = append(body, 0x13, 0x01, 0)
	}
	body = append(body, 0, 7, 0, 43, 0, 3, 2, 3, 4) // supported_versions: TLS 1.3
	if from == server {
		body = append(body[:len(body)-9], 0, 6, 0, 43, 0, 2, 3, 4)
	}
	b = append(b, handshakeRecord, 3, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(body)))
	b = append(b, 1+byte(from), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}
