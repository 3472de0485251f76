package http1

import (
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/reassembly"
)

type ignorer struct{ next Next }

func (i ignorer) Head(*event.Head) Next               { return i.next }
func (ignorer) Body(reassembly.At, uint64, []byte)    {}
func (ignorer) Complete(reassembly.At)                {}
func (ignorer) Bad(reassembly.At, *event.SyntaxError) {}
func (ignorer) Lost(reassembly.At, uint64)            {}

const browserRequest = "GET /socket?room=7 HTTP/1.1\r\n" +
	"Host: chat.example.org\r\n" +
	"Connection: keep-alive\r\n" +
	"Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Accept: */*\r\n" +
	"Origin: https://chat.example.org\r\n" +
	"Referer: https://chat.example.org/rooms\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-GB,en;q=0.9\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef\r\n\r\n"

const serverResponse = "HTTP/1.1 200 OK\r\n" +
	"Server: nginx\r\n" +
	"Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n" +
	"Content-Type: application/json\r\n" +
	"Content-Length: 1000\r\n" +
	"Connection: keep-alive\r\n\r\n"

func benchmark(b *testing.B, kind Kind, pieces ...string) {
	p := New(kind, Limits{}, ignorer{})
	octets := 0
	var data [][]byte
	for _, piece := range pieces {
		octets += len(piece)
		data = append(data, []byte(piece))
	}
	b.SetBytes(int64(octets))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range data {
			if p.Data(reassembly.At{Ordinal: 1}, d) != len(d) {
				b.Fatal("not all was taken")
			}
		}
	}
	if p.state != inHead {
		b.Fatalf("ended in state %d", p.state)
	}
}

func BenchmarkRequestHead(b *testing.B) { benchmark(b, Request, browserRequest) }
func BenchmarkRequestHeadInThree(b *testing.B) {
	benchmark(b, Request, browserRequest[:100], browserRequest[100:300], browserRequest[300:])
}
func BenchmarkResponseWithBody(b *testing.B) {
	benchmark(b, Response, serverResponse+strings.Repeat("x", 1000))
}
func BenchmarkChunked(b *testing.B) {
	chunk := "3e8\r\n" + strings.Repeat("x", 1000) + "\r\n"
	benchmark(b, Response, chunked+chunk, chunk, chunk, "0\r\n\r\n")
}
func BenchmarkLargeBody(b *testing.B) {
	piece := strings.Repeat("x", 64<<10)
	benchmark(b, Response, "HTTP/1.1 200 OK\r\nContent-Length: 131072\r\n\r\n", piece, piece)
}

func BenchmarkLooksLikeRequest(b *testing.B) {
	first := []byte(browserRequest)
	b.ReportAllocs()
	for b.Loop() {
		if LooksLikeRequest(first) != Yes {
			b.Fatal("not a request")
		}
	}
}

func BenchmarkParseExtensions(b *testing.B) {
	values := []string{"permessage-deflate; client_max_window_bits; server_no_context_takeover, x-webkit-deflate-frame"}
	b.SetBytes(int64(len(values[0])))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseExtensions(values); err != nil {
			b.Fatal(err)
		}
	}
}

// A head, its text and its fields, which may be kept, are all that steady traffic allocates, and nothing per piece of
// a body.
func TestAllocations(t *testing.T) {
	body := strings.Repeat("x", 500)
	for _, c := range []struct {
		name   string
		kind   Kind
		pieces []string
	}{
		{"headInOnePiece", Request, []string{browserRequest}},
		{"headInTwoPieces", Request, []string{browserRequest[:200], browserRequest[200:]}},
		{"responseWithBody", Response, []string{serverResponse, body, body}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := New(c.kind, Limits{}, ignorer{})
			var data [][]byte
			for _, piece := range c.pieces {
				data = append(data, []byte(piece))
			}
			got := testing.AllocsPerRun(100, func() {
				for _, d := range data {
					p.Data(reassembly.At{Ordinal: 1}, d)
				}
			})
			if got != 4 {
				t.Errorf("%.1f allocations per message", got)
			}
		})
	}
}
