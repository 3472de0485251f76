package analyze

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"wshake/analyze/dialogue"
	"wshake/analyze/event"
)

// asked is an upgrade request with a target, a host, and more field lines.
func asked(target, host string, fields ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\r\nSec-WebSocket-Version: 13\r\n" + lines(fields) + "\r\n"
}

// refusedWith is an answer with a body.
func refusedWith(status, body string, fields ...string) string {
	return "HTTP/1.1 " + status + "\r\n" + lines(fields) + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
}

func lines(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return strings.Join(fields, "\r\n") + "\r\n"
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func brotlied(s string) string {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// exchanged analyses a request and its refusal.
func exchanged(t *testing.T, request, answer string) *recorder {
	t.Helper()
	s, err := dialogue.Parse([]byte("-- client hex --\n" + hex.EncodeToString([]byte(request)) + "\n-- server hex --\n" +
		hex.EncodeToString([]byte(answer)) + "\n-- server fin --\n-- client fin --\n"))
	if err != nil {
		t.Fatal(err)
	}
	return playDialogue(t, s)
}

// What a refusal says, by its body, its fields or the product that wrote it, comes before what its status suggests, and
// what is said never contradicts the request.
func TestRefusalVariants(t *testing.T) {
	latin, _ := charmap.ISO8859_1.NewEncoder().String("accès refusé: jeton expiré")
	shift, _ := japanese.ShiftJIS.NewEncoder().String("トークンの期限が切れています")
	same := asked("/ws", "app.example.org", "Origin: https://app.example.org", "Cookie: a=b")
	foreign := asked("/ws", "app.example.org", "Origin: https://other.example.net")
	plain := asked("/ws", "app.example.org")
	const json, html = "Content-Type: application/json", "Content-Type: text/html"
	for _, c := range []struct {
		name, request, answer string
		words, not            string // separated by |
	}{
		{"plain to TLS, Go", plain, refusedWith("400 Bad Request", "Client sent an HTTP request to an HTTPS server.\n"), "wss:|TLS", "Origin"},
		{"plain to TLS, Apache", plain, refusedWith("400 Bad Request", "<title>400 Bad Request</title>Reason: You're speaking plain HTTP to an SSL-enabled server port.", html,
			"Server: Apache/2.4.57"), "wss:|TLS", "the path"},
		{"Engine.IO version", asked("/socket.io/?EIO=3&transport=websocket", "app.example.org"), refusedWith("400 Bad Request",
			`{"code":5,"message":"Unsupported protocol version"}`, json), "Unsupported protocol version|allowEIO3", "Connection field"},
		{"Engine.IO session", asked("/socket.io/?EIO=4&transport=websocket&sid=x", "app.example.org"), refusedWith("400 Bad Request",
			`{"code":1,"message":"Session ID unknown"}`, json), "Session ID unknown|sticky", "Connection field"},
		{"nginx, large head", same, refusedWith("400 Bad Request", "<title>400 Request Header Or Cookie Too Large</title>", html, "Server: nginx"), "large_client_header_buffers", "rights of this user"},
		{"uvicorn alone", same, refusedWith("400 Bad Request", "Unsupported upgrade request.", "server: uvicorn"), "uvicorn[standard]", "a guess"},
		{"501", same, refusedWith("501 Not Implemented", ""), "a guess|check that every proxy on the way forwards the upgrade", "check let"},
		{"webpack host", same, refusedWith("403 Forbidden", "Invalid Host header", html), "allowedHosts", "allowed origins"},
		{"Rails host", same, refusedWith("403 Forbidden", "<h1>Blocked host: app.example.org</h1>", html), "config.hosts", "allowed origins"},
		{"Django host", same, refusedWith("400 Bad Request", "<title>DisallowedHost at /ws</title>", html), "ALLOWED_HOSTS", "allowed origins"},
		{"Tornado xsrf", same, refusedWith("403 Forbidden", "<title>403: '_xsrf' argument missing from POST</title>", html), "_xsrf", "allowed origins"},
		{"Tornado origin", foreign, refusedWith("403 Forbidden", "Cross origin websockets not allowed"), "allowed origins", ""},
		{"same Origin", same, refusedWith("403 Forbidden", ""), "a guess|session", "allowed origins"},
		{"foreign Origin, 404", foreign, refusedWith("404 Not Found", "Page not found", "Content-Type: text/plain"), "a guess|allowed origins", ""},
		{"Cloudflare challenge, br", foreign, refusedWith("403 Forbidden", brotlied("<title>Just a moment...</title>"), html, "Content-Encoding: br", "cf-mitigated: challenge"),
			"cf-mitigated: challenge|bot", "allowed origins"},
		{"challenge without field, gzip", foreign, refusedWith("503 Service Unavailable", gzipped("<title>Just a moment...</title><div id=cf-chl>"), html, "Content-Encoding: gzip"),
			"challenge", "allowed origins"},
		{"AWS WAF", same, refusedWith("405 Method Not Allowed", "", "x-amzn-waf-action: captcha"), "AWS WAF", "Origin"},
		{"Latin-1", same, refusedWith("403 Forbidden", latin, "Content-Type: text/plain; charset=iso-8859-1"), "accès refusé: jeton expiré", "allowed origins"},
		{"Shift_JIS", same, refusedWith("403 Forbidden", shift, "Content-Type: text/plain; charset=Shift_JIS"), "トークン", "allowed origins"},
		{"JSON, gzip", same, refusedWith("401 Unauthorized", gzipped(`{"error":{"message":"jwt expired"}}`), json, "Content-Encoding: gzip"), "jwt expired|new token", "Origin"},
		{"problem details", same, refusedWith("422 Unprocessable Content", `{"type":"about:blank","title":"room is full","status":422}`, "Content-Type: application/problem+json"), "room is full", "Origin"},
		{"API Gateway", same, refusedWith("403 Forbidden", `{"message":"Forbidden"}`, json, "x-amzn-ErrorType: ForbiddenException"), "ForbiddenException|authorizer", "Origin"},
		{"421", same, refusedWith("421 Misdirected Request", "", "Server: Apache"), "another host|SNI", "a guess"},
		{"460", same, refusedWith("460 ", "", "Server: awselb/2.0"), "client closed", "a guess from the status"},
		{"463", same, refusedWith("463 ", "", "Server: awselb/2.0"), "X-Forwarded-For", "a guess from the status"},
		{"464", same, refusedWith("464 ", "", "Server: awselb/2.0"), "HTTP version|HTTP1", "a guess from the status"},
		{"502 ALB", same, refusedWith("502 Bad Gateway", "<title>502 Bad Gateway</title>", html, "Server: awselb/2.0"), "awselb|target group", "nginx:"},
		{"502 nginx", same, refusedWith("502 Bad Gateway", "<title>502 Bad Gateway</title><center>nginx</center>", html, "Server: nginx"), "nginx|error.log", "ALB:"},
		{"503 HAProxy", same, refusedWith("503 Service Unavailable", "<h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n", html), "HAProxy|no backend is ready", "nginx:"},
		{"503 Envoy", same, refusedWith("503 Service Unavailable", "upstream connect error or disconnect/reset before headers. reset reason: connection refused", "Server: envoy"),
			"Envoy|connection refused", "nginx:"},
		{"503 Varnish", same, refusedWith("503 Backend fetch failed", "<h1>Error 503 Backend fetch failed</h1><p>Guru Meditation:</p>", html, "X-Varnish: 12"), "Varnish|Backend fetch failed", "nginx:"},
		{"503 Heroku", same, refusedWith("503 Service Unavailable", `<title>Application error</title><iframe src="//www.herokucdn.com/error-pages/application-error.html">`, html),
			"Heroku|heroku logs", "nginx:"},
		{"504 Traefik", same, refusedWith("504 Gateway Timeout", "Gateway Timeout", "Server: Traefik"), "waited for its backend|forwardingTimeouts", "nginx:"},
		{"504 Front Door", same, refusedWith("504 Gateway Timeout", "", "X-Azure-Ref: 0abc"), "Azure Front Door|response timeout", "nginx:"},
		{"520", same, refusedWith("520 ", "", "Server: cloudflare", "CF-RAY: 1-FRA"), "empty or odd answer|origin", "nginx:"},
		{"522", same, refusedWith("522 ", "", "Server: cloudflare", "CF-RAY: 1-FRA"), "waited for the origin|100 s", "nginx:"},
		{"526", same, refusedWith("526 ", "", "Server: cloudflare", "CF-RAY: 1-FRA"), "TLS", "nginx:"},
		{"401 with scheme", same, refusedWith("401 Unauthorized", "", "WWW-Authenticate: Bearer realm=x"), "WWW-Authenticate|cookie", "Origin"},
		{"429", same, refusedWith("429 Too Many Requests", "", "Retry-After: 30"), "Retry-After|30", "Origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := false
			for _, f := range exchanged(t, c.request, c.answer).findings {
				text := f.Text + " " + f.Advice
				for _, word := range strings.Split(c.not, "|") {
					if c.not != "" && strings.Contains(text, word) {
						t.Errorf("%s says %q in %q", f.Name, word, text)
					}
				}
				if f.Name != "handshake-refused" {
					continue
				}
				found = true
				if f.Fault != event.ServerFault {
					t.Errorf("fault %s", f.Fault)
				}
				for _, word := range strings.Split(c.words, "|") {
					if !strings.Contains(text, word) {
						t.Errorf("%q is not in %q", word, text)
					}
				}
			}
			if !found {
				t.Error("no refusal was found")
			}
		})
	}
}

// Lines that HTTP forbids are told, whatever program wrote them, and the proxy that refuses them is not at fault.
func TestHeadVariants(t *testing.T) {
	bad := refusedWith("400 Bad Request", "", "Server: nginx")
	for _, c := range []struct {
		name, request, answer string
		check, words          string
		fault                 event.Fault
	}{
		{"target with a blank", asked("/a b/c?x=ä", "h.example.org"), bad, "request-target", "%20", event.ClientFault},
		{"target without a path", asked("", "h.example.org"), bad, "request-target", "", event.ClientFault},
		{"target of another host", asked("//h.example.org:8080/ws", "h.example.org"), bad, "request-target", "inside the path", event.ClientFault},
		{"Host with scheme", asked("/ws", "https://h.example.org"), bad, "host-malformed", "URL", event.ClientFault},
		{"Host with path", asked("/ws", "h.example.org/ws"), bad, "host-malformed", "path", event.ClientFault},
		{"Host empty", asked("/ws", ""), bad, "host-malformed", "empty", event.ClientFault},
		{"tab before the colon", asked("/ws", "h.example.org", "X-A\t: b"), bad, "head-malformed", "X-A", event.ClientFault},
		{"NUL in a value", asked("/ws", "h.example.org", "X-A: b\x00c"), bad, "head-malformed", "0x00", event.ClientFault},
		{"blank in a name", asked("/ws", "h.example.org", "X A: b"), bad, "head-malformed", "no token", event.ClientFault},
		{"no colon", asked("/ws", "h.example.org", "garbage"), bad, "head-malformed", "no colon", event.ClientFault},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := false
			for _, f := range exchanged(t, c.request, c.answer).findings {
				if strings.Contains(f.Text, "breaks no rule") {
					t.Errorf("%s says %q", f.Name, f.Text)
				}
				if f.Name == c.check {
					found = true
					if f.Fault != c.fault || !strings.Contains(f.Text+f.Advice, c.words) || f.At.Number != 4 {
						t.Errorf("packet %d, %s: %s", f.At.Number, f.Fault, f.Text)
					}
				}
				if f.Name == "handshake-refused" && (f.Follows == nil || f.Follows.Name != c.check) {
					t.Errorf("the refusal follows %v: %s", f.Follows, f.Text)
				}
			}
			if !found {
				t.Errorf("no %s", c.check)
			}
		})
	}
}
