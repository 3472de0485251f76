package correlate

import (
	"strings"

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
	server := h.Conn.Peer[event.Server].String()
	switch {
	case name == "":
		return server
	case h.OtherLeg != nil && h.OtherLeg.Role == event.DownstreamLeg && name == server:
		return name + " (backend)"
	case h.OtherLeg != nil && h.OtherLeg.Role == event.DownstreamLeg:
		return name + " at backend " + server
	}
	return name
}

// nameHosts says of findings which host their connections asked for.
func (a *attempt) nameHosts(h *event.Handshake) {
	a.host = HostOf(h)
	for _, f := range h.Findings {
		if b := a.leg(f.Conn); b != nil {
			f.Host = b.host
		}
	}
}
