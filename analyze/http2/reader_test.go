package http2

import (
	"bytes"
	"strings"
	"testing"
)

// scenes are conversations and what is told of them.
var scenes = []struct {
	name    string
	options Options
	say     func(d *dialogue)
	want    string
}{
	{"websocket", Options{}, func(d *dialogue) {
		d.open(Setting{SettingEnableConnectProtocol, 1})
		d.websocket(1)
		d.client.data(1, false, []byte("ping"))
		d.send(d.client)
		d.server.padded(1, false, []byte("pong"), 10)
		d.server.data(1, true, []byte("bye"))
		d.send(d.server)
		d.client.data(1, true, nil)
		d.client.data(1, false, []byte("late"))
		d.send(d.client)
		d.end()
	}, `
client settings
server settings 8=1
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 1 data "ping"
server 1 data "pongbye"
server 1 end
client 1 end
client over
server over`},

	{"ordinaryRequestsAreHeadsOnly", Options{}, func(d *dialogue) {
		d.open()
		d.client.headers(1, false, ":method", "POST", ":path", "/")
		d.client.data(1, true, make([]byte, 100))
		d.send(d.client)
		d.server.headers(1, false, ":status", "103")
		d.server.headers(1, false, ":status", "200")
		d.server.data(1, false, make([]byte, 100))
		d.server.headers(1, true, "grpc-status", "0")
		d.send(d.server)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=POST :path=/
server 1 interim [5-5] :status=103
server 1 response [5-5] :status=200
server 1 trailers [5-5] grpc-status=0 END_STREAM`},

	{"continuation", Options{}, func(d *dialogue) {
		d.open()
		block := d.client.fields(append(connect, "long", strings.Repeat("x", 100))...)
		d.client.frame(TypeHeaders, FlagPadded|FlagPriority, 1, []byte{7, 0, 0, 0, 0, 3}, block[:10], make([]byte, 7))
		d.send(d.client)
		d.client.continuation(1, false, block[10:30])
		d.client.continuation(1, true, block[30:])
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-5] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example long=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..`},

	{"continuationInterrupted", Options{}, func(d *dialogue) {
		d.open()
		block := d.client.fields(connect...)
		d.client.frame(TypeHeaders, 0, 1, block[:10])
		d.client.ping()
		d.client.continuation(1, true, block[10:])
		d.client.headers(3, false, ":method", "GET", ":path", "/chat") // refers to the block that is lost
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client fault [4] the frames of a header block do not follow each other (RFC 9113 §6.10, PING 0)
client lost block [4] HEADERS 1 0
client 3 request [4-4] :method=GET ?=?`},

	{"answerCapturedBeforeItsRequest", Options{}, func(d *dialogue) {
		d.open()
		d.client.headers(1, false, connect...)
		request := d.client.call()
		d.server.headers(1, false, ":status", "200")
		d.server.data(1, false, []byte("early"))
		d.send(d.server)
		d.server.data(1, false, []byte(" bird"))
		d.send(d.server)
		d.calls = append(d.calls, request)
		d.end()
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [6-6] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [4-4] :status=200
server 1 data "early bird"
client over
server over`},

	{"answerWithoutRequest", Options{Limits: Limits{Held: 1000}}, func(d *dialogue) {
		d.open()
		d.server.headers(7, false, ":status", "200")
		d.server.data(7, false, make([]byte, 2000))
		d.send(d.server)
		d.end()
	}, `
client settings
server settings
server settings ack
client settings ack
server lost limit held [4] DATA 7 0
server 7 response [4-4] :status=200
client over
server over`},

	{"alternatives", Options{}, func(d *dialogue) {
		d.open()
		d.server.frame(typeAltService, 0, 0, []byte("\x00\x01ah3=\":1\""))
		d.server.frame(typeAltService, 0, 0, []byte("\x00\x00h3=\":2\"")) // of no origin
		d.server.frame(typeAltService, 0, 1, []byte("\x00\x01ah3=\":3\""))
		d.server.frame(typeAltService, 0, 0, []byte("\x00\x09short"))
		d.server.frame(typeAltService, 0, 0, nil)
		d.send(d.server)
		d.client.frame(typeAltService, 0, 0, []byte("\x00\x01ah3=\":4\""))
		d.client.headers(1, false, connect...)
		d.send(d.client)
		d.server.frame(typeAltService, 0, 1, []byte("\x00\x00h3=\":5\""))
		d.send(d.server)
	}, `
client settings
server settings
server settings ack
client settings ack
alternative h3=":1"
client 1 request [5-5] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
alternative h3=":5"`},

	{"resetAndGoAway", Options{}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.server.rstStream(1, ErrCancel)
		d.server.goAway(1, ErrEnhanceYourCalm, "too many")
		d.server.data(1, false, []byte("late"))
		d.send(d.server)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
server 1 reset CANCEL
server goaway 1 ENHANCE_YOUR_CALM "too many"`},

	{"pushIsPassedOver", Options{}, func(d *dialogue) {
		d.open()
		d.client.headers(1, true, ":method", "GET")
		d.send(d.client)
		d.server.frame(TypePushPromise, FlagEndHeaders, 1, number(2), d.server.fields("a", "b"))
		d.server.headers(1, false, ":status", "200", "a", "b") // the table has what the promise said
		d.send(d.server)
		d.client.frame(TypePushPromise, FlagEndHeaders, 1, number(2), d.client.fields("c", "d"))
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=GET END_STREAM
server 1 response [5-5] :status=200 a=b
client fault [6] the client promises a stream (RFC 9113 §8.4, PUSH_PROMISE 1)`},

	{"upgraded", Options{Upgraded: true, Settings: []byte{0, 4, 0, 0, 0, 10}}, func(d *dialogue) {
		d.server.settings()
		d.server.headers(1, false, ":status", "200")
		d.server.data(1, true, []byte("answer"))
		d.send(d.server)
		d.client.settings()
		d.send(d.client)
		d.websocket(3)
		d.server.data(3, false, make([]byte, 10))
		d.send(d.server)
		d.end()
	}, `
server settings
server 1 response [1-1] :status=200
client settings
client 3 request [3-3] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 3 response [4-4] :status=200
server 3 data "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
server 3 stalled 5-0-0 false
client over
server over`},

	{"http1Answer", Options{}, func(d *dialogue) {
		d.client.settings()
		d.send(d.client)
		d.calls = append(d.calls, call{side: Server, octets: []byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")})
		d.end()
	}, `
client settings
client over
server fault [2] text of HTTP/1.x inside a connection of HTTP/2 (RFC 9113 §3.4, DATA 0): "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
server over`},

	{"noPreface", Options{}, func(d *dialogue) {
		d.calls = append(d.calls, call{side: Client, octets: []byte("PRI * HTTP/1.1\r\nHost: example\r\n\r\n")})
		d.end()
	}, `
client fault [1] the connection preface is not the client's first octets (RFC 9113 §3.4, DATA 0): "PRI * HTTP/1.1\r\nHost: example\r\n\r\n"
client over
server over`},

	{"streamsOutOfOrder", Options{}, func(d *dialogue) {
		d.open()
		d.client.headers(5, true, ":method", "GET")
		d.client.headers(3, true, ":method", "GET")
		d.client.headers(4, true, ":method", "GET")
		d.client.frame(TypeHeaders, 0, 0, nil)
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client 5 request [4-4] :method=GET END_STREAM
client fault [4] a request is on a stream that is not new (RFC 9113 §5.1.1, HEADERS 3)
client 3 request [4-4] :method=GET END_STREAM
client 4 request [4-4] :method=GET END_STREAM
client fault [4] a frame that belongs to a stream is on stream 0 (RFC 9113 §5.1.1, HEADERS 0)`},

	{"badSizes", Options{}, func(d *dialogue) {
		d.open()
		d.client.frame(TypeWindowUpdate, 0, 0, make([]byte, 4))
		d.client.frame(TypePing, 0, 0, make([]byte, 7))
		d.client.headers(1, true, ":method", "GET")
		d.client.frame(TypeData, FlagPadded, 1, []byte{9, 1, 2})
		d.client.frame(TypeData, 0, 1, make([]byte, 16385))
		d.client.settings(Setting{SettingEnablePush, 2})
		d.client.frame(0xb5, 0xff, 77, []byte("an extension"))
		d.client.headers(3, true, ":method", "GET")
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client fault [4] a flow-control window grows by nothing (RFC 9113 §6.9, WINDOW_UPDATE 0)
client fault [4] a frame has a length that is not allowed (RFC 9113 §4.2, PING 0)
client 1 request [4-4] :method=GET END_STREAM
client fault [4] a frame has more padding than payload (RFC 9113 §6.1, DATA 1)
client fault [4] a setting has a value that is not allowed (RFC 9113 §6.5.2, SETTINGS 0)
client settings 2=2
client 3 request [4-4] :method=GET END_STREAM`},

	{"nonsense", Options{}, func(d *dialogue) {
		d.open()
		d.calls = append(d.calls, call{side: Client, octets: bytes.Repeat([]byte("GET /chat HTTP/1.1\r\n"), 10)})
	}, `
client settings
server settings
server settings ack
client settings ack
client fault [4] what should be frames makes no sense (RFC 9113 §4.1, DATA 0): "GET /chat HTTP/1.1\r\nGET /chat HTTP/1.1\r\nGET /chat HTTP/1.1\r\nGET "`},

	{"compressionError", Options{}, func(d *dialogue) {
		d.open()
		d.client.frame(TypeHeaders, FlagEndHeaders|FlagEndStream, 1, []byte{0x82, 0xff, 0x70})
		d.client.headers(3, true, ":method", "GET")
		d.send(d.client)
	}, `
client settings
server settings
server settings ack
client settings ack
client fault [4] a header block cannot be decoded (RFC 9113 §4.3, HEADERS 1): an index that the table does not have
client lost block [4] HEADERS 1 0
client 3 request [4-4] :method=GET END_STREAM`},

	{"streamWindowCloses", Options{}, func(d *dialogue) {
		d.open(Setting{SettingInitialWindowSize, 100})
		d.websocket(1)
		d.client.padded(1, false, make([]byte, 90), 9)
		d.send(d.client) // 6: what is allowed
		d.server.windowUpdate(1, 5)
		d.send(d.server) // 7
		d.client.data(1, false, []byte("x"))
		d.send(d.client) // 8
		d.server.settings(Setting{SettingInitialWindowSize, 50})
		d.send(d.server)
		d.client.acknowledge()
		d.send(d.client) // 10: now less than nothing is left
		d.client.data(1, false, nil)
		d.send(d.client)
		d.server.rstStream(1, ErrCancel)
		d.send(d.server)
	}, `
client settings
server settings 4=100
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 1 data "` + strings.Repeat(`\x00`, 40) + `.. 90"
client 1 stalled 6-7-8 true
client 1 data "x"
server settings 4=50
client settings ack
client 1 stalled 11-0-0 false
server 1 reset CANCEL`},

	{"connectionWindowCloses", Options{}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.client.headers(3, true, ":method", "GET")
		d.send(d.client)
		for n := defaultWindow; n > 0; n -= 16000 {
			d.server.data(3, false, make([]byte, min(n, 16000)))
		}
		d.send(d.server) // 7
		d.client.windowUpdate(0, 1000)
		d.send(d.client) // 8
		d.server.data(1, false, []byte("at last"))
		d.send(d.server) // 9
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 3 request [6-6] :method=GET END_STREAM
server 0 stalled 7-8-9 true
server 1 data "at last"`},

	{"limits", Options{Limits: Limits{Block: 200, Fields: 6, Streams: 1, Settings: 2}}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.websocket(3)
		block := d.client.fields(append([]string{"a", strings.Repeat("x", 1000)}, connect...)...)
		d.client.frame(TypeHeaders, 0, 5, block[:10])
		for _, c := range block[10:] {
			d.client.continuation(5, false, []byte{c})
		}
		for range 1000 {
			d.client.continuation(5, false, nil)
		}
		d.client.continuation(5, true, nil)
		d.client.headers(7, true, ":method", "GET", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14")
		for range 10 {
			d.client.settings()
			d.client.ping()
		}
		d.send(d.client)
		d.server.data(5, false, []byte("whose?"))
		d.send(d.server)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 3 request [6-6] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
client lost limit streams [6] DATA 3 0
server 3 response [7-7] :status=200
client lost limit block [8] CONTINUATION 5 0
client lost limit fields [8] HEADERS 7 0
client 7 request [8-8] :method=GET 1=2 3=4 5=6 7=8 9=10 dropped=2 END_STREAM
client settings
client settings
client lost limit settings [8] DATA 0 0
` + strings.Repeat("client settings\n", 8) + `server 5 stray`},

	{"gapInData", Options{}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.client.data(1, false, []byte("0123456789"))
		lose(d, 12, 3)
		d.client.data(1, false, []byte("more"))
		d.send(d.client)
		d.client.padded(1, true, []byte("0123456789"), 9)
		lose(d, 15, 9)
		d.client.padded(1, false, []byte("0123456789"), 9)
		lose(d, 9, 3)
		d.server.padded(1, false, []byte("0123456789"), 9)
		d.server.data(1, false, []byte("known"))
		lose(d, 9, 3)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 1 data "012"
client 1 gap 3
client 1 data "6789more01234"
client 1 gap 5
client 1 end
server 1 gap
server 1 data "known"`},

	{"gapInBlock", Options{}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.client.headers(3, false, append(connect, "lost", "1")...)
		lose(d, 10, 4)
		d.client.headers(5, false, append(connect, "lost", "1", "new", "2")...)
		d.client.headers(7, true, "new", "2", ":method", "GET")
		d.client.data(3, false, []byte("a stream of which the request is not known"))
		d.send(d.client)
		d.client.rstStream(5, ErrNo)
		lose(d, 10, 1)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client lost block [7] HEADERS 3 0
client 5 request [9-9] ?=? ?=? :scheme=https ?=? ?=? ?=? new=2
client 7 request [9-9] new=2 :method=GET END_STREAM
client 3 stray
client 5 reset`},

	{"faultsBehindAGap", Options{}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.client.frame(TypeWindowUpdate, 0, 1, make([]byte, 5))
		d.client.data(1, false, []byte("0123456789"))
		d.send(d.client)
		d.client.data(1, false, []byte("0123456789"))
		lose(d, 12, 3)
		d.client.frame(TypeContinuation, FlagEndHeaders, 3)
		d.client.frame(TypeData, FlagPadded, 1, []byte{9, 0})
		d.client.headers(4, true, ":method", "GET")
		d.send(d.client)
		d.server.frame(TypeData, 0, 1, bytes.Repeat([]byte("x"), 1<<14+1))
		d.server.frame(TypeData, FlagPadded, 1, []byte{9, 0})
		d.send(d.server)
	}, `
client settings
server settings
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client fault [6] a frame has a length that is not allowed (RFC 9113 §4.2, WINDOW_UPDATE 1)
client 1 data "0123456789012"
client 1 gap 3
client 1 data "6789"
client fault [10] the frames of a header block do not follow each other (RFC 9113 §6.10, CONTINUATION 3), unsure
client fault [10] a frame has more padding than payload (RFC 9113 §6.1, DATA 1), unsure
client fault [10] a request is on a stream that is not new (RFC 9113 §5.1.1, HEADERS 4), unsure
client 4 request [10-10] :method=GET END_STREAM
server fault [11] a frame has a length that is not allowed (RFC 9113 §4.2, DATA 1)
server 1 data "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.. 16385"
server fault [11] a frame has more padding than payload (RFC 9113 §6.1, DATA 1)`},

	{"placeLost", Options{}, func(d *dialogue) {
		d.open(Setting{SettingEnableConnectProtocol, 1})
		d.websocket(1)
		d.client.data(1, false, []byte("before"))
		d.client.headers(3, false, append(connect, "lost", "1")...)
		d.client.data(3, false, bytes.Repeat([]byte("what was lost "), 10))
		lose(d, 12, 60)
		d.client.data(1, false, []byte("behind"))
		d.client.data(3, false, []byte("whose?"))
		d.client.headers(5, true, ":method", "GET")
		d.client.data(7, false, []byte("never opened"))
		d.send(d.client)
		d.end()
	}, `
client settings
server settings 8=1
server settings ack
client settings ack
client 1 request [4-4] :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=ws.example
server 1 response [5-5] :status=200
client 1 data "bef"
client 1 gap 3
client lost place [7] DATA 0 0
client lost resumed [9] DATA 0 113
client 1 data "behind"
client 3 stray
client 5 request [9-9] :method=GET END_STREAM
client over
server over`},

	{"midstream", Options{Midstream: [2]bool{true, true}}, func(d *dialogue) {
		d.open()
		d.websocket(1)
		d.client.headers(3, true, "a", "b", ":method", "GET")
		d.calls = nil
		d.client.wire.Next(5)
		d.client.data(1, false, []byte("x"))
		d.client.headers(5, true, "a", "b", ":method", "GET")
		d.client.headers(7, true, "a", "b", "c", "d", ":method", "GET")
		d.client.headers(9, true, "c", "d", ":method", "GET")
		d.send(d.client)
		d.server.data(1, false, []byte("y"))
		d.server.windowUpdate(1, 5)
		d.send(d.server)
		d.end()
	}, `
client lost resumed [1] DATA 0 10
client 1 stray
client 5 request [1-1] ?=? :method=GET END_STREAM
client 7 request [1-1] ?=? c=d :method=GET END_STREAM
client 9 request [1-1] c=d :method=GET END_STREAM
server lost resumed [2] DATA 0 0
client over
server over`},

	{"placeNeverFound", Options{}, func(d *dialogue) {
		d.open()
		d.calls = append(d.calls, call{side: Client, gap: 10}, call{side: Client, octets: make([]byte, 300)}, call{side: Client, gap: 10},
			call{side: Client, octets: []byte("what is this")})
		d.end()
	}, `
client settings
server settings
server settings ack
client settings ack
client lost place [4] DATA 0 0
client lost rest [6] DATA 0 300
client lost rest [8] DATA 0 12
client over
server over`},
}

// lose sends what a side has written with n octets missing from index at on.
func lose(d *dialogue, at, n int) {
	p := d.client
	if d.server.wire.Len() > 0 {
		p = d.server
	}
	c := p.call()
	d.calls = append(d.calls, call{side: c.side, octets: c.octets[:at]}, call{side: c.side, gap: uint64(n)}, call{side: c.side, octets: c.octets[at+n:]})
}

func TestScenes(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			d := newDialogue()
			s.say(d)
			check(t, play(s.options, new(recorder), d.calls), s.want)
		})
	}
}
