package http1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/reassembly"
)

func TestHeadLookups(t *testing.T) {
	h := &event.Head{Fields: []event.Field{{Name: "connection", Value: "keep-alive"}, {Name: "Empty"}, {Name: "Connection", Value: "x, Upgrade"}}}
	if got := h.Get("CONNECTION"); got != "keep-alive" {
		t.Errorf("Get = %q", got)
	}
	if diff := cmp.Diff([]string{"keep-alive", "x, Upgrade"}, h.Values("Connection")); diff != "" {
		t.Errorf("Values: %s", diff)
	}
	if diff := cmp.Diff([]string{"keep-alive", "x", "Upgrade"}, Tokens(h, "Connection")); diff != "" {
		t.Errorf("Tokens: %s", diff)
	}
	if !h.Has("empty") || h.Has("Upgrade") || h.Get("Upgrade") != "" || h.Values("Upgrade") != nil {
		t.Error("Has, Get and Values disagree about what is there")
	}
}

func TestCloneOutlivesTheCall(t *testing.T) {
	r := &recorder{answer: answers}
	p := New(Request, Limits{}, r)
	p.Data(reassembly.At{Ordinal: 1}, []byte("GET /1 HTTP/1.1\r\nA: 1\r\n\r\nGET /2 HTTP/1.1\r\nA: 2\r\n\r\n"))
	for i, want := range []string{"1", "2"} {
		if h := r.heads[i]; h.Target != "/"+want || h.Get("A") != want {
			t.Errorf("head %d is now %s", i, describe(h))
		}
	}
}

func TestResumeAfterRefusal(t *testing.T) {
	r := &recorder{answer: answers}
	p := New(Request, Limits{}, r)
	at := reassembly.At{Ordinal: 1}
	const first, second = "GET /1 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "GET /2 HTTP/1.1\r\n\r\n"
	if n := p.Data(at, []byte(first+second)); n != len(first) {
		t.Fatalf("took %d octets, the head has %d", n, len(first))
	}
	if n := p.Data(at, []byte(second)) + int(p.Gap(at, 5)); n != 0 {
		t.Fatalf("took %d octets behind the switch", n)
	}
	p.Resume()
	if n := p.Data(at, []byte(second)); n != len(second) {
		t.Fatalf("took %d octets after Resume", n)
	}
	if len(r.heads) != 2 || r.heads[1].Offset != uint64(len(first)) {
		t.Errorf("calls %q", r.calls)
	}
}

func TestResetForgetsTheStream(t *testing.T) {
	r := &recorder{answer: answers}
	p := New(Response, Limits{HeadOctets: 8}, r)
	p.Data(reassembly.At{Ordinal: 1}, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chu"))
	p.Reset(Request, Limits{}, r)
	r.calls = nil
	p.Data(reassembly.At{Ordinal: 2}, []byte("GET / HTTP/1.1\r\n\r\n"))
	want := []string{`head 0+18 #2-2 "GET / HTTP/1.1" GET|/|HTTP/1.1`, "complete #2"}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Error(diff)
	}
}

// A head that never ends, in lines, fields or folds, is held up to the limits and no further.
func TestEndlessHeadDoesNotGrow(t *testing.T) {
	for name, more := range map[string]string{
		"oneLine": strings.Repeat("x", 4096),
		"fields":  strings.Repeat("a: b\r\n", 700),
		"folds":   strings.Repeat(" \n", 2048),
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{answer: answers}
			p := New(Request, Limits{}, r)
			p.Data(reassembly.At{Ordinal: 1}, []byte("GET / HTTP/1.1\r\nA: b\r\n"))
			for i := range 100 {
				p.Data(reassembly.At{Ordinal: uint64(i + 2)}, []byte(more))
				if len(p.kept) > 64<<10 {
					t.Fatalf("%d octets are kept", len(p.kept))
				}
			}
			p.End(reassembly.At{Ordinal: 200})
			if len(r.heads) != 1 || r.heads[0].Cut != event.CutOctets || len(r.heads[0].Fields) > 1000 {
				t.Fatalf("%d heads", len(r.heads))
			}
			if p.kept != nil || cap(p.head.Fields) > 64 {
				t.Error("the memory of a large head is kept")
			}
		})
	}
}
