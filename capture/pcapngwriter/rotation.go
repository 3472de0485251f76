package pcapngwriter

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Rotation says when the next file begins and how many are kept. The zero value is one file without end.
type Rotation struct {
	// Size is the largest size of a file in octets; a single packet may exceed it. No limit if 0.
	Size int64
	// Time is how much later than a file's first packet its last may be. No limit if 0.
	Time time.Duration
	// Keep is how many files are kept; the oldest is removed when there is one more. All if 0.
	Keep int
}

func (r Rotation) on() bool { return r.Size > 0 || r.Time > 0 }

// path names the nth file, from 1: "dump.pcapng" becomes "dump-00001.pcapng" if there can be several.
func (r Rotation) path(base string, n int) string {
	if !r.on() {
		return base
	}
	extension := filepath.Ext(base)
	return fmt.Sprintf("%s-%05d%s", strings.TrimSuffix(base, extension), n, extension)
}

// Paths gives the files that writing to base would make or replace, as far as they can be told: the first one, and
// those of later numbers that exist.
func (r Rotation) Paths(base string) []string {
	paths := []string{r.path(base, 1)}
	if !r.on() {
		return paths
	}
	dir, name := filepath.Split(base)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return paths // nothing can be made there either
	}
	extension := filepath.Ext(name)
	before := strings.TrimSuffix(name, extension) + "-"
	for _, e := range entries {
		digits := strings.TrimSuffix(strings.TrimPrefix(e.Name(), before), extension)
		if n, err := strconv.Atoi(digits); err == nil && n > 1 && filepath.Base(r.path(base, n)) == e.Name() {
			paths = append(paths, filepath.Join(filepath.Dir(base), e.Name()))
		}
	}
	return paths
}
