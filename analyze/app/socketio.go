package app

import (
	"bytes"
	"strings"

	"wshake/analyze/event"
)

// Engine.IO protocol revisions 3 and 4, and Socket.IO protocol revisions 4 and 5 in its messages.
// https://socket.io/docs/v4/engine-io-protocol/, https://socket.io/docs/v4/socket-io-protocol/
var socketIO = protocol{name: "socket.io", opens: opensSocketIO, read: readSocketIO, fails: failsSocketIO}

// engineTarget recognises the target that a client of Engine.IO asks for.
func engineTarget(target string) bool {
	_, query, ok := strings.Cut(target, "?")
	if !ok || len(query) > 4096 {
		return false
	}
	engine, transport := false, false
	for part := range strings.SplitSeq(query, "&") {
		engine = engine || part == "EIO=3" || part == "EIO=4"
		transport = transport || part == "transport=websocket"
	}
	return engine && transport
}

func opensSocketIO(m *Message) bool {
	p := m.First
	return m.Opcode == event.OpText && (hasPrefix(p, `0{"sid":"`) || hasPrefix(p, `40{"sid":"`) ||
		m.whole() && (string(p) == "2probe" || string(p) == "3probe"))
}

func failsSocketIO(m *Message) bool {
	return m.Opcode == event.OpText && hasPrefix(m.First, "44") && m.From == event.Server
}

var enginePackets = [...]string{"open", "close", "ping", "pong", "message", "upgrade", "noop"}

func readSocketIO(_ *Talk, m *Message) *event.App {
	p := m.First
	if m.Opcode != event.OpText {
		return said("socket.io", "attachment", "", "", "", "binary attachment of "+octets(m.Length))
	}
	if len(p) == 0 || p[0] < '0' || p[0] > '6' {
		return nil
	}
	kind, body := enginePackets[p[0]-'0'], p[1:]
	switch kind {
	case "open":
		sid := str(member(body, "sid"))
		return said("engine.io", kind, sid, "", "", join("open", sid),
			labelled("ping every", milliseconds(member(body, "pingInterval"))))
	case "message":
		if a := readSocketPacket(body); a != nil {
			return a
		}
		return said("engine.io", kind, "", "", "", "message of "+octets(m.Length-1))
	}
	return said("engine.io", kind, "", "", "", join(kind, firstLine(string(body[:min(len(body), 16)]))))
}

func milliseconds(v []byte) string {
	if len(v) == 0 || v[0] < '0' || v[0] > '9' {
		return ""
	}
	return string(v) + " ms"
}

var socketPackets = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// readSocketPacket reads <type>[<attachments>-][<namespace>,][<acknowledgement id>][<JSON>].
func readSocketPacket(p []byte) *event.App {
	if len(p) == 0 || p[0] < '0' || p[0] > '6' {
		return nil
	}
	kind, p := socketPackets[p[0]-'0'], p[1:]
	attachments := ""
	if kind == "BINARY_EVENT" || kind == "BINARY_ACK" {
		n := digits(p)
		if n == 0 || n == len(p) || p[n] != '-' {
			return nil
		}
		attachments, p = string(p[:n]), p[n+1:]
	}
	space := ""
	if len(p) > 0 && p[0] == '/' {
		if n := bytes.IndexByte(p, ','); n >= 0 {
			space, p = string(p[:n]), p[n+1:]
		} else {
			space, p = string(p), nil
		}
	}
	n := digits(p)
	id, p := string(p[:n]), p[n:]
	if len(p) > 0 && p[0] != '[' && p[0] != '{' && p[0] != '"' {
		return nil
	}
	on := labelled("on", space)
	with := labelled("attachments", attachments)
	switch kind {
	case "EVENT", "BINARY_EVENT":
		name := text(element(elements(p, 1), 0))
		return said("socket.io", kind, id, name, "", join(kind, name, on), labelled("acknowledge as", id), with)
	case "ACK", "BINARY_ACK":
		return said("socket.io", kind, id, "", "", join(kind, id, on), with)
	case "CONNECT_ERROR":
		why := reason(p)
		a := said("socket.io", kind, "", space, why, join(kind, on), quoted("", why))
		a.Failed = true
		return a
	}
	sid := ""
	if kind == "CONNECT" {
		sid = str(member(p, "sid"))
	}
	return said("socket.io", kind, sid, space, "", join(kind, on), labelled("session", sid))
}

// digits is how many octets at the beginning of p are digits, 20 at most.
func digits(p []byte) (n int) {
	for n < len(p) && n < 20 && p[n] >= '0' && p[n] <= '9' {
		n++
	}
	return n
}
