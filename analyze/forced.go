package analyze

import (
	"net/netip"

	"wshake/analyze/event"
	"wshake/analyze/ws"
	"wshake/analyze/ws/deflate"
	"wshake/reassembly"
)

// Forced says that what goes to a server's address is to be read as WebSocket frames, where it is not HTTP.
type Forced struct {
	Server  netip.AddrPort
	Deflate bool // with permessage-deflate, context takeover and the largest window
}

// forced finds the rule for a connection; dir is the direction of its server.
func (c *Config) forced(conn *reassembly.Conn) (rule *Forced, dir reassembly.Dir) {
	for i := range c.DecodeAs {
		for _, d := range []reassembly.Dir{reassembly.Acceptor, reassembly.Opener} {
			if conn.Endpoint(d) == c.DecodeAs[i].Server {
				return &c.DecodeAs[i], d
			}
		}
	}
	return nil, 0
}

// newForced makes the layer of frames that the user says are there.
func newForced(s *session, rule *Forced) *conversation {
	// The first segment that was captured is taken to begin with a frame: to search for one would ask for evidence.
	start := [2]ws.Start{ws.AtHandshake, ws.AtHandshake}
	c := newMidstream(s, start)
	if rule.Deflate {
		for side := range c.stream {
			c.read(event.Side(side), ws.Options{Extensions: ws.ExtensionsDeflate, Start: start[side], Deflate: deflate.Config{WindowBits: 15}})
		}
	}
	return c
}
