package http1

import (
	"strings"
	"testing"
)

func TestLooksLike(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  Kind
		first string
		want  Verdict
	}{
		{"get", Request, "GET /ws HTTP/1.1\r\n", Yes},
		{"http10", Request, "GET / HTTP/1.0", Yes},
		{"unknownMethod", Request, "x-MAS / HTTP/1.1", Yes},
		{"absoluteTarget", Request, "GET ws://a/ HTTP/1.1", Yes},
		{"asterisk", Request, "OPTIONS * HTTP/1.1", Yes},
		{"utf8Target", Request, "GET /é HTTP/1.1", Yes},
		{"spaceInTarget", Request, "GET /a b HTTP/1.1", Yes},
		{"emptyLinesFirst", Request, "\r\n\r\nGET / HTTP/1.1", Yes},
		{"http09", Request, "GET /\r\n", No},
		{"http09BareLF", Request, "GET /\n", No},
		{"http2Preface", Request, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", No},
		{"rtsp", Request, "OPTIONS rtsp://a/ RTSP/1.0\r\n", No},
		{"sip", Request, "REGISTER sip:a SIP/2.0\r\n", No},
		{"irc", Request, "USER a 0 * :HTTP\r\n", No},
		{"ircNick", Request, "NICK a\r\n", No},
		{"smtp", Request, "EHLO a\r\n", No},
		{"redis", Request, "*1\r\n$4\r\nPING\r\n", No},
		{"ssh", Request, "SSH-2.0-OpenSSH_9.6p1 Ubuntu\r\n", No},
		{"tls", Request, "\x16\x03\x01", No},
		{"spaceFirst", Request, " GET / HTTP/1.1", No},
		{"longMethod", Request, "ABCDEFGHIJKLMNOPQRSTU", No},
		{"longTarget", Request, "GET /" + strings.Repeat("x", maxSniff+1), No},
		{"response", Request, "HTTP/1.1 200", No},
		{"zeroInTarget", Request, "GET /\x00 HTTP/1.1", No},
		{"status", Response, "HTTP/1.1 101", Yes},
		{"emptyLineFirst", Response, "\r\nHTTP/1.0 200 OK", Yes},
		{"http2", Response, "HTTP/2.0 200", No},
		{"icy", Response, "ICY 200 OK", No},
		{"rtspStatus", Response, "RTSP/1.0 200 OK", No},
		{"statusNotDigits", Response, "HTTP/1.1 2xx", No},
		{"letterForDigit", Response, "HTTP/1.d ddd", No},
	} {
		t.Run(c.name, func(t *testing.T) {
			looks := [...]func([]byte) Verdict{LooksLikeRequest, LooksLikeResponse}[c.kind]
			if got := looks([]byte(c.first)); got != c.want {
				t.Errorf("verdict %d, want %d", got, c.want)
			}
			// A verdict is not taken back, and until there is one it is More.
			verdict := More
			for n := 0; n <= len(c.first); n += 1 + n/64 {
				switch got := looks([]byte(c.first[:n])); {
				case verdict != More && got != verdict, got != More && got != c.want:
					t.Fatalf("verdict %d after %q, then %d", verdict, c.first[:n], got)
				default:
					verdict = got
				}
			}
		})
	}
}
