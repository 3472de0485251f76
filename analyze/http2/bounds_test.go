package http2

import (
	"runtime"
	"strings"
	"testing"
)

// DATA that nobody wants allocates nothing.
func TestUnwantedDataAllocatesNothing(t *testing.T) {
	d := newDialogue()
	d.open()
	d.websocket(1)
	c := new(recorder)
	play(Options{}, c, d.calls)
	var f framer
	f.data(3, false, make([]byte, 1000))
	f.padded(5, false, make([]byte, 100), 20)
	f.windowUpdate(0, 1100)
	p := f.wire.Bytes()
	if n := testing.AllocsPerRun(1000, func() { c.reader.Data(Client, At{Ordinal: 100}, p) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What a peer can repeat without end stays within limits.
func TestFloods(t *testing.T) {
	for name, repeat := range map[string]func(d *dialogue, n uint32){
		"idleStreams": func(d *dialogue, n uint32) { d.client.headers(2*n+1, false, ":method", "GET", ":path", "/") },
		"webSockets":  func(d *dialogue, n uint32) { d.client.headers(2*n+1, false, connect...) },
		"rapidReset": func(d *dialogue, n uint32) {
			d.client.headers(2*n+1, false, connect...)
			d.client.rstStream(2*n+1, ErrCancel)
		},
		"settings":      func(d *dialogue, n uint32) { d.client.settings(Setting{4, n}) },
		"pings":         func(d *dialogue, n uint32) { d.client.ping() },
		"acknowledge":   func(d *dialogue, n uint32) { d.client.acknowledge() },
		"emptyData":     func(d *dialogue, n uint32) { d.client.data(1, false, nil) },
		"priorities":    func(d *dialogue, n uint32) { d.client.frame(TypePriority, 0, 2*n+1, make([]byte, 5)) },
		"windowUpdates": func(d *dialogue, n uint32) { d.client.windowUpdate(2*n+1, 1) },
		"newFields": func(d *dialogue, n uint32) {
			d.client.headers(1, false, strings.Repeat("n", int(n%50)), strings.Repeat("v", int(n%70)))
		},
		"lostBlocks": func(d *dialogue, n uint32) { d.client.frame(TypeHeaders, FlagEndHeaders, 4*n+1, []byte{0x80}) },
		"endless": func(d *dialogue, n uint32) {
			if n == 1 {
				d.client.frame(TypeHeaders, 0, 1, []byte{0x82})
			}
			d.client.continuation(1, false, make([]byte, 100))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDialogue()
			d.open()
			r := NewReader(Options{}, quiet{})
			feed := func() {
				for _, c := range d.calls {
					r.Data(c.side, At{Ordinal: 1}, c.octets)
				}
				d.calls = nil
			}
			feed()
			before := heap()
			for n := uint32(1); n <= 10000; n++ {
				if repeat(d, n); n%100 == 0 {
					d.send(d.client)
					feed()
				}
			}
			if grown := int64(heap()) - int64(before); grown > 1<<20 {
				t.Errorf("%d octets are kept", grown)
			}
			runtime.KeepAlive(r)
			runtime.KeepAlive(d)
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
