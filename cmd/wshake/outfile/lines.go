package outfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Lines is an output of whole lines that others read while it grows: one file, or a series of numbered ones. It is
// used from one goroutine.
type Lines struct {
	ctx    context.Context
	guard  *Guard
	series Series
	paths  []string // of the files that were made and not removed
	begins []byte   // the first octets that were written

	number int
	file   *os.File
	size   int64 // octets in it
}

// Series names the files of a Lines.
type Series struct {
	// Path names the nth file.
	Path func(n int) string
	// Numbers lists those that exist, ascending; nil where there is one file only.
	Numbers func() []int
	// Keep is how many files are kept, those of runs before included. All if 0. A file of a run before is known by its
	// first octets, which are those of this run's: another file that has such a name is never removed.
	Keep int
}

// First names the file that a Lines begins with: the one behind all that exist.
func (s *Series) First() (path string, n int) {
	n = 1
	if s.Numbers != nil {
		if made := s.Numbers(); len(made) > 0 {
			n = made[len(made)-1] + 1
		}
	}
	return s.Path(n), n
}

// CreateLines makes the first file.
func (g *Guard) CreateLines(ctx context.Context, s Series) (*Lines, error) {
	l := &Lines{ctx: ctx, guard: g, series: s}
	_, l.number = s.First()
	if err := l.begin(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lines) begin() error {
	path := l.series.Path(l.number)
	f, err := l.guard.Create(l.ctx, path)
	if err != nil {
		return err
	}
	l.file, l.size = f, 0
	if !slices.Contains(l.paths, path) {
		l.paths = append(l.paths, path)
	}
	return l.removeOld()
}

// removeOld removes the files that are too many.
func (l *Lines) removeOld() error {
	if l.series.Keep == 0 || l.series.Numbers == nil {
		return nil
	}
	for _, n := range l.series.Numbers() {
		if n > l.number-l.series.Keep {
			break
		}
		path := l.series.Path(n)
		if l.guard.reads(path) || !l.wrote(path) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		l.paths = slices.DeleteFunc(l.paths, func(p string) bool { return p == path })
	}
	return nil
}

// wrote reports whether a file is of this run, or of one before that wrote the same kind of lines.
func (l *Lines) wrote(path string) bool {
	info, err := os.Lstat(path)
	switch {
	case err != nil || !info.Mode().IsRegular():
		return false
	case l.guard.Made(info):
		return slices.Contains(l.paths, path)
	case info.Mode().Perm() != ownerOnly || len(l.begins) < beginning:
		return false
	}
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var first [beginning]byte
	var last [1]byte
	_, err1 := f.ReadAt(first[:], 0)
	_, err2 := f.ReadAt(last[:], info.Size()-1)
	return err1 == nil && err2 == nil && bytes.Equal(first[:], l.begins) && last[0] == '\n'
}

// beginning is how many octets tell what kind of lines a file holds: the first name of an object of JSON, or the first
// columns of a table.
const beginning = 8

// Write writes p, which ends with a line. What could not be written whole is taken back to the end of a line.
func (l *Lines) Write(p []byte) (int, error) {
	n, err := l.file.Write(p)
	if err != nil {
		whole := bytes.LastIndexByte(p[:n], '\n') + 1
		if e := l.file.Truncate(l.size + int64(whole)); e != nil && whole != n {
			err = fmt.Errorf("%w, and the file ends inside a line", err)
		}
		n = whole
	}
	l.size += int64(n)
	if err == nil && l.begins == nil && n >= beginning {
		l.begins = bytes.Clone(p[:beginning])
		err = l.removeOld() // also files of runs before can be told now
	}
	return n, err
}

// Next ends the file and begins the next of the series.
func (l *Lines) Next() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	l.number++
	return l.begin()
}

// Reopen is for who renames files that others write (logrotate and the like). Of a series the next file begins, unless
// this one is empty. A single file is made anew where its name is free or leads to another file; in that last case
// Guard decides. If it cannot be made, what follows still goes to the old one.
func (l *Lines) Reopen() error {
	if l.series.Numbers != nil {
		if l.size == 0 {
			return nil
		}
		return l.Next()
	}
	path := l.series.Path(1)
	if now, err := os.Lstat(path); err == nil {
		if info, err := l.file.Stat(); err == nil && (os.SameFile(now, info) || passes(info)) {
			return nil
		}
	}
	old, size := l.file, l.size
	if err := l.begin(); err != nil {
		l.file, l.size = old, size
		return err
	}
	return old.Close()
}

// Paths lists the files that were made and are still there.
func (l *Lines) Paths() []string { return l.paths }

// Close ends the file.
func (l *Lines) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// reads reports whether the run reads what is at path.
func (g *Guard) reads(path string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := named{path: path, real: resolve(path)}
	if info, err := os.Stat(path); err == nil {
		o.info = info
	}
	return g.refuseInput(&o) != nil
}
