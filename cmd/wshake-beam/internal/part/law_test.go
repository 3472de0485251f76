package part_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	. "wshake/cmd/wshake-beam/internal/part"
	"wshake/testdata/need"
)

const root = "../../../.."

// inRuns puts so many neighbouring files together.
func inRuns(paths []string, size int) (runs []File) {
	for i, path := range paths {
		if i%size == 0 {
			runs = append(runs, File{Path: path, Number: int32(i), Piece: int32(i) << 16})
			continue
		}
		run := &runs[len(runs)-1]
		run.Next = append(run.Next, Neighbour{Path: path, Number: int32(i)})
	}
	return runs
}

// straight is the lines of files that are one run.
func straight(t testing.TB, paths []string, cfg Config) (lines []string) {
	t.Helper()
	run := inRuns(paths, len(paths))[0]
	_, err := Straight(context.Background(), run, law.Open, &cfg, func(l *Line) error {
		lines = append(lines, string(l.Text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return law.Sorted(lines)
}

// inParts is the lines of runs that are analysed in parts, in an order and by 1, 2 or 8 workers that a number chooses.
func inParts(t testing.TB, runs []File, cfg Config, seed uint64, split ...int64) []string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	var files []File
	for _, f := range runs {
		files = append(files, pieces(t, f, split)...)
	}
	shuffle := func() {
		if seed > 0 {
			random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		}
	}
	shuffle()
	var looked []*Looked
	held := make(map[Flow][]Held)
	for _, f := range files {
		l, err := Look(f, law.Open, func(id Flow, h Held) { held[id] = append(held[id], h) })
		if err != nil {
			t.Fatal(err)
		}
		looked = append(looked, l)
	}
	whole, _ := Sum(looked)
	shuffle()
	made := make(map[uint64][]*Made)
	var lines []string
	marks := make(map[uint64][]Mark)
	ends := make(map[uint64][]End)
	chunks := make(map[int32][]*Chunk)
	out := Out{
		Made: func(m *Made) error {
			b, err := m.Encode()
			if err != nil {
				return err
			}
			d, err := Decode(b)
			made[RunOf(m.Run)] = append(made[RunOf(m.Run)], d)
			if seed%2 == 1 { // a step that is tried again
				again, _ := Decode(b)
				made[RunOf(m.Run)] = append(made[RunOf(m.Run)], again)
			}
			return err
		},
		Mark: func(m *Mark) error {
			d, err := DecodeMark(m.Key, m.Encode())
			marks[m.Key] = append(marks[m.Key], *d)
			return err
		},
		End: func(hop uint64, e *End) error {
			ends[hop] = append(ends[hop], *copied(t, e))
			return nil
		},
		Line: func(l *Line) error {
			lines = append(lines, string(l.Text))
			return nil
		},
	}
	homes := make(map[int32]Homes)
	for id, list := range held {
		home, in, _ := Home(list)
		for _, h := range in {
			if len(in) > 1 && homes[h.Piece] == nil {
				homes[h.Piece] = make(Homes)
			}
			if len(in) > 1 {
				homes[h.Piece][id] = Lodging{Home: home, Last: h.Last}
			}
		}
	}
	for _, f := range files {
		err := Send(context.Background(), f, law.Open, &cfg, whole, homes[f.Piece], func(home int32, c *Chunk) error {
			for range 1 + seed%2 { // a step that is tried again
				chunks[home] = append(chunks[home], copied(t, c))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var together sync.Mutex // of what workers give
	give := out
	give.Made = func(m *Made) error { together.Lock(); defer together.Unlock(); return out.Made(m) }
	give.Mark = func(m *Mark) error { together.Lock(); defer together.Unlock(); return out.Mark(m) }
	give.End = func(hop uint64, e *End) error { together.Lock(); defer together.Unlock(); return out.End(hop, e) }
	give.Line = func(l *Line) error { together.Lock(); defer together.Unlock(); return out.Line(l) }
	var workers errgroup.Group
	workers.SetLimit([]int{1, 2, 8}[seed%3])
	for _, f := range files {
		list := chunks[f.Piece]
		if seed > 0 {
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		arrived := func(yield func(*Chunk, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		}
		workers.Go(func() error {
			return Analyse(context.Background(), f, law.Open, &cfg, whole, homes[f.Piece], arrived, nil, give)
		})
	}
	if err := workers.Wait(); err != nil {
		t.Fatal(err)
	}
	// what they have in common
	groups := NewGroups()
	legs := make(map[uint64][]Mark)
	leg := func(m *Mark) { legs[m.Key] = append(legs[m.Key], *m) }
	for key, list := range marks {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if key == 0 {
			for i := range list {
				Alone(&list[i], leg)
			}
			continue
		}
		Paired(list, groups.Add, leg)
	}
	for _, list := range legs {
		Paired(list, groups.Add, func(*Mark) { t.Error("legs of legs") })
	}
	inGroup := make(map[uint64]map[uint64]uint64)
	for _, m := range groups.Members() {
		if inGroup[m.Node.Run] == nil {
			inGroup[m.Node.Run] = make(map[uint64]uint64)
		}
		inGroup[m.Node.Run][m.Node.Conn] = m.Group
	}
	alike := make(map[uint64][]*Alike)
	for _, list := range ends {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if err := Compare(list, func(a *Alike) error { alike[a.Run] = append(alike[a.Run], copied(t, a)); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	// each run by itself, then the groups of several
	away := make(map[uint64][]*Made)
	var sums []*Sums
	for run, list := range made {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		sum, err := Judge(Once(list), inGroup[run], alike[run], &cfg, whole, func(group uint64, m *Made) error {
			b, err := m.Encode()
			if err != nil {
				return err
			}
			d, err := Decode(b)
			away[group] = append(away[group], d)
			return err
		}, out.Line)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, copied(t, sum))
		if seed%2 == 1 {
			sums = append(sums, copied(t, sum))
		}
	}
	for group, list := range away {
		sum, err := JoinGroup(group, Once(list), &cfg, whole, out.Line)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, copied(t, sum))
	}
	random.Shuffle(len(sums), func(i, j int) { sums[i], sums[j] = sums[j], sums[i] })
	sums = SumsOnce(sums)
	half := len(sums) / 2
	reduced := []*Sums{copied(t, Reduce(1, sums[:half], &cfg, whole)), copied(t, Reduce(2, sums[half:], &cfg, whole))}
	if err := Finish(reduced, &cfg, whole, out.Line); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d groups of several runs", len(away))
	return law.Sorted(lines)
}

// copied is v as another machine gets it.
func copied[T any](t testing.TB, v *T) *T {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	c := new(T)
	if err := gob.NewDecoder(&b).Decode(c); err != nil {
		t.Fatal(err)
	}
	return c
}

// length is how many packets a recording has.
func length(t testing.TB, path string) int {
	t.Helper()
	l, err := Look(File{Path: path}, law.Open, func(Flow, Held) {})
	if err != nil {
		t.Fatal(err)
	}
	return int(l.Packets)
}

func TestWholeFiles(t *testing.T) {
	for _, path := range law.Recordings(t, root) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: law.KeyLogs(t, path)}
			want := law.Plain(t, []string{path}, cfg)
			law.Compare(t, want, inParts(t, inRuns([]string{path}, 1), cfg, 0))
			law.Compare(t, want, straight(t, []string{path}, cfg))
		})
	}
}

func TestRecordingsInPieces(t *testing.T) {
	for _, path := range law.Recordings(t, root) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			n := length(t, path)
			if n > 300 {
				need.Long(t)
			}
			sizes := []int{max(n/3, 1)}
			if n <= 60 {
				sizes = append(sizes, 1)
			}
			logs := law.KeyLogs(t, path)
			l, _ := Look(File{Path: path}, law.Open, func(Flow, Held) {})
			logs = append(logs, l.Secrets...) // the pieces have none inside
			for _, size := range sizes {
				pieces := law.Cut(t, path, size)
				cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: logs}
				want := law.Plain(t, pieces, cfg)
				law.Compare(t, want, inParts(t, inRuns(pieces, 1), cfg, uint64(size)))
				together := 5
				if len(pieces) < 10 {
					together = 2
					law.Compare(t, want, straight(t, pieces, cfg))
				}
				law.Compare(t, want, inParts(t, inRuns(pieces, together), cfg, uint64(size)))
			}
		})
	}
}

// All recordings at once: connections of many, at the same addresses, with the same keys now and then.
func TestAllRecordingsTogether(t *testing.T) {
	need.Long(t)
	paths := law.Recordings(t, root)
	cfg := Config{Show: event.AllKinds &^ event.KindFrame &^ event.KindMessage, Memory: 4 << 30}
	law.Compare(t, law.Plain(t, paths, cfg), inParts(t, inRuns(paths, 1), cfg, 0))
}

// The connections of each recording in three files: what is found across connections is found across files.
func TestRecordingsScattered(t *testing.T) {
	for _, path := range law.Recordings(t, root) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if length(t, path) > 1000 {
				need.Long(t)
			}
			logs := law.KeyLogs(t, path)
			l, _ := Look(File{Path: path}, law.Open, func(Flow, Held) {})
			files := law.Scatter(t, path, 3)
			cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: append(logs, l.Secrets...)}
			want := law.Plain(t, files, cfg)
			law.Compare(t, want, inParts(t, inRuns(files, 1), cfg, 5))
			law.Compare(t, want, inParts(t, inRuns(files, 2), cfg, 5))
		})
	}
}

// Each connection in two files whose packets take turns: what arrives from the other file belongs between the own.
func TestRecordingsDealt(t *testing.T) {
	for _, name := range []string{"gorilla-deflate", "gorilla-plain", "words-stomp"} {
		files := law.Deal(t, filepath.Join(root, "testdata/captures", name+".pcapng"), 2, 3)
		cfg := Config{Show: event.AllKinds, Memory: 256 << 20}
		law.Compare(t, law.Plain(t, files, cfg), inParts(t, inRuns(files, 1), cfg, 5))
	}
}
