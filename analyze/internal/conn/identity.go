package conn

import (
	"net/netip"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// identify makes the identity of a connection for its events.
func identify(c *reassembly.Conn, client reassembly.Dir) *event.Conn {
	id := &event.Conn{Ordinal: c.Ordinal(), First: c.First(), Midstream: c.Opened() == reassembly.OpenedMidstream}
	id.Peer = [2]netip.AddrPort{event.Client: c.Endpoint(client), event.Server: c.Endpoint(client.Other())}
	a, clientKnown := c.Initial(client)
	b, serverKnown := c.Initial(client.Other())
	id.Sequence, id.Numbered = [2]uint32{event.Client: a, event.Server: b}, clientKnown && serverKnown
	return id
}
