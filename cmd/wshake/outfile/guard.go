package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Guard knows what a run reads and writes. Its methods may be called from several goroutines.
type Guard struct {
	force bool

	mu      sync.Mutex
	inputs  []named
	outputs []named // also those that were only checked
	series  []series
	made    []fs.FileInfo
	// unfinished are the names of files that are to have another when they are complete.
	unfinished map[string]bool
}

// Unfinished says that a file of this name is not complete, and Finished that it is, or is gone.
func (g *Guard) Unfinished(path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.unfinished == nil {
		g.unfinished = make(map[string]bool)
	}
	g.unfinished[path] = true
}

func (g *Guard) Finished(path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.unfinished, path)
}

// Abandon removes what is not complete. The process ends.
func (g *Guard) Abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for path := range g.unfinished {
		os.Remove(path)
	}
}

// named is a file or directory that the run uses.
type named struct {
	path string // as the user wrote it
	real string // with the links of its directory resolved
	info fs.FileInfo
	file *os.File // where it is open already
}

// New makes a Guard. With force outputs may replace files that exist, but never inputs.
func New(force bool) *Guard { return &Guard{force: force} }

// Input names a file, a FIFO or a directory that the run reads. It need not exist yet.
func (g *Guard) Input(path string) {
	info, err := os.Stat(path)
	if err != nil {
		info = nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inputs = append(g.inputs, named{path: path, real: resolve(path), info: info})
}

// InputFile names an input that is open already. That of standard input has the path "-". A terminal is no input that
// can be lost.
func (g *Guard) InputFile(path string, f *os.File) {
	info, err := f.Stat()
	if err != nil || isDevice(info) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inputs = append(g.inputs, named{path: path, info: info, file: f})
}

// OutputFile names an output that is open already, standard output for one, and says why it may not be written: it is
// read, too. Call it after all inputs were named. What is in a directory that is read may be appended to unless
// captured says that it is a capture; it is no input then.
func (g *Guard) OutputFile(path string, f *os.File, captured func(path string) bool) error {
	info, err := f.Stat()
	if err != nil || isDevice(info) {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	o := named{path: path, info: info, file: f}
	for i := range g.inputs {
		in := &g.inputs[i]
		if in.same(&o) {
			return fmt.Errorf("%s: is also read (as %s), and no output changes an input", path, in.shown())
		}
		if name := in.holds(&o); name != "" && info.Size() > 0 && captured(name) {
			return fmt.Errorf("%s: is %s, which is read, and no output changes an input", path, name)
		}
	}
	g.outputs = append(g.outputs, o)
	if info.Mode().IsRegular() {
		g.made = append(g.made, info)
	}
	return nil
}

// Output names a file that the run will write, and says why it may not. It opens nothing. Call it after all inputs
// were named.
func (g *Guard) Output(path string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := named{path: path, real: resolve(path)}
	err := g.refuse(&o)
	if err == nil {
		for i := range g.outputs {
			if g.outputs[i].same(&o) && !(o.info != nil && isDevice(o.info)) {
				return fmt.Errorf("%s: is written by another output too", path)
			}
		}
		for _, s := range g.series {
			if s.takes(o.real) {
				return fmt.Errorf("%s: is a name that the files of %s may take", path, s.base)
			}
		}
		g.outputs = append(g.outputs, o)
	}
	return err
}

// series is the files that an output is spread over.
type series struct {
	base, dir string
	has       func(name string) bool
}

func (s *series) takes(real string) bool {
	return filepath.Dir(real) == s.dir && s.has(filepath.Base(real))
}

// Series names the files that an output may be spread over: those in the directory of base whose names has takes. No
// other output may have such a name. Those in named were given to Output already.
func (g *Guard) Series(base string, named []string, has func(name string) bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := series{base: base, dir: filepath.Dir(resolve(base)), has: has}
	for _, o := range g.outputs {
		if o.file == nil && s.takes(o.real) && !slices.Contains(named, o.path) {
			return fmt.Errorf("%s: its files may take the name of another output, %s", base, o.path)
		}
	}
	g.series = append(g.series, s)
	return nil
}

// Directory names a directory in which the run will make files.
func (g *Guard) Directory(path string) error {
	d := named{path: path, real: resolve(path)}
	if info, err := os.Stat(path); err == nil {
		d.info = info
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.outputs {
		if g.outputs[i].same(&d) {
			return fmt.Errorf("%s: is written by another output too", path)
		}
	}
	g.outputs = append(g.outputs, d)
	return nil
}

// Made reports whether a file was made by this run. Such a file is no input, wherever it is found.
func (g *Guard) Made(info fs.FileInfo) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.isMade(info)
}

func (g *Guard) isMade(info fs.FileInfo) bool {
	return slices.ContainsFunc(g.made, func(m fs.FileInfo) bool { return os.SameFile(m, info) })
}

// refuse says why o may not be written, and fills in what it is now.
func (g *Guard) refuse(o *named) error {
	link, err := os.Lstat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return g.refuseInput(o)
	case err != nil:
		return plainly(err)
	}
	if o.info, err = os.Stat(o.path); err != nil {
		o.info = nil // a link to nothing
	}
	if err := g.refuseInput(o); err != nil {
		return err
	}
	switch {
	case o.info != nil && passes(o.info):
		return nil
	case o.info != nil && o.info.IsDir():
		return fmt.Errorf("%s: is a directory", o.path)
	case link.Mode()&os.ModeSymlink != 0:
		return fmt.Errorf("%s: is a symbolic link; name the file that it leads to", o.path)
	case !o.info.Mode().IsRegular():
		return fmt.Errorf("%s: is neither a file nor a FIFO", o.path)
	case !g.force:
		return fmt.Errorf("%s: exists; --force replaces it", o.path)
	}
	return nil
}

// plainly takes the name of the system call from an error.
func plainly(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%s: %w", e.Path, e.Err)
	}
	return err
}

// passes reports whether what is written to a file passes on to somebody, so that nothing in it can be lost: a FIFO, a
// terminal, /dev/null.
func passes(info fs.FileInfo) bool { return info.Mode()&os.ModeNamedPipe != 0 || isDevice(info) }

// isDevice reports whether a file is a terminal, /dev/null and the like, which many may use at once.
func isDevice(info fs.FileInfo) bool { return info.Mode()&os.ModeCharDevice != 0 }

func (g *Guard) refuseInput(o *named) error {
	for i := range g.inputs {
		in := &g.inputs[i]
		switch {
		case in.same(o) && !(o.info != nil && isDevice(o.info)):
			return fmt.Errorf("%s: is also read (as %s), and no output replaces an input", o.path, in.shown())
		case in.holds(o) != "":
			return fmt.Errorf("%s: is in %s, which is read, and no output replaces an input", o.path, in.path)
		case twins(in, o):
			return fmt.Errorf("%s: has the octets and the time of %s, which is read: another view of it or a copy, "+
				"and no output replaces an input", o.path, in.shown())
		}
	}
	return nil
}

func (n *named) shown() string {
	if n.path == "-" {
		return "standard input"
	}
	return n.path
}

// same reports whether a and b are one file. Of files that do not exist yet only their place can tell.
func (a *named) same(b *named) bool {
	if a.info != nil && b.info != nil {
		return os.SameFile(a.info, b.info)
	}
	return a.info == nil && b.info == nil && a.real == b.real
}

// holds names the file o where n is a directory and o is in it or below it, under any name. Like package capture it
// follows links to files and no links to directories, except n itself.
func (n *named) holds(o *named) (name string) {
	if n.info == nil || !n.info.IsDir() || o.info == nil || !o.info.Mode().IsRegular() {
		return ""
	}
	filepath.WalkDir(n.path+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := os.Stat(path); err == nil && (os.SameFile(info, o.info) ||
			twins(&named{path: path, info: info}, o)) {
			name = path
			return filepath.SkipAll
		}
		return nil
	})
	return name
}

// resolve gives the place of a file that may not exist: its directory without links, and its name.
func resolve(path string) string {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return filepath.Join(dir, name)
}
