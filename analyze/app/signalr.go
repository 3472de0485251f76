package app

import (
	"bytes"
	"fmt"

	"wshake/analyze/event"
)

// SignalR's hub protocol: records that end in 1E as JSON, or MessagePack behind a length (HubProtocol.md in
// dotnet/aspnetcore). The handshake is JSON in both.
var signalR = protocol{name: "signalr", read: readSignalR, opens: opensSignalR, fails: func(m *Message) bool {
	return bytes.Contains(m.First, []byte(`"error"`))
}}

const recordEnd = 0x1e

func opensSignalR(m *Message) bool {
	i := bytes.IndexByte(m.First, recordEnd)
	return i > 1 && m.First[0] == '{' && m.From == event.Client && str(member(m.First[:i], "protocol")) != "" &&
		member(m.First[:i], "version") != nil
}

var signalRTypes = [...]string{1: "Invocation", 2: "StreamItem", 3: "Completion", 4: "StreamInvocation",
	5: "CancelInvocation", 6: "Ping", 7: "Close", 8: "Ack", 9: "Sequence"}

func readSignalR(_ *Talk, m *Message) *event.App {
	p := m.First
	if len(p) > 0 && p[0] == '{' {
		record, rest, _ := bytes.Cut(p, []byte{recordEnd})
		a := signalRRecord(record)
		if a != nil && len(rest) > 0 {
			more := fmt.Sprint(bytes.Count(rest, []byte{recordEnd}))
			if !m.whole() || rest[len(rest)-1] != recordEnd {
				more = "others"
			} else {
				more += " more"
			}
			a.Text += ", and " + more
		}
		return a
	}
	if m.Opcode != event.OpBinary {
		return nil
	}
	_, size := packetLength(p) // seven bits an octet, as in MQTT
	if size <= 0 {
		return nil
	}
	list := msgPackList(p[size:], 5)
	if len(list) == 0 {
		return nil
	}
	kind := small([]byte(list[0]))
	if kind < 1 || kind >= len(signalRTypes) {
		return nil
	}
	at := func(i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	switch kind {
	case 1, 4:
		return signalRSaid(kind, at(2), at(3), "")
	case 2, 5:
		return signalRSaid(kind, at(2), "", "")
	case 3:
		why := ""
		if at(3) == "1" {
			why = at(4)
		}
		return signalRSaid(kind, at(2), "", why)
	case 7:
		return signalRSaid(kind, "", "", at(1))
	}
	return signalRSaid(kind, "", "", "")
}

func signalRRecord(p []byte) *event.App {
	if version := member(p, "version"); version != nil && member(p, "protocol") != nil {
		name := str(member(p, "protocol"))
		return said("signalr", "handshake", "", name, "", join("handshake", name, "version", text(version)))
	}
	why := text(member(p, "error"))
	kind := small(member(p, "type"))
	if kind < 1 || kind >= len(signalRTypes) {
		if why != "" {
			a := said("signalr", "handshake", "", "", why, "handshake refused", quoted("", why))
			a.Failed = true
			return a
		}
		if string(bytes.TrimSpace(p)) == "{}" {
			return said("signalr", "handshake", "", "", "", "handshake accepted")
		}
		return nil
	}
	return signalRSaid(kind, text(member(p, "invocationId")), str(member(p, "target")), why)
}

func signalRSaid(kind int, id, target, why string) *event.App {
	name := signalRTypes[kind]
	a := said("signalr", name, id, target, why, join(name, target), labelled("id", id), quoted("error", why))
	a.Failed = name == "Close" && why != ""
	return a
}
