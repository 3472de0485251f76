package conn

import (
	"testing"

	"wshake/analyze/event"
)

// A connection may begin with thousands of prefaces: what is behind them takes no more work than behind one.
func TestForwardedStaysFlat(t *testing.T) {
	c := new(Conn)
	f := behind(c, event.Forwarded{Protocol: "proxy"})
	for _, server := range []string{"a:80", "b:80"} {
		f = behind(f, event.Forwarded{Protocol: "connect", Server: event.Some(server)})
	}
	if f.Carrier != c || f.told.Protocol != "proxy" || f.told.Server.Value != "b:80" {
		t.Errorf("%T, %+v", f.Carrier, f.told)
	}
}
