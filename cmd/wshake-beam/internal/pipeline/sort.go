package pipeline

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
)

// sorter puts records in order, and gives what is there twice once. Beyond some octets in memory they are in temporary
// files: sorted runs, of which many are merged to one before the next are made. So memory does not grow with what is
// sorted, and the number of open files hardly does.
type sorter struct {
	compare func(a, b []byte) int
	held    [][]byte
	octets  int      // that are held
	runs    [][]*run // by level: a run of a level was merged of mergedRuns runs of the level below
}

var (
	sortedInMemory = 32 << 20 // octets; less in tests
	mergedRuns     = 32       // as well
)

// heldCost is what a record costs besides its octets.
const heldCost = 24

// add takes a record, which it keeps.
func (s *sorter) add(record []byte) error {
	s.held = append(s.held, record)
	if s.octets += len(record) + heldCost; s.octets < sortedInMemory {
		return nil
	}
	return s.spill()
}

// sort puts what is held in order.
func (s *sorter) sort() {
	slices.SortFunc(s.held, s.compare)
	s.held = slices.CompactFunc(s.held, bytes.Equal)
}

// spill makes a run of what is held.
func (s *sorter) spill() error {
	s.sort()
	r, err := newRun(func(write func([]byte) error) error {
		for _, record := range s.held {
			if err := write(record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	clear(s.held)
	s.held, s.octets = s.held[:0], 0
	return s.keep(r, 0)
}

// keep takes a run of a level.
func (s *sorter) keep(r *run, level int) error {
	if level == len(s.runs) {
		s.runs = append(s.runs, nil)
	}
	if s.runs[level] = append(s.runs[level], r); len(s.runs[level]) < mergedRuns {
		return nil
	}
	below := s.runs[level]
	r, err := newRun(func(write func([]byte) error) error { return s.merge(below, write) })
	if err != nil {
		return err
	}
	for _, old := range below {
		old.close()
	}
	s.runs[level] = nil
	return s.keep(r, level+1)
}

// each gives all records in order. It may be called again. What f is given is valid until it returns.
func (s *sorter) each(f func(record []byte) error) error {
	if len(s.runs) > 0 {
		if len(s.held) > 0 {
			if err := s.spill(); err != nil {
				return err
			}
		}
		return s.merge(slices.Concat(s.runs...), f)
	}
	s.sort()
	for _, record := range s.held {
		if err := f(record); err != nil {
			return err
		}
	}
	return nil
}

// all is each as an iterator.
func (s *sorter) all() iter.Seq2[[]byte, error] {
	enough := errors.New("no more is wanted")
	return func(yield func([]byte, error) bool) {
		err := s.each(func(record []byte) error {
			if !yield(record, nil) {
				return enough
			}
			return nil
		})
		if err != nil && err != enough {
			yield(nil, err)
		}
	}
}

// merge gives the records of some runs in order.
func (s *sorter) merge(runs []*run, f func(record []byte) error) error {
	m := &merging{compare: s.compare}
	for _, r := range runs {
		c := &cursor{from: bufio.NewReaderSize(io.NewSectionReader(r.file, 0, r.size), 64<<10)}
		if more, err := c.next(); err != nil {
			return err
		} else if more {
			m.cursors = append(m.cursors, c)
		}
	}
	heap.Init(m)
	var last []byte
	for begun := false; len(m.cursors) > 0; {
		c := m.cursors[0]
		if !begun || !bytes.Equal(c.record, last) {
			if err := f(c.record); err != nil {
				return err
			}
			begun, last = true, append(last[:0], c.record...)
		}
		more, err := c.next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(m, 0)
		default:
			heap.Pop(m)
		}
	}
	return nil
}

func (s *sorter) close() {
	for _, level := range s.runs {
		for _, r := range level {
			r.close()
		}
	}
}

// run is a temporary file of records in order, each behind its length.
type run struct {
	file *os.File
	size int64
}

// newRun makes a run of what write is given.
func newRun(fill func(write func([]byte) error) error) (*run, error) {
	file, err := os.CreateTemp("", "wshake-beam-sort-")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name()) // it goes when it is closed, also where the process is killed
	r := &run{file: file}
	w := bufio.NewWriterSize(file, 64<<10)
	var length []byte
	err = fill(func(record []byte) error {
		length = binary.AppendUvarint(length[:0], uint64(len(record)))
		r.size += int64(len(length) + len(record))
		w.Write(length)
		_, err := w.Write(record) // it keeps the first error
		return err
	})
	if err = errors.Join(err, w.Flush()); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *run) close() {
	r.file.Close()
	os.Remove(r.file.Name()) // where an open file cannot be removed
}

// cursor reads a run.
type cursor struct {
	from   *bufio.Reader
	record []byte
}

func (c *cursor) next() (more bool, err error) {
	length, err := binary.ReadUvarint(c.from)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return false, err
	}
	c.record = slices.Grow(c.record[:0], int(length))[:length]
	_, err = io.ReadFull(c.from, c.record)
	return true, err
}

// merging is a heap of cursors: the one with the first record is on top.
type merging struct {
	compare func(a, b []byte) int
	cursors []*cursor
}

func (m *merging) Len() int           { return len(m.cursors) }
func (m *merging) Less(i, j int) bool { return m.compare(m.cursors[i].record, m.cursors[j].record) < 0 }
func (m *merging) Swap(i, j int)      { m.cursors[i], m.cursors[j] = m.cursors[j], m.cursors[i] }
func (m *merging) Push(c any)         { m.cursors = append(m.cursors, c.(*cursor)) }

func (m *merging) Pop() any {
	last := len(m.cursors) - 1
	c := m.cursors[last]
	m.cursors = m.cursors[:last]
	return c
}
