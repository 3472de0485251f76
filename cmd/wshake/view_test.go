package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wshake view serves the page to who knows the token, and payloads when they are asked for; nothing to anybody else.
func TestView(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o, err := parse([]string{"view", filepath.Join("..", "..", "testdata", "captures", "graphql-ws.pcapng")})
	if err != nil {
		t.Fatal(err)
	}
	out, w := io.Pipe()
	done := make(chan int)
	var errs bytes.Buffer
	std := stdio{in: strings.NewReader(""), out: w, err: &errs}
	if err := o.guard(&std); err != nil {
		t.Fatal(err)
	}
	go func() { done <- analyse(ctx, o, std) }()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSuffix(address, "\n")
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/[A-Z2-7]{26}/$`).MatchString(address) {
		t.Fatalf("address %q", address)
	}
	get := func(method, url, host string) (int, string, http.Header) {
		r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(b), answer.Header
	}
	status, page, head := get("GET", address, "")
	if status != 200 || !strings.HasSuffix(page, "</html>\n") || strings.Contains(page, "connection_init") ||
		head.Get("Cache-Control") != "no-store" || !strings.Contains(page, "connect-src 'self'") {
		t.Errorf("the page: %d, %d octets, %v", status, len(page), head)
	}
	if status, payloads, _ := get("GET", address+"c/0", ""); status != 200 || !strings.Contains(payloads,
		`{"type":"connection_init"}`) {
		t.Errorf("payloads: %d %q", status, payloads)
	}
	base := address[:strings.Index(address[len("http://"):], "/")+len("http://")+1]
	for _, refused := range []struct{ method, url, host string }{
		{"GET", base, ""}, {"GET", base + "c/0", ""}, {"GET", base + strings.Repeat("A", 26) + "/", ""}, {"GET", address,
			"evil.example"}, {"GET", address + "c/99", ""}, {"GET", address + "c/-1", ""},
		{"GET", address + "../../etc/passwd", ""}, {"POST", address, ""},
	} {
		if status, body, _ := get(refused.method, refused.url, refused.host); status < 400 || len(body) > 100 {
			t.Errorf("%v: %d, %d octets", refused, status, len(body))
		}
	}
	cancel()
	if status := <-done; status != exitDone {
		t.Errorf("status %d, %s", status, &errs)
	}
	for _, args := range [][]string{{"view"}, {"view", "-i", "lo"}, {"view", "--html", "x", "y"}} {
		if status, _, _ := wshake(args...); status != exitUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}
