package pipeline

import (
	"encoding/json"
	"os"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"wshake/cmd/wshake-beam/internal/part"
)

// sized finds how large files are. Those of object stores are read by themselves, and so is what this machine cannot
// see unless it is the only worker.
func sized(files []part.File, workers int) []part.Sized {
	list := make([]part.Sized, len(files))
	for i, f := range files {
		list[i] = part.Sized{File: f, Octets: -1}
		if inStore(f.Path) {
			continue
		}
		info, err := os.Stat(f.Path)
		switch {
		case err == nil && info.Mode().IsRegular():
			list[i].Octets = info.Size()
		case err != nil && workers == 1:
			list[i].Octets = 0 // the worker will say so
		}
	}
	slices.SortFunc(list, func(a, b part.Sized) int { return int(a.Number - b.Number) })
	return list
}

// list makes the collection of all runs, of which the pieces of a file are found first.
func list(s beam.Scope, runs []part.File) (beam.PCollection, error) {
	var files, pieces [][]byte
	for _, f := range runs {
		b, err := json.Marshal(f)
		switch {
		case err != nil:
			return beam.PCollection{}, err
		case f.End == 0:
			files = append(files, b)
		default:
			pieces = append(pieces, b)
		}
	}
	if len(pieces) == 0 {
		return beam.Reshuffle(s, beam.CreateList(s, files)), nil
	}
	walked := beam.ParDo(s, &walkFn{}, beam.Reshuffle(s, beam.CreateList(s, pieces)))
	listed := beam.ParDo(s, &settleFn{}, beam.GroupByKey(s, walked))
	if len(files) > 0 {
		listed = beam.Flatten(s, listed, beam.CreateList(s, files))
	}
	return beam.Reshuffle(s, listed), nil
}

// walkFn finds where a piece begins and ends.
type walkFn struct{}

func (*walkFn) ProcessElement(piece []byte) (int64, []byte, error) {
	f, err := readFile(piece)
	if err != nil {
		return 0, nil, err
	}
	file, size, err := open(f.Path)
	if err != nil {
		return 0, nil, err
	}
	defer file.Close()
	b, err := json.Marshal(part.Walk(f, file, size))
	return int64(f.Number), b, err
}

func open(path string) (f *os.File, size int64, err error) {
	if f, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// settleFn has the pieces of a file fit each other.
type settleFn struct{}

func (*settleFn) ProcessElement(_ int64, walked func(*[]byte) bool, piece func([]byte)) error {
	var all []*part.Walked
	err := each(walked, func(b []byte) error {
		w := new(part.Walked)
		all = append(all, w)
		return json.Unmarshal(b, w)
	})
	if err != nil {
		return err
	}
	file, _, err := open(all[0].Path)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, f := range part.Settle(all, file) {
		b, err := json.Marshal(f)
		if err != nil {
			return err
		}
		piece(b)
	}
	return nil
}
