package capture

import (
	"container/heap"
	"io"
)

// timeline is the Source of files: their packets merged by time.
type timeline struct {
	names   []string
	streams []*stream
	queue   queue
	ordinal uint64
	serial  uint64 // of the last lease

	withSecrets []*stream // with secrets to tell
	secretsLate bool
}

func (t *timeline) Read(b *Batch) error {
	b.Release()
	if cap(b.Packets) < BatchSize {
		b.Packets = make([]Packet, 0, BatchSize)
	}
	t.deliverSecrets()
	t.serial++
	held := newLease(t.serial)
	octets := 0
	for len(t.queue) > 0 && len(b.Packets) < BatchSize && octets < BatchOctets {
		s := t.queue[0]
		if !s.delivered {
			t.ordinal++
			n := len(b.Packets)
			b.Packets = b.Packets[:n+1]
			b.Packets[n].set(&s.head, t.ordinal)
			octets += len(b.Packets[n].Data)
			if s.in.buffer.leased != held.serial {
				held.hold(s.in.buffer)
			}
			s.delivered = true
			continue
		}
		w := always
		if len(b.Packets) > 0 {
			w = never
		}
		err := s.advance(w)
		if len(s.pendingSecrets) > 0 {
			t.withSecrets = append(t.withSecrets, s)
		}
		switch {
		case err == errWouldBlock:
		case err != nil:
			heap.Pop(&t.queue)
		case len(t.queue) > 1:
			heap.Fix(&t.queue, 0)
		}
		if err == errWouldBlock || len(t.withSecrets) > 0 && len(b.Packets) > 0 {
			break // secrets come before the packets behind them, whatever a batch has room for
		}
		if len(t.withSecrets) > 0 {
			t.deliverSecrets()
		}
	}
	if len(b.Packets) == 0 {
		held.release()
		return io.EOF
	}
	b.release = held.free
	return nil
}

// deliverSecrets delivers the secrets that were met behind the packets delivered so far.
func (t *timeline) deliverSecrets() {
	for _, s := range t.withSecrets {
		s.deliverSecrets()
	}
	t.withSecrets = t.withSecrets[:0]
}

// SecretsMayComeLate tells whether secrets may stand behind the packets that need them: src has a pcapng file that
// could not be looked through beforehand, for it is a pipe or compressed (see Options.Prescan).
func SecretsMayComeLate(src Source) bool {
	t, ok := src.(*timeline)
	return ok && t.secretsLate
}

func (t *timeline) Names() []string { return t.names }

func (t *timeline) Progress() (read, total int64) {
	known := true
	for _, s := range t.streams {
		n := s.read.Load()
		if s.size == 0 {
			known = false
		} else {
			n = min(n, s.size) // reading ahead may count a little after the stream was closed
		}
		read += n
		total += s.size
	}
	if !known {
		total = 0
	}
	return read, total
}

func (t *timeline) Close() error {
	for _, s := range t.queue {
		s.close()
	}
	t.queue = nil
	return nil
}

// add puts a stream on the timeline.
func (t *timeline) add(s *stream) {
	s.index = int32(len(t.names))
	t.secretsLate = t.secretsLate || s.secretsLate
	t.names = append(t.names, s.path)
	t.streams = append(t.streams, s)
	t.queue = append(t.queue, s)
}

// queue orders streams by the time of their head, equal times by the order of the arguments.
type queue []*stream

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	return a.head.Time < b.head.Time || a.head.Time == b.head.Time && a.index < b.index
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *queue) Push(x any) { *q = append(*q, x.(*stream)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return s
}
