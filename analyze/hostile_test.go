package analyze

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/testdata/need"
)

// flood is a Source of packets that are made when they are read, and of the memory in use meanwhile.
type flood struct {
	next    func() (capture.Packet, bool)
	count   uint64
	batches int
	peak    uint64 // largest heap in use seen, octets
}

func (f *flood) Read(b *capture.Batch) error {
	b.Packets = b.Packets[:0]
	for len(b.Packets) < capture.BatchSize {
		p, ok := f.next()
		if !ok {
			break
		}
		f.count++
		p.Ordinal, p.Number, p.Link, p.Length = f.count, f.count, linkRaw, uint32(len(p.Data))
		b.Packets = append(b.Packets, p)
	}
	if f.batches++; f.batches%256 == 0 {
		f.look()
	}
	if len(b.Packets) == 0 {
		return io.EOF
	}
	return nil
}

func (f *flood) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.peak = max(f.peak, m.HeapInuse)
}

func (f *flood) Names() []string          { return []string{"flood"} }
func (f *flood) Progress() (int64, int64) { return 0, 0 }
func (f *flood) Close() error             { return nil }

// pour analyses a flood, and complains if the heap grows by more than limit MiB.
func pour(t *testing.T, limit uint64, next func() (capture.Packet, bool)) *recorder {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as a program has it
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	f, r := &flood{next: next}, new(recorder)
	cfg := Config{Want: event.AllKinds &^ event.KindFrame, Digest: true, Workers: 2}
	if err := Run(context.Background(), f, cfg, r); err != nil {
		t.Fatal(err)
	}
	f.look()
	used := (max(f.peak, before.HeapInuse) - before.HeapInuse) >> 20
	t.Logf("%d packets, %d MiB at most", f.count, used)
	if used > limit && !racing {
		t.Errorf("%d MiB of memory, want at most %d", used, limit)
	}
	return r
}

// many is how often a test does what has to be done very often.
func many(n int) int {
	if need.Brief() || racing {
		return n / 20
	}
	return n
}

// each makes packets: n times what make gives for i.
func each(n int, make func(i int) []capture.Packet) func() (capture.Packet, bool) {
	var left []capture.Packet
	i := 0
	return func() (capture.Packet, bool) {
		for len(left) == 0 {
			if i == n {
				return capture.Packet{}, false
			}
			left = make(i)
			i++
		}
		p := left[0]
		left = left[1:]
		return p, true
	}
}

func TestMillionSYNs(t *testing.T) {
	r := pour(t, 600, each(many(1_000_000), func(i int) []capture.Packet {
		f := newFlow(i)
		f.segment(0, reassembly.SYN, f.next[0], 0, nil)
		return f.tape
	}))
	if len(r.handshakes)+len(r.connections)+len(r.findings) > 0 {
		t.Errorf("reported: %d handshakes, %d connections, %d findings", len(r.handshakes), len(r.connections), len(r.findings))
	}
}

// Half-open connections that said ten octets do not hide a real conversation.
func TestHalfOpenConnections(t *testing.T) {
	n := many(200_000)
	real := chat(t)
	r := pour(t, 900, each(n, func(i int) []capture.Packet {
		f := newFlow(i)
		f.segment(0, reassembly.SYN, f.next[0], 0, nil)
		f.next[0]++
		f.say(0, []byte("GET /chat "))
		if at := i - n/2; at >= 0 && at < len(real) {
			p := real[at]
			p.Time = f.now
			return append(f.tape, p)
		}
		return f.tape
	}))
	if len(r.handshakes) != 1 || len(r.connections) != 1 || complete(r) != 12 {
		t.Errorf("%d handshakes, %d connections, %d messages", len(r.handshakes), len(r.connections), complete(r))
	}
}

// Connections that are sent octet by octet, all at once.
func TestSlowStreams(t *testing.T) {
	const streams = 2000
	octets := []byte("GET /chat HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 30))
	flows := make([]*flow, streams)
	for i := range flows {
		flows[i] = newFlow(i).opened()
	}
	pour(t, 200, each(many(len(octets)*streams), func(i int) []capture.Packet {
		f := flows[i%streams]
		f.say(0, octets[i/streams:][:1])
		said := f.tape
		f.tape = nil
		return said
	}))
}

// endless has one connection say beginning, and then more again and again.
func endless(t *testing.T, limit uint64, side int, beginning [2]string, more []byte, times int) *recorder {
	t.Helper()
	f := newFlow(1).opened()
	f.say(0, []byte(beginning[0]))
	f.say(1, []byte(beginning[1]))
	return pour(t, limit, each(times, func(int) []capture.Packet {
		f.say(side, more)
		said := f.tape
		f.tape = nil
		return said
	}))
}

const bareRequest = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\r\nSec-WebSocket-Version: 13\r\n"

const bareAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bfZvZEUxrcvx24jZGbEvfYLzZqg=\r\n"

func TestEndlessHeaders(t *testing.T) {
	for side := range 2 {
		beginning := [2]string{bareRequest, ""}
		if side == 1 {
			beginning = [2]string{bareRequest + "\r\n", bareAnswer}
		}
		r := endless(t, 64, side, beginning, bytes.Repeat([]byte("X-More: and more of it\r\n"), 50), many(50_000))
		if len(r.handshakes) != 1 || len(r.connections) != 1 {
			t.Errorf("side %d: %d handshakes, %d connections", side, len(r.handshakes), len(r.connections))
		}
	}
}

func TestMegabyteHeaderLines(t *testing.T) {
	line := "X-Long: " + strings.Repeat("x", 8<<20) + "\r\n"
	f := newFlow(1).opened()
	f.say(0, []byte(bareRequest+line+"\r\n"))
	f.say(1, []byte(bareAnswer+line+"\r\n"))
	f.say(1, []byte("\x81\x05hello"))
	f.close()
	r := f.tape.analyse(t)
	if len(r.handshakes) != 1 || complete(r) != 1 {
		t.Errorf("%d handshakes, %d messages", len(r.handshakes), complete(r))
	}
	for _, h := range r.handshakes {
		if h.Verdict == event.Refused {
			t.Error(h.Verdict)
		}
	}
}

func TestEndlessFragments(t *testing.T) {
	r := endless(t, 64, 1, [2]string{bareRequest + "\r\n", bareAnswer + "\r\n\x01\x01a"}, bytes.Repeat([]byte("\x00\x01a"), 400), many(20_000))
	if len(r.messages) != 1 || r.messages[0].Complete || r.messages[0].Frames != 1+400*many(20_000) {
		t.Errorf("%+v", r.messages)
	}
}

// Frames of a few octets that inflate to gigabytes cost time in proportion, but no memory.
func TestBomb(t *testing.T) {
	const extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
	var compressed bytes.Buffer
	w, _ := flate.NewWriter(&compressed, flate.BestCompression)
	zeros := make([]byte, 1<<20)
	times := many(1024)
	for range times {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	payload := bytes.TrimSuffix(compressed.Bytes(), []byte{0, 0, 0xff, 0xff})
	var frames []byte // of one message, 2,000 octets each
	for first := byte(0x42); len(payload) > 0; first = 0 {
		n := min(len(payload), 2000)
		if n == len(payload) {
			first |= 0x80
		}
		frames = append(frames, first, 126, byte(n>>8), byte(n))
		frames, payload = append(frames, payload[:n]...), payload[n:]
	}
	f := newFlow(1).opened()
	f.say(0, []byte(bareRequest+extension))
	f.say(1, []byte(bareAnswer+extension))
	f.say(1, frames)
	i := 0
	r := pour(t, 128, func() (capture.Packet, bool) {
		if i == len(f.tape) {
			return capture.Packet{}, false
		}
		i++
		return f.tape[i-1], true
	})
	if len(r.messages) != 1 || r.messages[0].Length.Value != uint64(times)<<20 {
		t.Errorf("%+v", r.messages)
	}
}

// Escape sequences are data like any other.
func TestTerminalEscapes(t *testing.T) {
	const esc = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
	f := newFlow(1).opened()
	f.say(0, []byte(fmt.Sprintf("GET /\x9b31m\u202e HTTP/1.1\r\nHost: %[1]s\r\nOrigin: %[1]s\r\nUser-Agent: %[1]s\r\nUpgrade: websocket\r\nConnection: Upgrade, %[1]s\r\n"+
		"Sec-WebSocket-Key: %[1]s\r\nSec-WebSocket-Version: %[1]s\r\nSec-WebSocket-Protocol: %[1]s\r\nSec-WebSocket-Extensions: %[1]s\r\n%[1]s: %[1]s\r\n\r\n", esc)))
	f.say(1, []byte(fmt.Sprintf("HTTP/1.1 101 %[1]s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nServer: %[1]s\r\nSec-WebSocket-Accept: %[1]s\r\n"+
		"Sec-WebSocket-Protocol: %[1]s\r\nSec-WebSocket-Extensions: %[1]s\r\n\r\n", esc)))
	f.say(1, append([]byte{0x81, byte(len(esc))}, esc...))
	f.say(1, append([]byte{0x88, byte(2 + len(esc)), 3, 232}, esc...))
	f.close()
	r := f.tape.analyse(t, func(c *Config) { c.Payload = 100 })
	if len(r.handshakes) != 1 || complete(r) != 1 || len(r.connections) != 1 {
		t.Fatalf("%d handshakes, %d messages, %d connections", len(r.handshakes), complete(r), len(r.connections))
	}
	if c := r.connections[0].Close; c == nil || c.Reason.Value != esc {
		t.Errorf("%+v", c)
	}
}

// A retransmission with other octets is a finding with both, and the first copy is what is analysed.
func TestConflictingOverlap(t *testing.T) {
	f := newFlow(1).opened()
	f.say(0, []byte(bareRequest+"\r\n"))
	f.say(1, []byte(bareAnswer+"\r\n"))
	at := f.next[1]
	f.say(1, []byte("\x81\x05hello"))
	f.segment(1, reassembly.ACK, at+2, f.next[0], []byte("jello"))
	f.say(1, []byte("\x81\x05world"))
	f.close()
	r := f.tape.analyse(t, func(c *Config) { c.Payload = 100 })
	found := 0
	for _, c := range r.findings {
		if c.Name == "overlap-conflict" {
			found++
			if !strings.Contains(c.Seen, "j") || !strings.Contains(c.Wanted, "h") {
				t.Errorf("seen %s, wanted %s", c.Seen, c.Wanted)
			}
		}
	}
	if found != 1 || complete(r) != 2 || string(r.messages[0].Payload.Data) != "hello" {
		t.Errorf("%d findings, messages %+v", found, r.messages)
	}
}

// A RST that its receiver would not take ends nothing.
func TestResetOutOfWindow(t *testing.T) {
	f := newFlow(1).opened()
	f.say(0, []byte(bareRequest+"\r\n"))
	f.say(1, []byte(bareAnswer+"\r\n"))
	f.say(1, []byte("\x81\x05hello"))
	for side := range 2 {
		for _, off := range []uint32{1 << 20, 1 << 30, 1<<32 - 5} {
			f.segment(side, reassembly.RST, f.next[side]+off, 0, nil)
		}
	}
	f.say(1, []byte("\x81\x05world\x88\x02\x03\xe8"))
	f.say(0, []byte("\x88\x82\x00\x00\x00\x00\x03\xe8"))
	f.close()
	r := f.tape.analyse(t)
	if complete(r) != 2 || len(r.connections) != 1 || r.connections[0].Ended != event.EndedClose {
		t.Errorf("%d messages, %+v", complete(r), r.connections)
	}
}
