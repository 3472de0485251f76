package pcapngwriter

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"wshake/capture"
)

// Writer writes packets to a file, or to one after the other. It is used from one goroutine.
type Writer struct {
	base     string
	rotation Rotation
	create   func(path string) (File, error)

	file   File
	path   string
	number int           // of the file, from 1
	made   []os.FileInfo // the files that are kept, the oldest first
	size   int64         // written to it, in octets
	first  int64         // time of its first packet
	empty  bool          // it has no packet
	ifaces []iface

	notes   []string // comments of the packet at hand
	pending []byte   // blocks that are not written yet
	err     error    // what ended the writing
}

// File is what a Writer needs of an os.File.
type File interface {
	Write([]byte) (int, error)
	Truncate(int64) error
	Close() error
}

// maxPending is about how much is written at once, in octets.
const maxPending = 1 << 20

// iface is an interface of the file: packets of one source and one link type.
type iface struct {
	file int32
	link capture.LinkType
}

// Create creates the file path, or the first of those that rotation makes of it. Each file is made by create, empty;
// where create is nil, a file that exists is an error, and new ones are for their owner only.
func Create(path string, r Rotation, create func(path string) (File, error)) (*Writer, error) {
	if create == nil {
		create = createNew
	}
	w := &Writer{base: path, rotation: r, create: create}
	if err := w.begin(); err != nil {
		return nil, err
	}
	if err := w.flush(); err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

func createNew(path string) (File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Path is that of the file that is being written.
func (w *Writer) Path() string { return w.path }

// Write writes packets; names are those of Source.Names at this time. After an error, which names the file, only Close
// is of use.
func (w *Writer) Write(packets []capture.Packet, names []string) error {
	if w.err != nil {
		return w.err
	}
	for i := range packets {
		p := &packets[i]
		if w.due(p) {
			if w.err = w.next(); w.err != nil {
				return w.err
			}
		}
		w.add(p, names)
		if len(w.pending) >= maxPending {
			if w.err = w.flush(); w.err != nil {
				return w.err
			}
		}
	}
	w.err = w.flush()
	return w.err
}

// due reports whether p belongs into the next file.
func (w *Writer) due(p *capture.Packet) bool {
	if w.empty {
		return false
	}
	r := w.rotation
	return r.Size > 0 && w.size+int64(len(w.pending))+packetBlockSize(p) > r.Size ||
		r.Time > 0 && p.Time-w.first > int64(r.Time)
}

// next ends the file and begins another.
func (w *Writer) next() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("%s: %w", w.path, err)
	}
	if err := w.begin(); err != nil {
		return err
	}
	if keep := w.rotation.Keep; keep > 0 && w.number > keep {
		return removeMade(w.rotation.Path(w.base, w.number-keep), w.made[0])
	}
	return nil
}

// removeMade removes a file of this run, unless another has taken its place.
func removeMade(path string, made os.FileInfo) error {
	if now, err := os.Lstat(path); err != nil || made == nil || !os.SameFile(now, made) {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (w *Writer) begin() error {
	w.number++
	w.path = w.rotation.Path(w.base, w.number)
	f, err := w.create(w.path)
	if err != nil {
		return err
	}
	if w.rotation.Keep > 0 {
		made, _ := os.Lstat(w.path) // without it the file is kept
		w.made = append(w.made[max(0, len(w.made)-w.rotation.Keep):], made)
	}
	w.file, w.size, w.empty = f, 0, true
	w.ifaces = w.ifaces[:0]
	w.pending = appendSection(w.pending[:0])
	return nil
}

func (w *Writer) add(p *capture.Packet, names []string) {
	which := iface{p.File, p.Link}
	id := slices.Index(w.ifaces, which)
	if id < 0 {
		id = len(w.ifaces)
		w.ifaces = append(w.ifaces, which)
		name := ""
		if p.File >= 0 && int(p.File) < len(names) {
			name = names[p.File]
		}
		w.pending = appendInterface(w.pending, p.Link, name)
	}
	if w.empty {
		w.first, w.empty = p.Time, false
	}
	w.pending = appendPacket(w.pending, id, p, w.notes)
}

// flush writes what is pending. It takes back what it could not write whole.
func (w *Writer) flush() error {
	n, err := w.file.Write(w.pending)
	if err != nil {
		whole := wholeBlocks(w.pending, n)
		w.size += int64(whole)
		err = fmt.Errorf("%w; what was written until then is kept", err)
		if e := w.file.Truncate(w.size); e != nil && whole != n {
			err = fmt.Errorf("%w, but the file ends inside a block", err)
		}
		return err
	}
	w.size += int64(n)
	w.pending = w.pending[:0]
	return nil
}

// Close ends the file.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	return err
}
