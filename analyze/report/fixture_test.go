package report

import (
	"fmt"
	"net/netip"
	"strings"

	"wshake/analyze/event"
)

// The conversations that the tests print. Times count from 2024-05-01 10:00:00 UTC.
const epoch = 1714557600e9

// at is a packet that many milliseconds after the epoch.
func at(packet uint64, ms int64) event.At {
	return event.At{Ordinal: packet, Number: packet, Time: epoch + ms*1e6}
}

func conn(ordinal uint64, client, server string) *event.Conn {
	return &event.Conn{Ordinal: ordinal, Peer: [2]netip.AddrPort{event.Client: netip.MustParseAddrPort(client), event.Server: netip.MustParseAddrPort(server)}}
}

// request reads the head of a request from its lines.
func request(last event.At, lines ...string) *event.Head {
	part := strings.Split(lines[0], " ")
	return &event.Head{StartLine: lines[0], Method: part[0], Target: part[1], Version: part[2], Fields: fields(lines[1:]), First: last, Last: last}
}

func response(last event.At, status int, reason string, lines ...string) *event.Head {
	return &event.Head{StartLine: fmt.Sprintf("HTTP/1.1 %d %s", status, reason), Version: "HTTP/1.1", Status: status, Reason: reason, Fields: fields(lines), First: last, Last: last}
}

func fields(lines []string) []event.Field {
	var list []event.Field
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		list = append(list, event.Field{Name: name, Value: value})
	}
	return list
}

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"

var (
	chat    = conn(1, "127.0.0.1:47328", "127.0.0.1:9000")
	crossed = conn(9, "192.168.100.200:50514", "10.0.0.7:443")
	barred  = conn(15, "[2001:db8::1]:40000", "[2001:db8::2]:80")
	unheard = conn(20, "10.1.1.1:3000", "10.0.0.7:8080")
)

// established is the handshake of chat: with deflate, a cookie and a token.
func established() *event.Handshake {
	return &event.Handshake{
		Conn: chat, At: at(6, 1), Transport: "http/1.1",
		Request: request(at(4, 0), "GET /chat?room=1&access_token=abcdefghijkl HTTP/1.1", "Host: chat.example", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
			"Origin: https://chat.example", "User-Agent: demo/1.0", "Cookie: session=7f3a", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Protocol: chat.v2, "+token, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
		Response: response(at(6, 1), 101, "Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: chat.v2", "Sec-WebSocket-Extensions: permessage-deflate"),
		Version: event.Some("13"), Key: event.Some("dGhlIHNhbXBsZSBub25jZQ=="), KeyValid: event.Some(true),
		Accept: event.Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), AcceptExpected: event.Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), AcceptValid: event.Some(true),
		ProtocolsOffered: event.Some([]string{"chat.v2", token}), Protocol: event.Some("chat.v2"),
		ExtensionsOffered: event.Some([]string{"permessage-deflate; client_max_window_bits"}), Extensions: event.Some([]string{"permessage-deflate"}),
		Deflate:  &event.Deflate{WindowBits: [2]int{event.Client: 15, event.Server: 12}, NoContextTakeover: [2]bool{event.Client: true}},
		Verdict:  event.Established,
		Findings: []*event.Finding{secretFound},
	}
}

var secretFound = &event.Finding{Conn: chat, At: at(4, 0), ID: "SEC-04", Name: "secret-in-handshake", Level: event.Note, Fault: event.ClientFault,
	Text: `the query parameter "access_token" carries a secret ([redacted, 12 characters]), which proxies and servers write to their logs`,
	Seen: "access_token=[redacted, 12 characters]", Section: "RFC 6455 §10", Advice: "send the token in the first message, or in a cookie"}

// invalid is the handshake of crossed: its Accept answers another key.
func invalid() *event.Handshake {
	return &event.Handshake{
		Conn: crossed, At: at(12, 250), Transport: "http/1.1",
		Request:  request(at(11, 210), "GET /live HTTP/1.1", "Host: live.example", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==", "Sec-WebSocket-Version: 13"),
		Response: response(at(12, 250), 101, "Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
		Version:  event.Some("13"), Key: event.Some("AQIDBAUGBwgJCgsMDQ4PEA=="), KeyValid: event.Some(true),
		Accept: event.Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), AcceptExpected: event.Some("C/0nmHhBztSRGR1CwL6Tf4ZjwpY="), AcceptValid: event.Some(false),
		ProtocolsOffered: event.Some([]string{}), ExtensionsOffered: event.Some([]string{}), Extensions: event.Some([]string{}),
		Verdict: event.Invalid, Findings: []*event.Finding{mismatch, idle},
	}
}

var mismatch = &event.Finding{Conn: crossed, At: at(12, 250), ID: "RSP-06", Name: "accept-mismatch", Level: event.Error, Fault: event.ServerFault,
	Text: `the Accept "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" does not answer the key "AQIDBAUGBwgJCgsMDQ4PEA=="`, Seen: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
	Wanted: "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=", Section: "RFC 6455 §4.2.2", Advice: "compute the Accept from the key of this request: base64 of SHA-1 of the key and the GUID of the standard"}

var idle = &event.Finding{Conn: crossed, At: at(12, 250), ID: "RSP-10", Name: "subprotocol-unanswered", Level: event.Warning, Fault: event.ServerFault,
	Text: "the client offered chat, the server selected none", Section: "RFC 6455 §4.2.2"}

// refused is the handshake of barred, incomplete that of unheard.
func refused() *event.Handshake {
	return &event.Handshake{
		Conn: barred, At: at(16, 1200), Transport: "http/1.1",
		Request:  request(at(15, 1150), "GET http://bar.example/very/long/path/that/does/not/fit/into/a/column/of/the/table/at/all HTTP/1.1", "Host: bar.example"),
		Response: response(at(16, 1200), 403, "Forbidden", "Content-Length: 0"),
		Verdict:  event.Refused,
	}
}

func incomplete() *event.Handshake {
	return &event.Handshake{Conn: unheard, At: at(20, 2000), Transport: "http/1.1",
		Request: request(at(20, 2000), "GET / HTTP/1.1", "Host: x"), Verdict: event.Incomplete}
}

var frames = []event.Frame{
	{Conn: chat, At: at(7, 10), From: event.Client, First: at(7, 10), Complete: true,
		Header:  event.Header{FIN: true, RSV: event.RSV1, Opcode: event.OpText, Masked: true, Key: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 31, Size: 6},
		Payload: event.Payload{Kept: true, Data: []byte{0xaa, 0x56, 0x4a, 0xcc, 0x4d, 0x55}, Truncated: true}},
	{Conn: chat, At: at(8, 40), From: event.Server, First: at(8, 40), Complete: true, Header: event.Header{Opcode: event.OpPing, RSV: event.RSV2, Size: 2}},
	{Conn: chat, At: at(10, 3000), From: event.Server, First: at(9, 2990), Offset: 2, Complete: true,
		Header: event.Header{FIN: true, Opcode: event.OpClose, Length: 5, Size: 2}, Code: event.Some(uint16(1000)), Reason: event.Some("bye")},
}

var messages = []event.Message{
	{Conn: chat, At: at(7, 10), From: event.Client, Opcode: event.OpText, Length: event.Some(uint64(44)), WireLength: 31, Frames: 1, Compressed: true, Complete: true, First: at(7, 10),
		SHA256: event.Some([32]byte{1, 2, 3}), Kind: "json", Payload: event.Payload{Kept: true, Text: true, Data: []byte(`{"say":"grüß dich","to":["a","b"],"at":1.50}`)}},
	{Conn: chat, At: at(9, 50), From: event.Server, Opcode: event.OpBinary, WireLength: 2000, Frames: 3, First: at(8, 45),
		Payload: event.Payload{Kept: true, Data: []byte("\x16\x03\x01\x02\x00\x01\x00\x01 hello over there \xff"), Truncated: true}},
}

var over = event.Connection{Conn: chat, At: at(14, 3010), WebSocket: true, Packets: 14, Bytes: 2345, Duration: 3010e6, Ended: event.EndedClose, EndedBy: event.Some(event.Server),
	Close:       &event.Close{From: event.Server, Code: event.Some(uint16(1000)), Reason: event.Some("bye"), Answered: true},
	LongestIdle: event.Some(int64(2940e6)), Pings: 1, PingRTT: &event.RTT{Min: 310, Median: 310, Max: 310},
	Sides:   [2]event.SideCount{{Frames: 2, Messages: 1, PayloadBytes: 36, WireBytes: 48}, {Frames: 5, Messages: 1, PayloadBytes: 2007, WireBytes: 2019, GapBytes: 12}},
	Caveats: []string{"gap"}, Findings: []string{"secret-in-handshake"}}

var cut = event.Connection{Conn: crossed, At: at(18, 1500), Packets: 6, Bytes: 900, Duration: 1300e6, Ended: event.EndedReset, EndedBy: event.Some(event.Client)}

var gap = event.Caveat{Conn: chat, At: at(9, 50), Name: "gap", Text: "12 octets of the server's stream were not captured", Bytes: event.Some(uint64(12))}

func summary() *event.Summary {
	return &event.Summary{Files: []string{"demo.pcap"}, Packets: 1204, Bytes: 96300, FirstTime: event.Some(int64(epoch)), LastTime: event.Some(int64(epoch + 3010e6)),
		Connections: 4, WebSocket: 2, Handshakes: [event.Verdicts]uint64{1, 1, 1, 1}, Frames: 7, Messages: 2,
		Findings: [event.Levels]uint64{1, 1, 1}, Caveats: map[string]uint64{"gap": 1, "checksum": 3}}
}

// tell delivers the conversations in order.
func tell(to event.Receiver) {
	to.Handshake(established())
	to.Finding(secretFound)
	to.Frame(&frames[0])
	to.Message(&messages[0])
	to.Frame(&frames[1])
	to.Caveat(&gap)
	to.Message(&messages[1])
	to.Handshake(invalid())
	to.Finding(mismatch)
	to.Finding(idle)
	to.Handshake(refused())
	to.Connection(&cut)
	to.Handshake(incomplete())
	to.Frame(&frames[2])
	to.Connection(&over)
	to.Summary(summary())
}
