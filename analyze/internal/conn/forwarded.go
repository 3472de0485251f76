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

// behind is the Carrier behind one more preface. However many there are, there is one forwarded.
func behind(carrier layer.Carrier, told event.Forwarded) *forwarded {
	if outer, is := carrier.(*forwarded); is {
		return &forwarded{outer.Carrier, *nearest(&outer.told, &told)}
	}
	return &forwarded{carrier, told}
}

// nearest keeps what stood first, which is the nearest to the client, and adds what it did not name.
func nearest(first, next *event.Forwarded) *event.Forwarded {
	all := *first
	if !all.Client.Known {
		all.Client = next.Client
	}
	if next.Server.Known { // the tunnel inside goes further
		all.Server = next.Server
	}
	return &all
}

func (f *forwarded) Describe(h *event.Handshake) {
	f.Carrier.Describe(h)
	told := f.told
	if h.Forwarded != nil {
		told = *nearest(h.Forwarded, &told)
	}
	h.Forwarded = &told
}

// Tunnel is the layer of what a CONNECT opened: see upgrade.Next.
func (m *Maker) Tunnel(target string, carrier layer.Carrier) layer.Layer {
	return newDetector(m, behind(carrier, event.Forwarded{Protocol: "connect", Server: event.Some(target)}))
}
