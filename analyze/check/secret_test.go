package check

import "testing"

func TestSecrets(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	for text, want := range map[string]bool{
		token:                             true,
		"bearer." + token:                 true,
		"eyJhbGciOiJub25lIn0.e30.":        true, // {"alg":"none"}
		"eyJ":                             false,
		"eyJ.chat.v1":                     false,
		"eyJhbGciOiJub25lIn0.e30":         false, // two parts
		"eyJhIjoxfQ.e30.":                 false, // {"a":1}
		"chat":                            false,
		"":                                false,
		"eyJhbGciOiJub25lIn0=.e30.c2ln":   true,
		"prefix.eyJ!bGciOiJub25lIn0.e30.": false,
	} {
		if got := jwt(text); got != want {
			t.Errorf("jwt(%q) is %v", text, got)
		}
	}
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"access_token", "0123456789", true}, {"ACCESS_TOKEN", "0123456789", true}, {"token", "none", false}, {"room", "0123456789", false},
		{"room", token, true}, {"ticket", "0123456789", false}, {"password", "", false},
	} {
		if got := SecretParam(c.name, c.value); got != c.want {
			t.Errorf("SecretParam(%q, %q) is %v", c.name, c.value, got)
		}
	}
	for text, want := range map[string]bool{token: true, "Bearer.abc": true, "base64url.bearer.authorization.k8s.io.c2VjcmV0": true, "v4.channel.k8s.io": false, "chat": false} {
		if got := SecretToken(text); got != want {
			t.Errorf("SecretToken(%q) is %v", text, got)
		}
	}
}
