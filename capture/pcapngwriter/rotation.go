package pcapngwriter

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// On reports whether there can be several files.
func (r Rotation) On() bool { return r.Size > 0 || r.Time > 0 }

// Path names the nth file, from 1: "dump.pcapng" becomes "dump-00001.pcapng" if there can be several.
func (r Rotation) Path(base string, n int) string {
	if !r.On() {
		return base
	}
	extension := filepath.Ext(base)
	return fmt.Sprintf("%s-%05d%s", strings.TrimSuffix(base, extension), n, extension)
}

// Paths gives the files that writing to base would make or replace, as far as they can be told: the first one, and
// those of later numbers that exist.
func (r Rotation) Paths(base string) []string {
	paths := []string{r.Path(base, 1)}
	for _, n := range r.Numbers(base) {
		if n > 1 {
			paths = append(paths, r.Path(base, n))
		}
	}
	return paths
}

// Numbers lists the files of base that exist, ascending.
func (r Rotation) Numbers(base string) []int {
	if !r.On() {
		return nil
	}
	dir, name := filepath.Split(base)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // nothing can be made there either
	}
	var numbers []int
	for _, e := range entries {
		if n := r.Number(name, e.Name()); n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// Number says which of the files of base a name in its directory is, 0 for none of them.
func (r Rotation) Number(base, name string) int {
	if !r.On() {
		return 0
	}
	base = filepath.Base(base)
	extension := filepath.Ext(base)
	digits := strings.TrimSuffix(strings.TrimPrefix(name, strings.TrimSuffix(base, extension)+"-"), extension)
	if n, err := strconv.Atoi(digits); err == nil && n > 0 && r.Path(base, n) == name {
		return n
	}
	return 0
}
