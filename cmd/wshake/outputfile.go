package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"wshake/analyze/event"
	"wshake/cmd/wshake/outfile"
)

// lineFormat reports whether the main output is of lines that each stand for themselves, so that it can be spread over
// several files.
func (o *options) lineFormat() bool {
	return o.template != nil || o.output != "table" && o.output != "sarif"
}

// setOutputFile is called when the format of the output is known.
func (o *options) setOutputFile(r *raw) error {
	if o.outputFile = r.outputFile; o.outputFile == "" {
		return nil
	}
	switch {
	case o.outputFile == "-":
		return errors.New("--output-file takes the name of a file; without it the output goes to standard output")
	case o.watch || o.view || o.html == "-":
		return errors.New("--output-file does not go with --watch, wshake view and --html -, which have an output of their own")
	case o.rotation.On() && !o.lineFormat():
		return errors.New("--output-file is spread over several files by --rotate-size and --rotate-time only with an --output " +
			"whose lines stand for themselves: json, csv, tsv, zeek, eve, ecs, or --template")
	}
	return nil
}

// reopens reports whether SIGHUP has the output go to a new file, instead of ending the run.
func (o *options) reopens() bool { return o.outputFile != "" && len(o.interfaces) > 0 }

// series names the files of --output-file.
func (o *options) series() outfile.Series {
	s := outfile.Series{Path: func(n int) string { return o.rotation.Path(o.outputFile, n) }, Keep: o.rotation.Keep}
	if o.rotation.On() {
		s.Numbers = func() []int { return o.rotation.Numbers(o.outputFile) }
	}
	return s
}

// grows reports whether the file of --output-file is there while it grows: of what comes through a pipe nobody knows when
// it is complete.
func (o *options) grows(stdin io.Reader) bool {
	return o.lineFormat() && slices.ContainsFunc(o.files, func(path string) bool { return mayWait(path, stdin) })
}

// createOutput makes the file of --output-file, nil where it was not asked for. Of a capture that is read from files
// one file appears when it is complete.
func (o *options) createOutput(ctx context.Context, grows bool) (*outputFile, error) {
	if o.outputFile == "" {
		return nil, nil
	}
	f := new(outputFile)
	var err error
	if grows || o.rotation.On() {
		f.lines, err = o.outputs.CreateLines(ctx, o.series())
	} else {
		f.whole, err = o.outputs.CreateWhole(ctx, o.outputFile)
	}
	if err != nil {
		return nil, fmt.Errorf("--output-file %w", err)
	}
	o.outputPaths = func() []string {
		if f.lines != nil {
			return f.lines.Paths()
		}
		return []string{o.outputFile}
	}
	return f, nil
}

// outputFile is the file of --output-file, or the series of them. One of its two fields is set.
type outputFile struct {
	lines *outfile.Lines
	whole *outfile.File
}

func (f *outputFile) Write(p []byte) (int, error) {
	if f.whole != nil {
		return f.whole.Write(p)
	}
	return f.lines.Write(p)
}

// commit ends the file, whose content is complete.
func (f *outputFile) commit() error {
	if f.whole != nil {
		return f.whole.Commit()
	}
	return f.lines.Close()
}

// giveUp ends the file where it was not committed.
func (f *outputFile) giveUp() {
	switch {
	case f == nil:
	case f.whole != nil:
		f.whole.Close()
	default:
		f.lines.Close()
	}
}

// steps does one thing after the other: a queue, or directIn where nothing waits.
type steps interface {
	io.Writer
	do(step func() error) error
}

// directIn writes to w and does everything at once.
type directIn struct{ w io.Writer }

func (d directIn) Write(p []byte) (int, error) { return d.w.Write(p) }
func (d directIn) do(step func() error) error  { return step() }

// rolled is an output of events to files. An event is never split between two of them.
type rolled struct {
	mu       sync.Mutex // a signal may come at any time
	inner    output     // writes to text
	text     *bytes.Buffer
	file     *outputFile
	steps    steps // to the file
	rotation struct {
		size int64
		time time.Duration
	}
	pending []byte
	size    int64 // of the file, with what is pending
	first   int64 // time of its first event, event.NoTime for none
	err     error
}

// rolledAt is how much is written at once, in octets.
const rolledAt = 32 << 10

// rolled makes the output that is printed into file, by way of to. inner makes it.
func (o *options) rolled(file *outputFile, to steps, inner func(w io.Writer) output) *rolled {
	r := &rolled{text: new(bytes.Buffer), file: file, steps: to, first: event.NoTime}
	r.inner = inner(r.text)
	if o.rotation.On() {
		r.rotation.size, r.rotation.time = o.rotation.Size, o.rotation.Time
	}
	return r
}

// print has an event of a time printed, into the next file where it does not belong into this one.
func (r *rolled) print(at int64, give func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	give()
	r.inner.Pause()
	if r.text.Len() == 0 {
		return
	}
	late := r.rotation.time > 0 && at != event.NoTime && r.first != event.NoTime && at-r.first > int64(r.rotation.time)
	large := r.rotation.size > 0 && r.size+int64(r.text.Len()) > r.rotation.size
	if r.size > 0 && (late || large) {
		r.turn(r.file.lines.Next)
		if r.again() {
			r.text.Reset()
			give()
			r.inner.Pause()
		}
	}
	r.take()
	if r.first == event.NoTime {
		r.first = at
	}
}

// again has lines that stand in front of the events printed once more, where the format has any.
func (r *rolled) again() bool {
	headed, has := r.inner.(interface{ Again() })
	if has {
		headed.Again()
	}
	return has
}

// take takes what was printed.
func (r *rolled) take() {
	r.size += int64(r.text.Len())
	r.pending = append(r.pending, r.text.Bytes()...)
	r.text.Reset()
	if len(r.pending) >= rolledAt {
		r.write()
	}
}

func (r *rolled) write() {
	if r.err == nil && len(r.pending) > 0 {
		_, r.err = r.steps.Write(r.pending)
	}
	r.pending = r.pending[:0]
}

// turn writes what is pending and goes on in another file.
func (r *rolled) turn(step func() error) {
	r.write()
	if r.err == nil {
		r.err = r.steps.do(step)
	}
	r.size, r.first = 0, event.NoTime
}

// reopen has what follows written into a new file: the old one was renamed. complain is told where that fails, and
// then the old one is written on.
func (r *rolled) reopen(complain func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(func() error {
		if err := r.file.lines.Reopen(); err != nil {
			complain(err)
		}
		return nil
	})
	r.again()
}

func (r *rolled) Handshake(e *event.Handshake) { r.print(e.At.Time, func() { r.inner.Handshake(e) }) }
func (r *rolled) Frame(e *event.Frame)         { r.print(e.At.Time, func() { r.inner.Frame(e) }) }
func (r *rolled) Message(e *event.Message)     { r.print(e.At.Time, func() { r.inner.Message(e) }) }
func (r *rolled) Connection(e *event.Connection) {
	r.print(e.At.Time, func() { r.inner.Connection(e) })
}
func (r *rolled) Finding(e *event.Finding) { r.print(e.At.Time, func() { r.inner.Finding(e) }) }
func (r *rolled) Caveat(e *event.Caveat)   { r.print(e.At.Time, func() { r.inner.Caveat(e) }) }
func (r *rolled) Summary(e *event.Summary) { r.print(event.NoTime, func() { r.inner.Summary(e) }) }

func (r *rolled) Pause() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inner.Pause()
	r.take()
	r.write()
	return r.failed()
}

func (r *rolled) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed()
}

func (r *rolled) failed() error {
	if r.err != nil {
		return r.err
	}
	return r.inner.Err()
}

// Flush ends the file.
func (r *rolled) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.inner.Flush()
	r.take()
	r.write()
	if r.err == nil && err == nil {
		err = r.steps.do(r.file.commit)
	}
	return errors.Join(r.err, err)
}

// shownEach is how long what was printed may wait to be written where packets are waited for.
const shownEach = time.Second

// keepShowing writes what waits from time to time, until release is called: the next packet may be long in coming.
func (r *rolled) keepShowing() (release func()) {
	ticker := time.NewTicker(shownEach)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				r.Pause() // an error comes again where the run looks for it
			case <-over:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(over)
	}
}

// onHangup has the file of a live capture opened anew at SIGHUP, until release is called.
func (r *rolled) onHangup(std stdio) (release func()) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-asked:
				r.reopen(func(err error) { std.complain("--output-file %v; the file that is open is written on", err) })
			case <-over:
				return
			}
		}
	}()
	return func() {
		signal.Stop(asked)
		close(over)
	}
}
