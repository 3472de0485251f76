package analyze

import (
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// What public failure reports teach: the finding that explains the capture, its packet and side, words of its text or
// advice, and words that must not stand there.
func TestInsight(t *testing.T) {
	for _, c := range []struct {
		capture, name string
		packet        uint64
		fault         event.Fault
		words         string // all of them, separated by |
		not           string // none of them, in any finding
	}{
		{"a10-pong-empty", "pong-mismatch", 12, event.ClientFault, "no payload|1720000000|unmask the payload",
			"never answered"},
		{"a10c-pong-empty-fin", "pong-mismatch", 12, event.ClientFault, "no payload", "idle time-out"},
		{"a2-signalr-404", "affinity", 17, event.MiddleboxFault, "abcDEF123|connection 1|packet 6|POST /hub/negotiate|sticky", "nothing serves"},
		{"a5-lws-two-connection", "answer-rejected", 8, event.ClientFault, "breaks no rule|2 Connection fields", "findings on the handshake"},
		{"a7-client-ignores-403", "frames-after-refusal", 8, event.ClientFault, "text frame|403", ""},
		{"a8-idle-55", "idle-timeout", 12, event.MiddleboxFault, "55.0|Heroku", "Send a Close"},
		{"a8-idle-230", "idle-timeout", 12, event.MiddleboxFault, "230.0|Azure", ""},
		{"a8b-idle-350-rst", "idle-timeout", 12, event.MiddleboxFault, "350.0|NLB", ""},
		{"a9-life-30", "lifetime-limit", 60, event.MiddleboxFault, "30.0|timeoutSec", "idle time-out"},
		{"a9c-ilb-ignores-pings-30", "idle-timeout", 24, event.MiddleboxFault, "30.0|data frames|Pings", ""},
		{"b4-dead-client", "peer-silent", 21, event.NoFault, "9 times|never acknowledged|vanished", "idle time-out"},
		{"b6-pong-empty-then-data", "pong-mismatch", 10, event.ClientFault, "no payload|17200001", "never answered"},
		{"b8-client-half-close", "close-missing", 6, event.ClientFault, "before the 101|keep its side", "terminate"},
		{"c1-proxy-v1-400", "proxy-protocol", 6, event.MiddleboxFault, "198.51.100.7:40001|10.0.0.9:3000|proxy_protocol", "nothing serves"},
		{"c5-bfinal", "answer-rejected", 12, event.ClientFault, "BFINAL|keeps to the rules", "saw the other side break"},
		{"c7-life30-two-legs", "lifetime-limit", 78, event.MiddleboxFault, "both legs|30.0", "idle time-out"},
		{"d1-connect-host-is-proxy", "host-malformed", 8, event.ClientFault, "proxy.example.test:1234|chat.example.test", "nothing serves"},
		{"e1-mtu-request-client-side", "peer-silent", 12, event.NoFault, "never acknowledged|path MTU", ""},
		{"e2-mtu-big-frame", "peer-silent", 18, event.NoFault, "1400 octets|path MTU|MSS", "idle time-out"},
		{"e5-zero-window", "receiver-stalled", 17, event.ClientFault, "window was 0|does not read", "idle time-out"},
		{"a11-space-target", "request-target", 4, event.ClientFault, "blank|%20", "breaks no rule"},
		{"a14-double-slash", "request-target", 4, event.ClientFault, "inside the path", "breaks no rule"},
		{"a16-varnish", "proxy-stripped-upgrade", 9, event.MiddleboxFault, "Varnish|return (pipe)|vcl_pipe", ""},
		{"a18-mqtt-426", "handshake-refused", 6, event.ServerFault, "mqtt|subprotocol", "which WebSocket versions"},
		{"a23-node-ws-path", "handshake-refused", 6, event.ServerFault, "a guess|path", "breaks no rule"},
		{"a2c-eio-transport-unknown-firefox", "handshake-refused", 6, event.ServerFault, "Transport unknown", "Connection field"},
		{"a4b-ha-400-firefox", "handshake-refused", 6, event.ServerFault, "X-Forwarded-For|trusted_proxies", "Connection field"},
		{"a6c-no-reason-nosp", "head-malformed", 6, event.ServerFault, "lacks the blank", ""},
		{"b1-nginx-plain-to-tls", "handshake-refused", 6, event.ServerFault, "HTTPS port|wss:", "breaks no rule"},
		{"b10-host-empty", "host-malformed", 4, event.ClientFault, "is empty", "breaks no rule"},
		{"b12-space-before-colon", "head-malformed", 4, event.ClientFault, "X-Device|blank before its colon", "breaks no rule"},
		{"b12c-line-without-colon", "head-malformed", 4, event.ClientFault, "no colon", "breaks no rule"},
		{"b14-frame-before-101", "answer-not-http", 6, event.ServerFault, "a text frame of 18 octets", ""},
		{"b3-200-with-accept", "status-not-101", 6, event.ServerFault, "200 OK|101", "ordinary GET"},
		{"b5-cf-challenge-gzip", "handshake-refused", 6, event.ServerFault, "cf-mitigated: challenge", "Origin"},
		{"b7-azure-101-cl0-502", "handshake-refused", 16, event.ServerFault, "connection 6, packet 11|response-body-fields", "could not get an answer"},
		{"c4-101-name-with-space", "head-malformed", 6, event.ServerFault, "Bad Header Name", ""},
		{"c4b-101-line-without-colon", "head-malformed", 6, event.ServerFault, "no colon", ""},
		{"c8-403-same-origin", "handshake-refused", 6, event.ServerFault, "token expired", "Origin"},
		{"c9-vite-host", "handshake-refused", 6, event.ServerFault, "allowedHosts", "Origin"},
		{"d3-upstream-bad-status-502", "handshake-refused", 16, event.ServerFault, "connection 6|answer-not-http", ""},
		{"r1-nginx-host-rewritten", "proxy-changed-handshake", 9, event.MiddleboxFault, "nginx|127.0.0.1:19401|proxy_set_header Host $http_host", "allowed origins"},
		{"r2-nginx-path-rewritten", "proxy-changed-handshake", 9, event.MiddleboxFault, "/app/ws|proxy_pass", "allowed origins"},
		{"r3-nginx-101-bad-header-502", "head-malformed", 11, event.ServerFault, "Bad Header Name", "the status 101 became"},
	} {
		t.Run(c.capture, func(t *testing.T) {
			found := false
			for _, f := range analyseFile(t, filepath.Join(shared(t), "..", "field", c.capture+".pcap")).findings {
				text := f.Text + " " + f.Advice
				if c.not != "" && strings.Contains(text, c.not) {
					t.Errorf("%s says %q", f.Name, text)
				}
				if f.Name != c.name || uint64(f.At.Number) != c.packet {
					continue
				}
				found = true
				if f.Fault != c.fault {
					t.Errorf("fault %s, want %s", f.Fault, c.fault)
				}
				for _, word := range strings.Split(c.words, "|") {
					if !strings.Contains(text, word) {
						t.Errorf("%q is not in %q", word, text)
					}
				}
			}
			if !found {
				t.Errorf("no %s in packet %d", c.name, c.packet)
			}
		})
	}
}
