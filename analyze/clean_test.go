package analyze

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// true findings in traffic that is no sample of anything: what is really wrong there, and why. A capture that is not
// listed is clean, and nothing but notes may be reported of it.
var trueFindings = map[string][]string{
	// shared/captures
	"zeek/wrong-accept-header.pcap":     {"accept-mismatch", "close-missing"},                           // made wrong on purpose; the client then hangs up
	"zeek/broker-websocket.pcap":        {"close-unanswered"},                                           // the server ends TCP without answering the Close
	"zeek/oversized-close-frame.pcapng": {"length-not-minimal", "control-too-long", "close-unanswered"}, // made wrong on purpose
	"zeek/wstunnel-http.pcap":           {"client-frame-unmasked"},                                      // wstunnel has an option to leave masking out
	"zeek/wstunnel-https.pcap":          {},
	"suricata/control-frag.pcap":        {"key-malformed", "invalid-request-accepted"}, // its key has 18 octets
	"suricata/ping.pcap":                {"client-frame-unmasked", "close-missing"},    // written by hand

	// testdata/captures: recordings that are meant to be wrong, or of peers that are
	"apache-plain-proxypass":       {"upgrade-missing", "connection-missing", "upgrade-required-bare", "proxy-stripped-upgrade"},
	"haproxy-drops-upgrade":        {"upgrade-missing", "upgrade-required-bare", "proxy-stripped-upgrade"},
	"nginx-default":                {"request-http-version", "upgrade-missing", "connection-missing", "upgrade-required-bare", "proxy-stripped-upgrade", "proxy-http10"},
	"nginx-http11-only":            {"upgrade-missing", "connection-missing", "upgrade-required-bare", "proxy-stripped-upgrade"},
	"nginx-http10-with-upgrade":    {"request-http-version", "invalid-request-accepted", "proxy-http10"},
	"nginx-wrong-variable":         {"upgrade-missing", "proxy-stripped-upgrade"},
	"nginx-read-timeout":           {"close-missing", "idle-timeout"},
	"nginx-backend-silent":         {"answer-missing"},
	"nginx-drops-extensions":       {"proxy-changed-handshake"},
	"nginx-hides-extensions":       {"proxy-changed-handshake", "rsv-unnegotiated"},
	"nginx-drops-subprotocol":      {"proxy-changed-handshake", "subprotocol-unanswered", "close-missing"},
	"nginx-hides-subprotocol":      {"proxy-changed-handshake", "subprotocol-unanswered", "close-missing"},
	"nginx-rewrites-origin":        {"proxy-changed-handshake"},
	"haproxy-tunnel-timeout":       {"close-missing", "idle-timeout"},
	"proxy-cached-answer":          {"accept-of-another-key", "proxy-changed-handshake", "close-missing"},
	"proxy-crossed-answers":        {"accept-of-another-key", "proxy-changed-handshake", "close-missing"},
	"proxy-lost-server-frames":     {"close-unanswered"}, // the proxy swallowed the answer
	"chromium-protocol-unanswered": {"subprotocol-unanswered", "close-missing"},
	"firefox-protocol-unanswered":  {"subprotocol-unanswered"},
	"client-speaks-at-once":        {"data-before-answer", "mask-predictable"}, // a script whose masking keys are zero
	"close-client-terminate":       {"close-missing"},
	"close-terminate":              {"close-missing"},
	"close-reset":                  {"close-missing"},
	"close-ping-unanswered":        {"close-missing"},
	"close-data-after":             {"data-after-close", "mask-predictable"}, // likewise
	"close-not-utf8":               {"text-not-utf8"},
	"close-unmasked":               {"client-frame-unmasked"},
	"refused-426":                  {"version-unsupported", "upgrade-required-bare"}, // tornado's own 426
	"refused-version":              {"version-unsupported"},
	"h2c-upgrade":                  {"mask-predictable"}, // likewise
	"haproxy-send-proxy-wrong":     {"proxy-protocol"},
	"nginx-path-in-proxy-pass":     {"proxy-changed-handshake"},
	"nginx-two-servers":            {"affinity"},
	"nginx-rewrites-host":          {"proxy-changed-handshake"},
	"varnish-no-pipe":              {"upgrade-missing", "connection-missing", "upgrade-required-bare", "proxy-stripped-upgrade"},
	"caddy-rewrites-host":          {"proxy-changed-handshake"},
	"caddy-strips-path":            {"proxy-changed-handshake"},
	// 345 handshakes. tornado leaves out server_no_context_takeover, which gorilla offers and so closes, 5 times; what
	// aiohttp answers is legal, and gorilla closes all the same, 5 times.
	"many-peers":           {"deflate-server-takeover", "close-missing"},
	"words-mqtt":           {"close-missing", "close-unanswered"}, // mosquitto ends TCP without a Close
	"words-sip":            {"close-missing"},                     // its server is stopped
	"h2-apache":            {"connect-protocol-unannounced", "h2-connection-fields", "answer-missing"},
	"h2-caddy":             {"connect-protocol-unannounced", "h2-connection-fields", "answer-missing"},
	"h2-nginx":             {"connect-protocol-unannounced", "h2-connection-fields", "h2-status", "close-missing"},
	"h2-pseudo-fields":     {"connect-pseudo-headers", "answer-missing"},
	"h2-refused":           {"answer-missing"},
	"h2-setting-missing":   {"connect-protocol-unannounced", "answer-missing"},
	"h2-too-early":         {"connect-protocol-unannounced", "close-missing"},
	"h2-upgrade-fields":    {"h2-connection-fields", "answer-missing"},
	"h2-window-closed":     {"receiver-stalled"},
	"h3-caddy-client-gone": {"close-missing"},
}

func TestCleanTrafficIsClean(t *testing.T) {
	var files []string
	for _, pattern := range []string{"zeek/*", "suricata/*", "arkime/*", "ndpi/*"} {
		files = append(files, glob(t, filepath.Join(shared(t), pattern))...)
	}
	checkTrueFindings(t, files, func(path string) string {
		return filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)
	})
}

func TestCleanRecordingsAreClean(t *testing.T) {
	files := glob(t, filepath.Join("..", "testdata", "captures", "*.pcapng"))
	files = append(files, glob(t, filepath.Join("..", "testdata", "captures", "*.pcapng.gz"))...)
	checkTrueFindings(t, files, func(path string) string {
		return strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".pcapng")
	})
}

// checkTrueFindings compares, by name, the errors and warnings in captures with those that are known to be true.
func checkTrueFindings(t *testing.T, files []string, name func(string) string) {
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var got []string
			r := analyseFile(t, path)
			rootsFirst(t, r)
			for _, f := range r.findings {
				if f.Level >= event.Warning && !slices.Contains(got, f.Name) {
					got = append(got, f.Name)
				}
			}
			want := slices.Clone(trueFindings[name(path)])
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
