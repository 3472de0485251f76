package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wshake/capture"
	"wshake/cmd/wshake/outfile"
)

// interruptible does what may wait for another program, such as opening a FIFO that nobody writes to. When ctx is done
// it waits no longer; what it waited for is given up with the process.
type interruptible struct {
	ctx  context.Context
	may  bool       // there is something to wait for
	mu   sync.Mutex // held by callbacks of what is waited for
	left bool
}

// do returns what f returns, or earlier the error of the context. After that f may go on, but its callbacks are not
// called any more.
func (i *interruptible) do(f func() error) error {
	if !i.may {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-i.ctx.Done():
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	select {
	case err := <-done:
		return err
	default:
		i.left = true
		return i.ctx.Err()
	}
}

// call makes a callback.
func (i *interruptible) call(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.left {
		f()
	}
}

// newInterruptible is for the inputs of o.
func (o *options) newInterruptible(ctx context.Context, stdin io.Reader) *interruptible {
	keylogs, _ := o.keyLogs()
	may := slices.ContainsFunc(slices.Concat(o.files, keylogs), func(path string) bool { return mayWait(path, stdin) })
	return &interruptible{ctx: ctx, may: may}
}

// options makes the callbacks of a capture that is opened interruptible.
func (i *interruptible) options(o capture.Options) capture.Options {
	problem, secrets, prescan := o.Problem, o.Secrets, o.Prescan
	o.Problem = func(p *capture.Problem) { i.call(func() { problem(p) }) }
	o.Secrets = func(s capture.Secrets) { i.call(func() { secrets(s) }) }
	o.Prescan = func(find func(found func(capture.Secrets))) { i.call(func() { prescan(find) }) }
	return o
}

// source makes the reading of src interruptible.
func (i *interruptible) source(src capture.Source) capture.Source {
	if !i.may {
		return src
	}
	return &interruptibleSource{Source: src, interruptible: i}
}

type interruptibleSource struct {
	capture.Source
	*interruptible
	batch *capture.Batch // that is read into, so that the caller's is free when the reading is given up
}

func (s *interruptibleSource) Read(b *capture.Batch) error {
	b.Release()
	if s.left {
		return s.ctx.Err()
	}
	if s.batch == nil {
		s.batch = new(capture.Batch)
	}
	batch := s.batch
	if err := s.do(func() error { return s.Source.Read(batch) }); err != nil {
		return err
	}
	*b, *s.batch = *s.batch, *b
	return nil
}

// Close leaves the files open that are still waited for. They end with the process.
func (s *interruptibleSource) Close() error {
	if s.left {
		return nil
	}
	return s.Source.Close()
}

// mayWait reports whether reading a path may wait for another program.
func mayWait(path string, stdin io.Reader) bool {
	if path == "-" {
		f, ok := stdin.(*os.File)
		if !ok {
			return true
		}
		info, err := f.Stat()
		return err != nil || !info.Mode().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// How a run ends after the first signal.
const (
	// drainFor is how long it reads on what an interface has captured until then.
	drainFor = 500 * time.Millisecond
	// endIn is when the process ends regardless, unless its output flows.
	endIn = 900 * time.Millisecond
	// starvedFor is how much longer it gets where other processes leave it no processor.
	starvedFor = 4 * time.Second
)

// drain gives a live analysis some time after ctx is done.
func drain(ctx context.Context) (context.Context, context.CancelFunc) {
	drained, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { time.AfterFunc(drainFor, cancel) })
	return drained, cancel
}

// ending ends the process where a signal does not: because nobody reads its output, or what it does takes too long.
// Output that flows is let flow.
type ending struct {
	written atomic.Int64 // octets
	writing atomic.Bool  // somebody is waited for who reads
	lines   atomic.Bool  // whole lines are written at a time: the process may end between two writes
	exit    func()
}

// newEnding makes one that says so, removes files that are not complete, and exits.
func newEnding(std stdio, outputs *outfile.Guard) *ending {
	return &ending{exit: func() {
		said := make(chan struct{})
		go func() {
			std.complain("interrupted: what is left is not reported")
			close(said)
		}()
		select {
		case <-said:
		case <-time.After(endIn / 10): // standard error may not be taken either
		}
		outputs.Abandon()
		os.Exit(exitInput)
	}}
}

// watch begins when ctx is done and ends with release.
func (e *ending) watch(ctx context.Context) (release func()) {
	over := make(chan struct{})
	var once sync.Once
	stop := context.AfterFunc(ctx, func() {
		e.lines.Store(true)
		computed := cpuTime()
		last, left := e.written.Load(), starvedFor
		for {
			select {
			case <-over:
				return
			case <-time.After(endIn):
			}
			now := e.written.Load()
			starved := !e.writing.Load() && cpuTime()-computed < endIn/2
			switch {
			case now != last:
				last = now
			case starved && left > 0:
				left -= endIn
			default:
				e.exit()
				return
			}
		}
	})
	return func() {
		stop()
		once.Do(func() { close(over) })
	}
}

// writer counts what is written to w.
func (e *ending) writer(w io.Writer) io.Writer { return &flowing{w, e} }

type flowing struct {
	w io.Writer
	e *ending
}

func (f *flowing) Write(p []byte) (written int, err error) {
	f.e.writing.Store(true)
	defer f.e.writing.Store(false)
	for len(p) > 0 && err == nil {
		n := len(p)
		if f.e.lines.Load() {
			n = wholeLines(p)
		}
		n, err = f.w.Write(p[:n])
		f.e.written.Add(int64(n))
		written += n
		p = p[n:]
	}
	return written, err
}

// atomicWrite is how much is written to a pipe at once or not at all: PIPE_BUF of Linux, the least that others have is
// 512 (POSIX write()).
const atomicWrite = 4096

// wholeLines is how many octets of p are written at a time: lines as long as they fit, so that where the process ends
// because nobody reads, what was read ends with a line.
func wholeLines(p []byte) int {
	if len(p) <= atomicWrite {
		return len(p)
	}
	if i := bytes.LastIndexByte(p[:atomicWrite], '\n'); i >= 0 {
		return i + 1
	}
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		return i + 1
	}
	return len(p)
}
