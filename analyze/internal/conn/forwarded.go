package conn

import (
	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// forwarded is a Carrier behind a preface or in a CONNECT tunnel: it adds to handshakes whom that names.
type forwarded struct {
	layer.Carrier
	told event.Forwarded
}

// Describe keeps what stood first, which is the nearest to the client, and adds what it did not name.
func (f *forwarded) Describe(h *event.Handshake) {
	f.Carrier.Describe(h)
	if h.Forwarded == nil {
		told := f.told
		h.Forwarded = &told
		return
	}
	if !h.Forwarded.Client.Known {
		h.Forwarded.Client = f.told.Client
	}
	if f.told.Server.Known { // the tunnel inside goes further
		h.Forwarded.Server = f.told.Server
	}
}

// Tunnel is the layer of what a CONNECT opened: see upgrade.Next.
func (m *Maker) Tunnel(target string, carrier layer.Carrier) layer.Layer {
	return newDetector(m, &forwarded{carrier, event.Forwarded{Protocol: "connect", Server: event.Some(target)}})
}
