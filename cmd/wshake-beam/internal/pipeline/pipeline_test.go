package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
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
	o.Least = max(o.Split, 1)
	if o.Split < 0 {
		o.Share = part.Share{Workers: int(-o.Split), Least: 1}
	}
	for i, path := range paths {
		o.Files = append(o.Files, part.File{Path: path, Number: int32(i)})
	}
	rand.Shuffle(len(o.Files), func(i, j int) { o.Files[i], o.Files[j] = o.Files[j], o.Files[i] })
	counts := execute(t, o)
	files := readLines(t, o.Output)
	sameRows(t, o.Output, files)
	return files, counts
}

// readLines gives the lines of every file of NDJSON below a directory, by the file's name.
func readLines(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files := make(map[string][]string)
	for name, content := range contents(t, dir) {
		if strings.HasSuffix(name, ".ndjson") {
			files[name] = strings.Split(strings.TrimSuffix(content, "\n"), "\n")
		}
	}
	return files
}

// contents are those of the files below a directory, without what is removed at the end.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if entry.Name() == ".segments" {
			return filepath.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// execute runs a pipeline, and gives what was counted.
func execute(t *testing.T, o pipeline.Options) map[string]int64 {
	t.Helper()
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
	return pipeline.Counters(result)
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
	sameForClickHouse(t, dir, all)
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

// Captures in an object store, one of them compressed, and events written there: Beam's store in memory stands for
// others.
func TestObjectStore(t *testing.T) {
	path := root + "/testdata/captures/gorilla-deflate.pcapng"
	l, err := part.Look(part.File{Path: path}, law.Open, func(part.Flow, part.Held) {})
	if err != nil {
		t.Fatal(err)
	}
	pieces := law.Cut(t, path, int(l.Packets+2)/3)
	var want []part.File
	var packed bytes.Buffer
	for i, name := range []string{"dump-99999.pcapng", "dump-100000.pcapng", "dump-100001.pcapng.gz"} {
		b, err := os.ReadFile(pieces[i])
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			w := gzip.NewWriter(&packed)
			w.Write(b)
			w.Close()
			b = packed.Bytes()
		}
		memfs.Write("memfs://captures/"+name, b)
		want = append(want, part.File{Path: "memfs://captures/" + name, Number: int32(i), Listed: true})
	}
	const gone = "memfs://captures/gone.pcap"
	want = append(want, part.File{Path: gone, Number: 3})
	ctx := context.Background()
	files, err := pipeline.Files(ctx, []string{"memfs://captures/dump-*", gone})
	if err != nil || !reflect.DeepEqual(files, want) {
		t.Fatalf("%v, want %v: %v", files, want, err)
	}
	cfg := part.Config{Show: event.AllKinds, Memory: 256 << 20}
	plain := strings.Join(law.Plain(t, pieces, cfg), "\n")
	for i, piece := range pieces {
		plain = strings.ReplaceAll(plain, piece, files[i].Path)
	}
	o := pipeline.Options{Config: cfg, Format: pipeline.NDJSON | pipeline.Parquet}
	for _, workers := range []int{0, 1, 2} {
		o.Files, o.Output = files[:3], fmt.Sprintf("memfs://events-%d", workers)
		o.Share = part.Share{Workers: workers, Least: 1}
		execute(t, o)
		lines := stored(t, o.Output)
		law.Compare(t, law.Sorted(strings.Split(plain, "\n")), events(lines))
		if lost, err := pipeline.Problems(ctx, o.Output, func(text string) { t.Error(text) }); lost || err != nil {
			t.Error(lost, err)
		}
	}
	const text, cut = "memfs://captures/text.pcap", "memfs://captures/cut.pcap.gz"
	memfs.Write(text, []byte("no capture at all, but a text\n"))
	memfs.Write(cut, packed.Bytes()[:packed.Len()-20])
	files = append(files, part.File{Path: text, Number: 4}, part.File{Path: cut, Number: 5})
	o.Files, o.Output = files, "memfs://events/below/"
	execute(t, o)
	var problems []string
	lost, err := pipeline.Problems(ctx, o.Output, func(text string) { problems = append(problems, text) })
	for i, name := range []string{gone, text, cut} {
		if err != nil || !lost || len(problems) != 3 || strings.Count(problems[i], "memfs") != 1 ||
			!strings.Contains(problems[i], name) {
			t.Errorf("%q, a file was lost: %t, %v", problems, lost, err)
		}
	}
}

// What another run wrote is found, and what it could not read is forgotten.
func TestEarlier(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	for _, output := range []string{dir + "/local", "memfs://earlier/events/"} {
		write := func(name string) {
			if path := output + "/" + name; output[0] == '/' {
				os.MkdirAll(filepath.Dir(path), 0o700)
				if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				memfs.Write(output+name, []byte("{}\n"))
			}
		}
		expect := func(want string) {
			t.Helper()
			if found, err := pipeline.Earlier(ctx, output); err != nil || filepath.Base(found) != want &&
				found != want {
				t.Errorf("%s: %q, %v, want %q", output, found, err, want)
			}
		}
		expect("")
		write("notes.txt")
		expect("")
		write("problems.ndjson")
		expect("problems.ndjson")
		if err := pipeline.Forget(ctx, output); err != nil {
			t.Error(err)
		}
		expect("")
		write("run.ndjson")
		if err := pipeline.Forget(ctx, output); err != nil {
			t.Error(err)
		}
		expect("run.ndjson")
	}
}

// stored gives the lines of every file that a pipeline wrote to Beam's store in memory, by the file's name.
func stored(t *testing.T, output string) map[string][]string {
	t.Helper()
	ctx, dir, lines := context.Background(), t.TempDir(), make(map[string][]string)
	store := memfs.New(ctx)
	for _, pattern := range []string{"/*", "/*/*", "/*/*/*"} {
		paths, err := store.List(ctx, output+pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := filesystem.Read(ctx, store, path)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(path, output+"/")
			if strings.Contains(name, ".segments") {
				t.Errorf("%s is left", path)
			}
			if strings.HasSuffix(name, ".ndjson") {
				lines[name] = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
			}
			os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	sameRows(t, dir, lines)
	return lines
}
