package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
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
		std.complain("wshake browse draws on a terminal, and standard output is none")
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
	browse.New(screen, strings.Join(o.files, " "), browseLoader(args)).Run(ctx, "")
	return exitDone
}

// browseLoader reads the captures of a command line again and again.
func browseLoader(args []string) browse.Loader {
	return func(ctx context.Context, where string, payload int, to event.Receiver) error {
		if where != "" {
			args := append(append([]string(nil), args...), "--where", where)
			return load(ctx, args, payload, to)
		}
		return load(ctx, args, payload, to)
	}
}

func load(ctx context.Context, args []string, payload int, to event.Receiver) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	quiet := stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	src, err := o.open(quiet, func(*capture.Problem) {}, o.newInterruptible(ctx, quiet.in))
	if err != nil {
		return err
	}
	defer src.keys.Close()
	defer src.Close()
	if err := o.secrets(src); err != nil {
		return err
	}
	o.config.Want = event.AllKinds
	if payload == 0 {
		o.config.Want &^= event.KindFrame | event.KindMessage
	}
	o.config.Payload = max(o.config.Payload, payload)
	return analyze.Run(ctx, src, o.config, o.selecting(o.redacting(to), src.Names))
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
