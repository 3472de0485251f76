package pipeline_test

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	"wshake/cmd/wshake-beam/internal/part"
	. "wshake/cmd/wshake-beam/internal/pipeline"
)

// workerRole is the variable of the environment of a process that is a worker.
const workerRole = "WSHAKE_BEAM_WORKER"

func beWorker() {
	if os.Getenv(workerRole) == "" {
		return
	}
	if err := Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fleet is some workers, of which bundles have some killed. What a bundle gave whose worker is dead is dropped and the
// bundle is tried again by another worker, as Flink and Dataflow do it.
type fleet struct {
	t       *testing.T
	options Options
	free    chan *process
	random  *rand.Rand
	killed  int
}

// process is a worker.
type process struct {
	cmd  *exec.Cmd
	to   *gob.Encoder
	from *gob.Decoder
	in   io.Closer
}

func (f *fleet) begin() *process {
	p := &process{cmd: exec.Command(os.Args[0], "-test.run", "^$")}
	p.cmd.Env = append(os.Environ(), workerRole+"=1")
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := errors.Join(err, err2, p.cmd.Start()); err != nil {
		f.t.Fatal(err)
	}
	p.in, p.to, p.from = in, gob.NewEncoder(in), gob.NewDecoder(out)
	if err := p.to.Encode(&f.options); err != nil {
		f.t.Fatal(err)
	}
	return p
}

func (p *process) end() {
	p.in.Close()
	p.cmd.Wait()
}

// run executes bundles on all workers. A third of them have their worker killed at the first try, and another third are
// executed twice, of which one result counts.
func (f *fleet) run(bundles []Bundle) (done []*Done) {
	f.t.Helper()
	done = make([]*Done, len(bundles))
	var running errgroup.Group
	for i := range bundles {
		b := bundles[i]
		tries := 1 + f.random.IntN(2)
		if f.random.IntN(3) == 0 {
			b.Die = 1 + f.random.IntN(4)
			f.killed++
			tries++
		}
		running.Go(func() error {
			for range tries {
				p := <-f.free
				d := new(Done)
				err := errors.Join(p.to.Encode(&b), p.from.Decode(d))
				if b.Die > 0 {
					if err == nil {
						return fmt.Errorf("%s: the worker lives", b.Step)
					}
					p.end()
					b.Die, p = 0, f.begin()
					f.free <- p
					continue
				}
				f.free <- p
				if err != nil || d.Error != "" {
					return fmt.Errorf("%s: %w %s", b.Step, err, d.Error)
				}
				done[i] = d
			}
			return nil
		})
	}
	if err := running.Wait(); err != nil {
		f.t.Fatal(err)
	}
	return done
}

// grouped executes a step for each key of its inputs.
func (f *fleet) grouped(step string, inputs ...[]Value) []*Done {
	f.t.Helper()
	type key struct {
		number int64
		name   string
	}
	at := make(map[key]int)
	var bundles []Bundle
	for i, input := range inputs {
		for _, v := range input {
			k := key{v.Number, v.Name}
			n, known := at[k]
			if !known {
				n, at[k] = len(bundles), len(bundles)
				bundles = append(bundles, Bundle{Step: step, Key: Value{Number: k.number, Name: k.name},
					Inputs: make([][][]byte, len(inputs))})
			}
			bundles[n].Inputs[i] = append(bundles[n].Inputs[i], v.Octets)
		}
	}
	return f.run(bundles)
}

// each is a bundle for each value.
func each(step string, values []Value) (bundles []Bundle) {
	for _, v := range values {
		bundles = append(bundles, Bundle{Step: step, Key: v})
	}
	return bundles
}

// output is all that some bundles gave to an output.
func output(done []*Done, n int) (all []Value) {
	for _, d := range done {
		if n < len(d.Outputs) {
			all = append(all, d.Outputs[n]...)
		}
	}
	return all
}

// One of three workers is killed in a third of all bundles, in the middle or at the end of them, and the bundle is
// tried again: each event is there once.
func TestWorkersKilled(t *testing.T) {
	var paths []string
	for name, pieces := range map[string]int{"nginx-deflate": 5, "gorilla-plain": 2, "close-reset": 1} {
		path := root + "/testdata/captures/" + name + ".pcapng"
		l, err := part.Look(part.File{Path: path}, law.Open, func(part.Flow, part.Held) {})
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, law.Cut(t, path, (int(l.Packets)+pieces-1)/pieces)...)
	}
	slices.Sort(paths)
	cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20}
	f := &fleet{t: t, options: Options{Config: cfg, Output: t.TempDir(), Hosts: 1, Format: NDJSON | Parquet},
		free: make(chan *process, 3), random: rand.New(rand.NewPCG(1, 2))}
	for range cap(f.free) {
		f.free <- f.begin()
	}
	defer func() {
		for range cap(f.free) {
			(<-f.free).end()
		}
	}()
	var named []Value
	for i, path := range paths {
		b, err := json.Marshal(part.File{Path: path, Number: int32(i), Piece: int32(i)})
		if err != nil {
			t.Fatal(err)
		}
		named = append(named, Value{Octets: b})
	}
	looked := f.run(each("look", named))
	homes := output(f.grouped("shared", output(looked, 0)), 0)
	whole := f.grouped("whole", output(looked, 1))
	named = output(whole, 0)
	segments := output(f.grouped("send", named, homes), 0)
	analysed := f.grouped("analyse", named, homes, segments)
	keys := f.grouped("keys", output(analysed, 1))
	legs := f.grouped("keys", output(keys, 1))
	members := f.grouped("groups", slices.Concat(output(keys, 0), output(legs, 0)))
	alike := f.grouped("ends", output(analysed, 2))
	judged := f.grouped("judge", output(analysed, 0), output(members, 0), output(alike, 0))
	joined := f.grouped("join", output(judged, 0))
	reduced := f.grouped("reduce", slices.Concat(output(judged, 2), output(joined, 1)))
	finished := f.grouped("finish", output(reduced, 0))
	lines := slices.Concat(output(analysed, 3), output(judged, 1), output(joined, 0), output(finished, 0),
		output(whole, 1))
	limited := f.grouped("limit", output(f.run(each("first", lines)), 0))
	f.grouped("others", output(f.grouped("write", append(lines, output(limited, 1)...), output(limited, 0)), 0))
	kept, _ := filepath.Glob(f.options.Output + "/.segments/*/*-*")
	if len(segments) == 0 || len(kept) == 0 || f.killed < 10 {
		t.Errorf("%d chunks of segments, %d in files, %d workers were killed: this test tests too little", len(segments),
			len(kept), f.killed)
	}
	files := readLines(t, f.options.Output)
	law.Compare(t, law.Plain(t, paths, cfg), events(files))
	sameRows(t, f.options.Output, files)
	undisturbed := f.options
	undisturbed.Output = t.TempDir()
	for i, path := range paths {
		undisturbed.Files = append(undisturbed.Files, part.File{Path: path, Number: int32(i)})
	}
	execute(t, undisturbed)
	if got, want := contents(t, f.options.Output), contents(t, undisturbed.Output); !reflect.DeepEqual(got, want) {
		t.Errorf("%d files are not, octet for octet, the %d of a run without faults", len(got), len(want))
	}
	t.Logf("%d workers were killed", f.killed)
}
