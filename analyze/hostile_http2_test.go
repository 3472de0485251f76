package analyze

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"wshake/capture"
	"wshake/testdata/need"
)

// h2 appends a frame of HTTP/2.
func h2(out []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	out = append(out, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	return append(binary.BigEndian.AppendUint32(out, stream), payload...)
}

// added is a field that is added to the table, as literals (RFC 7541 §6.2.1).
func added(block []byte, name, value string) []byte {
	block = append(append(append(block, 0x40, byte(len(name))), name...), byte(len(value)))
	return append(block, value...)
}

const (
	h2Data, h2Headers, h2Reset, h2Settings, h2Ping, h2Continuation = 0, 1, 3, 4, 6, 9
	endStream, endHeaders                                          = 1, 4
)

var h2Preface = h2([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), h2Settings, 0, 0, nil)

// Many connections of HTTP/2 that stay open, each with an ordinary request and full header tables, take some kilobytes
// each.
func TestManyOpenHTTP2Connections(t *testing.T) {
	n := many(20_000)
	block := []byte{0x82, 0x87, 0x84}
	for i := range 8 {
		block = added(block, fmt.Sprintf("x-field-%d", i), strings.Repeat("v", 40))
	}
	request := h2(h2Preface[:len(h2Preface):len(h2Preface)], h2Headers, endStream|endHeaders, 1, block)
	answer := h2(h2(nil, h2Settings, 0, 0, []byte{0, 8, 0, 0, 0, 1}), h2Headers, endStream|endHeaders, 1, added([]byte{0x88}, "server", "some server"))
	const each1 = 8 << 10 // octets for a connection
	r := pour(t, uint64(n*each1>>20)+8, each(n, func(i int) []capture.Packet {
		f := newFlow(i).opened()
		f.say(0, request)
		f.say(1, answer)
		return f.tape
	}))
	if len(r.handshakes)+len(r.findings) > 0 {
		t.Errorf("%d handshakes, %d findings", len(r.handshakes), len(r.findings))
	}
}

// What one connection of HTTP/2 can repeat without end costs no memory, except the events that the test keeps.
func TestHTTP2Floods(t *testing.T) {
	need.Long(t)
	ask := []byte{0x42, 7}
	ask = append(ask, "CONNECT"...)
	for _, f := range [][2]string{{":protocol", "websocket"}, {":scheme", "https"}, {":path", "/chat"}, {":authority", "a"}} {
		ask = added(ask, f[0], f[1])
	}
	bomb := append([]byte{0x82}, added(nil, "x", strings.Repeat("y", 120))...)
	bomb = append(bomb, bytes.Repeat([]byte{0xbe}, 1200)...) // the newest entry of the table, again and again
	for name, more := range map[string]func(i uint32) []byte{
		"idle streams": func(i uint32) []byte { return h2(nil, h2Headers, endHeaders, 2*i+3, []byte{0x82, 0x84, 0x87}) },
		"WebSockets":   func(i uint32) []byte { return h2(nil, h2Headers, endHeaders, 2*i+3, ask) },
		"WebSockets, reset": func(i uint32) []byte {
			return h2(h2(nil, h2Headers, endHeaders, 2*i+3, ask), h2Reset, 0, 2*i+3, []byte{0, 0, 0, 8})
		},
		"settings": func(i uint32) []byte {
			return h2(nil, h2Settings, 0, 0, bytes.Repeat([]byte{0, 1, 0, 1, byte(i), 0}, 200))
		},
		"pings": func(i uint32) []byte { return bytes.Repeat(h2(nil, h2Ping, 0, 0, make([]byte, 8)), 60) },
		"endless headers": func(i uint32) []byte {
			return h2(nil, [2]byte{h2Headers, h2Continuation}[min(i, 1)], 0, 3, make([]byte, 1200))
		},
		"header bomb": func(i uint32) []byte { return h2(nil, h2Headers, endStream|endHeaders, 2*i+3, bomb) },
		"ids in disorder": func(i uint32) []byte {
			return h2(nil, h2Headers, endStream|endHeaders, (i*2654435761)&0x7fffffff|1, []byte{0x82, 0x84})
		},
		"even ids":           func(i uint32) []byte { return h2(nil, h2Headers, endHeaders, 2*i+2, ask) },
		"data of no stream":  func(i uint32) []byte { return h2(nil, h2Data, 0, 2*i+3, make([]byte, 1200)) },
		"unknown frames":     func(i uint32) []byte { return h2(nil, byte(10+i%246), byte(i), i&0x7fffffff, make([]byte, 1200)) },
		"frames of no sense": func(i uint32) []byte { return bytes.Repeat([]byte{byte(i), 0xff, 0x81}, 400) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFlow(1).opened()
			f.say(0, h2Preface)
			f.say(1, h2(nil, h2Settings, 0, 0, []byte{0, 8, 0, 0, 0, 1}))
			r := pour(t, 160, each(many(20_000), func(i int) []capture.Packet {
				f.say(0, more(uint32(i)))
				said := f.tape
				f.tape = nil
				return said
			}))
			t.Logf("%d handshakes, %d connections, %d findings, %d caveats", len(r.handshakes), len(r.connections), len(r.findings), len(r.caveats))
		})
	}
}
