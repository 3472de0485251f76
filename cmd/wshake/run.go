package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
	"wshake/capture/live"
)

// Exit statuses, also in the usage text and the README.
const (
	exitDone     = 0
	exitFindings = 1 // at or above --fail-on
	exitUsage    = 2
	exitInput    = 3 // something could not be read; what could be was analysed
)

// stdio is what the program talks to. In the tests it is not the process's own.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// complain writes one line about what went wrong.
func (s stdio) complain(format string, args ...any) {
	for i, arg := range args {
		if err, is := arg.(error); is {
			args[i] = plainly(err)
		}
	}
	fmt.Fprintf(s.err, "wshake: %s\n", report.Sanitise(fmt.Sprintf(format, args...)))
}

// run is the whole program: arguments in, exit status out.
func run(args []string, std stdio) int {
	if c := commandNamed(args); c != nil && c.run != nil {
		return c.run(args[1:], std)
	}
	o, err := parse(args)
	switch {
	case errors.Is(err, errHelp):
		usage(std.out, columns(std.out))
		return exitDone
	case errors.Is(err, errVersion):
		return runVersion(std)
	case err != nil:
		std.complain("%v", err)
		hintHelp(err, std)
		return exitUsage
	}
	if o.watch && columns(std.out) == 0 {
		std.complain("--watch draws on a terminal, and standard output is not one")
		return exitUsage
	}
	if err := o.guard(&std); err != nil {
		std.complain("%v", err)
		return exitUsage
	}
	o.args = args
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) && !o.reopens() { // by nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := endOn(ends, o.outputs)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // writing tells
	return analyse(ctx, o, std)
}

// analyse reads the captures, or listens, and prints the events.
func analyse(ctx context.Context, o *options, std stdio) (status int) {
	grows := o.grows(std.in)
	if o.caseFile != "" {
		o.began = time.Now()
		if slices.Contains(o.files, "-") {
			o.stdin = newHashed(std.in)
			std.in = o.stdin
		}
	}
	damaged := false
	problem := func(p *capture.Problem) {
		var news live.News
		damaged = damaged || !p.Harmless && !errors.As(p.Err, &news)
		std.complain("%v", p)
	}
	end := newEnding(std, o.outputs)
	defer end.watch(ctx)()
	waits := o.newInterruptible(ctx, std.in)
	src, err := o.open(std, problem, waits)
	if errors.Is(err, context.Canceled) {
		std.complain("interrupted: nothing was read")
		return exitInput
	}
	if err != nil {
		for _, line := range lines(err) {
			std.complain("%v", line)
		}
		hintCommand(o.files, std)
		return exitInput
	}
	defer src.keys.Close()
	if o.caseFile != "" {
		// It is written at the end: whether it can be is better known now.
		if info, err := os.Stat(filepath.Dir(o.caseFile)); err != nil || !info.IsDir() {
			std.complain("--case %s: there is no such directory", o.caseFile)
			return exitInput
		}
		said := std
		defer func() {
			if err := o.writeCase(context.WithoutCancel(ctx), src.Names(), status); err != nil {
				said.complain("--case: %v", err)
				status = exitInput
			}
		}()
	}
	if err = waits.do(func() error { return o.secrets(src) }); err == nil && o.account != nil {
		err = o.account.become()
	}
	if err == nil {
		err = src.keep(ctx, o, problem)
	}
	if err != nil {
		src.Close()
		std.complain("%v", orInterrupted(err))
		return exitInput
	}
	if hidden := o.hides(); hidden != "" {
		std.complain("%s", hidden)
	}

	var bar *progress
	if src.live == nil {
		bar = newProgress(std.err)
	}
	width := columns(std.out)
	std.out, std.err = bar.beside(std.out), bar.beside(std.err)
	asked := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var out output
	var screen *display
	file, err := o.createOutput(asked, src.live != nil || grows)
	if err != nil {
		src.Close()
		std.complain("%v", orInterrupted(err))
		return exitInput
	}
	defer file.giveUp()
	switch {
	case src.live == nil && file != nil:
		r := o.rolled(file, directIn{end.writer(file)}, func(w io.Writer) output { return o.receiver(w, 0, src) })
		if grows {
			end.lines.Store(true)
			defer r.keepShowing()()
		}
		out = r
	case src.live == nil:
		out = o.receiver(end.writer(std.out), width, src)
	default:
		q, release := o.listen(std, end, width, src, file, cancel)
		defer release()
		defer q.complain(std)
		screen = newDisplay(q.output, src, std, o.interfaces, o.width < 0)
		defer screen.leave()
		defer context.AfterFunc(ctx, screen.leave)() // before a second signal kills
		std.err = screen.beside(std.err)
		defer src.until(ctx, o.duration)()
		ctx, cancel = drain(ctx) // the source ends when what it captured has been read
		defer cancel()
		out = q
	}
	if out, err = o.withPage(asked, out, std, src); err != nil {
		src.Close()
		std.complain("%v", orInterrupted(err))
		return exitInput
	}
	front := out
	if out, err = o.withEvidenceFiles(asked, out, src); err != nil {
		src.Close()
		std.complain("%v", orInterrupted(err))
		return exitInput
	}
	o.trim()
	watch := &watcher{output: o.withoutSecrets(out, std), failOn: o.failOn, progress: bar, stop: cancel, screen: screen}
	err = analyze.Run(ctx, bar.watched(src), o.config, o.selecting(watch, src.Names))
	bar.finish()
	if o.where != nil && o.where.Err() != nil {
		std.complain("--where: %v; such events were not taken", o.where.Err())
	}
	switch {
	case errors.Is(err, context.Canceled):
		if asked.Err() != nil { // else nobody reads the output any more
			damaged = true
			std.complain("interrupted: not all was read")
		}
	case err != nil:
		damaged = true
		std.complain("%v", err)
	}
	if err := src.Close(); err != nil {
		damaged = true
		std.complain("%v", err)
	}
	if err := out.Flush(); err != nil {
		if errors.Is(err, syscall.EPIPE) {
			return exitDone // who reads us has seen enough
		}
		std.complain("cannot write the output: %v", err)
		return exitInput
	}
	if p, is := front.(*page); is && p.spool != nil {
		if err := p.show(asked, std); err != nil {
			std.complain("%v", err)
			return exitInput
		}
	}
	if o.followed != nil {
		if missing := o.followed.Missing(); len(missing) > 0 {
			std.complain("--follow %s: there is no such WebSocket conversation; the column conn of the table lists "+
				"them", strings.Join(missing, ", "))
			return exitUsage
		}
	}
	switch {
	case damaged:
		return exitInput
	case watch.failed:
		return exitFindings
	}
	return exitDone
}

// orInterrupted is err, or what is said where a signal came before anything was read.
func orInterrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted: nothing was read")
	}
	return err
}

// lines takes joined errors apart.
func lines(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// output is a receiver that writes.
type output interface {
	event.Receiver
	// Pause writes what is held back only to make the output prettier; more will come.
	Pause() error
	// Flush writes what is held back and returns the first error of any write.
	Flush() error
	// Err returns the first error of any write so far.
	Err() error
}

// watcher remembers whether --fail-on was met, and ends the run when the output cannot be written any more.
type watcher struct {
	output
	failOn event.Level
	failed bool
	// refused are hosts that refused an attempt, at most refusedKept of them.
	refused  map[string]bool
	progress *progress
	stop     func()
	screen   *display
}

// refusedKept is as many hosts as are told apart in the summary.
const refusedKept = 1 << 10

func (w *watcher) Summary(s *event.Summary) {
	w.screen.leave() // what comes now stays
	if w.failOn <= event.Warning && slices.ContainsFunc(s.Hosts, func(h event.Host) bool { return h.AllRefused() && w.refused[h.Name] }) {
		w.failed = true
	}
	w.output.Summary(s)
}

func (w *watcher) Finding(f *event.Finding) {
	if f.Level >= w.failOn {
		w.failed = true
	}
	if f.Name == "handshake-refused" && len(w.refused) < refusedKept {
		if w.refused == nil {
			w.refused = make(map[string]bool)
		}
		w.refused[f.Host] = true
	}
	w.output.Finding(f)
}

func (w *watcher) Handshake(h *event.Handshake) {
	w.progress.saw(h)
	w.output.Handshake(h)
	w.poll()
}

func (w *watcher) Connection(c *event.Connection) {
	w.output.Connection(c)
	w.poll()
}

func (w *watcher) Message(m *event.Message) {
	w.output.Message(m)
	w.poll()
}

func (w *watcher) Frame(f *event.Frame) {
	w.output.Frame(f)
	w.poll()
}

// poll stops a run whose output nobody takes.
func (w *watcher) poll() {
	if w.Err() != nil {
		w.stop()
	}
}
