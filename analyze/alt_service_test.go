package analyze

import (
	"net/netip"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/internal/shard"
)

func TestAltService(t *testing.T) {
	c := &event.Conn{Peer: [2]netip.AddrPort{event.Server: netip.MustParseAddrPort("192.0.2.1:443")}}
	for value, want := range map[string][]shard.AltService{
		`h3=":443"; ma=86400, h3-29=":443"; ma=86400`:   {{Port: 443}},
		`h2="alt.example:8000", h3="Alt.Example:50781"`: {{Host: "alt.example", Port: 50781}},
		`clear`:               nil,
		`h3=":0", h3="x", h3`: nil,
		`h3=":70000"`:         nil,
		`h3=":1",h3=":2"`:     {{Port: 1}, {Port: 2}},
	} {
		var s shard.Shard
		s.AltService(c, value, event.At{})
		s.AltService(c, value, event.At{})
		if len(s.AltServices) != len(want) {
			t.Errorf("%s: %v", value, s.AltServices)
			continue
		}
		for i := range want {
			if want[i].Server = c.Peer[event.Server].Addr(); s.AltServices[i] != want[i] {
				t.Errorf("%s: %v, want %v", value, s.AltServices[i], want[i])
			}
		}
	}
}
