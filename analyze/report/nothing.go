package report

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// kindsNamed is how many kinds of packets a paragraph names; JSON has all.
const kindsNamed = 5

// NothingFound says, for a capture in which no WebSocket was found, what was in it and what to do. It is "" where
// there was one.
func NothingFound(s *event.Summary) string {
	if sum(s.Handshakes[:]) > 0 || s.WebSocket > 0 {
		return ""
	}
	if s.Packets == 0 {
		return "No packet was read. Check the interface and the filter of the capture, and that it was running while " +
			"the client connected."
	}
	said := advice(s)
	if parts := contents(s); len(parts) > 0 {
		said = append([]string{"In the capture: " + strings.Join(parts, ", ") + "."}, said...)
	}
	return strings.Join(said, " ")
}

// contents counts what was in the capture.
func contents(s *event.Summary) []string {
	var parts []string
	if s.Connections > 0 {
		parts = append(parts, count(s.Connections, "TCP connection")+among(s))
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
	list = append(list, tlsAdvice(s.TLS)...)
	if c := s.Shortened; c.Packets > 0 {
		list = append(list, fmt.Sprintf("%s of %s cut off, and %s of all octets are missing: capture whole packets (tcpdump -s 0).",
			number(c.Packets), number(s.Packets)+" packets "+are(c.Packets), share(c.Missing, s.Bytes)))
	}
	if s.Caveats["sampled"] > 0 {
		list = append(list, "Most octets of the TCP streams are missing: capture every packet, without sampling, where the machine keeps up.")
	}
	http, unknown, others := spokenTotals(s)
	switch {
	case s.Connections == 0 && len(list) == 0:
		list = append(list, "None of them is TCP, which WebSockets need: check the interface and the filter of the capture.")
	case http == 1:
		list = append(list, "Its HTTP asks for no upgrade.")
	case http > 1:
		list = append(list, "Their HTTP asks for no upgrade.")
	}
	read := http + s.TLS.Decrypted + s.TLS.Undecrypted
	switch {
	case unknown > 0 && len(list) == 0:
		list = append(list, "What was not recognised may be a WebSocket that began before the capture: have the client connect while it runs.")
	case others > 0 && read+unknown+s.Shortened.Packets == 0:
		list = append(list, "No connection begins with HTTP or TLS, as a WebSocket does: check the port and the filter of the capture.")
	case s.Connections > 0 && read+unknown+others == 0 && len(list) == 0:
		list = append(list, "No TCP connection carried data: nobody listens at the port, or the data takes another way than the capture sees.")
	}
	return list
}

// tlsAdvice says how to see what TLS hides.
func tlsAdvice(t event.Secured) (list []string) {
	if n := t.Undecrypted - min(t.Undecrypted, t.Late+t.Half); n > 0 {
		text := "TLS hides what " + count(n, "connection") + " carried: "
		if t.KeyLog {
			text += "the key log is another program's, or began later; have it written by one of the two ends while the capture runs " +
				"(the caveat names the client random that it lacks)."
		} else {
			text += "have one of the two ends write a key log while the capture runs (browsers, curl and Python with SSLKEYLOGFILE, " +
				"Node with --tls-keylog, Go with tls.Config.KeyLogWriter) and give it to --keylog, or capture behind the proxy that ends TLS."
		}
		list = append(list, text)
	}
	if t.Half > 0 {
		list = append(list, "Of "+count(t.Half, "TLS connection")+" one direction was captured, and no key log can open that: capture both.")
	}
	if t.Late > 0 {
		list = append(list, count(t.Late, "TLS connection")+" began before the capture, and no key log can open that: begin it before the "+
			"client connects, or have the client connect again.")
	}
	return list
}

// among says what the TCP connections were, in parentheses.
func among(s *event.Summary) string {
	var kinds []string
	if n := s.TLS.Decrypted; n > 0 {
		kinds = append(kinds, number(n)+" TLS, decrypted")
	}
	if n := s.TLS.Undecrypted; n > 0 {
		kinds = append(kinds, number(n)+" TLS, not decrypted")
	}
	for i, k := range s.Spoken {
		if i == kindsNamed {
			kinds = append(kinds, count(uint64(len(s.Spoken)-i), "other kind"))
			break
		}
		kinds = append(kinds, number(k.Connections)+" "+k.What)
	}
	if len(kinds) == 0 {
		return ""
	}
	return " (" + strings.Join(kinds, ", ") + ")"
}

// spokenTotals counts the connections that speak HTTP, those that were not recognised, and the others.
func spokenTotals(s *event.Summary) (http, unknown, others uint64) {
	for _, k := range s.Spoken {
		switch {
		case k.Unknown:
			unknown += k.Connections
		case k.Unread:
			others += k.Connections
		case strings.HasPrefix(k.What, "HTTP"):
			http += k.Connections
		}
	}
	return http, unknown, others
}

func are(n uint64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// share is a part of a whole in per cent, rounded up so that something is never 0.
func share(part, whole uint64) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%d %%", min((part*100+whole-1)/whole, 100))
}

// hiddenAdvice says how to see what is hidden.
var hiddenAdvice = map[event.Hidden]string{
	event.HiddenTunnel: "What the tunnel carries is encrypted: capture on the tunnel's own interface, where it is in the " +
		"clear, or behind the host where it ends.",
	event.HiddenLink: "The link is encrypted: capture on one of the hosts, or on the wire behind the access point or " +
		"switch.",
	event.HiddenQUIC: "QUIC is encrypted: give its secrets with --keylog, or switch HTTP/3 off in the client or the server, and WebSockets " +
		"use TCP.",
	event.HiddenUnknown: "What is not decoded may carry TCP in a way that is not known here: capture where the packets " +
		"are plain IP.",
	event.HiddenDamage: "Some packets end inside their headers or are damaged: capture them whole (tcpdump -s 0), with " +
		"the right link type.",
}
