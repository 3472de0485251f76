package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// nethttp is what net/http makes of the first message of a stream, in our terms.
type nethttp struct {
	Method, Target, Version string
	Status                  int
	Header                  http.Header // without the fields that net/http takes out
	Body                    string
}

// taken are the fields that net/http moves out of the header, adds or rewrites.
var taken = []string{"Host", "Transfer-Encoding", "Content-Length", "Trailer", "Pragma", "Cache-Control", "Connection"}

func byNetHTTP(kind Kind, stream string) (m nethttp, ok bool) {
	r := bufio.NewReader(strings.NewReader(stream))
	var body io.Reader
	if kind == Request {
		req, err := http.ReadRequest(r)
		if err != nil {
			return m, false
		}
		m.Method, m.Target, m.Version, m.Header, body = req.Method, req.RequestURI, req.Proto, req.Header, req.Body
	} else {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return m, false
		}
		m.Version, m.Status, m.Header, body = resp.Proto, resp.StatusCode, resp.Header, resp.Body
	}
	content, err := io.ReadAll(body)
	m.Body = string(content)
	for _, name := range taken {
		m.Header.Del(name)
	}
	return m, err == nil
}

// byParser is the same from our parser, with the head and the calls.
func byParser(t *testing.T, kind Kind, stream string) (m nethttp, h *event.Head, calls []string) {
	r := &recorder{answer: func(*event.Head) Next { return SwitchAfterBody }}
	p := New(kind, Limits{}, r)
	p.Data(reassembly.At{Ordinal: 1}, []byte(stream))
	p.End(reassembly.At{Ordinal: 1})
	if len(r.heads) != 1 {
		t.Fatalf("net/http reads %q, we do not: %q", stream, r.calls)
	}
	h = r.heads[0]
	m = nethttp{h.Method, h.Target, h.Version, h.Status, http.Header{}, string(r.body)}
	for _, f := range h.Fields {
		m.Header.Add(f.Name, f.Value)
	}
	for _, name := range taken {
		m.Header.Del(name)
	}
	return m, h, r.calls
}

var wellFormed = []struct {
	kind   Kind
	stream string
}{
	{Request, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{Request, "GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x80"},
	{Request, "POST http://a/b HTTP/1.0\r\nContent-Length: 3\r\nx-a: 1\r\nX-A:\t2 \r\n\r\nabcdef"},
	{Request, "CONNECT a:443 HTTP/1.1\nHost: a:443\n\n"},
	{Request, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nB: c\r\n\r\nmore"},
	{Request, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\t3\r\n\r\n"},
	{Response, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
	{Response, "HTTP/1.1 204\r\n\r\nmore"},
	{Response, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"},
	{Response, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nabc"},
	{Response, "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nuntil the end"},
	{Response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
}

func TestAgainstNetHTTP(t *testing.T) {
	for _, c := range wellFormed {
		want, ok := byNetHTTP(c.kind, c.stream)
		if !ok {
			t.Fatalf("net/http does not read %q", c.stream)
		}
		got, _, calls := byParser(t, c.kind, c.stream)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-net/http +ours):\n%s", c.stream, diff)
		}
		if calls[len(calls)-1] != "complete #1" {
			t.Errorf("%q is not complete: %q", c.stream, calls)
		}
	}
}

// signedStatus is a status that net/http takes for a number, but no digit of it is a sign (RFC 9112 §4).
var signedStatus = regexp.MustCompile(`^[^\r\n ]* +[+-]`)

// Whatever net/http understands has a head, and where we see no fault in it, it is understood in the same way.
func FuzzAgainstNetHTTP(f *testing.F) {
	for _, c := range wellFormed {
		f.Add(byte(c.kind), []byte(c.stream))
	}
	f.Fuzz(func(t *testing.T, kindOctet byte, raw []byte) {
		kind, stream := Kind(kindOctet&1), string(raw)
		if len(stream) > 32<<10 || bytes.HasPrefix(raw, []byte("PRI ")) {
			return // beyond our limits; net/http has a rule of its own for the HTTP/2 preface
		}
		want, ok := byNetHTTP(kind, stream)
		if !ok || kind == Response && signedStatus.MatchString(stream) {
			return
		}
		got, h, _ := byParser(t, kind, stream)
		if h.Bad != nil || h.Version < "HTTP/1.1" && h.Has("Transfer-Encoding") {
			return // net/http keeps a blank before the colon, and ignores the coding of old versions
		}
		for _, values := range want.Header { // net/http keeps blanks that an empty folded line leaves behind
			for i := range values {
				values[i] = strings.Trim(values[i], " \t")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-net/http +ours):\n%s", stream, diff)
		}
	})
}
