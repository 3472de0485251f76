package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/capture/filter"
	"wshake/capture/live"
	"wshake/capture/pcapngwriter"
)

// input is where packets come from: files, or interfaces.
type input struct {
	capture.Source
	// live is set where packets come from interfaces.
	live  *live.Source
	keys  keylog.Collector
	first start // packet
}

// open opens what the command line names. problem is told of damage.
func (o *options) open(std stdio, problem func(*capture.Problem), waits *interruptible) (*input, error) {
	in := &input{keys: keylog.Collector{Warn: func(err error) { std.complain("%v", err) }}}
	if len(o.interfaces) > 0 {
		src, err := live.Open(live.Options{Interfaces: o.interfaces, Buffer: o.buffer, Promiscuous: !o.notPromiscuous, Filter: o.filter, Problem: problem})
		if err != nil {
			return nil, err
		}
		in.Source, in.live = src, src
	} else {
		var src capture.Source
		err := waits.do(func() (err error) {
			src, err = capture.Open(o.files, waits.options(capture.Options{Stdin: std.in, Problem: problem, Secrets: in.keys.Embedded, Prescan: in.keys.Prescan, Skip: o.ours}))
			return err
		})
		if err != nil {
			return nil, err
		}
		if capture.SecretsMayComeLate(src) {
			o.config.Keys.Wait = untilTheEnd
		}
		in.Source = waits.source(src)
		o.config.Live.Counted = func() (event.Dropped, bool) {
			d, known := capture.Dropped(src)
			return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
		}
		if o.filter != "" {
			m, err := filter.NewMatcher(o.filter)
			if err != nil {
				src.Close()
				return nil, err
			}
			in.Source = &filtered{Source: in.Source, matcher: m, problem: problem, none: newUnmatched(o.filter, m), note: std.complain}
		}
	}
	in.first.at.Store(event.NoTime)
	in.Source = &begins{in.Source, &in.first}
	if o.count > 0 {
		in.Source = &limited{Source: in.Source, left: o.count}
	}
	return in, nil
}

// keep writes the packets that are read from now on to a file too, where that was asked for.
func (in *input) keep(ctx context.Context, o *options, problem func(*capture.Problem)) error {
	if o.write == "" {
		return nil
	}
	w, err := pcapngwriter.Create(o.write, o.rotation, o.create(ctx))
	if err != nil {
		return err
	}
	in.Source = &kept{Source: in.Source, writer: w, problem: problem}
	return nil
}

// until makes a live input end when ctx is done or after d, if d is not 0. What was captured by then is still read.
func (in *input) until(ctx context.Context, d time.Duration) (release func()) {
	if in.live == nil {
		return func() {}
	}
	var timeout <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		timeout = timer.C
	}
	over := make(chan struct{})
	var once sync.Once
	go func() {
		select {
		case <-ctx.Done():
		case <-timeout:
		case <-over:
		}
		in.live.Stop()
	}()
	return func() { once.Do(func() { close(over) }) }
}

// dropped is what a live input lost so far.
func (in *input) dropped() event.Dropped {
	s := in.live.Stats()
	return event.Dropped{Kernel: s.KernelDrops, Interface: s.InterfaceDrops}
}

// filtered passes on only the packets that a filter takes. Their numbers stay those of their file.
type filtered struct {
	capture.Source
	matcher *filter.Matcher
	problem func(*capture.Problem)
	told    bool
	none    *unmatched // nil from the first packet on that passes
	note    func(format string, args ...any)
}

func (f *filtered) Read(b *capture.Batch) error {
	for {
		if err := f.Source.Read(b); err != nil {
			if f.none != nil && errors.Is(err, io.EOF) {
				if text := f.none.text(); text != "" {
					f.note("%s", text)
				}
				f.none = nil
			}
			return err
		}
		kept := b.Packets[:0]
		for i := range b.Packets {
			pass, err := f.matcher.Match(&b.Packets[i])
			if err != nil && !f.told {
				f.told = true
				f.problem(&capture.Problem{Path: f.Names()[b.Packets[i].File], Offset: -1, Packet: b.Packets[i].Number, Err: err})
			}
			if pass {
				f.none = nil
				kept = append(kept, b.Packets[i])
			} else if f.none != nil {
				f.none.look(&b.Packets[i])
			}
		}
		if b.Packets = kept; len(kept) > 0 {
			return nil
		}
	}
}

// kept writes every packet to a file before it is analysed. Where that fails the analysis goes on without.
type kept struct {
	capture.Source
	writer  *pcapngwriter.Writer
	problem func(*capture.Problem)
	failed  bool
}

func (k *kept) Read(b *capture.Batch) error {
	if err := k.Source.Read(b); err != nil {
		return err
	}
	if k.failed {
		return nil
	}
	if err := k.writer.Write(b.Packets, k.Names()); err != nil {
		k.failed = true
		k.problem(&capture.Problem{Offset: -1, Err: fmt.Errorf("%w; no more packets are, but the analysis goes on", err)})
	}
	return nil
}

func (k *kept) Close() error {
	if err := k.writer.Close(); err != nil {
		k.Source.Close()
		return err
	}
	return k.Source.Close()
}

// limited ends after some packets.
type limited struct {
	capture.Source
	left int
}

func (l *limited) Read(b *capture.Batch) error {
	if l.left <= 0 {
		return io.EOF
	}
	if err := l.Source.Read(b); err != nil {
		return err
	}
	b.Packets = b.Packets[:min(len(b.Packets), l.left)]
	l.left -= len(b.Packets)
	return nil
}

// runInterfaces lists what can be captured from.
func runInterfaces(std stdio) int {
	list, err := live.Interfaces()
	if err != nil {
		std.complain("%v", err)
		return exitInput
	}
	for _, i := range list {
		addresses := make([]string, len(i.Addresses))
		for n, a := range i.Addresses {
			addresses[n] = a.String()
		}
		fmt.Fprintf(std.out, "%-16s  %-8s  %s\n", i.Name, i.State, strings.Join(addresses, " "))
	}
	return exitDone
}
