package app

import (
	"bytes"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// STOMP 1.0 to 1.2, https://stomp.github.io/stomp-specification-1.2.html
var stomp = protocol{name: "stomp", subprotocols: []string{"v10.stomp", "v11.stomp", "v12.stomp"}, opens: opensSTOMP,
	read: readSTOMP, fails: func(m *Message) bool { return m.From == event.Server && hasPrefix(m.First, "ERROR") }}

var stompCommands = []string{"CONNECT", "STOMP", "CONNECTED", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK",
	"BEGIN", "COMMIT", "ABORT", "DISCONNECT", "MESSAGE", "RECEIPT", "ERROR"}

// opensSTOMP: the first frame of either side names versions in a header.
func opensSTOMP(m *Message) bool {
	if m.From == event.Client {
		for _, begin := range []string{"CONNECT\n", "CONNECT\r\n", "STOMP\n", "STOMP\r\n"} {
			if hasPrefix(m.First, begin) {
				return bytes.Contains(m.First, []byte("accept-version:"))
			}
		}
		return false
	}
	return (hasPrefix(m.First, "CONNECTED\n") || hasPrefix(m.First, "CONNECTED\r\n")) &&
		bytes.Contains(m.First, []byte("version:"))
}

func readSTOMP(_ *Talk, m *Message) *event.App {
	p := bytes.TrimLeft(m.First, "\r\n")
	if len(p) == 0 && m.whole() && len(m.First) > 0 {
		return said("stomp", "heart-beat", "", "", "", "heart-beat")
	}
	line, rest, ok := bytes.Cut(p, []byte("\n"))
	at := slices.Index(stompCommands, string(bytes.TrimSuffix(line, []byte("\r"))))
	if !ok || at < 0 {
		return nil
	}
	command := stompCommands[at]
	head := stompHead{raw: command == "CONNECT" || command == "CONNECTED"}
	rest = head.take(rest)
	of := head.get
	switch command {
	case "SEND", "MESSAGE", "SUBSCRIBE":
		id := of("id")
		if command == "MESSAGE" {
			id = of("message-id")
		}
		if command == "SEND" {
			id = of("receipt")
		}
		name := of("destination")
		return said("stomp", command, id, name, "", join(command, name), labelled("id", of("id")),
			labelled("subscription", of("subscription")), labelled("message", of("message-id")),
			labelled("receipt wanted", of("receipt")))
	case "ERROR":
		body := firstLine(string(bytes.TrimRight(rest, "\x00")))
		why := of("message")
		if body != "" && body != why {
			why = strings.TrimPrefix(why+": "+body, ": ")
		}
		a := said("stomp", command, of("receipt-id"), "", why, command, quoted("", why), labelled("receipt", of("receipt-id")))
		a.Failed = true
		return a
	case "CONNECT", "STOMP":
		return said("stomp", command, "", of("host"), "", join(command, labelled("to", of("host"))),
			labelled("versions", of("accept-version")), labelled("heart-beat", of("heart-beat")))
	case "CONNECTED":
		return said("stomp", command, of("session"), of("server"), "", command, labelled("version", of("version")),
			labelled("server", of("server")), labelled("heart-beat", of("heart-beat")))
	case "RECEIPT":
		return said("stomp", command, of("receipt-id"), "", "", join(command, of("receipt-id")))
	case "ACK", "NACK":
		id := of("id")
		if id == "" {
			id = of("message-id") // before version 1.2
		}
		return said("stomp", command, id, "", "", join(command, id))
	case "UNSUBSCRIBE":
		return said("stomp", command, of("id"), "", "", join(command, of("id")))
	case "BEGIN", "COMMIT", "ABORT":
		return said("stomp", command, of("transaction"), "", "", join(command, of("transaction")))
	}
	return said("stomp", command, of("receipt"), "", "", command, labelled("receipt wanted", of("receipt")))
}

// stompHead is the headers of a frame, the first ones.
type stompHead struct {
	names, values [16]string
	n             int
	raw           bool // CONNECT and CONNECTED escape nothing
}

// take reads the headers at the beginning of p and returns what is behind them.
func (h *stompHead) take(p []byte) []byte {
	for {
		line, rest, ok := bytes.Cut(p, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return rest
		}
		if name, value, colon := bytes.Cut(line, []byte(":")); colon && h.n < len(h.names) {
			h.names[h.n], h.values[h.n] = string(name), string(value)
			h.n++
		}
		if !ok {
			return nil
		}
		p = rest
	}
}

// get is a header's first value, which counts where it is repeated.
func (h *stompHead) get(name string) string {
	i := slices.Index(h.names[:h.n], name)
	if i < 0 {
		return ""
	}
	if h.raw {
		return h.values[i]
	}
	return stompEscapes.Replace(h.values[i])
}

var stompEscapes = strings.NewReplacer(`\n`, " ", `\r`, "", `\c`, ":", `\\`, `\`)
