package capture

import (
	"container/heap"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stdin is the path that stands for standard input.
const stdin = "-"

// Options say where to read from and where to tell of what is no packet. The functions are called from the goroutine
// that calls Open or Source.Read, in the order of the files' octets; nil ones are not called.
type Options struct {
	Stdin   io.Reader // what the path "-" reads, os.Stdin if nil
	Problem func(*Problem)
	Secrets func(Secrets)
	// Prescan is called before the packets of a file whose secrets can be found wherever they stand. find gives them to
	// found, when they are wanted, from any goroutine, even after Close; it takes about as long as to read the file.
	// Secrets is not called for such a file.
	Prescan func(find func(found func(Secrets)))
	// Skip tells of a file that is met in a directory whether to leave it out, nil where none is.
	Skip func(fs.FileInfo) bool
}

// Open opens captures as one timeline. A path is a file, "-" for standard input, or a directory, of which every
// capture is read, through all its subdirectories, in the order of CompareNames. What decides is the time of the
// packets; of those of one time the file that stands first comes first.
//
// A named file that cannot be read or is no capture (it is said what it looks like instead), and a directory that
// holds none, is a Problem, as is a file that is named twice: the others are read. Where nothing at all can be read it
// is an error, which joins those of all paths.
//
// Open waits for the first octets of standard input.
func Open(paths []string, o Options) (Source, error) {
	if len(paths) == 0 {
		return nil, errors.New("no capture to open")
	}
	b := &opener{options: &o, seen: make(map[identity][]fs.FileInfo)}
	var failed []error
	for _, path := range paths {
		if err := b.path(path); err != nil {
			failed = append(failed, err)
		}
	}
	if len(b.timeline.queue) == 0 && len(failed) > 0 {
		b.timeline.Close()
		return nil, errors.Join(failed...)
	}
	for _, err := range failed {
		b.leftOut(err)
	}
	heap.Init(&b.timeline.queue)
	return &b.timeline, nil
}

// opener collects the files of a timeline.
type opener struct {
	options  *Options
	timeline timeline
	seen     map[identity][]fs.FileInfo
	stdin    bool
}

// identity is what two paths to the same file have in common at least.
type identity struct {
	size    int64
	changed time.Time
}

var errListedTwice = errors.New("named twice, read once")

func (b *opener) path(path string) error {
	if path == stdin {
		return b.standardInput()
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return b.directory(path)
	case b.listed(path, info):
		return nil
	case info.Mode().IsRegular():
		return b.named(path, info)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return b.pipe(path, f, func() { f.Close() })
}

func (b *opener) standardInput() error {
	if b.stdin {
		b.problem(stdin, errListedTwice)
		return nil
	}
	b.stdin = true
	var r io.Reader = os.Stdin
	if b.options.Stdin != nil {
		r = b.options.Stdin
	}
	return b.pipe(stdin, r, func() {})
}

// pipe adds what can be read only once.
func (b *opener) pipe(path string, r io.Reader, release func()) error {
	s := b.stream(path, 0)
	c, err := decompress(&counted{r, &s.read})
	if err != nil {
		release()
		return b.openError(path, err)
	}
	s.secretsLate = c.format == pcapng
	s.attach(c, release)
	b.timeline.add(s)
	return nil
}

func (b *opener) named(path string, info fs.FileInfo) error {
	s := b.stream(path, info.Size())
	if err := s.readFirstTime(); err != nil {
		return b.openError(path, err)
	}
	b.timeline.add(s)
	return nil
}

// openError tells a named file that is no capture, or cannot be read, from a damaged one.
func (b *opener) openError(path string, err error) error {
	var no notCapture
	var system *fs.PathError
	if errors.As(err, &no) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if errors.As(err, &system) {
		return err
	}
	if b.options.Problem != nil {
		b.options.Problem(&Problem{Path: path, Truncated: errors.Is(err, io.ErrUnexpectedEOF), Err: err})
	}
	return nil
}

func (b *opener) directory(root string) error {
	var paths []string
	const follow = string(filepath.Separator) // where root is a link to a directory
	err := filepath.WalkDir(root+follow, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			b.problem(path, err)
		} else if !entry.IsDir() {
			paths = append(paths, path)
		}
		return nil
	})
	slices.SortFunc(paths, CompareNames)
	found := false
	for _, path := range paths {
		info, err := os.Stat(path) // a link to a file counts as the file
		if err != nil || !info.Mode().IsRegular() || b.options.Skip != nil && b.options.Skip(info) {
			continue
		}
		s := b.stream(path, info.Size())
		if err := s.readFirstTime(); err != nil {
			if system := (*fs.PathError)(nil); errors.As(err, &system) {
				b.problem(path, err)
			}
			continue
		}
		found = true
		if !b.listed(path, info) {
			b.timeline.add(s)
		}
	}
	if err == nil && !found {
		err = fmt.Errorf("%s: no captures in this directory", root)
	}
	return err
}

// listed reports a file that is on the timeline already.
func (b *opener) listed(path string, info fs.FileInfo) bool {
	id := identity{info.Size(), info.ModTime()}
	for _, other := range b.seen[id] {
		if os.SameFile(info, other) {
			b.problem(path, errListedTwice)
			return true
		}
	}
	b.seen[id] = append(b.seen[id], info)
	return false
}

// leftOut tells of a path that is left out; err names it.
func (b *opener) leftOut(err error) {
	if b.options.Problem != nil {
		b.options.Problem(&Problem{Offset: wholeFile, Err: err})
	}
}

func (b *opener) problem(path string, err error) {
	if b.options.Problem != nil {
		b.options.Problem(&Problem{Path: path, Offset: wholeFile, Err: err})
	}
}

// stream makes one that is read before all others, until it is known when it begins.
func (b *opener) stream(path string, size int64) *stream {
	return &stream{path: path, size: size, options: b.options, delivered: true, head: Packet{Time: math.MinInt64}}
}

// readFirstTime looks into a closed file: it sets the time of the first packet and returns an error if it is no
// capture.
func (s *stream) readFirstTime() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := decompress(f)
	if err != nil {
		return err
	}
	defer c.close()
	s.secretsLate = c.format == pcapng && c.compressed
	w := newPeekReader(c, sniffed)
	defer w.close()
	var first Packet
	r := newReader(c.format, w, ignored{})
	if nextPacket(&r, &first) == nil {
		s.head.Time = first.Time
	}
	return nil
}

// ignored is an observer of a file that will be read once more.
type ignored struct{}

func (ignored) problem(*Problem)          {}
func (ignored) secrets(uint32, []byte)    {}
func (ignored) snapLength(uint32)         {}
func (ignored) dropped(int64, int64)      {}
func (ignored) anotherFile(int64, uint64) {}
