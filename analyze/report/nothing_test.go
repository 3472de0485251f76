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
		{"TLS and others", event.Summary{Packets: 90, Connections: 5, TLS: tls, Unread: []event.Unread{row(2, "QUIC (UDP 443)", event.HiddenQUIC)},
			Spoken: []event.Spoken{{What: "SSH", Connections: 2, Unread: true}, {What: "without data", Connections: 1}}},
			"In the capture: 5 TCP connections (2 TLS, not decrypted, 2 SSH, 1 without data), 2 packets of QUIC (UDP 443). " +
				"QUIC is encrypted: give its secrets with --keylog, or switch HTTP/3 off in the client or the server, and WebSockets use TCP. " +
				"TLS hides what 2 connections carried: have one of the two ends write a key log while the capture runs (browsers, curl and Python with " +
				"SSLKEYLOGFILE, Node with --tls-keylog, Go with tls.Config.KeyLogWriter) and give it to --keylog, or capture behind the proxy that ends TLS."},
		{"TLS with a key log", event.Summary{Packets: 90, Connections: 1, TLS: event.Secured{Undecrypted: 1, KeyLog: true}},
			"In the capture: 1 TCP connection (1 TLS, not decrypted). TLS hides what 1 connection carried: the key log is another program's, or began " +
				"later; have it written by one of the two ends while the capture runs (the caveat names the client random that it lacks)."},
		{"TLS in part", event.Summary{Packets: 90, Connections: 2, TLS: event.Secured{Undecrypted: 2, Late: 1, Half: 1}},
			"In the capture: 2 TCP connections (2 TLS, not decrypted). Of 1 TLS connection one direction was captured, and no key log can open that: " +
				"capture both. 1 TLS connection began before the capture, and no key log can open that: begin it before the client connects, or have the " +
				"client connect again."},
		{"HTTP alone", event.Summary{Packets: 90, Connections: 1, Spoken: []event.Spoken{{What: "HTTP/1 without an upgrade", Connections: 1}}},
			"In the capture: 1 TCP connection (1 HTTP/1 without an upgrade). Its HTTP asks for no upgrade."},
		{"others alone", event.Summary{Packets: 90, Connections: 3, Spoken: []event.Spoken{{What: "SSH", Connections: 2, Unread: true}, {What: "MySQL", Connections: 1, Unread: true}}},
			"In the capture: 3 TCP connections (2 SSH, 1 MySQL). No connection begins with HTTP or TLS, as a WebSocket does: check the port and the filter of the capture."},
		{"no data", event.Summary{Packets: 9, Connections: 3, Spoken: []event.Spoken{{What: "without data", Connections: 3}}},
			"In the capture: 3 TCP connections (3 without data). No TCP connection carried data: nobody listens at the port, or the data takes another way than the capture sees."},
		{"from the middle", event.Summary{Packets: 9, Connections: 1, Spoken: []event.Spoken{{What: "from before the capture and not recognised", Connections: 1, Unread: true, Unknown: true}}},
			"In the capture: 1 TCP connection (1 from before the capture and not recognised). What was not recognised may be a WebSocket that began before the capture: have the client connect while it runs."},
		{"cut", event.Summary{Packets: 90, Bytes: 1000, Connections: 2, Shortened: event.Shortened{Packets: 4, Missing: 100}, Spoken: []event.Spoken{{What: "HTTP/1 whose heads are cut off", Connections: 2, Unread: true, Unknown: true}}},
			"In the capture: 2 TCP connections (2 HTTP/1 whose heads are cut off). 4 of 90 packets are cut off, and 10 % of all octets are missing: capture whole packets (tcpdump -s 0)."},
		{"many kinds", event.Summary{Packets: 90, Unread: []event.Unread{row(7, "a", 0), row(6, "b", 0), row(5, "c", 0), row(4, "d", event.HiddenUnknown), row(3, "e", event.HiddenUnknown), row(2, "f", 0), row(1, "g", 0)}},
			"In the capture: 7 packets of a, 6 packets of b, 5 packets of c, 4 packets of d, 3 packets of e, 2 other kinds of packets. " +
				"What is not decoded may carry TCP in a way that is not known here: capture where the packets are plain IP."},
	} {
		if got := NothingFound(&c.run); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
