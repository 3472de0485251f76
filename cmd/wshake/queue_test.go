package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// behindQueue is a JSON output behind a small queue, and the end at which it is read.
func behindQueue(size int64) (*queued, *bufio.Reader, *io.PipeReader) {
	reader, writer := io.Pipe()
	q := newQueue(writer)
	out := report.NewJSON(q, report.Options{Show: event.AllKinds})
	return &queued{output: out, queue: q, size: size}, bufio.NewReader(reader), reader
}

var someone = &event.Conn{Ordinal: 1, Peer: [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:4001"), netip.MustParseAddrPort("10.0.0.2:80")}}

func (q *queued) frameAndPause(n uint64) {
	q.Frame(&event.Frame{Conn: someone, At: event.At{Number: n}, Header: event.Header{Opcode: event.OpText}, Complete: true})
	q.Pause()
}

// What cannot be printed is counted, said as soon as there is room, and summed up; each line that is printed is whole.
func TestSlowReader(t *testing.T) {
	q, in, _ := behindQueue(8 << 10)
	for n := range uint64(1000) {
		q.frameAndPause(n)
	}
	if q.queue.octets.Load() > 8<<10 {
		t.Errorf("%d octets wait", q.queue.octets.Load())
	}
	// Frames give way first.
	q.Finding(&event.Finding{Conn: someone, At: event.At{Number: 1000}, Name: "some-finding"})
	q.Pause()
	firstLoss := q.all
	if firstLoss == 0 || firstLoss == 1000 {
		t.Fatalf("%d of 1000 frames were dropped", firstLoss)
	}
	var lines []string
	read := func(n int) {
		t.Helper()
		for range n {
			l, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
	}
	read(1000 - int(firstLoss)) // all frames that were printed, and the pieces behind them have left the queue
	for n := range uint64(1000) {
		q.frameAndPause(2000 + n)
	}
	done := make(chan error, 1)
	go func() {
		q.Summary(&event.Summary{Caveats: make(map[string]uint64)})
		done <- q.Flush()
		q.queue.w.(*io.PipeWriter).Close()
	}()
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	all := strings.Join(lines, "") + string(rest)
	counts := make(map[string]int)
	told := uint64(0)
	for l := range strings.Lines(all) {
		kind := regexp.MustCompile(`^\{"type":"(\w+)".*\}\n$`).FindStringSubmatch(l)
		if kind == nil {
			t.Fatalf("not whole: %q", l)
		}
		counts[kind[1]]++
		told += dropTold(l)
	}
	if told != q.all || uint64(counts["frame"])+told != 2000 || counts["finding"] != 1 || counts["summary"] != 1 || counts["caveat"] < 2 {
		t.Errorf("printed %v, told of %d, dropped %d", counts, told, q.all)
	}
	if want := fmt.Sprintf(`"caveats":{"output-drop":%d}`, counts["caveat"]); !strings.Contains(all, want) {
		t.Errorf("the summary lacks %s: %s", want, all[strings.LastIndex(all, "{\"type\":\"summary"):])
	}
}

// dropTold is how many events a caveat says were dropped, 0 where it says nothing of it.
func dropTold(text string) uint64 {
	m := regexp.MustCompile(`(\d+) events? up to this packet`).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseUint(m[1], 10, 64)
	return n
}

// A write that fails ends the output: nothing waits for it any more.
func TestNoReader(t *testing.T) {
	q, _, reader := behindQueue(8 << 10)
	gone := errors.New("gone")
	reader.CloseWithError(gone)
	for n := range uint64(100) {
		q.frameAndPause(n)
	}
	if err := q.Flush(); err != gone {
		t.Errorf("Flush: %v", err)
	}
}
