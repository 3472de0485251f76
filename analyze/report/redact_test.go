package report

import (
	"bytes"
	"strings"
	"testing"

	"wshake/analyze/event"
)

func TestRedactText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing secret", "/chat?room=1&name=tokens", "/chat?room=1&name=tokens"},
		{"query parameter", "/chat?room=1&access_token=abcdefgh&x=2", "/chat?room=1&access_token=[redacted, 8 characters]&x=2"},
		{"first parameter", "/?token=abcdefgh", "/?token=[redacted, 8 characters]"},
		{"fragment", "/#access_token=abcdefgh", "/#access_token=[redacted, 8 characters]"},
		{"old separator", "/?a=b;token=abcdefgh", "/?a=b;token=[redacted, 8 characters]"},
		{"separators in the value", "/?password=ab,c?d;e/fgh", "/?password=[redacted, 12 characters]"},
		{"token in the path", "/ws/" + token, "/ws/[redacted, 71 characters]"},
		{"token in a list", "chat.v2, " + token, "chat.v2, [redacted, 71 characters]"},
		{"Kubernetes", "base64url.bearer.authorization.k8s.io.c2VjcmV0", "[redacted, 46 characters]"},
		{"token that was cut", `the request has "` + token[:40] + `"… (900 octets)`, `the request has "[redacted, 40 characters]"… (900 octets)`},
		{"redacted already", "token=[redacted, 30 characters]", "token=[redacted, 30 characters]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := redactText(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRedactFinding(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"quoted field line", `blanks between field name and colon: "Cookie : id=1; x=\"2\""`, `blanks between field name and colon: "Cookie : [redacted, 13 characters]"`},
		{"two of them", `"Set-Cookie: a" and "authorization: Basic eA=="`, `"Set-Cookie: [redacted, 1 character]" and "authorization: [redacted, 10 characters]"`},
		{"only the name", "opened a WebSocket with a Cookie, and the server accepted it", "opened a WebSocket with a Cookie, and the server accepted it"},
		{"letters that change length", "\u0130 Cookie: abc", "\u0130 Cookie: [redacted, 3 characters]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := redactFinding(&event.Finding{Text: c.in, Seen: c.in, Wanted: c.in})
			if f.Text != c.want || f.Seen != c.want || f.Wanted != c.want {
				t.Errorf("got %q, want %q", f.Text, c.want)
			}
		})
	}
}

// No output lets a secret through, and the event is not changed.
func TestNoOutputShowsSecrets(t *testing.T) {
	const secret = "s3cret-" // begins each
	h := established()
	h.Request.Target = "/chat?access_token=" + secret + "query"
	h.Request.StartLine = "GET " + h.Request.Target + " HTTP/1.1"
	h.Request.Fields = append(fields([]string{"Host: x", "cookie: " + secret + "cookie", "Authorization: Bearer " + secret + "a", "Proxy-Authorization: " + secret + "p", "X-API-Key: " + secret + "key",
		"Referer: https://x/?jwt=" + secret + "referer", "Sec-WebSocket-Protocol: chat, Bearer." + secret}), event.Field{Name: "Cookie " + secret, Anomalies: event.NoColon})
	h.Response.Fields = fields([]string{"Set-Cookie: " + secret + "set"})
	h.ProtocolsOffered, h.Protocol = event.Some([]string{"chat", "Bearer." + secret}), event.Some("Bearer."+secret)
	f := *mismatch
	f.Conn, f.Text, f.Seen = chat, `the head has "Cookie: `+secret+`"`, "Bearer."+secret
	for name, make := range allOutputs(Options{Show: event.AllKinds, Redact: true}) {
		var b bytes.Buffer
		w := make(&b)
		w.Handshake(h)
		w.Finding(&f)
		w.Summary(summary())
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), secret) {
			t.Errorf("%s: %s", name, b.String())
		}
		if !strings.Contains(b.String(), redacted) {
			t.Errorf("%s does not say that something is redacted", name)
		}
	}
	if h.Request.Get("cookie") != secret+"cookie" || !strings.Contains(f.Text, secret) {
		t.Error("the event was changed")
	}
}
