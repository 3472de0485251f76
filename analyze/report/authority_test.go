package report

import "testing"

func TestHostPort(t *testing.T) {
	for _, c := range []struct {
		authority, host string
		port            int
	}{
		{"example.com", "example.com", 0}, {"example.com:8080", "example.com", 8080}, {"[::1]:80", "[::1]", 80}, {"[::1]", "[::1]", 0},
		{"a:b", "a:b", 0}, {"a:", "a:", 0}, {"a:70000", "a:70000", 0}, {"a:-1", "a:-1", 0}, {"", "", 0}, {":80", "", 80},
	} {
		if host, port := HostPort(c.authority); host != c.host || port != c.port {
			t.Errorf("%q: %q, %d", c.authority, host, port)
		}
	}
}
