package check

import (
	"fmt"
	"wshake/analyze/event"
)

// Other connections inside a WebSocket: legal, and of interest to those who guard a network.

var checkTunnel = Check{
	ID: "SEC-03", Name: "tunnel", Level: event.Note, Fault: event.NoFault, Citation: "RFC 6455 §10",
	When: "the payload is another protocol (SSH, TLS, HTTP, SOCKS, chisel, wstunnel, VNC)",
	Description: "A WebSocket is a way through firewalls and proxies that let HTTP pass, and programs such as " +
		"chisel and wstunnel carry any TCP connection in it. The payload begins as SSH, TLS, HTTP, SOCKS or RFB " +
		"(VNC) do. That is legal, and often intended: noVNC, remote terminals, IDEs. Where it is not, it is a " +
		"way in or out that no other control sees.",
	Advice: "nothing to fix where this tunnel is known; where it is not, find out who runs both ends, and " +
		"allow WebSocket only to the paths and subprotocols that are needed",
	Message: tunnel,
}

func tunnel(m *Message, report Report) {
	if m.Tunnel != "" {
		what := show(m.Prefix)
		if g := m.Greeting; g != nil {
			what += fmt.Sprintf(" answers %s of the %s in packet %d", show(g.Octets), g.From, g.At.Number)
		}
		d := m.detail(Detail{
			Text: fmt.Sprintf("carries another protocol, %s: %s", tunnelNames[m.Tunnel], what), Seen: show(m.Prefix),
		})
		d.Fault = event.NoFault
		report(d)
	}
}

var tunnelNames = map[string]string{
	"ssh": "SSH", "tls": "TLS", "http": "HTTP", "socks": "SOCKS", "rfb": "RFB (VNC)", "chisel": "chisel", "wstunnel": "wstunnel",
}
