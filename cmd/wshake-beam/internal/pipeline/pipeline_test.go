package pipeline_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/pipeline"
)

const root = "../../../.."

func TestMain(m *testing.M) {
	beKilled()
	beWorker()
	ptest.MainWithDefault(m, "prism")
}

// run gives the lines of every file that a pipeline writes to a directory, by the file's name, and what was counted.
// Pieces of a number of octets below 0 stand for so many workers, among whom the files are shared out.
func run(t *testing.T, dir string, paths []string, cfg part.Config, flat bool, split ...int64) (map[string][]string,
	map[string]int64) {
	t.Helper()
	o := pipeline.Options{Config: cfg, Output: dir, Flat: flat, Format: pipeline.NDJSON | pipeline.Parquet}
	if len(split) > 0 {
		o.Split = split[0]
	}
	if o.Split < 0 {
		o.Share = part.Share{Workers: int(-o.Split), Least: 1}
	}
	for i, path := range paths {
		o.Files = append(o.Files, part.File{Path: path, Number: int32(i)})
	}
	rand.Shuffle(len(o.Files), func(i, j int) { o.Files[i], o.Files[j] = o.Files[j], o.Files[i] })
	p, s := beam.NewPipelineWithRoot()
	if err := pipeline.Build(s, o); err != nil {
		t.Fatal(err)
	}
	done, err := pipeline.Loopback()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	result, err := prism.Execute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := pipeline.Clean(context.Background(), o.Output); err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]string)
	err = filepath.WalkDir(o.Output, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if strings.HasSuffix(path, ".parquet") {
			return nil
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(o.Output, path)
		for line := range bytes.Lines(b) {
			files[name] = append(files[name], strings.TrimSuffix(string(line), "\n"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sameRows(t, o.Output, files)
	return files, pipeline.Counters(result)
}

// events are the lines of all files but those of problems.
func events(files map[string][]string) []string {
	var all []string
	for name, lines := range files {
		if name != "problems.ndjson" {
			all = append(all, lines...)
		}
	}
	return law.Sorted(all)
}

// The recordings between them have: legs of a proxy, TLS with its secrets inside, HTTP/2, HTTP/3, keys used again.
var chosen = []string{"nginx-deflate", "h2-chromium", "h3-migrated", "gorilla-deflate", "caddy-right", "close-reset"}

func TestPiecesOnPrism(t *testing.T) {
	dir, all := t.TempDir(), make(map[string][]string)
	for _, name := range chosen {
		t.Run(name, func(t *testing.T) {
			matches, _ := filepath.Glob(root + "/testdata/captures/" + name + ".pcap*")
			if len(matches) != 1 {
				t.Fatalf("no recording %s", name)
			}
			path := matches[0]
			l, err := part.Look(part.File{Path: path}, law.Open, func(part.Flow, part.Held) {})
			if err != nil {
				t.Fatal(err)
			}
			cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: append(law.KeyLogs(t, path), l.Secrets...)}
			pieces := law.Cut(t, path, max(int(l.Packets)/7, 1))
			files, counts := run(t, filepath.Join(dir, name), pieces, cfg, false)
			for file, lines := range files {
				all[filepath.Join(name, file)] = lines
			}
			law.Compare(t, law.Plain(t, pieces, cfg), events(files))
			if counts["captured"] != int64(l.Bytes) || counts["flows-that-travel"] == 0 {
				t.Errorf("counted %v of %d octets", counts, l.Bytes)
			}
		})
	}
	sameForDuckDB(t, dir+"/*/*/*/*.parquet", all)
}

// Whole files in one run, among them one that is not there and one that is no capture: what is lost is named, and the
// rest is analysed.
func TestFilesOnPrism(t *testing.T) {
	var paths []string
	for _, name := range chosen {
		matches, _ := filepath.Glob(root + "/testdata/captures/" + name + ".pcap*")
		paths = append(paths, matches...)
	}
	cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20}
	files, _ := run(t, t.TempDir(), paths, cfg, true)
	if len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
	want := law.Plain(t, paths, cfg)
	law.Compare(t, want, events(files))
	for _, split := range []int64{10_000, -1, -2} {
		files, counts := run(t, t.TempDir(), paths, cfg, true, split)
		law.Compare(t, want, events(files))
		if alone := counts["shuffle-flows"] == 0; alone != (split == -1) {
			t.Errorf("%d: %v", split, counts)
		}
	}

	missing := filepath.Join(t.TempDir(), "gone.pcap")
	text := filepath.Join(t.TempDir(), "text.pcap")
	if err := os.WriteFile(text, []byte("no capture at all, but a text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want = law.Plain(t, []string{paths[0]}, cfg)
	for _, split := range []int64{0, -1} {
		files, _ = run(t, t.TempDir(), []string{paths[0], missing, text}, cfg, true, split)
		problems := strings.Join(files["problems.ndjson"], "\n")
		if len(files["problems.ndjson"]) != 2 || !strings.Contains(problems, strconv.Quote(missing)) ||
			!strings.Contains(problems, strconv.Quote(text)) {
			t.Errorf("problems: %s", problems)
		}
		if len(events(files)) != len(want) {
			t.Errorf("%d events, want %d", len(events(files)), len(want))
		}
	}
}
