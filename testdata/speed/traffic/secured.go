package traffic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// secured has another plot inside of TLS 1.3 (RFC 8446), with TLS_AES_128_GCM_SHA256. The secrets, which nobody
// agreed on, are written into the key log.
type secured struct {
	inner plot
	alpn  string
}

// beforehand is how many turns the handshake takes.
const beforehand = 4

func (p *secured) turns(r *rand.Rand) int { return beforehand + p.inner.turns(r) }

func (p *secured) needed() (first, last int) {
	first, last = p.inner.needed()
	return beforehand + first, last
}

func (p *secured) port() uint16 { return 443 }

func (p *secured) turn(c *conn, r *rand.Rand) {
	const helloRecord, encryptedExtensions, newTicket, finished = 22, 8, 4, 20
	b, from := c.said[:0], side(c.turn%2)
	switch c.turn {
	case 0:
		c.agree(r)
		b = secureHello(b, client, c.random[:])
	case 1:
		b = secureHello(b, server, c.random[:])
		name := append([]byte{byte(len(p.alpn))}, p.alpn...)
		list := append(binary.BigEndian.AppendUint16(nil, uint16(len(name))), name...)
		extension := append(binary.BigEndian.AppendUint16([]byte{0, 16}, uint16(len(list))), list...)
		body := append(binary.BigEndian.AppendUint16(nil, uint16(len(extension))), extension...)
		b = c.seal(b, helloRecord, append([]byte{encryptedExtensions, 0, 0, byte(len(body))}, body...))
		b = c.seal(b, helloRecord, append([]byte{finished, 0, 0, 32}, c.random[:]...))
		c.keys[server] = nil // for those of the traffic
	case 2:
		b = c.seal(b, helloRecord, append([]byte{finished, 0, 0, 32}, c.random[:]...))
		c.keys[client] = nil
	case 3:
		ticket := []byte{0, 0, 1, 0, 1, 2, 3, 4, 0, 0, 1, 7, 0, 0}
		b = c.seal(b, helloRecord, append([]byte{newTicket, 0, 0, byte(len(ticket))}, ticket...))
	default:
		c.turn -= beforehand
		c.said = c.plain // what the inner plot said before, which its answer may depend on
		p.inner.turn(c, r)
		c.turn += beforehand
		from, c.plain = c.from, c.said
		for rest := c.plain; len(rest) > 0; {
			n := min(len(rest), 2*longestRecord)
			c.from = from
			b = c.seal(b, dataRecord, rest[:n])
			rest = rest[n:]
		}
	}
	c.say(from, b)
}

// secureHello appends a ClientHello or ServerHello with the random.
func secureHello(b []byte, from side, random []byte) []byte {
	body := append([]byte{3, 3}, random...)
	if from == client {
		body = append(body, 0, 0, 2, 0x13, 0x01, 1, 0, 0, 7, 0, 43, 0, 3, 2, 3, 4)
	} else {
		body[2] ^= 1
		body = append(body, 0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4)
	}
	b = append(b, handshakeRecord, 3, 3)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(body)))
	b = append(b, 1+byte(from), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}

// agree makes the secrets of a connection and writes them down.
func (c *conn) agree(r *rand.Rand) {
	for i := 0; i < len(c.random); i += 8 {
		binary.LittleEndian.PutUint64(c.random[i:], r.Uint64())
	}
	for label := range secretLabels {
		for _, from := range []side{client, server} {
			fmt.Fprintf(c.network.keyLog, "%s_%s %x %x\n", sideLabels[from], secretLabels[label], c.random, c.secret(label, from))
		}
	}
}

var (
	sideLabels   = [2]string{client: "CLIENT", server: "SERVER"}
	secretLabels = [2]string{"HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0"}
)

func (c *conn) secret(label int, from side) []byte {
	s := sha256.Sum256(append([]byte{byte(label), byte(from)}, c.random[:]...))
	return s[:]
}

// recordKey protects what one side sends.
type recordKey struct {
	aead   cipher.AEAD
	iv     []byte
	number uint64
}

// seal appends a protected record (RFC 8446 §5.2) of the side whose turn it is, or which talks.
func (c *conn) seal(b []byte, kind byte, content []byte) []byte {
	from := side(c.turn % 2)
	if c.turn >= beforehand {
		from = c.from
	}
	k := c.keys[from]
	if k == nil {
		label := 1
		if c.turn < beforehand-1 {
			label = 0
		}
		secret := c.secret(label, from)
		block, err := aes.NewCipher(expand(secret, "key", 16))
		if err != nil {
			panic(err) // the size is right
		}
		k = &recordKey{iv: expand(secret, "iv", 12)}
		if k.aead, err = cipher.NewGCM(block); err != nil {
			panic(err)
		}
		c.keys[from] = k
	}
	const tag = 16
	head := binary.BigEndian.AppendUint16([]byte{dataRecord, 3, 3}, uint16(len(content)+1+tag))
	b = append(b, head...)
	start := len(b)
	b = append(append(b, content...), kind)
	nonce := [12]byte(k.iv)
	binary.BigEndian.PutUint64(nonce[4:], binary.BigEndian.Uint64(nonce[4:])^k.number)
	k.number++
	return append(b[:start], k.aead.Seal(nil, nonce[:], b[start:], head)...)
}

// expand is HKDF-Expand-Label with an empty context (RFC 8446 §7.1).
func expand(secret []byte, label string, size int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(size))
	info = append(info, byte(len("tls13 ")+len(label)))
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, "tls13 "+label+"\x00"...)), size)
	if err != nil {
		panic(err) // the size is right
	}
	return out
}

// download is one answer of HTTP/1.1 that takes the whole connection.
type download struct {
	octets int
	bulk   bulk
}

// piece is how much of a download is said in a turn.
const piece = 5 * longestRecord

func (p *download) turns(*rand.Rand) int { return 1 + p.octets/piece }

func (p *download) needed() (first, last int) { return 2, 0 }

func (p *download) port() uint16 { return 80 }

func (p *download) turn(c *conn, r *rand.Rand) {
	if p.bulk.noise == nil {
		p.bulk.fill(r)
	}
	b := c.said[:0]
	if c.turn == 0 {
		c.say(client, append(b, "GET /disk.img HTTP/1.1\r\nHost: www.example.org\r\n\r\n"...))
		return
	}
	if c.turn == 1 {
		b = fmt.Appendf(b, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", p.octets/piece*piece)
	}
	c.say(server, append(b, p.bulk.some(piece, r)...))
}
