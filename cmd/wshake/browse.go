package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/gdamore/tcell/v2"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/capture"
	"wshake/cmd/wshake/browse"
)

// runBrowse shows captures on the terminal.
func runBrowse(args []string, std stdio) int {
	o, err := parse(args)
	switch {
	case err == errHelp:
		return runHelp([]string{"browse"}, std)
	case err != nil:
		std.complain("%v", err)
		return exitUsage
	case len(o.interfaces) > 0 || o.watch || len(o.follow) > 0 || o.html != "" || o.write != "" || o.packets != "" || o.output != "table":
		std.complain("wshake browse is an output of its own, for files; -i, --watch, --follow, --html, --write and --output do not go with it")
		return exitUsage
	case contains(o.files, "-"):
		std.complain("wshake browse reads a capture more than once, and standard input can be read only once")
		return exitUsage
	case columns(std.out) == 0:
		std.complain("wshake browse draws on a terminal, and standard output is not one")
		return exitUsage
	}
	for _, path := range o.files {
		if _, err := os.Stat(path); err != nil {
			std.complain("%v", err)
			return exitInput
		}
	}
	screen, err := tcell.NewScreen()
	if err == nil {
		err = screen.Init()
	}
	if err != nil {
		std.complain("the terminal cannot be drawn on: %v", err)
		return exitInput
	}
	defer screen.Fini()
	screen.EnableMouse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := browse.New(screen, strings.Join(o.files, " "), &recapture{args: args})
	b.Clock = o.clock
	b.Run(ctx, "")
	return exitDone
}

// recapture reads the captures of a command line again and again.
type recapture struct {
	args []string
	src  atomic.Pointer[input] // read last
}

func (c *recapture) Began() (int64, bool) {
	if src := c.src.Load(); src != nil {
		return src.started()
	}
	return 0, false
}

func (c *recapture) Read(ctx context.Context, where string, payload int, to event.Receiver) error {
	args := c.args
	if where != "" {
		args = slices.Concat(args, []string{"--where", where})
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	quiet := stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	var damage error // that was met first
	problem := func(p *capture.Problem) {
		if !p.Harmless && damage == nil {
			damage = p
		}
	}
	src, err := o.open(quiet, problem, o.newInterruptible(ctx, quiet.in))
	if err != nil {
		return err
	}
	defer src.keys.Close()
	defer src.Close()
	if err := o.secrets(src); err != nil {
		return err
	}
	c.src.Store(src)
	o.config.Want = event.AllKinds
	if payload == 0 {
		o.config.Want &^= event.KindFrame | event.KindMessage
	}
	o.config.Payload = max(o.config.Payload, payload)
	return cmp.Or(analyze.Run(ctx, src, o.config, o.selecting(o.redacting(to), src.Names)), damage)
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
