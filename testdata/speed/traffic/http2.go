package traffic

import (
	"encoding/binary"
	"math/rand/v2"
)

// multiplexed is ordinary requests and long answers on streams of HTTP/2 in the clear, without a WebSocket.
type multiplexed struct {
	answer int // octets
	bulk   bulk
}

func (p *multiplexed) turns(r *rand.Rand) int { return 2 * (2 + r.IntN(16)) }

func (p *multiplexed) needed() (first, last int) { return 2, 0 }

func (p *multiplexed) port() uint16 { return 80 }

// The first two turns open both sides; each other pair is a request and its answer on the next stream. Header blocks
// refer to the static table and to fields that the first of them added (RFC 7541 §6.1, §6.2.1).
func (p *multiplexed) turn(c *conn, r *rand.Rand) {
	if p.bulk.noise == nil {
		p.bulk.fill(r)
	}
	const headers, settings, endHeaders, endStream = 1, 4, 4, 1
	b, from, stream := c.said[:0], side(c.turn%2), uint32(c.turn/2*2-1)
	switch {
	case c.turn == 0:
		b = append(b, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"...)
		b = h2Frame(b, settings, 0, 0, []byte{0, 4, 0x7f, 0xff, 0xff, 0xff})
	case c.turn == 1:
		b = h2Frame(b, settings, 0, 0, nil)
	case from == client:
		block := []byte{0x82, 0x87, 0x84} // GET, https, /
		if c.turn == 2 {
			block = literal(literal(block, "user-agent", "Mozilla/5.0 (X11; Linux x86_64)"), "accept-language", "en")
		} else {
			block = append(block, 0xbf, 0xbe)
		}
		b = h2Frame(b, headers, endHeaders|endStream, stream, block)
	default:
		block := []byte{0x88}
		if c.turn == 3 {
			block = literal(block, "content-type", "application/octet-stream")
		} else {
			block = append(block, 0xbe)
		}
		b = h2Frame(b, headers, endHeaders, stream, block)
		for left := p.answer; left > 0; left -= longestRecord {
			flags := byte(0)
			if left <= longestRecord {
				flags = endStream
			}
			b = h2Frame(b, 0, flags, stream, p.bulk.some(min(left, longestRecord), r))
		}
	}
	c.say(from, b)
}

// h2Frame appends a frame (RFC 9113 §4.1).
func h2Frame(b []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	b = append(b, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	return append(binary.BigEndian.AppendUint32(b, stream), payload...)
}

func literal(block []byte, name, value string) []byte {
	block = append(append(append(block, 0x40, byte(len(name))), name...), byte(len(value)))
	return append(block, value...)
}
