package capture

import "io"

// Blocks that are read ahead.
const (
	blocksAhead   = 4
	octetsInBlock = 128 << 10
)

// ahead reads a source in a goroutine of its own, a few blocks before its reader wants them.
type ahead struct {
	full   chan filled
	empty  chan []byte
	stop   chan struct{}
	block  []byte // the block being read from
	unread []byte // its rest
	err    error
}

// filled is what one read gave.
type filled struct {
	block []byte
	n     int
	err   error
}

// newAhead reads src until its end or until the ahead is closed, and then calls release.
func newAhead(src io.Reader, release func()) *ahead {
	a := &ahead{full: make(chan filled, blocksAhead), empty: make(chan []byte, blocksAhead), stop: make(chan struct{})}
	for range blocksAhead {
		a.empty <- make([]byte, octetsInBlock)
	}
	go a.run(src, release)
	return a
}

func (a *ahead) run(src io.Reader, release func()) {
	defer release()
	for {
		select {
		case <-a.stop:
			return
		case b := <-a.empty:
			n, err := src.Read(b)
			a.full <- filled{b, n, err} // never waits: there are as many places as blocks
			if err != nil {
				return
			}
		}
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	if len(a.unread) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.block != nil {
			a.empty <- a.block
		}
		f := <-a.full
		a.block, a.unread, a.err = f.block, f.block[:f.n], f.err
	}
	n := copy(p, a.unread)
	a.unread = a.unread[n:]
	if len(a.unread) == 0 {
		return n, a.err
	}
	return n, nil
}

// close stops reading ahead; a read that is under way ends in its own time.
func (a *ahead) close() { close(a.stop) }
