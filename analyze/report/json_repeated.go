package report

import (
	"strconv"

	"wshake/analyze/event"
)

// Parts of lines that many lines share are written once.

// identify fills in the members of c's lines that say which connection it is.
func identify(text *[]byte, c *event.Conn) {
	b := strconv.AppendUint(append((*text)[:0], `,"conn":`...), c.Ordinal, 10)
	b = appendName(b, "community_id", c.CommunityID())
	b = appendAddress(b, "client", c, event.Client)
	*text = appendAddress(b, "server", c, event.Server)
}

func appendAddress(b []byte, key string, c *event.Conn, s event.Side) []byte {
	b = append(appendKey(b, key), '"')
	return append(c.Peer[s].AppendTo(b), '"')
}

// shapes holds what lines of frames have in common that look alike on the wire.
type shapes [2 * 16 * 8 * 4][]byte

// of gives the members of a frame's line from its sender to whether it is masked.
func (all *shapes) of(from event.Side, h *event.Header) []byte {
	flags := 0
	if h.FIN {
		flags |= 1
	}
	if h.Masked {
		flags |= 2
	}
	shape := &all[((int(from)*16+int(h.Opcode&15))*8+int(h.RSV&7))*4+flags]
	if *shape == nil {
		b := appendName([]byte(`,"from":"`+from.String()+`"`), "opcode", h.Opcode.String())
		b = appendBool(b, "fin", h.FIN)
		b = appendBool(b, "rsv1", h.RSV&event.RSV1 != 0)
		b = appendBool(b, "rsv2", h.RSV&event.RSV2 != 0)
		b = appendBool(b, "rsv3", h.RSV&event.RSV3 != 0)
		*shape = appendBool(b, "masked", h.Masked)
	}
	return *shape
}
