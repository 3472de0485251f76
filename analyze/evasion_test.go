package analyze

import (
	"fmt"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/ws"
	"wshake/testdata/need"
)

// evasions are ways to spell an upgrade request that readers of captures are known to pass over, each of which some
// server takes. A change is made to the whole head.
var evasions = []struct {
	name   string
	change func(head string) string
}{
	{"control octet in the target", replaces("/chat", "/ch\x01at")},
	{"NUL in the target", replaces("/chat", "/ch\x00at")},
	{"escape in the target", replaces("/chat", "/\x1b[2J")},
	{"octets above 7F in the target", replaces("/chat", "/\xff\xfe")},
	{"control octet in the method", replaces("GET", "G\x02ET")},
	{"leading blank", replaces("GET", " GET")},
	{"leading blanks", replaces("GET", "   \t GET")},
	{"leading tab", replaces("GET", "\tGET")},
	{"leading empty lines", replaces("GET", "\r\n\n\r\nGET")},
	{"leading bare CR", replaces("GET", "\rGET")},
	{"byte order mark", replaces("GET", "\xef\xbb\xbfGET")},
	{"leading NUL", replaces("GET", "\x00GET")},
	{"tab as separator", replaces("GET /chat HTTP", "GET\t/chat\tHTTP")},
	{"tab behind the method", replaces("GET ", "GET\t")},
	{"tab before the version", replaces(" HTTP", "\tHTTP")},
	{"vertical tab as separator", replaces("GET /chat HTTP", "GET\v/chat\vHTTP")},
	{"form feed as separator", replaces(" HTTP", "\fHTTP")},
	{"CR as separator", replaces(" HTTP", "\rHTTP")},
	{"several blanks", replaces("GET /chat HTTP", "GET   /chat  HTTP")},
	{"blank in the target", replaces("/chat", "/ch at")},
	{"HTTP/2.0", replaces("HTTP/1.1", "HTTP/2.0")},
	{"HTTP/3.0", replaces("HTTP/1.1", "HTTP/3.0")},
	{"HTTP/0.9", replaces("HTTP/1.1", "HTTP/0.9")},
	{"HTTP/1.0", replaces("HTTP/1.1", "HTTP/1.0")},
	{"HTTP/1.2", replaces("HTTP/1.1", "HTTP/1.2")},
	{"HTTP/11.1", replaces("HTTP/1.1", "HTTP/11.1")},
	{"HTTP/1", replaces("HTTP/1.1", "HTTP/1")},
	{"HTTP/1.01", replaces("HTTP/1.1", "HTTP/1.01")},
	{"HTTP 1.1", replaces("HTTP/1.1", "HTTP 1.1")},
	{"lower-case http", replaces("HTTP/1.1", "http/1.1")},
	{"mixed-case http", replaces("HTTP/1.1", "hTTp/1.1")},
	{"another protocol", replaces("HTTP/1.1", "RTSP/1.0")},
	{"no version", replaces(" HTTP/1.1", "")},
	{"words behind the version", replaces("HTTP/1.1", "HTTP/1.1 and more")},
	{"blanks behind the version", replaces("HTTP/1.1", "HTTP/1.1  ")},
	{"lower-case method", replaces("GET", "get")},
	{"long method", replaces("GET", strings.Repeat("GET", 30))},
	{"very long method", replaces("GET", strings.Repeat("G", 5000))},
	{"very long target", replaces("/chat", "/"+strings.Repeat("x", 30000))},
	{"odd method", replaces("GET", "G{E}T")},
	{"method above 7F", replaces("GET", "G\xc3\x89T")},
	{"empty method", replaces("GET ", " ")},
	{"empty target", replaces("/chat ", "")},
	{"empty target between blanks", replaces("/chat ", "  ")},
	{"PRI", replaces("GET", "PRI")},
	{"lines end in LF", replaces("\r\n", "\n")},
	{"first line ends in LF", replaces("HTTP/1.1\r\n", "HTTP/1.1\n")},
	{"first line ends in CR CR LF", replaces("HTTP/1.1\r\n", "HTTP/1.1\r\r\n")},
	{"lines end in CR", replaces("\r\n", "\r")},
	{"the first line ends in CR", replaces("\r\nHost", "\rHost")},
	{"blank before a colon", replaces("Upgrade:", "Upgrade :")},
	{"tab before a colon", replaces("Upgrade:", "Upgrade\t:")},
	{"blank before every colon", replaces(":", " :")},
	{"vertical tab before a value", replaces(": websocket", ":\vwebsocket")},
	{"vertical tab behind a value", replaces("websocket\r\n", "websocket\v\r\n")},
	{"NUL behind a value", replaces("websocket\r\n", "websocket\x00\r\n")},
	{"folded value", replaces(": websocket", ":\r\n websocket")},
	{"blank before the first field", replaces("Host", " Host")},
	{"upper-case fields", strings.ToUpper},
	{"line without a colon", replaces("Host", "x\r\nHost")},
	{"quoted upgrade", replaces(": websocket", ": \"websocket\"")},
	{"upgrade with a version", replaces(": websocket", ": websocket/13")},
	{"upgrade among others", replaces(": websocket", ": h2c, WebSocket")},
	{"no upgrade", replaces("Upgrade: websocket\r\n", "")},
	{"no connection", replaces("Connection: Upgrade\r\n", "")},
	{"length", replaces("Host", "Content-Length: 0\r\nHost")},
	{"negative length", replaces("Host", "Content-Length: -1\r\nHost")},
	{"signed length", replaces("Host", "Content-Length: +0\r\nHost")},
	{"hexadecimal length", replaces("Host", "Content-Length: 0x0\r\nHost")},
	{"huge length", replaces("Host", "Content-Length: 99999999999999999999\r\nHost")},
	{"large length", replaces("Host", "Content-Length: 9999999\r\nHost")},
	{"empty length", replaces("Host", "Content-Length:\r\nHost")},
	{"two lengths", replaces("Host", "Content-Length: 0\r\nContent-Length: 5\r\nHost")},
	{"two lengths, the first large", replaces("Host", "Content-Length: 5000\r\nContent-Length: 0\r\nHost")},
	{"two equal lengths", replaces("Host", "Content-Length: 0\r\nContent-Length: 0\r\nHost")},
	{"chunked that does not come", replaces("Host", "Transfer-Encoding: chunked\r\nHost")},
	{"length and chunked", replaces("Host", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\nHost")},
	{"xchunked", replaces("Host", "Transfer-Encoding: xchunked\r\nHost")},
	{"chunked and identity", replaces("Host", "Transfer-Encoding: chunked, identity\r\nHost")},
	{"chunked twice", replaces("Host", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nHost")},
	{"chunked behind a vertical tab", replaces("Host", "Transfer-Encoding:\vchunked\r\nHost")},
	{"chunked in quotes", replaces("Host", "Transfer-Encoding: \"chunked\"\r\nHost")},
	{"blank before the colon of a coding", replaces("Host", "Transfer-Encoding : chunked\r\nHost")},
}

func replaces(old, new string) func(string) string {
	return func(head string) string { return strings.ReplaceAll(head, old, new) }
}

// notWrong are those of them in which nothing is wrong, or only what another reader may not expect.
var notWrong = map[string]bool{"leading empty lines": true, "HTTP/1.2": true, "very long target": true, "upper-case fields": true,
	"upgrade with a version": true, "upgrade among others": true, "length": true}

// before is what stands in front of the request on its connection, and what the server answers to it.
type before struct{ asks, answers string }

// evade has a conversation whose request is changed, and says what is missing of it.
func evade(t *testing.T, cut int, first before, changes ...func(string) string) (missing string, r *recorder) {
	t.Helper()
	head := bareRequest + "\r\n"
	for _, change := range changes {
		head = change(head)
	}
	f := newFlow(1).opened()
	f.say(0, []byte(first.asks))
	f.say(1, []byte(first.answers))
	for i := 0; i < len(head); i += cut {
		f.say(0, []byte(head[i:min(i+cut, len(head))]))
	}
	f.say(1, []byte(strings.Replace(bareAnswer, "bfZvZEUxrcvx24jZGbEvfYLzZqg=", answerTo(head), 1)+"\r\n"))
	f.say(0, []byte("\x81\x85\x01\x02\x03\x04igohn"))
	f.say(1, []byte("\x81\x05world"))
	f.say(0, []byte("\x88\x82\x05\x06\x07\x08\x06\xee"))
	f.say(1, []byte("\x88\x02\x03\xe8"))
	f.close()
	r = f.tape.analyse(t, func(c *Config) { c.Payload = 100 })
	switch n := len(r.handshakes); {
	case n == 0:
		return "no handshake", r
	case r.handshakes[n-1].Request == nil && len(head) < 64<<10:
		return "no request", r
	case r.handshakes[n-1].Response == nil:
		return "no answer", r
	case r.handshakes[n-1].Verdict == event.OtherUpgrade:
		return "another upgrade", r
	case complete(r) != 2:
		return fmt.Sprintf("%d messages", complete(r)), r
	}
	return "", r
}

// A request that a server answered with 101 is a handshake, however it is spelled, has a finding where something is
// wrong with it, and its frames are decoded.
func TestEvasions(t *testing.T) {
	for _, e := range evasions {
		for _, cut := range []int{1 << 20, 1, 3, 7} { // 3: a byte order mark alone
			missing, r := evade(t, cut, before{}, e.change)
			if missing != "" {
				t.Errorf("%s, in pieces of %d: %s; findings %q, caveats %+v", e.name, cut, missing, r.names(), r.caveats)
			}
			if found := len(r.findings) > 0; found == notWrong[e.name] && e.name != "upper-case fields" {
				t.Errorf("%s: findings %q", e.name, r.names())
			}
		}
	}
}

// Likewise behind another request on the connection: an ordinary one, an upgrade that was refused, and one whose length
// can be read in two ways.
func TestEvasionsLater(t *testing.T) {
	const get, ok = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	for name, first := range map[string]before{
		"behind an ordinary request": {get, ok},
		"behind a refusal":           {bareRequest + "\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
		"behind two lengths":         {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ok},
	} {
		for _, e := range evasions {
			missing, r := evade(t, 1<<20, first, e.change)
			if first.answers != ok && (missing == "no request" || missing == "no handshake") && e.name == "leading NUL" {
				continue // such octets behind a refusal may be frames
			}
			if missing != "" {
				t.Errorf("%s, %s: %s; findings %q, caveats %+v", e.name, name, missing, r.names(), r.caveats)
			}
		}
	}
}

// Two evasions at once.
func TestEvasionsCombined(t *testing.T) {
	need.Long(t)
	for i, e := range evasions {
		for _, other := range evasions[i+1:] {
			if missing, r := evade(t, 1<<20, before{}, e.change, other.change); missing != "" {
				t.Errorf("%s, %s: %s; findings %q, caveats %+v", e.name, other.name, missing, r.names(), r.caveats)
			}
		}
	}
}

// answerTo is the Accept that a server computes which understands the head.
func answerTo(head string) string {
	for _, key := range []string{"4tAjitqO9So2Wu8lkrsq3w==", "4TAJITQO9SO2WU8LKRSQ3W=="} {
		if strings.Contains(head, key) {
			return ws.Accept(key)
		}
	}
	return "?"
}
