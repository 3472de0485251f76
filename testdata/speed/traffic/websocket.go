package traffic

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
)

// webSocket is a handshake, data frames from both sides and the closing handshake.
type webSocket struct {
	frames   int    // data frames
	size     [2]int // of their payload, octets: from, to
	deflated *scripts
	wrong    bool // the Accept is wrong: half of the servers leave the GUID out, the others send anything
}

func newDeflated() plot { return &webSocket{frames: deflatedFrames, deflated: newScripts()} }

func (w *webSocket) turns(*rand.Rand) int      { return 2 + w.frames + 2 }
func (w *webSocket) needed() (first, last int) { return 2, 2 }
func (w *webSocket) port() uint16              { return 80 }

func (w *webSocket) turn(c *conn, r *rand.Rand) {
	b := c.said[:0]
	switch n := c.turn - 2; {
	case c.turn == 0:
		c.say(client, w.request(b, r))
	case c.turn == 1:
		c.say(server, w.answer(b, c.said))
	case n >= w.frames:
		from := side(n - w.frames)
		c.say(from, frame(b, from, closing, []byte("\x03\xe8bye"), r))
	case w.deflated != nil:
		from := side(n % 2)
		c.say(from, frame(b, from, text|compressed, w.deflated.message(int(c.address[client]), from, n/2), r))
	default:
		from := side(r.IntN(2))
		var payload [20_000]byte
		size := w.size[0] + r.IntN(w.size[1]-w.size[0])
		c.say(from, frame(b, from, text, chatter(payload[:0], size, r), r))
	}
}

func (w *webSocket) request(b []byte, r *rand.Rand) []byte {
	var key [16]byte
	binary.LittleEndian.PutUint64(key[:], r.Uint64())
	binary.LittleEndian.PutUint64(key[8:], r.Uint64())
	b = append(b, "GET /socket?room="...)
	b = strconv.AppendInt(b, r.Int64N(100), 10)
	b = append(b, " HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n"+
		"Upgrade: websocket\r\nOrigin: http://chat.example.org\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate\r\n"+
		"Accept-Language: en\r\n"...)
	if w.deflated != nil {
		b = append(b, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"...)
	}
	b = append(b, "Sec-WebSocket-Key: "...)
	b = base64.StdEncoding.AppendEncode(b, key[:])
	return append(b, "\r\n\r\n"...)
}

func (w *webSocket) answer(b, request []byte) []byte {
	key := request[len(request)-len("\r\n\r\n")-24:][:24] // it ends the request
	guid := "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	if w.wrong && key[0]%2 == 0 {
		guid = ""
	} else if w.wrong {
		guid = "no GUID that anybody writes"
	}
	accept := sha1.Sum(append(key[:24:24], guid...))
	b = append(b, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"...)
	if w.deflated != nil {
		b = append(b, "Sec-WebSocket-Extensions: permessage-deflate\r\n"...)
	}
	b = append(b, "Sec-WebSocket-Accept: "...)
	b = base64.StdEncoding.AppendEncode(b, accept[:])
	return append(b, "\r\n\r\n"...)
}

// First octets of frames (RFC 6455 §5.2), all with FIN.
const (
	text       = 0x81
	closing    = 0x88
	compressed = 0x40 // RFC 7692 §6
)

// frame appends a frame that from sends.
func frame(b []byte, from side, first byte, payload []byte, r *rand.Rand) []byte {
	mask := byte(0)
	if from == client {
		mask = 0x80
	}
	b = append(b, first)
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	default: // no payload here is longer than 64 KiB
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	}
	if from == server {
		return append(b, payload...)
	}
	var key [4]byte
	binary.LittleEndian.PutUint32(key[:], r.Uint32())
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}
