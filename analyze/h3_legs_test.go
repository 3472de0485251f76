package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
)

// behindProxy puts the leg of HTTP/1.1 that a proxy has to its backend beside a recording of HTTP/3: opened when the
// request came, answered before the proxy answers. The proxy is the server of the recording.
func behindProxy(t *testing.T, name, answer string) *recorder {
	t.Helper()
	front := loadTape(t, recording(name))
	keys := withKeys(t, name)
	h := front.analyse(t, keys).handshakes[0]
	lines := []string{"conn 1: 127.0.0.1:45000 > 127.0.0.1:9000", "-- client --", "GET " + h.Request.Target +
		" HTTP/1.1", "Host: " + h.Request.Get(":authority"),
		"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w=="}
	for _, name := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
		"Origin", "User-Agent"} {
		for _, value := range h.Request.Values(name) {
			lines = append(lines, name+": "+value) // a proxy keeps what is of the ends
		}
	}
	back := script(t, append(lines, "-- server --", answer)...)
	begin, room := h.Request.Last.Time, h.Response.First.Time-h.Request.Last.Time
	for i := range back {
		back[i].Time = begin + room*int64(i+1)/int64(len(back)+1)
	}
	both := slices.Concat(front, back)
	slices.SortStableFunc(both, func(a, b capture.Packet) int { return int(a.Time - b.Time) })
	return both.analyse(t, keys)
}

// A proxy that translates HTTP/3 to HTTP/1.1 has its legs told as one attempt.
func TestLegsOfHTTP3AndHTTP1(t *testing.T) {
	for _, c := range []struct{ name, answer, says string }{
		{"h3-aes128", "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: " +
			"Upgrade\nSec-WebSocket-Accept: bEVeGLZrb9fS3Rj8WzExJdCsedg=", ""},
		{"h3-refused", "HTTP/1.1 403 Forbidden\nContent-Length: 0", "passed on its backend's answer"},
		{"h3-refused", "HTTP/1.1 401 Unauthorized\nContent-Length: 0", "the status 401 became 403"},
	} {
		r := behindProxy(t, c.name, c.answer)
		roles := map[string]string{}
		for i := range r.handshakes {
			if h := &r.handshakes[i]; h.OtherLeg != nil {
				roles[h.Transport] += fmt.Sprintf("%s of %d", h.OtherLeg.Role,
					h.OtherLeg.Conn.Peer[event.Server].Port())
			}
		}
		if roles["h3"] != "back of 9000" || roles["http/1.1"] != "front of 8443" {
			t.Errorf("%s: legs: %v", c.name, roles)
		}
		if c.says != "" && !slices.ContainsFunc(r.findings,
			func(f *event.Finding) bool { return strings.Contains(f.Text, c.says) }) {
			t.Errorf("%s: no finding says %q", c.name, c.says)
			for _, f := range r.findings {
				t.Log(f.Name, f.Text)
			}
		}
	}
}
