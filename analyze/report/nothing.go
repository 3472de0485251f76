package report

import (
	"strings"

	"wshake/analyze/event"
)

// kindsNamed is how many kinds of packets a paragraph names; JSON has all.
const kindsNamed = 5

// nothingFound says, for a capture in which no WebSocket was found, what was in it and what to do. It is "" where
// there was one.
func nothingFound(s *event.Summary) string {
	if sum(s.Handshakes[:]) > 0 || s.WebSocket > 0 {
		return ""
	}
	if s.Packets == 0 {
		return "No packet was read. Check the interface and the filter of the capture, and that it was running while " +
			"the client connected."
	}
	said := advice(s)
	if len(s.Unread) > 0 {
		said = append([]string{"In the capture: " + strings.Join(contents(s), ", ") + "."}, said...)
	}
	return strings.Join(said, " ")
}

// contents counts what was in the capture.
func contents(s *event.Summary) []string {
	var parts []string
	if s.Connections > 0 {
		parts = append(parts, count(s.Connections, "TCP connection"))
	}
	for i, u := range s.Unread {
		if i == kindsNamed {
			parts = append(parts, count(uint64(len(s.Unread)-i), "other kind")+" of packets")
			break
		}
		parts = append(parts, count(u.Packets, "packet")+" of "+u.What)
	}
	return parts
}

// advice says what would make WebSockets visible, the reason that hides most packets first.
func advice(s *event.Summary) []string {
	var list []string
	given := make(map[event.Hidden]bool)
	for _, u := range s.Unread {
		if text := hiddenAdvice[u.Why]; text != "" && !given[u.Why] {
			given[u.Why] = true
			list = append(list, text)
		}
	}
	secured := s.TLS.Decrypted + s.TLS.Undecrypted
	if n := s.TLS.Undecrypted; n > 0 {
		list = append(list, "TLS hides what "+count(n, "connection")+" carried: with a key log of the client "+
			"(SSLKEYLOGFILE) given to --keylog it is read.")
	}
	if s.Shortened.Packets > 0 {
		list = append(list, "Packets are cut off: capture them whole (tcpdump -s 0).")
	}
	switch plain := s.Connections - min(s.Connections, secured); {
	case plain > 0 && secured > 0:
		list = append(list, "No HTTP upgrade was seen on the other "+count(plain, "connection")+".")
	case plain == 1:
		list = append(list, "No HTTP upgrade was seen on the only TCP connection.")
	case plain > 0:
		list = append(list, "No HTTP upgrade was seen on the "+count(plain, "TCP connection")+".")
	case s.Connections == 0 && len(list) == 0:
		list = append(list, "None of them is TCP, which WebSockets need: check the interface and the filter of the capture.")
	}
	return list
}

// hiddenAdvice says how to see what is hidden.
var hiddenAdvice = map[event.Hidden]string{
	event.HiddenTunnel: "What the tunnel carries is encrypted: capture on the tunnel's own interface, where it is in the " +
		"clear, or behind the host where it ends.",
	event.HiddenLink: "The link is encrypted: capture on one of the hosts, or on the wire behind the access point or " +
		"switch.",
	event.HiddenQUIC: "QUIC is encrypted and not read: switch HTTP/3 off in the client or the server, and WebSockets " +
		"use TCP.",
	event.HiddenUnknown: "What is not decoded may carry TCP in a way that is not known here: capture where the packets " +
		"are plain IP.",
	event.HiddenDamage: "Some packets end inside their headers or are damaged: capture them whole (tcpdump -s 0), with " +
		"the right link type.",
}
