package correlate

import (
	"strings"
	"unique"

	"wshake/analyze/event"
)

// hostLength is how much of a host's name is kept, octets.
const hostLength = 255

// HostOf is the host that an attempt asked for, its server's address where that is not known. The back leg of a proxy is
// counted beside the front leg, under the backend's address.
func HostOf(h *event.Handshake) string {
	name := ""
	if h.Request != nil {
		name = strings.ToLower(h.Request.Authority())
	}
	if len(name) > hostLength {
		name = name[:hostLength]
	}
	behind := h.OtherLeg != nil && h.OtherLeg.Role == event.DownstreamLeg
	if name != "" && !behind {
		return name
	}
	switch server := h.Conn.Peer[event.Server].String(); name {
	case "":
		return server
	case server:
		return name + " (backend)"
	default:
		return name + " at backend " + server
	}
}

// nameHosts says of findings which host their connections asked for.
func (a *attempt) nameHosts(h *event.Handshake) {
	a.host = unique.Make(HostOf(h)).Value() // not a part of the head's text, which would stay in memory with it
	for _, f := range h.Findings {
		if b := a.leg(f.Conn); b != nil {
			f.Host = b.host
		}
	}
}
