package capture

import "io"

// Blocks that are read ahead of the reader.
const (
	prefetchBlocks    = 4
	prefetchBlockSize = 128 << 10
)

// prefetcher reads a source in a goroutine of its own, a few blocks ahead of its reader.
type prefetcher struct {
	ready  chan fetched
	empty  chan []byte
	stop   chan struct{}
	block  []byte // the block being read from
	unread []byte // its rest
	err    error
}

// fetched is what one read gave.
type fetched struct {
	block []byte
	n     int
	err   error
}

// newPrefetcher reads src until its end or until the prefetcher is closed, and then calls release.
func newPrefetcher(src io.Reader, release func()) *prefetcher {
	f := &prefetcher{ready: make(chan fetched, prefetchBlocks), empty: make(chan []byte, prefetchBlocks), stop: make(chan struct{})}
	for range prefetchBlocks {
		f.empty <- make([]byte, prefetchBlockSize)
	}
	go f.run(src, release)
	return f
}

func (f *prefetcher) run(src io.Reader, release func()) {
	defer release()
	for {
		select {
		case <-f.stop:
			return
		case b := <-f.empty:
			n, err := src.Read(b)
			f.ready <- fetched{b, n, err} // never waits: there are as many places as blocks
			if err != nil {
				return
			}
		}
	}
}

func (f *prefetcher) Read(p []byte) (int, error) {
	if len(f.unread) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		if f.block != nil {
			f.empty <- f.block
		}
		next := <-f.ready
		f.block, f.unread, f.err = next.block, next.block[:next.n], next.err
	}
	n := copy(p, f.unread)
	f.unread = f.unread[n:]
	if len(f.unread) == 0 {
		return n, f.err
	}
	return n, nil
}

// close stops reading ahead; a read that is under way ends in its own time.
func (f *prefetcher) close() { close(f.stop) }
