package outfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is a directory in which a run makes many small files. It is opened once: whoever puts another in its place
// meanwhile changes nothing.
type Dir struct {
	guard *Guard
	path  string
	root  *os.Root
}

// OpenDir opens a directory, which seen describes.
func (g *Guard) OpenDir(path string, seen fs.FileInfo) (*Dir, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, plainly(err)
	}
	info, err := root.Stat(".")
	if err == nil && !os.SameFile(info, seen) {
		err = fmt.Errorf("%s: was replaced by another directory", path)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Dir{guard: g, path: path, root: root}, nil
}

// Write makes a file with this content. A new one stands under its name from the beginning, which takes a quarter of
// the calls of CreateWhole; where it cannot be written it is removed. One that exists is replaced, where that is
// allowed. It does not wait for the disk: the digests of such files are kept elsewhere.
func (d *Dir) Write(ctx context.Context, name string, content []byte) error {
	path := filepath.Join(d.path, name)
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, ownerOnly)
	if errors.Is(err, fs.ErrExist) {
		return d.replace(ctx, path, content)
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: errors.Unwrap(err)}
	}
	d.guard.Unfinished(path)
	defer d.guard.Finished(path)
	if err = d.guard.keep(f); err == nil {
		_, err = f.Write(content)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		d.root.Remove(name)
	}
	return err
}

func (d *Dir) replace(ctx context.Context, path string, content []byte) error {
	f, err := d.guard.CreateWhole(ctx, path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.CommitSoon()
}

// Close lets go of the directory.
func (d *Dir) Close() error { return d.root.Close() }
