package app

import (
	"bytes"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// SIP, RFC 3261 over RFC 7118: one message of SIP in each of WebSocket.
var sip = protocol{name: "sip", subprotocols: []string{"sip"}, opens: opensSIP, read: readSIP}

var sipMethods = []string{"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "PRACK", "SUBSCRIBE", "NOTIFY",
	"UPDATE", "MESSAGE", "REFER", "PUBLISH"}

// sipLine splits the first line of a message into its three words.
func sipLine(p []byte) (words [3]string, rest []byte, ok bool) {
	line, rest, found := bytes.Cut(p, []byte("\r\n"))
	if !found {
		return words, nil, false
	}
	parts := strings.SplitN(string(line), " ", 3)
	if len(parts) < 3 {
		return words, nil, false
	}
	return [3]string(parts), rest, true
}

func opensSIP(m *Message) bool {
	w, _, ok := sipLine(m.First)
	return ok && (w[0] == "SIP/2.0" || w[2] == "SIP/2.0" && slices.Contains(sipMethods, w[0]))
}

func readSIP(_ *Talk, m *Message) *event.App {
	if m.whole() && (string(m.First) == "\r\n\r\n" || string(m.First) == "\r\n") { // RFC 5626 §3.5.1
		return said("sip", "keep-alive", "", "", "", "keep-alive")
	}
	w, rest, ok := sipLine(m.First)
	if !ok {
		return nil
	}
	id, sequence := sipField(rest, "Call-ID", "i"), sipField(rest, "CSeq", "")
	if w[2] == "SIP/2.0" && slices.Contains(sipMethods, w[0]) {
		return said("sip", w[0], id, w[1], "", join(w[0], w[1]), labelled("call", id))
	}
	if w[0] != "SIP/2.0" || small([]byte(w[1])) < 100 {
		return nil
	}
	_, method, _ := strings.Cut(sequence, " ")
	why := ""
	if w[1] >= "300" {
		why = w[1] + " " + w[2]
	}
	return said("sip", "response", id, method, why, join(w[1], w[2], labelled("to", method)), labelled("call", id))
}

// sipField is the value of a field, by its name or its short form.
func sipField(p []byte, name, short string) string {
	for len(p) > 0 {
		line, rest, whole := bytes.Cut(p, []byte("\r\n"))
		if len(line) == 0 || !whole {
			return ""
		}
		if n, v, ok := strings.Cut(string(line), ":"); ok {
			if n = strings.TrimSpace(n); strings.EqualFold(n, name) || short != "" && strings.EqualFold(n, short) {
				return strings.TrimSpace(v)
			}
		}
		p = rest
	}
	return ""
}
