package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/exec/optimized"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/pipeline"
)

// Exit statuses, as those of wshake.
const (
	exitDone  = 0
	exitUsage = 2
	exitInput = 3
)

var (
	output  = flag.String("output", "", "directory for the events, also of an object store; without it they are printed")
	show    = flag.String("show", "handshakes,connections,findings,caveats,summary", "kinds of events, or all")
	format  = flag.String("format", "ndjson", "of the files in --output: ndjson, parquet, or ndjson,parquet")
	keylogs = flag.String("keylog", "", "key logs of TLS, with commas between")
	memory  = flag.Uint64("max-memory", 0, "octets for the analysis of one file or flow, 0: 4 GiB")
	workers = flag.Int("workers", 0, "how many workers share the files; 0: one, with another runner than prism "+
		"as many as it has")
	split = flag.Int64("split", part.DefaultLeast, "what a worker reads at once, neighbouring files or a piece of "+
		"one, has at least so many octets; 0: files are not split")
	force = flag.Bool("force", false, "write over files of the same name in --output that another run wrote")
	hosts = flag.Int("max-hosts", pipeline.MostHosts, "how many hosts get a directory for each day; the others have "+
		"one together")
	stats = flag.Bool("stats", false, "say what was sent between the steps")
)

const usage = `usage: wshake-beam [flags] FILE|DIRECTORY|PATTERN...

Analyses captures with Apache Beam: what wshake finds in all files, as NDJSON or Parquet.

`

func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	flag.CommandLine.SetOutput(complaints)
	flag.Usage = func() {
		fmt.Fprint(complaints, usage)
		flag.PrintDefaults()
	}
	if err := flag.CommandLine.Parse(args); err != nil {
		return exitUsage
	}
	ballast()
	beam.Init() // a worker of another runner does not come back from it
	complain := func(format string, args ...any) { fmt.Fprintf(complaints, "wshake-beam: "+format+"\n", args...) }
	o, err := options(ctx, flag.Args())
	if err != nil {
		complain("%v", err)
		return exitUsage
	}
	printed := *output == ""
	if printed && o.Format != pipeline.NDJSON {
		complain("--format parquet needs --output")
		return exitUsage
	}
	if printed {
		if !embedded() {
			complain("--output is needed where the events are made on other machines")
			return exitUsage
		}
		dir, err := os.MkdirTemp("", "wshake-beam-")
		if err != nil {
			complain("%v", err)
			return exitInput
		}
		defer os.RemoveAll(dir)
		o.Output, o.Flat = dir, true
	}
	if err := guard(ctx, o.Output); err != nil {
		complain("%v", err)
		return exitUsage
	}
	if embedded() {
		quiet(complaints)
		done, err := pipeline.Loopback()
		if err != nil {
			complain("%v", err)
			return exitInput
		}
		defer done()
	}
	result, err := execute(ctx, o)
	if clean := pipeline.Clean(ctx, o.Output); clean != nil {
		complain("%v", clean)
	}
	if err != nil {
		complain("%v", err)
		return exitInput
	}
	if *stats && result != nil {
		pipeline.Report(complaints, result)
	}
	status := exitDone
	lost, err := pipeline.Problems(ctx, o.Output, func(text string) { complain("%s", text) })
	if err != nil {
		complain("%v", err)
	}
	if lost || err != nil {
		status = exitInput
	}
	if printed {
		if err := printEvents(out, o.Output); err != nil {
			complain("%v", err)
			return exitInput
		}
	}
	return status
}

// guard sees to it that events of this run do not stand beside, or in place of, those of another one unasked.
func guard(ctx context.Context, output string) error {
	if *force {
		return pipeline.Forget(ctx, output)
	}
	found, err := pipeline.Earlier(ctx, output)
	if err == nil && found != "" {
		err = fmt.Errorf("%s was written by another run: name another directory for --output, or give --force to "+
			"write over files of the same name", found)
	}
	return err
}

// execute runs a pipeline.
func execute(ctx context.Context, o pipeline.Options) (beam.PipelineResult, error) {
	p, s := beam.NewPipelineWithRoot()
	if err := pipeline.Build(s, o); err != nil {
		return nil, err
	}
	runner := *runners.Runner
	if runner == "" {
		runner = "prism"
	}
	return beam.Run(ctx, runner, p)
}

// quiet has Beam tell of what went wrong only.
func quiet(w io.Writer) {
	logger := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
	slog.SetDefault(logger)
	log.SetLogger(silent{})
}

// silent is a logger of Beam that says nothing: errors come back from the run.
type silent struct{}

func (silent) Log(context.Context, log.Severity, int, string) {}

// options reads what the flags and arguments say.
func options(ctx context.Context, args []string) (o pipeline.Options, err error) {
	if len(args) == 0 {
		return o, errors.New("no captures are named (see --help)")
	}
	if o.Config.Show, err = kinds(*show); err != nil {
		return o, err
	}
	if o.Format, err = formats(*format); err != nil {
		return o, err
	}
	if *hosts < 1 {
		return o, fmt.Errorf("--max-hosts %d: one is the least", *hosts)
	}
	o.Config.Memory, o.Output, o.Hosts = *memory, *output, *hosts
	o.Share = share()
	for _, path := range strings.Split(*keylogs, ",") {
		if path == "" {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return o, err
		}
		o.Config.KeyLogs = append(o.Config.KeyLogs, b)
	}
	o.Files, err = pipeline.Files(ctx, args)
	return o, err
}

// share says how files are shared out: a runner in this process is one worker, which uses all processors.
func share() part.Share {
	n := *workers
	if n == 0 && embedded() {
		n = 1
	}
	return part.Share{Workers: n, Split: *split, Least: *split}
}

// embedded tells whether the runner is in this process.
func embedded() bool { return *runners.Runner == "" || *runners.Runner == "prism" }

// formats reads a list of formats.
func formats(list string) (all pipeline.Format, err error) {
	for _, word := range strings.Split(list, ",") {
		switch word {
		case "ndjson":
			all |= pipeline.NDJSON
		case "parquet":
			all |= pipeline.Parquet
		default:
			return 0, fmt.Errorf("--format: no format is called %q: ndjson, parquet", word)
		}
	}
	return all, nil
}

// kinds reads a list of kinds of events.
func kinds(list string) (all event.Kinds, err error) {
	for _, word := range strings.Split(list, ",") {
		if word == "all" {
			return event.AllKinds, nil
		}
		kind := event.KindNamed(word)
		if kind == 0 {
			return 0, fmt.Errorf("--show: no kind of events is called %q: all, %s", word, strings.Join(event.KindNames(), ", "))
		}
		all |= kind
	}
	return all, nil
}

// printEvents prints the events of a flat output.
func printEvents(out io.Writer, dir string) error {
	f, err := os.Open(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(out)
	if _, err := w.ReadFrom(f); err != nil {
		return err
	}
	return w.Flush()
}
