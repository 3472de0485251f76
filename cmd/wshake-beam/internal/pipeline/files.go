package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"wshake/capture"
	"wshake/cmd/wshake-beam/internal/part"
)

// Files lists captures in the order of the arguments: paths, directories, and patterns. A pattern or directory gives
// them in the order of wshake for those in a directory.
func Files(ctx context.Context, args []string) (list []part.File, err error) {
	seen := make(map[string]bool)
	add := func(arg string, paths ...string) {
		slices.SortFunc(paths, capture.CompareNames)
		for _, path := range paths {
			if !seen[path] {
				seen[path] = true
				// A pattern may match what is no capture.
				list = append(list, part.File{Path: path, Number: int32(len(list)), Listed: path != arg})
			}
		}
	}
	for _, arg := range args {
		paths, err := matches(ctx, arg)
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			paths = []string{arg} // whoever reads it says what is wrong
		}
		var all []string
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				all = append(all, path)
				continue
			}
			err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.Type().IsRegular() {
					all = append(all, path)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		add(arg, all...)
	}
	if len(list) == 0 {
		return nil, errors.New("no captures are there")
	}
	return list, nil
}

// matches lists the files that an argument stands for. A file that is there is no pattern.
func matches(ctx context.Context, arg string) ([]string, error) {
	if !inStore(arg) {
		if _, err := os.Stat(arg); err == nil {
			return []string{arg}, nil
		}
		paths, err := filepath.Glob(arg)
		if err != nil {
			return nil, nil // it is no pattern
		}
		return paths, nil
	}
	store, err := filesystem.New(ctx, arg)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	return store.List(ctx, arg)
}

// Problems tells what was wrong with files, by what a pipeline wrote, and whether one could not be read.
func Problems(ctx context.Context, output string, tell func(text string)) (lost bool, err error) {
	path := strings.TrimSuffix(output, "/") + "/" + problemsPartition + ".ndjson"
	if found, err := matches(ctx, path); err != nil || len(found) == 0 {
		return false, err
	}
	b, err := fetch(ctx)(path)
	if err != nil {
		return false, err
	}
	for line := range bytes.Lines(b) {
		var p struct {
			Text string `json:"text"`
			Lost bool   `json:"lost"`
		}
		if err := json.Unmarshal(line, &p); err != nil {
			return lost, err
		}
		lost = lost || p.Lost
		tell(p.Text)
	}
	return lost, nil
}

// Earlier is a path that another run wrote below an output, "" where there is none.
func Earlier(ctx context.Context, output string) (string, error) {
	paths, err := written(ctx, output)
	if err != nil || len(paths) == 0 {
		return "", err
	}
	return paths[0], nil
}

// Forget removes what another run said about files that it could not read.
func Forget(ctx context.Context, output string) error {
	paths, err := written(ctx, output)
	for _, path := range paths {
		if err == nil && strings.HasSuffix(path, "/"+problemsPartition+".ndjson") {
			err = remove(ctx, path)
		}
	}
	return err
}

// written lists what pipelines wrote right below an output.
func written(ctx context.Context, output string) (paths []string, err error) {
	output = strings.TrimSuffix(output, "/")
	var all []string
	if inStore(output) {
		if all, err = matches(ctx, output+"/*"); err != nil {
			return nil, err
		}
	} else {
		entries, err := os.ReadDir(output)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			all = append(all, output+"/"+e.Name())
		}
	}
	for _, path := range all {
		name := strings.TrimPrefix(path, output+"/")
		if strings.HasPrefix(name, "day=") || strings.HasPrefix(name, runPartition+".") ||
			strings.HasPrefix(name, problemsPartition+".") {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// remove removes a file, also of an object store that can do so.
func remove(ctx context.Context, path string) error {
	if !inStore(path) {
		return os.Remove(path)
	}
	store, err := filesystem.New(ctx, path)
	if err != nil {
		return err
	}
	defer store.Close()
	remover, can := store.(filesystem.Remover)
	if !can {
		return fmt.Errorf("%s is not needed any more, and Beam cannot remove it", path)
	}
	return remover.Remove(ctx, path)
}
