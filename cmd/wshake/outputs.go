package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"wshake/capture"
	"wshake/capture/pcapngwriter"
	"wshake/cmd/wshake/outfile"
)

// guard compares everything that the run will write with everything it reads, before anything is opened.
func (o *options) guard(std stdio) error {
	g := outfile.New(o.force)
	for _, path := range o.files {
		if path != "-" {
			g.Input(path)
		} else if f, ok := std.in.(*os.File); ok {
			g.InputFile(path, f)
		}
	}
	keylogs, _ := o.keyLogs() // an error is told where they are read
	for _, path := range keylogs {
		g.Input(path)
	}
	if o.configured != "" && o.configured != noConfig {
		g.Input(o.configured)
	}
	if f, ok := std.out.(*os.File); ok {
		if err := g.OutputFile("standard output", f, capture.IsCapture); err != nil {
			return err
		}
	}
	if o.write != "" {
		for _, path := range o.rotation.Paths(o.write) {
			if err := g.Output(path); err != nil {
				return fmt.Errorf("--write %w", err)
			}
		}
	}
	if o.outputFile != "" {
		series := o.series()
		first, _ := series.First()
		if err := g.Output(first); err != nil {
			return fmt.Errorf("--output-file %w", err)
		}
	}
	if o.html != "" && o.html != "-" {
		if err := g.Output(o.html); err != nil {
			return fmt.Errorf("--html %w", err)
		}
	}
	o.outputs = g
	return o.guardEvidence(g)
}

// create makes the files of a pcapngwriter.
func (o *options) create(ctx context.Context) func(path string) (pcapngwriter.File, error) {
	return func(path string) (pcapngwriter.File, error) {
		f, err := o.outputs.Create(ctx, path)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

// ours reports whether a file that is met in a directory was made by this run.
func (o *options) ours(info fs.FileInfo) bool { return o.outputs != nil && o.outputs.Made(info) }
