package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"wshake/capture"
	"wshake/capture/pcapngwriter"
	"wshake/cmd/wshake/outfile"
)

// guard compares everything that the run will write with everything it reads, before anything is opened. Where standard
// error leads to an input, std complains on standard output from then on, or nowhere.
func (o *options) guard(std *stdio) error {
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
	said := opened(g, "standard error", std.err)
	if said != nil {
		std.err = std.out
	}
	printed := opened(g, "standard output", std.out)
	if said != nil && printed != nil {
		std.err = io.Discard
	}
	if err := cmp.Or(said, printed); err != nil {
		return err
	}
	if o.write != "" {
		paths := o.rotation.Paths(o.write)
		for _, path := range paths {
			if err := g.Output(path); err != nil {
				return fmt.Errorf("--write %w", err)
			}
		}
		if err := o.guardSeries(g, o.write, paths); err != nil {
			return fmt.Errorf("--write %w", err)
		}
	}
	if o.outputFile != "" {
		series := o.series()
		first, _ := series.First()
		if err := g.Output(first); err != nil {
			return fmt.Errorf("--output-file %w", err)
		}
		if err := o.guardSeries(g, o.outputFile, []string{first}); err != nil {
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

// opened names an output that is open already.
func opened(g *outfile.Guard, name string, w io.Writer) error {
	if f, ok := w.(*os.File); ok {
		return g.OutputFile(name, f, capture.IsCapture)
	}
	return nil
}

// guardSeries names the files that an output may be spread over, of which some were named already.
func (o *options) guardSeries(g *outfile.Guard, base string, named []string) error {
	if !o.rotation.On() {
		return nil
	}
	return g.Series(base, named, func(name string) bool { return o.rotation.Number(base, name) > 0 })
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
