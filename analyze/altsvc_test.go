package analyze

import (
	"fmt"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// That a server offered HTTP/3 and the client took it is told where nothing of that was decrypted, and only there.
func TestAltServiceIsLinked(t *testing.T) {
	datagrams := loadTape(t, recording("h3-aes128"))
	for _, c := range []struct {
		value  string
		late   bool // the offer came behind the connection
		frame  bool // it came in an ALTSVC frame
		keys   bool
		linked bool
	}{
		{value: `h3="127.0.0.1:8443"; ma=60`, linked: true},
		{value: `h2=":443", h3="127.0.0.1:8443"`, linked: true},
		{value: `h3="127.0.0.1:8444"`},
		{value: `h3=":8443"`}, // of another server
		{value: `h3="127.0.0.1:8443"`, keys: true},
		{value: `h3="127.0.0.1:8443"`, late: true},
		{value: `h3="127.0.0.1:8443"`, frame: true, linked: true},
		{value: `h3="127.0.0.1:8444"`, frame: true},
	} {
		answer := script(t, "-- client --\nGET / HTTP/1.1\nHost: example.com\n-- server --\nHTTP/1.1 200 "+
			"OK\nAlt-Svc: "+c.value+"\nContent-Length: 0\n")
		if c.frame {
			const origin = "https://example.com"
			answer = script(t, http2Opened+fmt.Sprintf("-- server h2 --\nframe 10 0 0 %04x%x%x", len(origin), origin,
				c.value))
		}
		all := append(append(tape(nil), answer...), datagrams...)
		if c.late {
			all = append(append(tape(nil), datagrams...), answer...)
		}
		var options []func(*Config)
		want := event.Datagrams{Undecrypted: 1}
		if c.keys {
			options, want = append(options, withKeys(t, "h3-aes128")), event.Datagrams{Decrypted: 1}
		}
		r := all.analyse(t, options...)
		linked := strings.Contains(fmt.Sprint(runNotes(r)), "offered HTTP/3 (Alt-Svc, RFC 7838)")
		if linked != c.linked || r.summary.QUIC != want {
			t.Errorf("%+v: linked %t, %+v\n%s", c, linked, r.summary.QUIC, runNotes(r))
		}
	}
}
