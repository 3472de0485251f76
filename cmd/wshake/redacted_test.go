package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
)

// sha256OfWire is a digest in any output.
var sha256OfWire = regexp.MustCompile(`sha256"?[: ]"?[0-9a-f]{64}`)

// secrets is a conversation with a secret in each place that a peer can put one. All begin with hunter2.
const secrets = `conn 1: 10.0.0.1:4001 > 10.0.0.2:80
conn 2: 10.0.0.1:4002 > 10.0.0.2:80
-- client --
GET /token/hunter2a/chat?%74oken=hunter2b&x=1&next=https%3A%2F%2Fu%3Ahunter2c%40h HTTP/1.1
Host: user:hunter2d@example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
Sec-WebSocket-Protocol: chat, access_token, hunter2e
Cookie: a=b;
 sid=hunter2f
Authorization : Basic hunter2g
X-Session-Id: hunter2h
Referer: https://u:hunter2i@example.com/
X-Odd: Bearer hunter2j
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}
Sec-WebSocket-Protocol: hunter2e
Set-Cookie: hunter2k
-- client frames --
text "hunter2l"
-- server frames --
text "hunter2m"
close 1008 "hunter2n"
-- client 2 --
GET /chat HTTP/1.1
Host: example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
Cookie hunter2o
-- server 2 --
HTTP/1.1 401 token=hunter2p
WWW-Authenticate: Bearer realm="hunter2q"
Location: /login?code=hunter2r
Content-Length: 8

-- server 2 text --
hunter2s
`

func writeDialogue(t *testing.T, script string) string {
	t.Helper()
	s, err := dialogue.Parse([]byte(script))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dialogue.pcap")
	if err := os.WriteFile(path, dialogue.Pcap(s.Packets(1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRedactKeepsItsWord(t *testing.T) {
	path := writeDialogue(t, secrets)
	_, all, _ := wshake("-o", "json", "--show", "handshakes", path)
	var second string
	for _, m := range regexp.MustCompile(`"conn":([0-9]+),`).FindAllStringSubmatch(all, -1) {
		second = m[1]
	}
	page := filepath.Join(t.TempDir(), "page.html")
	for _, args := range [][]string{
		nil, {"-o", "json"}, {"-o", "json", "--show", "all", "--payload", "1000"}, {"--show", "all", "--payload", "1000"}, {"--follow", "1"}, {"--follow", "1", "--pretty"},
		{"--follow", second}, {"--html", "-", "--payload", "1000"}, {"--html", page}, {"-o", "json", "--show", "all", "--payload", "1000", "--force", "--html", page},
	} {
		_, plain, _ := wshake(append([]string{path}, args...)...)
		if !strings.Contains(plain, "hunter2") && !strings.HasPrefix(plain, "<!doctype") {
			t.Errorf("%v shows no secret without --redact", args)
		}
		os.Remove(page)
		status, out, errs := wshake(append([]string{"--redact", path}, args...)...)
		if status != exitDone || strings.Contains(out+errs, "hunter2") {
			i := strings.Index(out+errs, "hunter2")
			t.Errorf("%v: status %d, %q", args, status, (out + errs)[max(0, i-200):min(i+50, len(out+errs))])
		}
	}
}

// What --redact does not cover is said.
func TestRedactSaysItsLimits(t *testing.T) {
	path := writeDialogue(t, secrets)
	for _, c := range []struct {
		args   []string
		status int
		said   string
	}{
		{[]string{"--redact", "--write", filepath.Join(t.TempDir(), "kept.pcapng")}, exitDone, "wshake: --redact does not change the packets that --write keeps\n"},
		{[]string{"--redact", "--show", "messages", "--payload", "10"}, exitDone, "wshake: --redact hides payloads; --redact=headers shows them\n"},
		{[]string{"--redact=headers", "--show", "messages", "--payload", "10"}, exitDone, ""},
		{[]string{"--redact=some"}, exitUsage, "wshake: --redact=some: it is --redact for all, or " +
			"--redact=headers\nhint: wshake help redact explains --redact\n"},
	} {
		status, out, errs := wshake(append(c.args, path)...)
		if status != c.status || errs != c.said {
			t.Errorf("%v: status %d, %q", c.args, status, errs)
		}
		if shown := strings.Contains(out, "hunter2l"); shown != (c.args[0] == "--redact=headers") {
			t.Errorf("%v: the payload is shown: %v", c.args, shown)
		}
	}
	for _, show := range [][]string{{"--show", "messages"}, {"--follow", "1"}, {"-o", "json", "--show", "messages"}} {
		_, out, _ := wshake(append(append([]string{"--redact"}, show...), path)...)
		if sha256OfWire.MatchString(out) {
			t.Errorf("%v: a digest lets a short message be guessed: %s", show, out)
		}
	}
	_, out, _ := wshake("--redact", "--show", "messages", recording("node-ws"))
	if !strings.Contains(out, "message text 126 B, sha256 ") || strings.Contains(out, "text 1 B, sha256 ") {
		t.Errorf("digests of long messages tell them apart, short ones have none: %s", out)
	}
}
