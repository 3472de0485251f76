package report

import (
	"testing"

	"wshake/analyze/event"
)

// What was in a capture without WebSockets, and what to do.
func TestNothingFound(t *testing.T) {
	row := func(packets uint64, what string, why event.Hidden) event.Unread {
		return event.Unread{What: what, Packets: packets, Bytes: packets * 100, Why: why}
	}
	tls := event.Secured{Undecrypted: 2}
	for _, c := range []struct {
		name string
		run  event.Summary
		want string
	}{
		{"handshakes", event.Summary{Packets: 9, Handshakes: [event.Verdicts]uint64{event.Refused: 1}, Unread: []event.Unread{row(9, "ARP", 0)}}, ""},
		{"from before", event.Summary{Packets: 9, WebSocket: 1}, ""},
		{"empty", event.Summary{}, "No packet was read. Check the interface and the filter of the capture, and that it was running while the client connected."},
		{"no TCP", event.Summary{Packets: 9, Unread: []event.Unread{row(8, "ARP (EtherType 0806)", event.NothingHidden), row(1, "DNS (UDP 53)", event.NothingHidden)}},
			"In the capture: 8 packets of ARP (EtherType 0806), 1 packet of DNS (UDP 53). None of them is TCP, which WebSockets need: check the interface and the filter of the capture."},
		{"tunnel", event.Summary{Packets: 93, Unread: []event.Unread{row(93, "WireGuard (UDP 51820)", event.HiddenTunnel)}},
			"In the capture: 93 packets of WireGuard (UDP 51820). What the tunnel carries is encrypted: capture on the tunnel's own interface, where it is in the clear, or behind the host where it ends."},
		{"TLS and others", event.Summary{Packets: 90, Connections: 5, TLS: tls, Unread: []event.Unread{row(2, "QUIC (UDP 443)", event.HiddenQUIC)}},
			"In the capture: 5 TCP connections, 2 packets of QUIC (UDP 443). QUIC is encrypted and not read: switch HTTP/3 off in the client or the server, and WebSockets use TCP. " +
				"TLS hides what 2 connections carried: with a key log of the client (SSLKEYLOGFILE) given to --keylog it is read. No HTTP upgrade was seen on the other 3 connections."},
		{"TCP alone", event.Summary{Packets: 90, Connections: 1}, "No HTTP upgrade was seen on the only TCP connection."},
		{"cut", event.Summary{Packets: 90, Connections: 2, Shortened: event.Shortened{Packets: 4, Missing: 10}},
			"Packets are cut off: capture them whole (tcpdump -s 0). No HTTP upgrade was seen on the 2 TCP connections."},
		{"many kinds", event.Summary{Packets: 90, Unread: []event.Unread{row(7, "a", 0), row(6, "b", 0), row(5, "c", 0), row(4, "d", event.HiddenUnknown), row(3, "e", event.HiddenUnknown), row(2, "f", 0), row(1, "g", 0)}},
			"In the capture: 7 packets of a, 6 packets of b, 5 packets of c, 4 packets of d, 3 packets of e, 2 other kinds of packets. " +
				"What is not decoded may carry TCP in a way that is not known here: capture where the packets are plain IP."},
	} {
		if got := nothingFound(&c.run); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
