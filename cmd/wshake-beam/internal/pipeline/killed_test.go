package pipeline_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/pipeline"
)

// Variables of the environment of a process that runs a pipeline and is killed.
const (
	killedOutput = "WSHAKE_BEAM_OUTPUT"
	killedFiles  = "WSHAKE_BEAM_FILES"
)

// beKilled runs a pipeline where this process was begun for that.
func beKilled() {
	output := os.Getenv(killedOutput)
	if output == "" {
		return
	}
	beam.Init()
	o := pipeline.Options{Output: output, Config: part.Config{Show: event.AllKinds, Memory: 256 << 20}}
	for i, path := range strings.Split(os.Getenv(killedFiles), "\n") {
		o.Files = append(o.Files, part.File{Path: path, Number: int32(i)})
	}
	p, s := beam.NewPipelineWithRoot()
	if err := pipeline.Build(s, o); err != nil {
		os.Exit(1)
	}
	done, err := pipeline.Loopback()
	if err != nil {
		os.Exit(1)
	}
	_, err = prism.Execute(context.Background(), p)
	done()
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// written lists the files below a directory that are in place.
func written(dir string) (names []string) {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".ndjson") {
			names = append(names, path)
		}
		return nil
	})
	return names
}

// A process is killed (SIGKILL) while it writes. What is in place then is whole, and when the same is run again each
// event is there once.
func TestKilledWhileWriting(t *testing.T) {
	var paths []string
	for _, name := range chosen {
		matches, _ := filepath.Glob(root + "/testdata/captures/" + name + ".pcap*")
		paths = append(paths, matches...)
	}
	cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20}
	want := law.Plain(t, paths, cfg)
	output := t.TempDir()
	begin := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), killedOutput+"="+output,
			killedFiles+"="+strings.Join(paths, "\n"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	cmd := begin()
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	for done := false; !done; { // until the first file is in place
		select {
		case err := <-over:
			t.Logf("it ended before it was killed: %v", err)
			done = true
		case <-time.After(time.Millisecond):
			if len(written(output)) > 0 {
				cmd.Process.Kill()
				<-over
				done = true
			}
		}
	}
	before := written(output)
	for _, path := range before {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(string(b), "\n"); lines[len(lines)-1] != "" {
			t.Errorf("%s is cut off", path)
		}
	}
	if err := begin().Wait(); err != nil {
		t.Fatal(err)
	}
	law.Compare(t, want, events(readLines(t, output)))
	if err := pipeline.Clean(context.Background(), output); err != nil {
		t.Error(err)
	}
	for name := range contents(t, output) {
		if !strings.HasSuffix(name, ".ndjson") {
			t.Errorf("%s is left of the run that was killed", name)
		}
	}
	t.Logf("%d files were in place when it was killed, %d at the end", len(before), len(written(output)))
}
