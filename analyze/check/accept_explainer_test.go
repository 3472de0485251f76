package check

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// A mistake that a server always makes is found out a few times, and then known for any number of handshakes; values
// that nothing explains are not tried for ever.
func TestAcceptExplainerIsBounded(t *testing.T) {
	conn := &event.Conn{}
	conn.Peer[event.Server] = netip.MustParseAddrPort("192.0.2.1:80")
	for name, accept := range map[string]func(key string) string{
		"misspelt GUID":    func(key string) string { return base64SHA1(key + strings.Replace(ws.GUID, "47DA", "47DB", 1)) },
		"without the GUID": func(key string) string { return base64SHA1(key) },
	} {
		var e AcceptExplainer
		for i := range 1000 {
			key := fmt.Sprintf("%022d==", i)
			h := &event.Handshake{Conn: conn, Request: &event.Head{Fields: []event.Field{{Name: "Sec-WebSocket-Key", Value: key}}}}
			f := &event.Finding{Text: "wrong", Seen: accept(key)}
			if e.Explain(f, h); !strings.Contains(f.Text, name) {
				t.Fatalf("%s: handshake %d is explained as %q", name, i, f.Text)
			}
		}
		if e.tries != 1 {
			t.Errorf("%s: %d searches", name, e.tries)
		}
	}
	var e AcceptExplainer
	for i := range 1000 {
		h := &event.Handshake{Conn: conn, Request: &event.Head{Fields: []event.Field{{Name: "Sec-WebSocket-Key", Value: fmt.Sprintf("%022d==", i)}}}}
		e.Explain(&event.Finding{Seen: base64SHA1(fmt.Sprint("unknown", i))}, h)
	}
	if e.tries != explainedPerServer || e.searches != misspeltPerServer {
		t.Errorf("%d tries and %d searches for values that nothing explains", e.tries, e.searches)
	}
	e = AcceptExplainer{}
	for i := range 10_000 { // each from a server of its own
		conn := &event.Conn{}
		conn.Peer[event.Server] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), 80)
		h := &event.Handshake{Conn: conn, Request: &event.Head{Fields: []event.Field{{Name: "Sec-WebSocket-Key", Value: fmt.Sprintf("%022d==", i)}}}}
		e.Explain(&event.Finding{Seen: base64SHA1(fmt.Sprint("unknown", i))}, h)
	}
	if e.tries != explainedPerRun || e.searches != misspeltPerRun {
		t.Errorf("%d tries and %d searches for values of 10,000 servers", e.tries, e.searches)
	}
}
