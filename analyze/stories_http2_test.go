package analyze

import (
	"slices"
	"strings"
	"testing"
)

const (
	http2Opened = `-- client h2 --
preface
settings
-- server h2 --
settings 8=1
settings ack
-- client h2 --
settings ack
`
	http2Fields = `:scheme https | :path /chat | :authority example.com | sec-websocket-version 13`
	http2Asks   = "-- client h2 --\nheaders 1 :method CONNECT | :protocol websocket | " + http2Fields
	http2Agreed = http2Opened + http2Asks + "\n-- server h2 --\nheaders 1 :status 200\n"
	http2Ended  = "\n-- client h2 --\ndata 1 close 1000\n-- server h2 --\ndata 1 end close 1000\n-- client h2 " +
		"--\ndata 1 end\n-- client fin --\n-- server fin --"
	http2Legs = "conn 1: 10.0.0.1:4001 > 10.0.0.2:443\nconn 2: 10.0.0.2:5001 > 10.0.0.3:8080\n" + http2Opened +
		http2Asks
	proxyAsks = "\n-- client 2 --\nGET /chat HTTP/1.1\nHost: example.com\nUpgrade: websocket\nConnection: Upgrade\n" +
		"Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\nSec-WebSocket-Version: 13\n"
	backendAsks   = proxyAsks + "-- server 2 --\n"
	backendAgrees = "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: " +
		"Upgrade\nSec-WebSocket-Accept: " +
		"{accept 2}\n"
	http2Relayed = http2Legs + backendAsks + backendAgrees + "-- server h2 --\nheaders 1 :status 200\n"
	http2Over    = "-- client fin --\n-- server fin --"
)

// What goes wrong on a stream is told once, as what it is, and what follows from it is said to.
func TestStoriesOfStreams(t *testing.T) {
	// A frame of 256 octets that a window of 92 lets begin.
	begun := "-- server h2 --\nframe 0 0 1 817e0100" + strings.Repeat("78", 88) + "\n"
	narrow := strings.Replace(http2Agreed, "preface\nsettings\n", "preface\nsettings 4=92\n", 1)
	filling := "-- server h2 --\ndata 1 text \"" + strings.Repeat("x", 90) + "\"\n-- pause 5s --\n-- client h2 " +
		"--\nwindow 1 1000\n"
	// An answer on stream 3 that takes the whole window of the connection.
	download := "-- client h2 --\nheaders 3 end :method GET | :scheme https | :path /big | :authority " +
		"example.com\n-- server h2 --\nheaders 3 :status 200\n" +
		strings.Repeat("frame 0 0 3 "+strings.Repeat("00", 13107)+"\n", 5) + "-- pause 5s --\n-- client h2 " +
		"--\nwindow 3 100000\nwindow 0 100000\n-- server h2 --\n"
	for _, c := range []struct{ name, script, want string }{
		{"the client resets before the answer", http2Opened + http2Asks + "\n-- client h2 --\nrst 1 8\n-- client fin " +
			"--\n-- server fin --",
			"answer-missing: the client reset stream 1 (RST_STREAM CANCEL)"},
		{"the client closes before the answer", http2Opened + http2Asks + "\n-- client fin --\n-- server fin --",
			"answer-missing: the client closed the connection (FIN)"},
		{"the server closes before the answer", http2Opened + http2Asks + "\n-- server fin --\n-- client fin --",
			"answer-missing: the server closed the connection (FIN)"},
		{"END_STREAM in the request", http2Opened + strings.Replace(http2Asks, "headers 1 ", "headers 1 end ", 1) +
			"\n-- server h2 --\nheaders 1 :status 200\n-- client fin --\n-- server fin --",
			"close-missing: the client ended its side (END_STREAM"},
		{"upgrade and 101", http2Opened + "-- client h2 --\nheaders 1 end :method GET | " + http2Fields +
			" | connection Upgrade | upgrade websocket\n" +
			"-- server h2 --\nheaders 1 :status 101 | upgrade websocket\n-- client h2 --\nrst 1 1\n-- client fin " +
			"--\n-- server fin --",
			"h2-connection-fields: the request on stream 1 has, h2-status<h2-connection-fields, " +
				"handshake-refused<h2-connection-fields"},
		{"a window closed for ever", narrow + begun + "-- pause 30s --\n-- client fin --\n-- server fin --",
			"close-missing<receiver-stalled, message-unfinished<receiver-stalled, receiver-stalled: the server could " +
				"not send any more"},
		{"a window opened, and what waited is sent", narrow + filling + "-- server h2 --\ndata 1 text \"more\"" +
			http2Ended,
			"receiver-stalled: the server could not send for 5."},
		{"a window opened, and nothing waited", narrow + filling + "-- pause 20s --\n-- server h2 --\ndata 1 text " +
			"\"more\"" + http2Ended, ""},
		{"the connection's window, and the WebSocket waited", http2Agreed + download + "data 1 text \"late\"" +
			http2Ended,
			"receiver-stalled: the server could not send for 5."},
		{"the connection's window, and the WebSocket had nothing to send", http2Agreed + download +
			"frame 0 1 3 0000\n-- pause 10s --" + http2Ended, ""},
		{"a malformed request ends the connection", http2Opened + "-- client h2 --\nheaders 1 end :method GET | " +
			http2Fields +
			" | connection Upgrade | upgrade websocket\n-- server h2 --\ngoaway 0 1\n-- server fin --\n-- client fin " +
			"--",
			"answer-missing<h2-connection-fields, goaway<h2-connection-fields, h2-connection-fields: the request on " +
				"stream 1 has"},
		{"an overflowed window ends the connection", http2Agreed + "-- client h2 --\nwindow 0 2147483647\n-- server " +
			"h2 --\n" +
			"goaway 1 3\n-- server fin --\n-- client fin --",
			"close-missing<h2-rule-broken, goaway<h2-rule-broken, h2-rule-broken: the WINDOW_UPDATE of the client " +
				"lets the window of the connection"},
		{"a window is exceeded", narrow + "-- server h2 --\ndata 1 text \"" + strings.Repeat("x", 100) +
			"\"\n-- client h2 --\n" +
			"rst 1 3\n-- client fin --\n-- server fin --",
			"close-missing<h2-rule-broken, h2-rule-broken: the server sent a DATA frame of 102 octets where the " +
				"window of stream 1 allowed 92"},
		{"a backend's refusal becomes a reset", http2Legs + backendAsks + "HTTP/1.1 403 Forbidden\nContent-Length: " +
			"0\n-- server h2 --\nrst 1 2\n" +
			"-- client 2 fin --\n-- server 2 fin --\n-- client fin --\n-- server fin --",
			"answer-missing<handshake-refused, handshake-refused: the server refused the upgrade with 403"},
		{"the proxy drops the subprotocol", http2Legs + " | sec-websocket-protocol chat" + backendAsks +
			"HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: " +
			"{accept 2}\n-- server h2 --\nheaders 1 :status 200\n" +
			"-- client 2 frames --\nclose 1000\n-- server 2 frames --\nclose 1000\n-- server 2 fin --\n-- client 2 " +
			"fin --" + http2Ended,
			"proxy-changed-handshake: the proxy 10.0.0.2:443 changed, " +
				"subprotocol-unanswered@middlebox<proxy-changed-handshake"},
		{"a backend resets TCP", http2Relayed + "-- server 2 rst --\n-- server h2 --\nrst 1 2\n-- pause 5s --\n" +
			http2Over,
			"close-missing: TCP was reset (RST) by the server, close-missing<close-missing"},
		{"a client resets TCP", http2Relayed + "-- client h2 --\ndata 1 text \"a\"\n-- client 2 frames --\ntext " +
			"\"a\"\n-- client rst --\n-- client 2 fin --\n-- server 2 fin --\n-- pause 5s --",
			"close-missing: TCP was reset (RST) by the client, close-missing<close-missing"},
		{"a forged RST, and the proxy's own end", http2Relayed + "-- server 2 rst --\n-- server h2 --\nrst 1 2\n" +
			http2Over +
			"\n-- server 2 frames --\ntext \"a\"\n-- client 2 frames --\ntext \"b\"\n-- pause 5s --\n" +
			"-- server 2 frames --\nclose 1000\n-- client 2 frames --\nclose 1000\n-- server 2 fin --\n-- client 2 " +
			"fin --",
			"close-missing: the stream was reset (RST_STREAM INTERNAL_ERROR) by the server"},
		{"a gateway gives up", http2Legs + proxyAsks + "-- pause 5s --\n-- server h2 --\nheaders 1 end :status 504\n" +
			"-- client 2 fin --\n-- server 2 fin --\n" + http2Over,
			"answer-missing<handshake-refused, handshake-refused: the server refused the upgrade with 504"},
		{"a gateway ends its leg, and then gives up", http2Legs + proxyAsks + "-- pause 5s --\n-- client 2 fin --\n" +
			"-- server h2 --\nheaders 1 end :status 504\n-- server 2 fin --\n" + http2Over,
			"answer-missing: the client closed the connection (FIN), handshake-refused@server<answer-missing"},
		{"a backend ends TCP without an answer", http2Legs + proxyAsks + "-- server 2 fin --\n-- server h2 --\n" +
			"headers 1 end :status 502\n-- client 2 fin --\n" + http2Over,
			"answer-missing: the server closed the connection (FIN), handshake-refused@server<answer-missing"},
		{"a backend resets TCP before an answer", http2Legs + proxyAsks + "-- server 2 rst --\n-- server h2 --\n" +
			"headers 1 end :status 502\n" + http2Over + "\n-- pause 5s --",
			"answer-missing: the server reset the connection (RST), handshake-refused@server<answer-missing"},
		{"a backend answers too late", http2Legs + proxyAsks + "-- pause 5s --\n-- server h2 --\nheaders 1 end " +
			":status 504\n" +
			"-- server 2 --\n" + backendAgrees + "-- client 2 fin --\n-- server 2 fin --\n" + http2Over,
			"close-missing: TCP was closed (FIN) by the client, handshake-refused: the server refused the upgrade " +
				"with 504, " +
				"proxy-changed-handshake: the proxy 10.0.0.2:443 changed"},
		{"a backend refuses TCP", http2Legs + "\n-- server 2 rst --\n-- server h2 --\nheaders 1 end :status 502\n" +
			http2Over, "handshake-refused: the server refused the upgrade with 502: while it had this request"},
		{"a backend refuses TCP before the request", strings.TrimSuffix(http2Legs, http2Asks) + "-- server 2 rst --\n" +
			http2Asks + "\n-- server h2 --\nheaders 1 end :status 502\n" + http2Over,
			"handshake-refused: the server refused the WebSocket on stream 1 with 502: it"},
		{"a Close is passed on", http2Relayed + "-- server 2 frames --\nclose 4001 \"kicked\"\n-- server h2 --\n" +
			"data 1 close 4001 \"kicked\"\n-- client h2 --\ndata 1 close 4001\n-- client 2 frames --\nclose 4001\n" +
			"-- server 2 fin --\n-- client 2 fin --\n-- server h2 --\ndata 1 end\n-- client h2 --\ndata 1 end\n" +
			http2Over,
			"closed-with-error: the server closed with 4001, closed-with-error@server<closed-with-error"},
		{"each end closes with its own code", http2Relayed + "-- server 2 frames --\nclose 4001\n-- client h2 --\n" +
			"data 1 close 4001\n-- server h2 --\ndata 1 end close 4001\n-- client 2 frames --\nclose 4001\n" +
			"-- server 2 fin --\n-- client 2 fin --\n-- client h2 --\ndata 1 end\n" + http2Over,
			"closed-with-error: the client closed with 4001, closed-with-error: the server closed with 4001"},
		{"the proxy drops the extension from the answer", http2Legs + " | sec-websocket-extensions permessage-deflate" +
			strings.Replace(proxyAsks, "Sec-WebSocket-Version", "Sec-WebSocket-Extensions: "+
				"permessage-deflate\nSec-WebSocket-Version", 1) +
			"-- server 2 --\n" + backendAgrees + "Sec-WebSocket-Extensions: permessage-deflate\n-- server h2 --\n" +
			"headers 1 :status 200\n-- server 2 frames --\ntext deflate \"Hello\"\n-- server h2 --\ndata 1 text " +
			"deflate \"Hello\"\n" +
			"-- server 2 frames --\nclose 1000\n-- client 2 frames --\nclose 1000\n-- server 2 fin --\n-- client 2 " +
			"fin --" + http2Ended,
			"proxy-changed-handshake: the proxy 10.0.0.2:443 changed, " +
				"rsv-unnegotiated@middlebox<proxy-changed-handshake"},
		{"frames of HTTP/2 answer HTTP/1.1", "-- client --\nGET /chat HTTP/1.1\nHost: example.com\nUpgrade: " +
			"websocket\nConnection: Upgrade\n" +
			"Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\nSec-WebSocket-Version: 13\n-- server h2 --\nsettings " +
			"8=1\ngoaway 0 1\n-- server fin --\n-- client fin --",
			"answer-not-http: the answer to the upgrade request is not HTTP/1.1 but frames of HTTP/2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range script(t, c.script).analyse(t).findings {
				if f.Follows != nil {
					name := f.Name
					if strings.Contains(c.want, name+"@") {
						name += "@" + f.Fault.String()
					}
					got = append(got, name+"<"+f.Follows.Name)
					continue
				}
				text := f.Name + ": " + f.Text
				for _, w := range strings.Split(c.want, ", ") {
					if strings.HasPrefix(text, w) {
						text = w
					}
				}
				got = append(got, text)
			}
			slices.Sort(got)
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
