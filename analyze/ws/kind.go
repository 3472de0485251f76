package ws

import (
	"bytes"
	"strings"
	"wshake/analyze/event"
)

// kindOf is a subprotocol that names its payload, from IANA's WebSocket Subprotocol Name Registry or the project's own
// documents.
type kindOf struct {
	subprotocol string
	kind        string
	opcode      event.Opcode // of its messages; Continuation where both are used
}

var kindsOfSubprotocols = []kindOf{
	{"mqtt", "mqtt", event.OpBinary},     // MQTT 3.1.1 §6.0
	{"mqttv3.1", "mqtt", event.OpBinary}, // its predecessor
	{"v10.stomp", "stomp", event.OpContinuation},
	{"v11.stomp", "stomp", event.OpContinuation},
	{"v12.stomp", "stomp", event.OpContinuation},
	{"wamp.2.json", "wamp", event.OpText},
	{"wamp.2.msgpack", "wamp", event.OpBinary},
	{"wamp.2.cbor", "wamp", event.OpBinary},
	{"graphql-ws", "graphql-ws", event.OpText},
	{"graphql-transport-ws", "graphql-transport-ws", event.OpText},
	{"sip", "sip", event.OpContinuation}, // RFC 7118 §4.1
	{"xmpp", "xmpp", event.OpText},       // RFC 7395 §3.1
	{"amqp", "amqp", event.OpBinary},     // OASIS AMQP WebSocket Binding §2
	{"AMQPWSB10", "amqp", event.OpBinary},
	{"ocpp1.2", "ocpp", event.OpText}, // OCPP-J §3
	{"ocpp1.5", "ocpp", event.OpText},
	{"ocpp1.6", "ocpp", event.OpText},
	{"ocpp2.0", "ocpp", event.OpText},
	{"ocpp2.0.1", "ocpp", event.OpText},
	{"ocpp2.1", "ocpp", event.OpText},
	{"channel.k8s.io", "k8s-channel", event.OpBinary}, // k8s.io/apimachinery: the first octet is the channel
	{"v4.channel.k8s.io", "k8s-channel", event.OpBinary},
	{"v5.channel.k8s.io", "k8s-channel", event.OpBinary},
	{"base64.channel.k8s.io", "k8s-channel", event.OpText},
	{"v4.base64.channel.k8s.io", "k8s-channel", event.OpText},
}

// Kind names what a message carries, where that is sure, else "". subprotocol is what the handshake agreed on ("" for
// nothing), first the beginning of the decoded message: Message.Prefix, so that fewer than MaxPrefix octets are the
// whole message. What its octets say comes first, then the subprotocol; "json", "xml", "msgpack" and "cbor" are the
// last resort.
//
// The names: "json", "xml", "msgpack", "cbor", "mqtt", "stomp", "wamp", "graphql-ws", "graphql-transport-ws",
// "socket.io", "engine.io", "signalr", "sip", "xmpp", "amqp", "ocpp", "k8s-channel", "ssh", "tls", "http",
// "rfb", "chisel", "wstunnel". Of them "ssh", "tls", "http", "rfb", "chisel" and "wstunnel" are other
// connections inside this one.
func Kind(subprotocol string, first []byte, opcode event.Opcode) string {
	if kind := TunnelIn(first); kind != "" {
		return kind
	}
	if kind := Tunnel(subprotocol); kind != "" {
		return kind
	}
	if subprotocol != "" {
		if kind := kindOfSubprotocol(subprotocol, opcode); kind != "" {
			return kind
		}
	}
	if kind := kindOfOpening(first); kind != "" {
		return kind
	}
	switch opcode {
	case event.OpText:
		return kindOfText(first)
	case event.OpBinary:
		return kindOfBinary(first)
	}
	return ""
}

// Tunnel is Kind as far as the subprotocol tells that messages are of another connection inside this one, else "".
// What a message begins with may tell it, too: see TunnelIn.
func Tunnel(subprotocol string) string {
	switch {
	case strings.HasPrefix(subprotocol, "chisel-v"): // chisel/share/version.go
		return "chisel"
	case strings.HasPrefix(subprotocol, "authorization.bearer."): // wstunnel sends its JWT so
		return "wstunnel"
	}
	return ""
}

// kindOfSubprotocol knows the payload that a subprotocol stands for.
func kindOfSubprotocol(subprotocol string, opcode event.Opcode) string {
	for _, k := range kindsOfSubprotocols {
		if k.subprotocol == subprotocol && (k.opcode == opcode || k.opcode == event.OpContinuation) {
			return k.kind
		}
	}
	return ""
}

// SOCKSGreeting recognises what may be a client's first message of SOCKS5 (RFC 1928 §3): as many methods as announced,
// each once, all of them registered or private, one of them among those that clients use. It is no more than a hint:
// packets of NDN begin with 05 and a length, too. Only the other side's answer is evidence, see SOCKSAnswer.
func SOCKSGreeting(p []byte) bool {
	if len(p) < 3 || p[0] != 5 || len(p) != 2+int(p[1]) || p[1] > 10 {
		return false
	}
	usual := false
	var seen [256]bool
	for _, method := range p[2:] {
		if seen[method] || method > 9 && method < 0x80 || method == 0xff {
			return false
		}
		seen[method] = true
		usual = usual || method == 0 || method == 2 // no authentication, user name and password
	}
	return usual
}

// SOCKSAnswer says that p answers a greeting of SOCKS5: it is version 5 and one of the methods offered, or FF for none
// (RFC 1928 §3).
func SOCKSAnswer(greeting, p []byte) bool {
	return len(p) == 2 && p[0] == 5 && (p[1] == 0xff || bytes.IndexByte(greeting[2:], p[1]) >= 0)
}

// TunnelIn is Kind as far as the first octets of a message tell that it is of another connection inside this one, else
// "": it knows protocols that have a connection of their own elsewhere.
func TunnelIn(p []byte) string {
	switch {
	case hasPrefix(p, "SSH-chisel-v"): // the banner of chisel's SSH layer
		return "chisel"
	case hasPrefix(p, "SSH-2.0-"), hasPrefix(p, "SSH-1.99-"): // RFC 4253 §4.2, §5.1
		return "ssh"
	case len(p) == 12 && hasPrefix(p, "RFB 00") && p[7] == '.' && p[11] == '\n': // RFC 6143 §7.1.1
		return "rfb"
	case len(p) > 5 && p[0] == 22 && p[1] == 3 && p[2] <= 4 && (p[5] == 1 || p[5] == 2): // RFC 8446 §5.1: a hello
		return "tls"
	case len(p) == 0 || p[0] < 'A' || p[0] > 'Z': // HTTP begins with a word
		return ""
	}
	switch WhatIsThis(p) {
	case "HTTP request", "HTTP response", "HTTP/2 preface": // RFC 9112 §2.1, RFC 9113 §3.4
		return "http"
	}
	return ""
}

// kindOfOpening knows messages that open a conversation and carry the name of their protocol, or are as good as that.
func kindOfOpening(p []byte) string {
	switch {
	case opensMQTT(p):
		return "mqtt"
	case hasPrefix(p, "AMQP") && len(p) == 8: // AMQP 1.0 §2.2
		return "amqp"
	case hasPrefix(p, "CONNECT\n"), hasPrefix(p, "CONNECT\r\n"), hasPrefix(p, "CONNECTED\n"), hasPrefix(p, "STOMP\n"):
		return "stomp" // STOMP 1.2, Connecting
	case hasPrefix(p, "SIP/2.0 "), hasPrefix(p, "REGISTER sip:"), hasPrefix(p, "INVITE sip:"), hasPrefix(p, "OPTIONS sip:"):
		return "sip" // RFC 3261 §7
	case hasPrefix(p, "<open ") && bytes.Contains(p, []byte("xmpp-framing")): // RFC 7395 §3.3
		return "xmpp"
	case hasPrefix(p, `0{"sid":"`), string(p) == "2probe", string(p) == "3probe": // Engine.IO protocol: open, upgrade
		return "engine.io"
	case hasPrefix(p, `40{"sid":"`), hasPrefix(p, `42["`): // Socket.IO protocol: connect, event, within Engine.IO's message
		return "socket.io"
	case len(p) > 1 && p[0] == '{' && bytes.Contains(p, []byte("}\x1e")): // SignalR hub protocol: JSON records end so
		return "signalr"
	}
	return ""
}

// opensMQTT reports whether p begins with a CONNECT packet: its type, a length of one to four octets, the protocol's
// name (MQTT 3.1.1 §3.1).
func opensMQTT(p []byte) bool {
	if len(p) == 0 || p[0] != 0x10 {
		return false
	}
	i := 1
	for i < 4 && i < len(p) && p[i]&0x80 != 0 {
		i++
	}
	p = p[min(i+1, len(p)):]
	return hasPrefix(p, "\x00\x04MQTT") || hasPrefix(p, "\x00\x06MQIsdp")
}

// kindOfText knows XML by its declaration and JSON by its first two tokens and, of a whole message, its last.
func kindOfText(p []byte) string {
	if hasPrefix(p, "<?xml ") {
		return "xml"
	}
	whole := len(p) < MaxPrefix
	p = trimBlanks(p)
	if len(p) < 2 {
		return ""
	}
	inner := trimBlanks(p[1:])
	if len(inner) == 0 {
		return ""
	}
	last := p[len(p)-1]
	switch p[0] {
	case '{':
		if (inner[0] == '"' || inner[0] == '}') && (!whole || last == '}') {
			return "json"
		}
	case '[':
		if whole && last == ']' && bytes.IndexByte([]byte(`{["]-0123456789tfn`), inner[0]) >= 0 ||
			!whole && bytes.IndexByte([]byte(`{["`), inner[0]) >= 0 {
			return "json"
		}
	}
	return ""
}

// trimBlanks cuts the blanks of JSON (RFC 8259 §2) off both ends.
func trimBlanks(p []byte) []byte {
	blank := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	for len(p) > 0 && blank(p[0]) {
		p = p[1:]
	}
	for len(p) > 0 && blank(p[len(p)-1]) {
		p = p[:len(p)-1]
	}
	return p
}

// kindOfBinary knows maps of MessagePack and CBOR by a first key that is a word of three letters or more.
func kindOfBinary(p []byte) string {
	switch {
	case hasPrefix(p, "\xd9\xd9\xf7"): // RFC 8949 §3.4.6: self-described CBOR
		return "cbor"
	case len(p) < 2:
	case p[0]&0xF0 == 0x80 && p[1]&0xE0 == 0xA0 && startsWithWord(p[2:], int(p[1]&0x1F)): // MessagePack: fixmap, fixstr
		return "msgpack"
	case p[0] >= 0xA1 && p[0] <= 0xB7 && p[1]&0xE0 == 0x60 && startsWithWord(p[2:], int(p[1]&0x1F)): // RFC 8949 §3.1
		return "cbor"
	}
	return ""
}

// startsWithWord reports whether p begins with n letters, three at least, and does not end there: a value follows a
// key.
func startsWithWord(p []byte, n int) bool {
	if n < 3 || n > 23 || len(p) <= n {
		return false
	}
	for _, c := range p[:n] {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

func hasPrefix(p []byte, prefix string) bool {
	return len(p) >= len(prefix) && string(p[:len(prefix)]) == prefix
}
