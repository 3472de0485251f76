package check

import (
	"testing"
	"wshake/analyze/event"
)

func TestSameSite(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"same":          {"example.com", "example.com", true},
		"subdomain":     {"www.example.com", "ws.example.com", true},
		"parent":        {"example.com", "ws.example.com", true},
		"rootDot":       {"example.com.", "example.com", true},
		"country":       {"a.example.co.uk", "b.example.co.uk", true},
		"countrySuffix": {"a.co.uk", "b.co.uk", false},
		"hosting":       {"alice.github.io", "mallory.github.io", false},
		"lookAlike":     {"notexample.com", "example.com", false},
		"other":         {"example.com", "example.org", false},
		"address":       {"192.168.0.7", "192.168.0.8", false},
		"address6":      {"2001:db8::1", "2001:db8::1", true},
		"local":         {"localhost", "127.0.0.1", true},
		"local6":        {"::1", "app.localhost", true},
		"localAndNet":   {"localhost", "example.com", false},
		"intranet":      {"intranet", "wiki", false},
		"suffixAlone":   {"com", "example.com", false},
		"empty":         {"", "example.com", false},
	} {
		if got := sameSite(c.a, c.b); got != c.want {
			t.Errorf("%s: sameSite(%q, %q) is %v", name, c.a, c.b, got)
		}
		if got := sameSite(c.b, c.a); got != c.want {
			t.Errorf("%s: sameSite(%q, %q) is %v", name, c.b, c.a, got)
		}
	}
}

func TestCrossSite(t *testing.T) {
	for name, c := range map[string]struct {
		origin string
		fields []string // name, value, ...
		want   bool
	}{
		"other":          {"https://evil.example", nil, true},
		"same":           {"https://ws.example.com:8443", nil, false},
		"capitals":       {"HTTPS://WWW.EXAMPLE.COM", nil, false},
		"null":           {"null", nil, false},
		"none":           {"", nil, false},
		"file":           {"file://", nil, false},
		"extension":      {"moz-extension://0123", nil, false},
		"broken":         {"https://%zz", nil, false},
		"forwardedHost":  {"https://app.example", []string{"X-Forwarded-Host", "app.example, proxy.example"}, false},
		"forwarded":      {"https://app.example", []string{"Forwarded", `for=10.0.0.1;host="app.example:443"`}, false},
		"forwardedOther": {"https://evil.example", []string{"Forwarded", "for=10.0.0.1; Host=app.example"}, true},
		"forwardedFor":   {"https://evil.example", []string{"X-Forwarded-For", "10.0.0.1"}, false},
		"via":            {"https://evil.example", []string{"Via", "1.1 gate"}, false},
	} {
		q := &event.Head{Fields: []event.Field{{Name: "Host", Value: "ws.example.com:9000"}, {Name: "Origin", Value: c.origin}}}
		for i := 0; i < len(c.fields); i += 2 {
			q.Fields = append(q.Fields, event.Field{Name: c.fields[i], Value: c.fields[i+1]})
		}
		if got := CrossSite(q); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPolicyAllows(t *testing.T) {
	p := &Policy{AllowOrigins: []string{"https://One.example", "two.example", "*.three.example"}}
	for origin, want := range map[string]bool{
		"https://one.example": true, "http://one.example": false, "http://two.example": true, "http://a.two.example": false,
		"http://a.three.example": true, "http://three.example": false, "http://notthree.example": false,
	} {
		host, _ := originHost(origin)
		if got := p.allows(origin, host); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
	if !(&Policy{AllowOrigins: []string{"*"}}).allows("http://x.example", "x.example") || (*Policy)(nil).allows("http://x.example", "x.example") {
		t.Error("* must allow all, no policy nothing")
	}
}
