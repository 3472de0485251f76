package redact

import (
	"strings"
	"testing"
)

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"

func TestName(t *testing.T) {
	for _, name := range []string{"token", "access_token", "accessToken", "ACCESS-TOKEN", "%74oken", "%2574oken", "t%6Fken", "X-Auth", "auth", "authcode", "oauth_verifier",
		"sig", "X-Amz-Signature", "code", "ticket", "passwd", "password", "pwd", "jwt", "bearer", "api_key", "apiKey", "X-API-Key", "key", "session", "PHPSESSID",
		"JSESSIONID", "connect.sid", "sid", "Cookie", "Set-Cookie", "Authorization", "Proxy-Authorization", "Authori zation", "X-CSRF-Token", "client_secret", "user[token]",
		"acc%65ss_token", "sessionid", "authKey", "mykey", "x-userauth"} {
		if !Name(name) {
			t.Errorf("%q is not taken for the name of a secret", name)
		}
	}
	for _, name := range []string{"", "room", "name", "Host", "Origin", "User-Agent", "author", "authority", "monkey", "keyboard", "Keep-Alive", "Accept-Encoding", "encoding",
		"Content-Type", "transport", "EIO", "signal", "site", "decode", "Via", "X-Forwarded-For", "Cache-Control", "Sec-Fetch-Site", "page", "version", "design", "zip"} {
		if Name(name) {
			t.Errorf("%q is taken for the name of a secret", name)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing secret", "/chat?room=1&name=tokens", "/chat?room=1&name=tokens"},
		{"a long path", "/api/v1/rooms/42/very-long-name-of-a-room-7/users/7/events", "/api/v1/rooms/42/very-long-name-of-a-room-7/users/7/events"},
		{"query parameter", "/chat?room=1&access_token=abcdefgh&x=2", "/chat?room=1&access_token=[redacted, 8 characters]&x=2"},
		{"short value", "/?token=1", "/?token=[redacted, 1 character]"},
		{"encoded name", "/?%74oken=abcdefgh", "/?%74oken=[redacted, 8 characters]"},
		{"encoded parameter", "/?next=%2F%3Ftoken%3Dabcdefgh", "[redacted, 29 characters]"},
		{"fragment", "/#access_token=abcdefgh", "/#access_token=[redacted, 8 characters]"},
		{"old separator", "/?a=b;token=abcdefgh", "/?a=b;token=[redacted, 8 characters]"},
		{"matrix parameter", "/ws;jsessionid=abcdefgh", "/ws;jsessionid=[redacted, 8 characters]"},
		{"separators in the value", "/?password=ab,c?d;e/fgh", "/?password=[redacted, 12 characters]"},
		{"token in the path", "/ws/" + token + "/chat", "/ws/[redacted, 71 characters]/chat"},
		{"named in the path", "/token/hunter2/chat", "/token/[redacted, 7 characters]/chat"},
		{"an endpoint behind such a name", "/auth/ws", "/auth/ws"},
		{"UUID", "/ws/550e8400-e29b-41d4-a716-446655440000?a=1", "/ws/[redacted, 36 characters]?a=1"},
		{"userinfo", "https://user:pa%40ss@host/", "https://[redacted, 12 characters]@host/"},
		{"userinfo in a parameter", "/?u=https://user:pass@host/", "/?u=https://[redacted, 9 characters]@host/"},
		{"userinfo in an encoded parameter", "/?u=https%3A%2F%2Fuser%3Apass%40host%2F", "[redacted, 39 characters]"},
		{"scheme", "Bearer abc.def", "Bearer [redacted, 7 characters]"},
		{"words", "the token is good, basic authentication is not", "the token is good, basic authentication is not"},
		{"JSON", `{"user":"x","password":"hunter2","n":1}`, `{"user":"x","password":"[redacted, 7 characters]","n":1}`},
		{"JSON in quotes", `{\"password\":\"hunter2\"}`, `{\"password\":\"[redacted, 7 characters]\"}`},
		{"token that was cut", `the request has "` + token[:40] + `"… (900 octets)`, `the request has "[redacted, 40 characters]"… (900 octets)`},
		{"before a mask", "/a&token=abcdefgh[redacted, 20 characters]", "/a&token=[redacted, 8 characters][redacted, " +
			"20 characters]"},
		{"behind a mask", "/a?token=[redacted, 2 characters]abcdefgh&x=y", "/a?token=[redacted, 2 " +
			"characters][redacted, 8 characters]&x=y"},
		{"redacted already", "token=[redacted, 30 characters]", "token=[redacted, 30 characters]"},
		{"user agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := Text(Text(c.in)); got != Text(c.in) {
				t.Errorf("the second time it becomes %q", got)
			}
		})
	}
}

func TestExtensions(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"permessage-deflate; client_max_window_bits, x-webkit-deflate-frame", "permessage-deflate; " +
			"client_max_window_bits, x-webkit-deflate-frame"},
		{"permessage-deflate\rSec-WebSocket-Protocol: chat,access_token.abcdefgh",
			"permessage-deflate[redacted, 29 characters],[redacted, 21 characters]"},
		{"access_token.abcdefgh", "access_token.[redacted, 8 characters]"},
	} {
		if got := strings.Join(extensions(strings.Split(c.in, ",")), ","); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}

// A credential that has such a word as "secret" or "key" in it does not announce another one.
func TestProtocolsAnnounceOnce(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"bearer.zq9SeCrEt73XyK507Wvq", "bearer.[redacted, 20 characters]"},
		{"access_token|abcKey9", "access_token|[redacted, 7 characters]"},
		{"jwt.mysecretvalue", "jwt.[redacted, 13 characters]"},
		{"openai-insecure-api-key.sk-mytoken", "openai-insecure-api-key.[redacted, 10 characters]"},
		{"base64url.bearer.authorization.k8s.io.xSecret", "base64url.bearer.authorization.[redacted, 14 characters]"},
		{"zq9SeCrEt73XyK507Wvq", "[redacted, 20 characters]"},
		{"mqtt,v12.stomp,graphql-transport-ws,v5.channel.k8s.io",
			"mqtt,v12.stomp,graphql-transport-ws,v5.channel.k8s.io"},
	} {
		if got := strings.Join(protocols(strings.Split(c.in, ",")), ","); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}
