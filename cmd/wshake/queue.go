package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"wshake/analyze/event"
)

// queue stands between a live capture and who reads its output. Its Write never waits, so that a slow reader costs
// events, which are counted, and not packets, of which nobody would know what they held.
type queue struct {
	w       io.Writer
	octets  atomic.Int64 // that wait or are being written
	mutex   sync.Mutex   // over what follows
	changed sync.Cond
	waiting []piece
	ended   bool
	err     error // of the first write that failed
	done    chan struct{}
}

// queueSize is how many octets of output wait for their reader at most, but for the last piece.
const queueSize = 16 << 20

// piece is output, or a step between two pieces of it.
type piece struct {
	octets []byte
	step   func() error // nil for output
}

func newQueue(w io.Writer) *queue {
	q := &queue{w: w, done: make(chan struct{})}
	q.changed.L = &q.mutex
	go q.run()
	return q
}

// Write takes a copy of p. It returns the error of a write before.
func (q *queue) Write(p []byte) (int, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.err != nil {
		return 0, q.err
	}
	q.octets.Add(int64(len(p)))
	q.add(piece{octets: append([]byte(nil), p...)})
	return len(p), nil
}

// do has a step done when all before it was written.
func (q *queue) do(step func() error) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.err == nil {
		q.add(piece{step: step})
	}
	return q.err
}

func (q *queue) add(p piece) {
	q.waiting = append(q.waiting, p)
	q.changed.Signal()
}

func (q *queue) run() {
	defer close(q.done)
	for {
		next, ok := q.next()
		if !ok {
			return
		}
		var err error
		if next.step != nil {
			err = next.step()
		} else {
			_, err = q.w.Write(next.octets)
			q.octets.Add(-int64(len(next.octets)))
		}
		if err != nil {
			q.mutex.Lock()
			q.err, q.waiting = err, nil
			q.mutex.Unlock()
			return
		}
	}
}

// next waits for a piece, false where no more will come.
func (q *queue) next() (piece, bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for len(q.waiting) == 0 {
		if q.ended {
			return piece{}, false
		}
		q.changed.Wait()
	}
	first := q.waiting[0]
	q.waiting[0] = piece{}
	q.waiting = q.waiting[1:]
	return first, true
}

// finish waits until all was written and returns the first error.
func (q *queue) finish() error {
	q.mutex.Lock()
	q.ended = true
	q.changed.Signal()
	q.mutex.Unlock()
	<-q.done
	return q.err
}

// queued is an output behind a queue. While the queue is full it drops events, and says how many as soon as there is
// room: frames and messages first, which come in masses, at half of the queue's size.
type queued struct {
	output
	queue   *queue
	size    int64    // of the queue
	dropped uint64   // since it was last said
	last    event.At // of the last of them
	all     uint64   // dropped events
	said    uint64   // caveats
}

func (q *queued) Handshake(h *event.Handshake) {
	if q.room(q.size, &h.At) {
		q.output.Handshake(h)
	}
}

func (q *queued) Frame(f *event.Frame) {
	if q.room(q.size/2, &f.At) {
		q.output.Frame(f)
	}
}

func (q *queued) Message(m *event.Message) {
	if q.room(q.size/2, &m.At) {
		q.output.Message(m)
	}
}

func (q *queued) Connection(c *event.Connection) {
	if q.room(q.size, &c.At) {
		q.output.Connection(c)
	}
}

func (q *queued) Finding(f *event.Finding) {
	if q.room(q.size, &f.At) {
		q.output.Finding(f)
	}
}

func (q *queued) Caveat(c *event.Caveat) {
	if q.room(q.size, &c.At) {
		q.output.Caveat(c)
	}
}

// Summary is never dropped: after it nothing comes, and the queue is waited for.
func (q *queued) Summary(s *event.Summary) {
	q.confess()
	if q.said > 0 {
		s.Caveats[outputDrop] += q.said
	}
	q.output.Summary(s)
}

// Flush waits for the reader to take everything.
func (q *queued) Flush() error {
	if err := q.output.Flush(); err != nil {
		return err
	}
	return q.queue.finish()
}

// room reports whether less than size waits, and counts the event at at if not.
func (q *queued) room(size int64, at *event.At) bool {
	if q.queue.octets.Load() >= size {
		q.dropped++
		q.all++
		q.last = *at
		return false
	}
	q.confess()
	return true
}

// complain says what was not printed, to who does not read the caveats.
func (q *queued) complain(std stdio) {
	if q.all > 0 {
		std.complain("%s were not printed: the output was not read fast enough", counted(q.all, "event"))
	}
}

// outputDrop is the caveat's name.
const outputDrop = "output-drop"

// confess says how many events were dropped since it last did.
func (q *queued) confess() {
	if q.dropped == 0 {
		return
	}
	q.output.Caveat(&event.Caveat{At: q.last, Name: outputDrop, Text: counted(q.dropped, "event") + " up to this packet were not printed: the output was not read fast enough"})
	q.dropped = 0
	q.said++
}

func counted(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
