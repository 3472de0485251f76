package outfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ownerOnly is the mode of new files: captures and reports hold what was said in confidence.
const ownerOnly = 0o600

// Create makes a file that grows under its own name. It waits for a reader of a FIFO until ctx is done.
func (g *Guard) Create(ctx context.Context, path string) (*os.File, error) {
	replaces, err := g.allow(path)
	switch {
	case err != nil:
		return nil, err
	case replaces == nil:
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, ownerOnly)
		if err != nil {
			return nil, plainly(err)
		}
		return f, g.keep(f)
	case passes(replaces):
		return openPassing(ctx, path)
	}
	return g.replace(path)
}

// replace makes a new file in the place of an old one, of which nothing changes but that it loses this name.
func (g *Guard) replace(path string) (*os.File, error) {
	unnamed, err := beside(path)
	if err != nil {
		return nil, err
	}
	defer unnamed.Close()
	if err := g.rename(unnamed.Name(), path); err != nil {
		os.Remove(unnamed.Name())
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|noFollow, 0) // so that errors tell the name
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var same fs.FileInfo
		if same, err = unnamed.Stat(); err == nil && !os.SameFile(info, same) {
			err = fmt.Errorf("%s: was replaced by another file", path)
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, g.keep(f)
}

// rename gives a file of ours the name of another one in its directory, which may be replaced. The directory is opened
// once: who puts another in its place meanwhile changes nothing.
func (g *Guard) rename(old, path string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return plainly(err)
	}
	defer root.Close()
	if _, err := root.Lstat(filepath.Base(old)); err != nil {
		return fmt.Errorf("%s: its directory was replaced by another", path)
	}
	if info, err := root.Lstat(filepath.Base(path)); err == nil {
		g.mu.Lock()
		err = g.refuseInput(&named{path: path, real: resolve(path), info: info})
		g.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if err := root.Rename(filepath.Base(old), filepath.Base(path)); err != nil {
		return fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	return nil
}

// allow checks path again, now that it is needed, and describes the file that is there, nil where there is none.
func (g *Guard) allow(path string) (fs.FileInfo, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := named{path: path, real: resolve(path)}
	if err := g.refuse(&o); err != nil {
		return nil, err
	}
	if o.info != nil && o.info.Mode().IsRegular() && g.isMade(o.info) {
		return nil, fmt.Errorf("%s: is written by another output too", path)
	}
	return o.info, nil
}

// keep remembers that f was made by this run.
func (g *Guard) keep(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.made = append(g.made, info)
	return nil
}

// beside makes a file of another name in the directory of path.
func beside(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".wshake-*.tmp")
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return nil, fmt.Errorf("%s: %w", path, e.Err)
	}
	return f, err
}

// openPassing opens a FIFO, a terminal or /dev/null. If something else stands there by now, it is left alone.
func openPassing(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0) // waits until a FIFO has a reader
		select {
		case done <- opened{f, err}:
		case <-ctx.Done():
			if err == nil {
				f.Close()
			}
		}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, plainly(o.err)
		}
		info, err := o.f.Stat()
		if err == nil && !passes(info) {
			err = fmt.Errorf("%s: was replaced by another file", path)
		}
		if err != nil {
			o.f.Close()
			return nil, err
		}
		return o.f, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// File is an output that appears under its name when it is complete:
//
//	f, err := guard.CreateWhole(ctx, path)
//	...
//	defer f.Close() // removes what was not committed
//	... write ...
//	return f.Commit()
type File struct {
	file  *os.File // nil once it was ended
	guard *Guard
	path  string // "" where the file stands under its name already
}

// CreateWhole makes a file that appears when it is committed. Where another reads it as it is written, as of a FIFO,
// it is there at once.
func (g *Guard) CreateWhole(ctx context.Context, path string) (*File, error) {
	replaces, err := g.allow(path)
	if err != nil {
		return nil, err
	}
	if replaces != nil && passes(replaces) {
		f, err := openPassing(ctx, path)
		if err != nil {
			return nil, err
		}
		return &File{file: f, guard: g}, nil
	}
	f, err := beside(path)
	if err != nil {
		return nil, err
	}
	g.Unfinished(f.Name())
	return &File{file: f, guard: g, path: path}, g.keep(f)
}

func (f *File) Write(p []byte) (int, error) {
	if f.file == nil {
		return 0, fs.ErrClosed
	}
	n, err := f.file.Write(p)
	return n, f.named(err)
}

// named puts the name that the file will have into an error.
func (f *File) named(err error) error {
	var system *fs.PathError
	if f.path != "" && errors.As(err, &system) {
		return &fs.PathError{Op: system.Op, Path: f.path, Err: system.Err}
	}
	return err
}

// Commit closes the file and gives it its name, when all of it is on the disk.
func (f *File) Commit() error {
	if f.file != nil && f.path != "" {
		if err := f.file.Sync(); err != nil {
			f.Close()
			return f.named(err)
		}
	}
	return f.CommitSoon()
}

// CommitSoon is Commit without waiting for the disk: for one of many files whose digests are kept elsewhere.
func (f *File) CommitSoon() error {
	if f.file == nil {
		return fs.ErrClosed
	}
	defer f.Close()
	if f.path == "" {
		return f.file.Close()
	}
	if err := f.file.Close(); err != nil {
		return f.named(err)
	}
	replaces, err := f.guard.allow(f.path)
	switch {
	case err != nil:
		return err
	case replaces == nil:
		err = nameNew(f.file.Name(), f.path)
	case passes(replaces):
		return fmt.Errorf("%s: was replaced by what is no file", f.path)
	default:
		err = f.guard.rename(f.file.Name(), f.path)
	}
	if err == nil {
		f.guard.Finished(f.file.Name())
		f.file = nil
	}
	return err
}

// nameNew gives a file another name, which must be new. A link tells if it is not; where the file system has no links
// the look before has to do.
func nameNew(old, path string) error {
	err := os.Link(old, path)
	switch {
	case err == nil:
		return os.Remove(old)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return os.Rename(old, path)
}

// Close ends the file. Unless it was committed it is removed.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	f.file.Close()
	if f.path != "" {
		os.Remove(f.file.Name())
		f.guard.Finished(f.file.Name())
	}
	f.file = nil
	return nil
}
