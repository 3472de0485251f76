package analyze

import (
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// What is wrong in recordings of real software, the words of the advice, and the recording of the same with the advice
// followed: the scripts in testdata/record do what these words say.
var repairs = []struct{ wrong, finding, advice, right string }{
	{"nginx-default", "proxy-stripped-upgrade", `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection`, "nginx-default-repaired"},
	{"nginx-http11-only", "proxy-stripped-upgrade", `proxy_set_header Upgrade $http_upgrade`, "nginx-http11-only-repaired"},
	{"nginx-wrong-variable", "proxy-stripped-upgrade", `proxy_set_header Upgrade $http_upgrade`, "nginx-wrong-variable-repaired"},
	{"nginx-http10-with-upgrade", "proxy-http10", `proxy_http_version 1.1`, "nginx-http10-with-upgrade-repaired"},
	{"nginx-rewrites-host", "proxy-changed-handshake", `proxy_set_header Host $http_host;`, "nginx-rewrites-host-repaired"},
	{"nginx-path-in-proxy-pass", "proxy-changed-handshake", "proxy_pass http://backend; without a path", "nginx-path-in-proxy-pass-repaired"},
	{"nginx-two-servers", "affinity", "nginx: ip_hash", "nginx-two-servers-repaired"},
	{"haproxy-drops-upgrade", "proxy-stripped-upgrade", "do not delete the Upgrade and Connection fields", "haproxy-drops-upgrade-repaired"},
	{"haproxy-send-proxy-wrong", "proxy-protocol", "remove send-proxy from the server line", "haproxy-send-proxy-wrong-repaired"},
	{"haproxy-send-proxy-wrong", "proxy-protocol", "nginx: listen 80 proxy_protocol", "haproxy-send-proxy-right"},
	{"nginx-read-timeout", "idle-timeout", "proxy_read_timeout 1h;", "nginx-read-timeout-repaired"},
	{"haproxy-tunnel-timeout", "idle-timeout", "timeout tunnel 1h", "haproxy-tunnel-timeout-repaired"},
	{"apache-plain-proxypass", "proxy-stripped-upgrade", "upgrade=websocket", "apache-plain-proxypass-repaired"},
	{"caddy-rewrites-host", "proxy-changed-handshake", "header_up Host {hostport}", "caddy-rewrites-host-repaired"},
	{"caddy-strips-path", "proxy-changed-handshake", "handle in place of handle_path", "caddy-strips-path-repaired"},
	{"varnish-no-pipe", "proxy-stripped-upgrade", "set bereq.http.Upgrade = req.http.Upgrade", "varnish-no-pipe-repaired"},
}

// Advice that is followed to the letter repairs what it is about: the finding is gone, every handshake is established,
// and no error or warning is left.
func TestAdviceRepairs(t *testing.T) {
	recording := func(name string) string { return filepath.Join("..", "testdata", "captures", name+".pcapng") }
	for _, c := range repairs {
		t.Run(c.wrong+"/"+c.right, func(t *testing.T) {
			advised := false
			for _, f := range analyseFile(t, recording(c.wrong)).findings {
				advised = advised || f.Name == c.finding && strings.Contains(f.Advice, c.advice)
			}
			if !advised {
				t.Errorf("no %s with the advice %q", c.finding, c.advice)
			}
			r := analyseFile(t, recording(c.right))
			for _, f := range r.findings {
				if f.Name == c.finding || f.Level >= event.Warning {
					t.Errorf("though the advice was followed: %v", f)
				}
			}
			for _, h := range r.handshakes {
				if h.Verdict != event.Established {
					t.Errorf("though the advice was followed, a handshake is %s", h.Verdict)
				}
			}
			if len(r.handshakes) == 0 {
				t.Error("no handshake")
			}
		})
	}
}
