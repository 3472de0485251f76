package analyze

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/dialogue"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// variant is another capture of a kind of failure that was reported: other software, sizes, times, sides.
type variant struct {
	kind, name string // the capture that it is a variant of, and what is other
	script     string
	finding    string // that explains it
	packet     uint64
	fault      event.Fault
	words, not string // separated by |: all of the first in its text or advice, none of the second in any finding
}

// Parts of scripts.
const (
	hello = "-- client frames --\ntext \"hello\"\n"
	gone  = "-- server fin --\n-- client fin --\n"
	reset = "-- server rst --\n"

	legs    = "conn 1: 198.51.100.7:40001 > 10.0.0.2:80\nconn 2: 10.0.0.2:50001 > 10.0.0.3:3000\n"
	legsEnd = "-- server fin 2 --\n-- client fin 2 --\n-- server fin 1 --\n-- client fin 1 --\n"
)

// ask is an upgrade request, told the other way round: a part of a script.
func ask(target, host string, fields ...string) string {
	return part("client", asked(target, host, fields...))
}

// agree is the right answer to asked; legAgree is that on both legs of a proxy.
var (
	agree    = part("server", badAnswer())
	legAgree = part("server 2", badAnswer()) + part("server 1", badAnswer())
)

// plainAsk is the request that most scripts begin with.
var plainAsk = ask("/ws", "app.example.org")

// part is octets as a part of a script.
func part(name, octets string) string {
	return "-- " + strings.Replace(name, " ", " hex ", 1) + map[bool]string{true: " hex"}[!strings.Contains(name, " ")] + " --\n" +
		hex.EncodeToString([]byte(octets)) + "\n"
}

// no is a refusal, behind which both sides end.
func no(status, body string, fields ...string) string {
	return part("server", refusedWith(status, body, fields...)) + gone
}

// overProxy is a request as a proxy forwards it, the backend's refusal, and the same to the client.
func overProxy(front, back, status, body string, fields ...string) string {
	answer := refusedWith(status, body, fields...)
	return legs + part("client 1", front) + part("client 2", back) + part("server 2", answer) + part("server 1", answer) + legsEnd
}

// badAnswer is a 101 to the key of plainAsk, changed.
func badAnswer(change ...string) string {
	return strings.NewReplacer(change...).Replace("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + acceptOfAsked + "\r\n\r\n")
}

// acceptOfAsked answers the key of asked.
const acceptOfAsked = "bEVeGLZrb9fS3Rj8WzExJdCsedg="

// again is octets that a side sends so often without an acknowledgement.
func again(side, octets string, times int) string {
	s := "-- " + side + " hex unacknowledged --\n" + octets + "\n"
	for i := range times {
		s += fmt.Sprintf("-- pause %dms --\n-- %s hex again unacknowledged --\n%s\n", 300<<i, side, octets)
	}
	return s
}

// chatter is a message from each side after each pause.
func chatter(pause string, times int) string {
	return strings.Repeat("-- pause "+pause+" --\n"+hello+"-- server frames --\ntext \"b\"\n", times)
}

// talkOnLegs is chatter over a proxy.
func talkOnLegs(pause string, times int) string {
	return strings.Repeat("-- pause "+pause+" --\n-- client frames 1 --\ntext \"a\"\n-- client frames 2 --\ntext \"a\"\n", times)
}

func proxyHeader(line string) string { return part("client", line+asked("/ws", "app.example.org")) }

var (
	largeFrame = "817e0574" + strings.Repeat("61", 1396)
	largeAsked = hex.EncodeToString([]byte(asked("/ws", "app.example.org", "Cookie: a="+strings.Repeat("b", 1250))))
	front      = asked("/ws", "app.example.org", "Origin: https://app.example.org", "Cookie: sid=1")
	proxyV2    = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x05\x0a\x00\x00\x09\xd9\x03\x01\xbb"
)

// shared says that a request has the fields of front, with another host or target.
func backAsked(target, host string, fields ...string) string {
	return asked(target, host, append([]string{"Origin: https://app.example.org", "Cookie: sid=1"}, fields...)...)
}

const (
	client, server, hop = event.ClientFault, event.ServerFault, event.MiddleboxFault
	nobody              = event.NoFault
)

// variants are at least two of each kind.
func variants() []variant {
	const (
		refused  = "handshake-refused"
		changed  = "proxy-changed-handshake"
		jsonType = "Content-Type: application/json"
		htmlType = "Content-Type: text/html"
	)
	eio := func(query string, fields ...string) string {
		return ask("/socket.io/?EIO=4&transport=websocket"+query, "app.example.org", fields...)
	}
	pings := func(ping, pong string) string {
		return "-- server frames --\nping " + ping + "\n-- client frames --\npong " + pong + "\n"
	}
	stalled := strings.Repeat("-- pause 5s --\n-- client window 0 --\n-- server hex again unacknowledged --\n81026162\n", 4)
	return []variant{
		{"a10-pong-empty", "text of its own", plainAsk + agree + pings(`"abcd"`, `"pong!"`) + "-- pause 20s --\n" + pings(`"efgh"`, `"pong!"`) + "-- server frames --\nclose 1011\n" + gone,
			"pong-mismatch", 10, client, `"pong!"|unmask the payload`, "never answered"},
		{"a10-pong-empty", "the server's", plainAsk + agree + "-- client frames --\nping \"1234\"\n-- server frames --\npong\n-- client frames --\nclose 1002\n-- server frames --\nclose 1002\n" + gone,
			"pong-mismatch", 10, server, "no payload|1234", "breaks no rule"},
		{"a10c-pong-empty-fin", "half of the payload, RST", plainAsk + agree + pings(`"12345678"`, `"1234"`) + "-- pause 20s --\n" + reset, "pong-mismatch", 10, client, `"1234"|12345678`, "idle time-out"},
		{"a10c-pong-empty-fin", "another cut", plainAsk + agree + pings("00112233", "33221100") + "-- pause 7s --\n" + gone, "pong-mismatch", 10, client, "33 22 11 00", "never answered"},
		{"a11-space-target", "in the query", ask("/ws?name=a b c", "h.example.org") + no("400 Bad Request", "", "Server: nginx"), "request-target", 4, client, "blank|%20", "breaks no rule"},
		{"a11-space-target", "umlauts", ask("/käse", "h.example.org") + no("404 Not Found", ""), "request-target", 4, client, "0xC3", "breaks no rule"},
		{"a14-double-slash", "with a port", ask("//h.example.org:8080/ws", "h.example.org") + no("400 Bad Request", ""), "request-target", 4, client, "inside the path", "breaks no rule"},
		{"a14-double-slash", "refused with 404", ask("//h.example.org/", "h.example.org") + no("404 Not Found", ""), "request-target", 4, client, "inside the path", "nothing serves"},
		{"a16-varnish", "by Via", overProxy(front, strings.NewReplacer("Upgrade: websocket\r\n", "", "keep-alive, Upgrade", "close").Replace(backAsked("/ws", "app.example.org", "Via: 1.1 web (Varnish/7.1)")),
			"404 Not Found", "Cannot GET /ws"), "proxy-stripped-upgrade", 9, hop, "vcl_pipe|return (pipe)", "attach"},
		{"a16-varnish", "Kong", overProxy(front, strings.NewReplacer("Upgrade: websocket\r\n", "").Replace(backAsked("/ws", "app.example.org", "Via: kong/3.4.0")),
			"426 Upgrade Required", "", "Upgrade: websocket"), "proxy-stripped-upgrade", 9, hop, "kong|protocols of the route", "vcl_pipe"},
		{"a18-mqtt-426", "wrong subprotocol", ask("/mqtt", "b.example.org", "Sec-WebSocket-Protocol: chat") + no("426 Upgrade Required", "", "Upgrade: websocket"), refused, 6, server, "mqtt|chat", "versions"},
		{"a18-mqtt-426", "400 of EMQX", ask("/mqtt", "b.example.org") + no("400 Bad Request", "", "server: Cowboy"), refused, 6, server, "mqtt|a guess", "versions"},
		{"a2-signalr-404", "Engine.IO", "conn 2: 10.0.0.1:50002 > 10.0.1.2:80\n" + part("client", "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a.example.org\r\n\r\n") +
			part("server", refusedWith("200 OK", `0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"]}`)) +
			part("client 2", asked("/socket.io/?EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAB", "a.example.org")) +
			part("server 2", refusedWith("400 Bad Request", `{"code":1,"message":"Session ID unknown"}`, jsonType)), "affinity", 0, hop, "lv_VI97HAXpY6yYWAAAB|sticky", "nothing serves"},
		{"a2-signalr-404", "connectionToken, the same connection", part("client", "POST /chat/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a.example.org\r\nContent-Length: 0\r\n\r\n") +
			part("server", refusedWith("200 OK", `{"negotiateVersion":1,"connectionId":"pub","connectionToken":"T0k3nT0k3nT0k3n"}`, jsonType)) +
			ask("/chat?id=T0k3nT0k3nT0k3n", "a.example.org") + no("404 Not Found", ""), "affinity", 0, hop, "T0k3n|skipNegotiation", "nothing serves"},
		{"a23-node-ws-path", "list in Connection", ask("/wrong", "app.example.org") + no("400 Bad Request", "Bad Request", "Connection: close", htmlType), refused, 6, server, "a guess|/wrong|new WebSocketServer", "Connection field"},
		{"a23-node-ws-path", "with a query", ask("/other?x=1", "127.0.0.1:8080") + no("400 Bad Request", "Bad Request", "Connection: close", htmlType), refused, 6, server, `the path "/other"`, "breaks no rule"},
		{"a2c-eio-transport-unknown-firefox", "python-engineio", eio("") + no("400 Bad Request", `"Invalid transport"`, jsonType), refused, 6, server, "Invalid transport|transports", "Connection field"},
		{"a2c-eio-transport-unknown-firefox", "bad request", eio("&sid=x") + no("400 Bad Request", `{"code":3,"message":"Bad request"}`, jsonType), refused, 6, server, "code 3|session", "Connection field"},
		{"a4b-ha-400-firefox", "Chrome", ask("/api/websocket", "ha.example.org", "X-Forwarded-For: 192.0.2.1") + no("400 Bad Request", "400: Bad Request", "Server: Python/3.12 aiohttp/3.9.1"), refused, 6, server,
			"X-Forwarded-For|trusted_proxies", "Connection field"},
		{"a4b-ha-400-firefox", "two proxies", ask("/api/websocket", "ha.example.org", "X-Forwarded-For: 192.0.2.1, 10.0.0.1") + no("400 Bad Request", "400: Bad Request", "Server: aiohttp/3.9.1"), refused, 6, server,
			"trusted_proxies", "Connection field"},
		{"a5-lws-two-connection", "a list", plainAsk + part("server", badAnswer("Connection: Upgrade", "Connection: keep-alive, Upgrade")) + "-- client rst --\n", "answer-rejected", 8, client, "a list in Connection", "findings"},
		{"a5-lws-two-connection", "other letters", plainAsk + part("server", badAnswer("websocket", "WebSocket")) + "-- client fin --\n-- server fin --\n", "answer-rejected", 8, client, `Upgrade is "WebSocket"`, "findings"},
		{"a6c-no-reason-nosp", "frames flow", plainAsk + part("server", badAnswer("101 Switching Protocols", "101")) + hello, "head-malformed", 6, server, "lacks the blank", ""},
		{"a6c-no-reason-nosp", "a refusal", plainAsk + part("server", "HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n") + gone, "head-malformed", 6, server, "lacks the blank", ""},
		{"a7-client-ignores-403", "401, a large message", plainAsk + part("server", refusedWith("401 Unauthorized", "")) + "-- client frames --\nbinary \"a\" x 70000\n" + gone, "frames-after-refusal", 8, client, "binary frame of 70000|401", ""},
		{"a7-client-ignores-403", "404, a ping", plainAsk + part("server", refusedWith("404 Not Found", "no")) + "-- client frames --\nping \"x\"\n" + gone, "frames-after-refusal", 8, client, "ping frame|404", ""},
		{"a8-idle-55", "45 s", plainAsk + agree + hello + "-- pause 45s --\n" + gone, "idle-timeout", 10, hop, "45.0|somebody set", "Send a Close"},
		{"a8-idle-55", "60 s of ALB", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\nServer: awselb/2.0\r\nSec")) + hello + "-- pause 60s --\n" + gone, "idle-timeout", 10, hop, "Amazon ALB", "nginx"},
		{"a8-idle-230", "180 s", plainAsk + agree + hello + "-- pause 180s --\n" + gone, "idle-timeout", 10, hop, "180.0", "Send a Close"},
		{"a8-idle-230", "240 s, pings before", plainAsk + agree + pings(`"a"`, `"a"`) + "-- pause 240s --\n" + gone, "idle-timeout", 12, hop, "240.0|Azure", "Send a Close"},
		{"a8b-idle-350-rst", "900 s", plainAsk + agree + hello + "-- pause 900s --\n" + reset, "idle-timeout", 10, hop, "900.0|firewalls", "Send a Close"},
		{"a8b-idle-350-rst", "33 s, twice", "conn 2: 10.0.0.1:50002 > 10.0.1.1:80\n" + plainAsk + agree + hello + "-- pause 33s --\n" + reset + "-- pause 4s --\n" +
			part("client 2", strings.Replace(asked("/ws", "app.example.org"), "4tAj", "5tAj", 1)) + part("server 2", badAnswer(acceptOfAsked, ws.Accept("5tAjitqO9So2Wu8lkrsq3w=="))) + strings.Replace(hello, "frames", "frames 2", 1) + "-- pause 33s --\n-- server rst 2 --\n",
			"idle-timeout", 0, hop, "33.0|as connection 1 was", ""},
		{"a9-life-30", "120 s", plainAsk + agree + chatter("10s", 11) + "-- pause 9932ms --\n" + gone, "lifetime-limit", 52, hop, "somebody set", "idle time-out"},
		{"a9-life-30", "an hour, RST", plainAsk + agree + chatter("599s", 6) + "-- pause 5974ms --\n" + reset, "lifetime-limit", 32, hop, "Cloud Run", "idle time-out"},
		{"a9c-ilb-ignores-pings-30", "60 s", plainAsk + agree + hello + strings.Repeat("-- pause 20s --\n"+pings(`"a"`, `"a"`), 2) + "-- pause 20s --\n" + gone, "idle-timeout", 0, hop, "60.0|data frames|Pings", ""},
		{"a9c-ilb-ignores-pings-30", "the client's pings, 100 s", plainAsk + agree + hello + strings.Repeat("-- pause 30s --\n-- client frames --\nping \"a\"\n-- server frames --\npong \"a\"\n", 3) + "-- pause 10s --\n" + reset,
			"idle-timeout", 0, hop, "100.0|data frames|Cloudflare", ""},
		{"b1-nginx-plain-to-tls", "Tomcat", plainAsk + no("400 Bad Request", "Bad Request\r\nThis combination of host and port requires TLS.\r\n"), refused, 6, server, "wss:|TLS", "the path"},
		{"b1-nginx-plain-to-tls", "IIS", plainAsk + no("403 Forbidden", "<h2>403 - Forbidden: Access is denied.</h2><p>The page you are trying to access is secured with Secure Sockets Layer (SSL).", htmlType), refused, 6, server, "wss:", "rights of this user"},
		{"b10-host-empty", "a URL", ask("/ws", "wss://app.example.org") + no("400 Bad Request", ""), "host-malformed", 4, client, "URL", "breaks no rule"},
		{"b10-host-empty", "a port of letters", ask("/ws", "app.example.org:80a") + no("400 Bad Request", ""), "host-malformed", 4, client, ":80a", "breaks no rule"},
		{"b12-space-before-colon", "a tab", ask("/ws", "h.example.org", "X-Token\t: b") + no("400 Bad Request", "", "Server: Caddy"), "head-malformed", 4, client, "X-Token|blank before its colon", "breaks no rule"},
		{"b12-space-before-colon", "on the answer, frames flow", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\nX-Foo : bar\r\nSec")) + hello, "head-malformed", 6, server, "X-Foo|blank before its colon", ""},
		{"b12c-line-without-colon", "two lines", ask("/ws", "h.example.org", "garbage", "X A: 1") + no("400 Bad Request", ""), "head-malformed", 4, client, "no colon|2 lines", "breaks no rule"},
		{"b12c-line-without-colon", "NUL in a value", ask("/ws", "h.example.org", "X-A: b\x00c") + no("400 Bad Request", ""), "head-malformed", 4, client, "0x00", "breaks no rule"},
		{"b14-frame-before-101", "a ping in a segment of its own", plainAsk + "-- server frames --\nping \"x\"\n" + agree + hello, "answer-not-http", 6, server, "a ping frame of 1 octet before its answer 101", ""},
		{"b14-frame-before-101", "three frames, a long one", plainAsk + "-- server frames --\ntext \"a\" x 300\nbinary 00\ntext \"b\"\n" + agree + hello, "answer-not-http", 6, server, "3 frames|text frame of 300", ""},
		{"b2-empty-target", "Apache", ask("", "h.example.org") + no("400 Bad Request", "", "Server: Apache"), "request-target", 4, client, "no target", "breaks no rule"},
		{"b2-empty-target", "no slash", ask("ws", "h.example.org") + no("404 Not Found", ""), "request-target", 4, client, `"ws"`, "nothing serves"},
		{"b3-200-with-accept", "302", plainAsk + part("server", badAnswer("101 Switching Protocols", "302 Found")) + "-- client fin --\n-- server fin --\n", "status-not-101", 6, server, "302 Found|101", "ordinary GET"},
		{"b3-200-with-accept", "204", plainAsk + part("server", badAnswer("101 Switching Protocols", "204 No Content")) + gone, "status-not-101", 6, server, "204 No Content|101", "nothing serves"},
		{"b4-dead-client", "the server vanished", plainAsk + agree + hello + "-- server frames --\ntext \"a\"\n" + again("client", "8185000000006162636465", 6) + "-- client rst --\n", "peer-silent", 0, nobody, "the client sent|6 times|vanished", "Send a Close"},
		{"b4-dead-client", "its Close was lost, too", plainAsk + agree + hello + again("server", "880203e8", 5) + reset, "peer-silent", 0, nobody, "5 times|vanished", "idle time-out"},
		{"b5-cf-challenge-gzip", "br, 503, no field", plainAsk + no("503 Service Unavailable", brotlied("<title>Just a moment...</title>"), htmlType, "Content-Encoding: br"), refused, 6, server, "challenge", "Origin"},
		{"b5-cf-challenge-gzip", "a captcha of AWS", plainAsk + no("405 Method Not Allowed", gzipped("<title>Human Verification</title>"), htmlType, "Content-Encoding: gzip", "x-amzn-waf-action: captcha"), refused, 6, server, "AWS WAF", "Origin"},
		{"b6-pong-empty-then-data", "three pings", plainAsk + agree + strings.Repeat(pings(`"p"`, "")+"-- pause 2s --\n"+hello, 3), "pong-mismatch", 10, client, "3 pongs|no payload", "never answered"},
		{"b6-pong-empty-then-data", "a longer payload", plainAsk + agree + pings(`"p"`, `"ppp"`) + hello + "-- pause 2s --\n" + hello + reset, "pong-mismatch", 10, client, `"ppp"`, "never answered"},
		{"b7-azure-101-cl0-502", "chunked", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("Upgrade\r\nSec", "Upgrade\r\nTransfer-Encoding: chunked\r\nSec")) +
			part("server 1", refusedWith("502 Bad Gateway", "<center>nginx/1.18</center>", "Server: nginx")) + legsEnd, refused, 13, server, "connection 6, packet 11|response-body-fields", "could not get an answer"},
		{"b7-azure-101-cl0-502", "a wrong Accept", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("bEVeGL", "AAAAAA")) +
			part("server 1", refusedWith("500 Internal Server Error", "")) + legsEnd, refused, 13, server, "connection 6, packet 11|accept-mismatch", "fails inside"},
		{"b8-client-half-close", "a refusal follows", plainAsk + "-- client fin --\n-- pause 5s --\n-- server fin --\n", "answer-missing", 6, nobody, "ended its side|nc -N", ""},
		{"b8-client-half-close", "the server pings and resets", plainAsk + "-- client fin --\n" + agree + "-- server frames --\nping \"x\"\n" + reset, "close-missing", 6, client, "before the 101|keep its side", "terminate"},
		{"c1-proxy-v1-400", "version 2", proxyHeader(proxyV2) + no("400 Bad Request", ""), "proxy-protocol", 6, hop, "version 2|203.0.113.5:55555|proxy_protocol", "nothing serves"},
		{"c1-proxy-v1-400", "PROXY taken for a method", proxyHeader("PROXY TCP6 2001:db8::1 2001:db8::2 55555 443\r\n") + no("501 Unsupported method ('PROXY')", "<p>Message: Unsupported method ('PROXY').</p>", htmlType), "proxy-protocol", 6, hop,
			"[2001:db8::1]:55555", "does not implement"},
		{"c1-proxy-v1-400", "TLS alert", proxyHeader("PROXY UNKNOWN\r\n") + "-- server hex --\n15030100020246\n" + gone, "proxy-protocol", 6, hop, "not HTTP", ""},
		{"c4-101-name-with-space", "a name of punctuation", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\nX(Y): 1\r\nSec")) + "-- client rst --\n", "head-malformed", 6, server, "X(Y)", ""},
		{"c4-101-name-with-space", "an empty name", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\n: 1\r\nSec")) + "-- client rst --\n", "head-malformed", 6, server, "", "answer-rejected"},
		{"c4b-101-line-without-colon", "PHP warning", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\nWarning in x.php on line 3\r\nSec")) + "-- client rst --\n", "head-malformed", 6, server, "no colon|Warning in x.php", ""},
		{"c4b-101-line-without-colon", "NUL", plainAsk + part("server", badAnswer("Upgrade\r\nSec", "Upgrade\r\nX-A: a\x00b\r\nSec")) + "-- client rst --\n", "head-malformed", 6, server, "0x00", ""},
		{"c5-bfinal", "many fragments", plainAsk + agree + "-- server frames --\ntext more \"a\"\n" + strings.Repeat("continuation more \"b\"\n", 20) + "continuation \"c\"\n-- client frames --\nclose 1002\n" + gone,
			"answer-rejected", 10, client, "fragments|keeps to the rules", "saw the other side break"},
		{"c5-bfinal", "a ping inside a message", plainAsk + agree + "-- server frames --\ntext more \"a\"\nping \"x\"\ncontinuation \"c\"\n-- client frames --\nclose 1002\n" + gone, "answer-rejected", 10, client, "control frame inside", "saw the other side break"},
		{"c7-life30-two-legs", "45 s", legs + part("client 1", front) + part("client 2", front) + legAgree + talkOnLegs("4s", 11) + "-- pause 958ms --\n-- server fin 1 --\n-- client fin 2 --\n-- client fin 1 --\n-- server fin 2 --\n",
			"lifetime-limit", 0, hop, "both legs|45.0", "idle time-out"},
		{"c7-life30-two-legs", "silence in place of age", legs + part("client 1", front) + part("client 2", front) + legAgree + talkOnLegs("1s", 1) + "-- pause 3s --\n-- client fin 2 --\n-- server fin 1 --\n-- client fin 1 --\n-- server fin 2 --\n",
			"idle-timeout", 0, hop, "both legs|3.0|its idle time-out", "lifetime"},
		{"c8-403-same-origin", "xsrf", part("client", front) + no("403 Forbidden", "<html><title>403: XSRF cookie does not match</title>", htmlType, "Server: TornadoServer/6.4"), refused, 6, server, "XSRF|token", "allowed origins"},
		{"c8-403-same-origin", "zstd-less JSON list", part("client", front) + no("403 Forbidden", `{"errors":[{"detail":"seat limit reached"}]}`, jsonType), refused, 6, server, "seat limit reached|limit", "origins"},
		{"c9-vite-host", "webpack", ask("/ws", "dev.example.org", "Origin: http://dev.example.org") + no("403 Forbidden", "Invalid Host/Origin header: Invalid Host header"), refused, 6, server, "allowedHosts", "allowed origins"},
		{"c9-vite-host", "Rails, behind its styles", ask("/cable", "dev.example.org") + no("403 Forbidden", "<title>Action Controller: Exception caught</title><style>"+strings.Repeat("body { color: #333; } ", 250)+"</style><h1>Blocked hosts: dev.example.org</h1>", htmlType),
			refused, 6, server, "config.hosts", "allowed origins"},
		{"d1-connect-host-is-proxy", "its address", part("client", "CONNECT chat.example.org:443 HTTP/1.1\r\nHost: chat.example.org:443\r\n\r\n") + part("server", "HTTP/1.1 200 OK\r\n\r\n") + ask("/ws", "10.0.1.1:80") + no("404 Not Found", ""),
			"host-malformed", 8, client, "10.0.1.1:80|chat.example.org", "nothing serves"},
		{"d1-connect-host-is-proxy", "another host", part("client", "CONNECT chat.example.org:80 HTTP/1.1\r\nHost: chat.example.org:80\r\n\r\n") + part("server", "HTTP/1.1 200 OK\r\n\r\n") + ask("/ws", "other.example.org") + no("421 Misdirected Request", ""),
			refused, 10, server, "CONNECT|other.example.org", "nothing serves"},
		{"d3-upstream-bad-status-502", "lower case", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("HTTP/1.1", "http/1.1")) + "-- server fin 2 --\n-- client fin 2 --\n" + part("server 1", refusedWith("502 Bad Gateway", "")) + "-- server fin 1 --\n-- client fin 1 --\n",
			refused, 0, server, "connection 6|answer-not-http", ""},
		{"d3-upstream-bad-status-502", "a byte order mark", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("HTTP/1.1", "\xef\xbb\xbfHTTP/1.1")) + part("server 1", refusedWith("502 Bad Gateway", "")) + legsEnd,
			"answer-not-http", 11, server, "byte order mark", ""},
		{"e1-mtu-request-client-side", "a long cookie", again("client", largeAsked, 5) + "-- client rst --\n", "peer-silent", 0, nobody, "never acknowledged|path MTU", ""},
		{"e1-mtu-request-client-side", "as far as was captured", again("client", largeAsked, 6), "peer-silent", 0, nobody, "6 times|path MTU", ""},
		{"e2-mtu-big-frame", "the client goes on", plainAsk + agree + hello + "-- server hex unacknowledged --\n" + largeFrame + "\n" +
			strings.Repeat("-- pause 2s --\n-- server hex again unacknowledged --\n"+largeFrame+"\n-- client frames early --\nping \"a\"\n", 4), "peer-silent", 0, nobody, "1400 octets|still sent|path MTU|MSS", "idle time-out"},
		{"e2-mtu-big-frame", "an upload", plainAsk + agree + hello + again("client", "82fe057000000000"+strings.Repeat("61", 1392), 5) + "-- client rst --\n", "peer-silent", 0, nobody, "the client sent 1400|path MTU", "idle time-out"},
		{"e5-zero-window", "the client, with probes", plainAsk + agree + hello + "-- client window 0 --\n-- server hex unacknowledged --\n81026162\n" + stalled + reset, "receiver-stalled", 10, client, "does not read", "vanished"},
		{"e5-zero-window", "the server", plainAsk + agree + hello + "-- server window 0 --\n-- client hex unacknowledged --\n8182000000006162\n-- pause 30s --\n-- server window 0 --\n-- pause 30s --\n-- server window 8000 --\n" +
			"-- client hex again --\n8182000000006162\n", "receiver-stalled", 10, server, "the server's window was 0 for 1m0s", "vanished"},
		{"r1-nginx-host-rewritten", "Caddy, a name, 404", overProxy(front, backAsked("/ws", "backend:3000", "Via: 1.1 Caddy"), "404 Not Found", ""), changed, 9, hop, "Caddy|backend:3000|header_up Host {hostport}", "allowed origins"},
		{"r1-nginx-host-rewritten", "only the back leg", ask("/api/live/ws", "127.0.0.1:3000", "Origin: https://grafana.example.org") + no("403 Forbidden", ""), refused, 6, server, "proxy has replaced Host|proxy_set_header Host", ""},
		{"r2-nginx-path-rewritten", "Traefik, a prefix stripped", overProxy(asked("/app/ws", "app.example.org"), asked("/ws", "app.example.org", "X-Forwarded-Server: traefik-1", "X-Forwarded-Port: 80"), "404 Not Found", "404 page not found\n"),
			changed, 9, hop, "/app/ws|let the proxy keep the path", "allowed origins"},
		{"r2-nginx-path-rewritten", "the query was dropped", overProxy(asked("/ws?token=abc", "app.example.org"), asked("/ws", "app.example.org"), "401 Unauthorized", ""), changed, 9, hop, "query|$is_args$args", "rights of this user"},
		{"r3-nginx-101-bad-header-502", "HAProxy, no colon", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("Upgrade\r\nSec", "Upgrade\r\ngarbage\r\nSec")) +
			part("server 1", refusedWith("502 Bad Gateway", "<h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n", htmlType)) + legsEnd, "head-malformed", 11, server, "no colon", "the status 101 became"},
		{"r3-nginx-101-bad-header-502", "a NUL", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer("Upgrade\r\nSec", "Upgrade\r\nX-A: a\x00\r\nSec")) +
			part("server 1", refusedWith("500 Internal Server Error", "")) + legsEnd, refused, 13, server, "connection 6, packet 11|head-malformed", "the status 101 became"},

		// What else two legs may differ in.
		{"legs", "Origin was rewritten", overProxy(front, asked("/ws", "app.example.org", "Origin: http://10.0.0.3:3000", "Cookie: sid=1"), "403 Forbidden", ""), changed, 9, hop, "Origin|10.0.0.3:3000|unchanged", "rights of this user"},
		{"legs", "Origin was dropped", overProxy(front, asked("/ws", "app.example.org", "Cookie: sid=1"), "403 Forbidden", ""), changed, 9, hop, "Origin|was dropped", "rights of this user"},
		{"legs", "Cookie was dropped", overProxy(front, asked("/ws", "app.example.org", "Origin: https://app.example.org"), "302 Found", "", "Location: /login"), changed, 9, hop, "Cookie was dropped|forward Cookie", "sid=1"},
		{"legs", "Cookie was changed", overProxy(front, asked("/ws", "app.example.org", "Origin: https://app.example.org", "Cookie: sid=2"), "401 Unauthorized", `{"error":"no session"}`, jsonType), changed, 9, hop, "Cookie was changed|not shown", "sid="},
		{"legs", "Authorization was dropped", overProxy(asked("/ws", "a.example.org", "Authorization: Bearer abc"), asked("/ws", "a.example.org"), "401 Unauthorized", "", "WWW-Authenticate: Bearer"), changed, 9, hop, "Authorization was dropped", "Bearer abc"},
		{"legs", "the subprotocol was dropped", overProxy(asked("/mqtt", "a.example.org", "Sec-WebSocket-Protocol: mqtt"), asked("/mqtt", "a.example.org"), "400 Bad Request", ""), changed, 9, hop, `Sec-WebSocket-Protocol "mqtt" was dropped`, "a guess"},
		{"legs", "the version was changed", overProxy(front, strings.Replace(front, "Version: 13", "Version: 8", 1), "426 Upgrade Required", "", "Upgrade: websocket", "Sec-WebSocket-Version: 13"), changed, 9, hop, `Sec-WebSocket-Version "13" became "8"`, "a guess"},
		{"legs", "the 101 lost its fields", legs + part("client 1", front) + part("client 2", front) + part("server 2", badAnswer()) + part("server 1", badAnswer("Upgrade: websocket\r\nConnection: Upgrade\r\n", "")) + legsEnd,
			"response-upgrade", 13, hop, "10.0.0.2:80|relay Upgrade", ""},
		{"legs", "another status", legs + part("client 1", front) + part("client 2", front) + part("server 2", refusedWith("403 Forbidden", `{"error":"token expired"}`, jsonType)) + part("server 1", refusedWith("502 Bad Gateway", "", "Server: nginx")) + legsEnd,
			refused, 13, server, "its backend answered 403 Forbidden on connection 6, packet 11", "nginx: see error.log"},
		{"legs", "the backend is silent", legs + part("client 1", front) + part("client 2", front) + "-- pause 60s --\n" + part("server 1", refusedWith("504 Gateway Time-out", "", "Server: nginx")) + legsEnd,
			refused, 0, server, "no usable answer from its backend 10.0.0.3:3000 on connection 6, 60.0", "a guess"},
		{"legs", "a bare 426 is passed on", overProxy(front, strings.Replace(front, "Upgrade: websocket\r\n", "", 1), "426 Upgrade Required", ""), "proxy-stripped-upgrade", 9, hop, "dropped Upgrade", "a guess"},
	}
}

func TestKinds(t *testing.T) {
	for _, v := range variants() {
		t.Run(v.kind+"/"+v.name, func(t *testing.T) {
			s, err := dialogue.Parse([]byte(v.script))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			r := playDialogue(t, s)
			rootsFirst(t, r)
			findings := r.findings
			for _, f := range findings {
				text := f.Text + " " + f.Advice
				for _, word := range strings.Split(v.not, "|") {
					if v.not != "" && strings.Contains(text, word) {
						t.Errorf("%s says %q in %q", f.Name, word, text)
					}
				}
				if f.Name != v.finding || found || v.packet > 0 && uint64(f.At.Number) != v.packet {
					continue
				}
				found = true
				if f.Fault != v.fault {
					t.Errorf("fault %q: %s", f.Fault, f.Text)
				}
				for _, word := range strings.Split(v.words, "|") {
					if !strings.Contains(text, word) {
						t.Errorf("%q is not in %q", word, text)
					}
				}
			}
			if !found {
				t.Errorf("no %s in packet %d", v.finding, v.packet)
			}
			roots := 0
			for _, f := range findings {
				if f.Follows == nil && f.Level >= event.Warning {
					roots++
				}
				if !found || t.Failed() {
					t.Logf("packet %d, %s, %s, fault %q, follows %v: %s", f.At.Number, f.Level, f.Name, f.Fault, f.Follows, f.Text)
				}
			}
			if roots > 1 {
				t.Logf("%d roots: %v", roots, findings)
			}
		})
	}
}

// Each kind of failure in the captures recorded by others has at least two variants here.
func TestEveryKindHasVariants(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared(t), "..", "field", "INDEX.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct{ Capture, For string }
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	all, kinds := variants(), 0
	for _, c := range index {
		if c.For != "insight" {
			continue
		}
		kinds++
		n := 0
		for _, v := range all {
			if v.kind == strings.TrimSuffix(c.Capture, ".pcap") {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%s has %d variants", c.Capture, n)
		}
	}
	if kinds == 0 || !slices.ContainsFunc(all, func(v variant) bool { return v.kind == "legs" }) {
		t.Error("no kinds")
	}
}
