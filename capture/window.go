package capture

import (
	"errors"
	"io"
)

// errDry says that the window does not hold what was asked for and was told not to read.
var errDry = errors.New("window is dry")

// window shows a stream as slices of its octets, each whole inside one chunk.
type window struct {
	src     io.Reader
	chunk   *chunk
	at, end int   // the unread part of chunk.buf
	owed    int64 // octets to pass over before the next peek
	offset  int64 // where the next peek begins in the stream
	size    int   // of the chunks, in octets
	err     error // what ended the stream
	dry     bool  // do not read
}

func newWindow(src io.Reader, size int) *window {
	return &window{src: src, chunk: newChunk(size), size: size}
}

// peek shows the next n octets without moving past them. At the end of the stream it shows those that are left,
// with io.EOF or the error that ended it. What it shows is borrowed from w.chunk.
func (w *window) peek(n int) ([]byte, error) {
	if w.owed == 0 && w.end-w.at >= n {
		return w.chunk.buf[w.at : w.at+n : w.at+n], nil
	}
	if err := w.pay(); err != nil {
		return nil, err
	}
	for w.end-w.at < n {
		if err := w.fill(n); err != nil {
			return w.chunk.buf[w.at:w.end:w.end], err
		}
	}
	return w.chunk.buf[w.at : w.at+n : w.at+n], nil
}

// skip moves past n octets, in the stream or beyond its end.
func (w *window) skip(n int64) {
	w.offset += n
	w.owed += n
	if w.owed <= int64(w.end-w.at) {
		w.at += int(w.owed)
		w.owed = 0
	}
}

// reached gives the offset up to which the stream was read.
func (w *window) reached() int64 { return w.offset - w.owed + int64(w.end-w.at) }

// pay passes over what is owed.
func (w *window) pay() error {
	for w.owed > 0 {
		step := min(w.owed, int64(w.end-w.at))
		w.at += int(step)
		w.owed -= step
		if w.owed > 0 {
			if err := w.fill(1); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill adds to the window by one read, towards n octets.
func (w *window) fill(n int) error {
	if w.err != nil {
		return w.err
	}
	if w.dry {
		return errDry
	}
	w.makeRoom(n)
	for range 100 {
		got, err := w.src.Read(w.chunk.buf[w.end:])
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

// makeRoom moves the unread octets to the start of a new chunk when theirs is full. It has room for n octets unless those are more
// than twice what has arrived: what a file claims is not what it holds.
func (w *window) makeRoom(n int) {
	if w.end < len(w.chunk.buf) {
		return
	}
	has := w.end - w.at
	next := newChunk(max(w.size, min(n, 2*has)))
	copy(next.buf, w.chunk.buf[w.at:w.end])
	w.chunk.drop()
	w.chunk, w.at, w.end = next, 0, has
}

func (w *window) close() {
	w.chunk.drop()
	w.chunk = nil
}

// broken tells of a stream that ended where a peek wanted more; err is what peek returned, which is given back if
// it is errDry. Has and want are in octets, packet is the number of the last whole packet.
func (w *window) broken(err error, what string, has, want int, packet uint64) error {
	return w.brokenAt(w.offset, err, what, int64(has), int64(want), packet)
}

func (w *window) brokenAt(offset int64, err error, what string, has, want int64, packet uint64) error {
	if err == errDry {
		return err
	}
	if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return &Problem{Offset: w.reached(), Packet: packet, Err: err}
	}
	c := &cutOff{what: what, has: has, want: want}
	if err != io.EOF {
		c.cause = err
	}
	return &Problem{Offset: offset, Packet: packet, Truncated: true, Err: c}
}
