package capture

import (
	"errors"
	"io"
)

// errWouldBlock says that what was asked for was not read yet, and that reading was forbidden, for it may wait.
var errWouldBlock = errors.New("reading may have to wait")

// peekReader shows a stream as slices of its octets, each whole inside one buffer.
type peekReader struct {
	src        io.Reader
	buffer     *buffer
	start, end int   // the unread part of buffer.octets
	toSkip     int64 // octets to pass over before the next peek
	offset     int64 // where the next peek begins in the stream
	size       int   // of the buffers, in octets
	err        error // what ended the stream
	noWait     bool  // give errWouldBlock instead of reading
}

func newPeekReader(src io.Reader, size int) *peekReader {
	return &peekReader{src: src, buffer: newBuffer(size), size: size}
}

// peek shows the next n octets without moving past them. At the end of the stream it shows those that are left,
// with io.EOF or the error that ended it. What it shows is borrowed from w.buffer.
func (w *peekReader) peek(n int) ([]byte, error) {
	if w.toSkip == 0 && w.end-w.start >= n {
		return w.buffer.octets[w.start : w.start+n : w.start+n], nil
	}
	if err := w.finishSkip(); err != nil {
		return nil, err
	}
	for w.end-w.start < n {
		if err := w.fill(n); err != nil {
			return w.buffer.octets[w.start:w.end:w.end], err
		}
	}
	return w.buffer.octets[w.start : w.start+n : w.start+n], nil
}

// skip moves past n octets, in the stream or beyond its end.
func (w *peekReader) skip(n int64) {
	w.offset += n
	w.toSkip += n
	if w.toSkip <= int64(w.end-w.start) {
		w.start += int(w.toSkip)
		w.toSkip = 0
	}
}

// readUpTo gives the offset up to which the stream was read.
func (w *peekReader) readUpTo() int64 { return w.offset - w.toSkip + int64(w.end-w.start) }

// finishSkip passes over what is still to skip.
func (w *peekReader) finishSkip() error {
	for w.toSkip > 0 {
		step := min(w.toSkip, int64(w.end-w.start))
		w.start += int(step)
		w.toSkip -= step
		if w.toSkip > 0 {
			if err := w.fill(1); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill adds to the unread octets by one read, towards n octets.
func (w *peekReader) fill(n int) error {
	if w.err != nil {
		return w.err
	}
	if w.noWait {
		return errWouldBlock
	}
	w.grow(n)
	for range 100 {
		got, err := w.src.Read(w.buffer.octets[w.end:])
		w.end += got
		w.err = err
		if got > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	w.err = io.ErrNoProgress
	return w.err
}

// grow moves the unread octets to the start of a new buffer when theirs is full. It has room for n octets unless those
// are more than twice what has arrived: what a file claims is not what it holds.
func (w *peekReader) grow(n int) {
	if w.end < len(w.buffer.octets) {
		return
	}
	has := w.end - w.start
	next := newBuffer(max(w.size, min(n, 2*has)))
	copy(next.octets, w.buffer.octets[w.start:w.end])
	w.buffer.release()
	w.buffer, w.start, w.end = next, 0, has
}

func (w *peekReader) close() {
	w.buffer.release()
	w.buffer = nil
}

// cutOff tells of a stream that ended where a peek wanted more; err is what peek returned, which is given back if
// it is errWouldBlock. Has and want are in octets, packet is the number of the last whole packet.
func (w *peekReader) cutOff(err error, what string, has, want int, packet uint64) error {
	return w.cutOffAt(w.offset, err, what, int64(has), int64(want), packet)
}

func (w *peekReader) cutOffAt(offset int64, err error, what string, has, want int64, packet uint64) error {
	if err == errWouldBlock {
		return err
	}
	if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return &Problem{Offset: w.readUpTo(), Packet: packet, Err: err}
	}
	c := &cutOffError{what: what, has: has, want: want}
	if err != io.EOF {
		c.cause = err
	}
	return &Problem{Offset: offset, Packet: packet, Truncated: true, Err: c}
}
