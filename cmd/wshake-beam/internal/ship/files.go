package ship

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// found is a file that a pattern matches.
type found struct {
	path    string
	number  uint64
	size    int64
	changed int64 // when it was written to last, ns since the Unix epoch
}

// files are those that the pattern matches, oldest first, each once though it may have several names.
func (f *Follower) files() (list []found, err error) {
	paths, err := filepath.Glob(f.Pattern)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, readable(filepath.Dir(f.Pattern))
	}
	slices.SortFunc(paths, older)
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // it was renamed or removed just now
		}
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			continue
		}
		number, err := inode(info)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(other found) bool { return other.number == number }) {
			list = append(list, found{path, number, info.Size(), info.ModTime().UnixNano()})
		}
	}
	return list, nil
}

// readable gives an error where the directory of files cannot be read, of which Glob says nothing.
func readable(dir string) error {
	if strings.ContainsAny(dir, `*?[\`) {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return d.Close()
}

// current is the file to read, nil where none is there: the one that was read last or, where that is gone, the one
// behind it. over says that nobody writes to it any more, since there are events in a newer one: until then a sensor
// may write to a file that was renamed.
func (f *Follower) current() (file *found, over bool, err error) {
	list, err := f.files()
	if err != nil {
		return nil, false, err
	}
	i := 0
	if f.done.Path != "" {
		i = slices.IndexFunc(list, func(c found) bool { return c.number == f.done.Inode })
		if i < 0 {
			i = f.behind(list)
		}
	}
	if i < 0 || i >= len(list) {
		return nil, false, nil
	}
	return &list[i], slices.ContainsFunc(list[i+1:], func(c found) bool { return c.size > 0 }), nil
}

// behind finds the file behind the one that was read last and is gone: by its name or, where a sensor counts from 1
// again, by having been written to later. It gives -1 where there is none.
func (f *Follower) behind(list []found) int {
	i := slices.IndexFunc(list, func(c found) bool { return older(c.path, f.done.Path) >= 0 })
	if i < 0 && f.done.Changed > 0 {
		i = slices.IndexFunc(list, func(c found) bool { return c.changed > f.done.Changed })
	}
	if i >= 0 {
		f.complain(fmt.Errorf("%s is gone, read up to octet %d", f.done.Path, f.done.Offset))
	}
	return i
}

// cutOff goes on where a file no longer has what was read of it: in the copy that was made before, where there is one,
// or at the start.
func (f *Follower) cutOff(path string) error {
	f.idle = found{}
	list, err := f.files()
	if err != nil {
		return err
	}
	for _, c := range list {
		if f.done.Offset == 0 || c.number == f.done.Inode {
			continue
		}
		copied, err := f.holds(c.path)
		if err != nil {
			return err
		}
		if copied {
			f.complain(fmt.Errorf("%s was cut off: the rest of what it had is read from its copy %s", path, c.path))
			f.done.Path, f.done.Inode = c.path, c.number
			return nil
		}
	}
	f.complain(fmt.Errorf("%s was cut off, or is another file now: it was read up to octet %d and is read from its "+
		"start", path, f.done.Offset))
	f.done = position{Path: path, Inode: f.done.Inode}
	return nil
}

// holds tells whether a file has what was read so far.
func (f *Follower) holds(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	return f.done.holds(file, info.Size())
}

// next goes to the file behind path.
func (f *Follower) next(path string) error {
	list, err := f.files()
	if err != nil {
		return err
	}
	for _, c := range list {
		if older(c.path, path) > 0 {
			f.done = position{Path: c.path, Inode: c.number}
			break
		}
	}
	return nil
}
