package correlate

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/ws"
)

func correlator(t testing.TB) *Correlator {
	t.Helper()
	set, err := check.NewSet(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return New(set, new(check.Policy))
}

// key is a key that no other number has.
func key(n int) string {
	sum := sha1.Sum(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return base64.StdEncoding.EncodeToString(sum[:16])
}

// attempted makes the n-th connection, from client to server, with its request and answer.
func attempted(n int, client, server, key, accept string) (*event.Request, *event.Handshake) {
	at := event.At{Ordinal: uint64(n), Number: uint64(n), Time: int64(n) * 1e6, Acked: -1}
	c := &event.Conn{Ordinal: uint64(n), Peer: [2]netip.AddrPort{netip.MustParseAddrPort(client), netip.MustParseAddrPort(server)},
		Sequence: [2]uint32{uint32(n), uint32(2 * n)}, Numbered: true}
	q := &event.Head{StartLine: "GET /chat HTTP/1.1", Method: "GET", Target: "/chat", Version: "HTTP/1.1", First: at, Last: at, Fields: []event.Field{
		{Name: "Host", Value: "example.com"}, {Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"},
		{Name: "Sec-WebSocket-Key", Value: key}, {Name: "Sec-WebSocket-Version", Value: "13"}}}
	after := at
	after.Time += 5e5
	r := &event.Head{Status: 101, Version: "HTTP/1.1", First: after, Last: after, Fields: []event.Field{
		{Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"}, {Name: "Sec-WebSocket-Accept", Value: accept}}}
	h := &event.Handshake{Conn: c, At: after, Transport: "http/1.1", Request: q, Response: r}
	handshake.Read(h)
	return &event.Request{Conn: c, Head: q}, h
}

func names(h *event.Handshake) (list []string) {
	for _, f := range h.Findings {
		list = append(list, f.Name)
	}
	return list
}

func TestKeyReused(t *testing.T) {
	c := correlator(t)
	for n := 1; n <= 5; n++ {
		q, h := attempted(n, netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), uint16(4000+n)).String(), "10.0.1.1:80", key(0), ws.Accept(key(0)))
		c.Request(q)
		c.Handshake(h)
		if got := slices.Contains(names(h), "key-reused"); got != (n > 1) {
			t.Errorf("connection %d: %v", n, names(h))
		}
	}
}

// A browser's WebSocket on HTTP/1.1 beside its connection of HTTP/2 or HTTP/3 to the same server, which allows none
// there. To another server, under another name or before that connection it has another reason.
func TestOpenedElsewhere(t *testing.T) {
	for _, quic := range []bool{false, true} {
		c := correlator(t)
		other := event.NoConnect{Ordinal: 1, At: event.At{Ordinal: 2, Number: 2}, QUIC: quic, TLS: true,
			Peer: [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:4000"), netip.MustParseAddrPort("10.0.1.1:443")}}
		c.NoConnect(&other)
		for n, server := range map[int]string{1: "10.0.1.1:443", 3: "10.0.1.1:443", 4: "10.0.1.2:443"} {
			q, h := attempted(n, fmt.Sprintf("10.0.0.1:%d", 4000+n), server, key(n), ws.Accept(key(n)))
			q.Head.Fields = append(q.Head.Fields, event.Field{Name: "User-Agent", Value: "Mozilla/5.0 (X11)"})
			h.TLS = true
			c.Request(q)
			c.Handshake(h)
			var texts string
			for _, f := range h.Findings {
				texts += f.Name + ": " + f.Text + " (" + f.Section + ")\n"
			}
			version, section := "connection 1 of HTTP/2 ", "(RFC 8441 §3)"
			if quic {
				version, section = "connection 1 of HTTP/3 ", "(RFC 9220 §3)"
			}
			if is := strings.HasPrefix(texts, "connect-protocol-missing: ") && strings.Contains(texts, version) &&
				strings.Contains(texts, section); is != (n == 3) {
				t.Errorf("HTTP/3 %t, connection %d: %s", quic, n, texts)
			}
		}
	}
}

func TestLegsOfAProxy(t *testing.T) {
	c := correlator(t)
	frontQ, front := attempted(1, "10.0.0.1:4000", "10.0.1.1:80", key(1), ws.Accept(key(1)))
	backQ, back := attempted(2, "10.0.1.1:5000", "10.0.2.1:9000", key(1), ws.Accept(key(1)))
	c.Request(frontQ)
	c.Request(backQ)
	c.Handshake(back)
	c.Handshake(front)
	if len(names(front))+len(names(back)) > 0 {
		t.Errorf("front %v, back %v", names(front), names(back))
	}
	if len(c.byServer) != 0 {
		t.Errorf("%d servers are still waited for", len(c.byServer))
	}
	for _, a := range c.ring[:2] {
		if a.head != nil || a.handshake != nil {
			t.Error("heads are kept of what is complete")
		}
	}
}

// Connections with the same sequence numbers are one behind a translation of addresses, unless their requests differ:
// in a capture that a program made, all may begin with the same numbers.
func TestSameSequenceNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		lengths [2]uint64
		copied  bool
	}{
		"the same request": {[2]uint64{200, 200}, true},
		"a field more":     {[2]uint64{200, 240}, false},
	} {
		cor := correlator(t)
		frontQ, _ := attempted(1, "10.0.0.1:4000", "10.0.1.1:80", key(1), ws.Accept(key(1)))
		backQ, _ := attempted(2, "10.0.1.1:5000", "10.0.2.1:9000", key(1), ws.Accept(key(1)))
		backQ.Conn.Sequence = frontQ.Conn.Sequence
		frontQ.Head.Length, backQ.Head.Length = c.lengths[0], c.lengths[1]
		cor.Request(frontQ)
		cor.Request(backQ)
		back := cor.byConn[backQ.Conn]
		if (back.copy != nil) != c.copied || (back.downstream != nil) == c.copied {
			t.Errorf("%s: copy %v, leg %v", name, back.copy != nil, back.downstream != nil)
		}
	}
}

func TestAcceptOfAnotherKey(t *testing.T) {
	c := correlator(t)
	q1, h1 := attempted(1, "10.0.0.1:4000", "10.0.1.1:80", key(1), ws.Accept(key(1)))
	q2, h2 := attempted(2, "10.0.0.1:4001", "10.0.1.1:80", key(2), ws.Accept(key(1)))
	c.Request(q1)
	c.Handshake(h1)
	c.Request(q2)
	c.Handshake(h2)
	if !slices.Equal(names(h2), []string{"accept-of-another-key"}) {
		t.Errorf("got %v", names(h2))
	}
}

// Whatever comes, no more than Remembered attempts are kept, and memory stays flat.
func TestMemoryIsBounded(t *testing.T) {
	c := correlator(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	feed := func(from, to int) {
		for n := from; n < to; n++ {
			k := key(n)
			if n%7 == 0 {
				k = key(0) // used again and again
			}
			q, h := attempted(n, "10.0.0.1:4000", "10.0.1.1:80", k, ws.Accept(k))
			c.Request(q)
			if n%5 != 0 { // the others never get an answer
				c.Handshake(h)
			}
		}
	}
	feed(1, 2*Remembered)
	before := heap()
	feed(2*Remembered, 4*Remembered)
	if after := heap(); after > before+before/4 {
		t.Errorf("the heap grew from %d to %d", before, after)
	}
	if len(c.byConn) > Remembered || len(c.byKey) > Remembered || len(c.byAccept) > Remembered {
		t.Errorf("%d, %d, %d attempts are remembered", len(c.byConn), len(c.byKey), len(c.byAccept))
	}
	runtime.KeepAlive(c)
}

func BenchmarkCorrelate(b *testing.B) {
	c := correlator(b)
	b.ReportAllocs()
	const made = 4096
	var requests [made]*event.Request
	var handshakes [made]*event.Handshake
	for n := range made {
		requests[n], handshakes[n] = attempted(n, "10.0.0.1:4000", "10.0.1.1:80", key(n), ws.Accept(key(n)))
	}
	for n := 0; b.Loop(); n++ {
		i := n % made
		*requests[i].Conn = event.Conn{Ordinal: uint64(n), Peer: requests[i].Conn.Peer}
		c.Request(requests[i])
		c.Handshake(handshakes[i])
	}
}
