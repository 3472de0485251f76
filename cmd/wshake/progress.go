package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wshake/analyze/event"
	"wshake/capture"
)

// progress shows on a terminal how far a long run has come, on one line that it writes over and takes away at the end.
type progress struct {
	w          io.Writer
	width      int
	began      time.Time
	read       atomic.Int64 // octets of the input
	total      atomic.Int64 // of it, 0 where that is not known
	packets    atomic.Int64
	handshakes atomic.Int64
	stop, done chan struct{}

	mu    sync.Mutex // over what is written to the terminal
	shown bool
}

// quietFor is how long a run may take before it shows its progress.
const quietFor = time.Second

// newProgress returns nil where there is no terminal behind w: nothing is shown then.
func newProgress(w io.Writer) *progress {
	width := columns(w)
	if width == 0 {
		return nil
	}
	p := &progress{w: w, width: width, began: time.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	go p.run()
	return p
}

func (p *progress) run() {
	defer close(p.done)
	tick := time.NewTicker(quietFor / 4)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if passed := time.Since(p.began); passed >= quietFor {
				p.mu.Lock()
				fmt.Fprintf(p.w, "\r%s\x1b[K", p.line(passed))
				p.shown = true
				p.mu.Unlock()
			}
		case <-p.stop:
			p.mu.Lock()
			p.clear()
			p.mu.Unlock()
			return
		}
	}
}

// clear takes the line away, for other output or for good.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// beside is w, where what is written may go to the same terminal.
func (p *progress) beside(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return &besideProgress{w, p}
}

type besideProgress struct {
	w io.Writer
	p *progress
}

func (b *besideProgress) Write(text []byte) (int, error) {
	b.p.mu.Lock()
	defer b.p.mu.Unlock()
	b.p.clear()
	return b.w.Write(text)
}

// line is what is shown after a run of passed, cut to the terminal.
func (p *progress) line(passed time.Duration) string {
	read, total := p.read.Load(), p.total.Load()
	parts := []string{fmt.Sprintf("%.0f MB", float64(read)/1e6)}
	if total > 0 {
		parts[0] = fmt.Sprintf("%.0f of %.0f MB", float64(read)/1e6, float64(total)/1e6)
	}
	parts = append(parts, fmt.Sprintf("%.0f packets/s", float64(p.packets.Load())/passed.Seconds()), fmt.Sprintf("%d handshakes", p.handshakes.Load()))
	if total > read && read > 0 {
		left := time.Duration(float64(passed) * float64(total-read) / float64(read))
		parts = append(parts, fmt.Sprintf("%s left", left.Round(time.Second)))
	}
	line := strings.Join(parts, ", ")
	return line[:min(len(line), p.width-1)]
}

// finish takes the line away.
func (p *progress) finish() {
	if p != nil {
		close(p.stop)
		<-p.done
	}
}

// watched is a Source whose reading p shows.
func (p *progress) watched(src capture.Source) capture.Source {
	if p == nil {
		return src
	}
	return &watchedSource{src, p}
}

type watchedSource struct {
	capture.Source
	p *progress
}

func (s *watchedSource) Read(b *capture.Batch) error {
	err := s.Source.Read(b)
	read, total := s.Source.Progress()
	s.p.read.Store(read)
	s.p.total.Store(total)
	s.p.packets.Add(int64(len(b.Packets)))
	return err
}

// saw counts a handshake.
func (p *progress) saw(*event.Handshake) {
	if p != nil {
		p.handshakes.Add(1)
	}
}
