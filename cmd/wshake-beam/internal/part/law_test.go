package part_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"wshake/analyze/event"
	"wshake/cmd/wshake-beam/internal/law"
	. "wshake/cmd/wshake-beam/internal/part"
	"wshake/testdata/need"
)

const root = "../../../.."

// inParts is the lines of files that are analysed in parts, in an order that a number chooses.
func inParts(t testing.TB, paths []string, cfg Config, seed uint64) []string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	files := make([]File, len(paths))
	for i, path := range paths {
		files[i] = File{Path: path, Number: int32(i)}
	}
	shuffle := func() {
		if seed > 0 {
			random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		}
	}
	shuffle()
	var looked []*Looked
	in := make(map[Flow]map[int32]bool)
	for _, f := range files {
		l, err := Look(f, law.Open, func(id Flow) {
			if in[id] == nil {
				in[id] = make(map[int32]bool)
			}
			in[id][f.Number] = true
		})
		if err != nil {
			t.Fatal(err)
		}
		looked = append(looked, l)
	}
	whole := Sum(looked)
	shuffle()
	var made []*Made
	var lines []string
	chunks := make(map[Flow][]*Chunk)
	out := Out{
		Made: func(m *Made) error {
			b, err := m.Encode()
			if err != nil {
				return err
			}
			d, err := Decode(b)
			made = append(made, d)
			if seed%2 == 1 { // a step that is tried again
				again, _ := Decode(b)
				made = append(made, again)
			}
			return err
		},
		Line: func(l *Line) error {
			lines = append(lines, string(l.Text))
			return nil
		},
		Segment: func(flow Flow, c *Chunk) error {
			chunks[flow] = append(chunks[flow], c)
			if seed%2 == 1 {
				chunks[flow] = append(chunks[flow], c)
			}
			return nil
		},
	}
	for _, f := range files {
		travels := func(flow Flow) bool { return len(in[flow]) > 1 }
		if err := Analyse(context.Background(), f, law.Open, &cfg, whole, travels, out); err != nil {
			t.Fatal(err)
		}
	}
	for flow, list := range chunks { // in any order
		if seed > 0 {
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		each := func(yield func(*Chunk, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		}
		if err := Connect(context.Background(), flow, each, &cfg, whole, out); err != nil {
			t.Fatal(err)
		}
	}
	random.Shuffle(len(made), func(i, j int) { made[i], made[j] = made[j], made[i] })
	if err := Join(Once(made), &cfg, whole, out.Line); err != nil {
		t.Fatal(err)
	}
	return law.Sorted(lines)
}

// length is how many packets a recording has.
func length(t testing.TB, path string) int {
	t.Helper()
	l, err := Look(File{Path: path}, law.Open, func(Flow) {})
	if err != nil {
		t.Fatal(err)
	}
	return int(l.Packets)
}

func TestWholeFiles(t *testing.T) {
	for _, path := range law.Recordings(t, root) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: law.KeyLogs(t, path)}
			law.Compare(t, law.Plain(t, []string{path}, cfg), inParts(t, []string{path}, cfg, 0))
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
			l, _ := Look(File{Path: path}, law.Open, func(Flow) {})
			logs = append(logs, l.Secrets...) // the pieces have none inside
			for _, size := range sizes {
				pieces := law.Cut(t, path, size)
				cfg := Config{Show: event.AllKinds, Memory: 256 << 20, KeyLogs: logs}
				law.Compare(t, law.Plain(t, pieces, cfg), inParts(t, pieces, cfg, uint64(size)))
			}
		})
	}
}
