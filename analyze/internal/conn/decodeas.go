package conn

import (
	"net/netip"

	"wshake/analyze/event"
)

// DecodeAs says that what goes to a server's address is to be read as WebSocket frames, where it is not HTTP.
type DecodeAs struct {
	Server  netip.AddrPort
	Deflate bool // with permessage-deflate, context takeover and the largest window
}

// decodeAsRule finds the rule for a connection; server is its side of the connection as it is oriented now.
func (m *Maker) decodeAsRule(c *Conn) (rule *DecodeAs, server event.Side) {
	for i := range m.decodeAs {
		for _, side := range []event.Side{c.side(1), c.side(0)} { // the acceptor first
			if c.endpoint(side) == m.decodeAs[i].Server {
				return &m.decodeAs[i], side
			}
		}
	}
	return nil, 0
}
