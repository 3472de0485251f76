package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"wshake/cmd/wshake-beam/internal/part"
)

// Segments that travel are the largest values of all, then records and lines. Runners copy each value some ten times,
// and Prism keeps them in memory, so what is large goes through a file beside the output, and its path is what is
// sent.

// inlineSize is up to which size segments are sent themselves, octets.
var inlineSize = 32 << 10 // less in tests

// keptIn is the directory of such files, below the output.
const keptIn = "/.segments"

// keep writes the octets of a chunk to a file, unless they are few. A step that is tried again writes the same.
func keep(ctx context.Context, output string, home int32, c *part.Chunk) error {
	if len(c.Octets) <= inlineSize {
		return nil
	}
	path := keptPath(output, fmt.Sprintf("%d/%d-%d", home, c.Piece, c.Count))
	octets := c.Octets
	c.Path, c.Octets = path, nil
	return writeWhole(ctx, output, path, func(w io.Writer) error {
		_, err := w.Write(octets)
		return err
	})
}

// parcel is what is sent in place of octets: 0 and these, or 1 and the path of the file that they are written to.
// name is that of what they are. A step that is tried again writes the same.
func parcel(ctx context.Context, output, name string, octets []byte) ([]byte, error) {
	if len(octets) <= inlineSize {
		return append([]byte{0}, octets...), nil
	}
	path := keptPath(output, name)
	err := writeWhole(ctx, output, path, func(w io.Writer) error {
		_, err := w.Write(octets)
		return err
	})
	return append([]byte{1}, path...), err
}

// keptPath names a file beside the output.
func keptPath(output, name string) string {
	return strings.TrimSuffix(output, "/") + keptIn + "/" + name
}

// inStore tells whether a path is of an object store.
func inStore(path string) bool { return strings.Contains(path, "://") }

// piece is what is sent in place of octets that are in a file with others: 2, offset and length (varints), its path.
func piece(path string, offset, length int) []byte {
	b := binary.AppendUvarint(binary.AppendUvarint([]byte{2}, uint64(offset)), uint64(length))
	return append(b, path...)
}

var errParcel = errors.New("what was sent is damaged")

// unpack gives the octets of a parcel or piece.
func unpack(ctx context.Context, parcel []byte) ([]byte, error) {
	if len(parcel) == 0 {
		return nil, errParcel
	}
	switch rest := parcel[1:]; parcel[0] {
	case 0:
		return rest, nil
	case 1:
		return fetch(ctx)(string(rest))
	case 2:
		return readPiece(rest)
	}
	return nil, errParcel
}

// readPiece reads a piece behind its 2. Pieces are on disks alone: of an object Beam can read no part.
func readPiece(b []byte) ([]byte, error) {
	var at [2]uint64
	for i := range at {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errParcel
		}
		at[i], b = v, b[n:]
	}
	if at[1] >= blockSize {
		return nil, errParcel
	}
	file, err := os.Open(string(b))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	octets := make([]byte, at[1])
	_, err = file.ReadAt(octets, int64(at[0]))
	return octets, err
}

// known is what steps know of the capture as a whole. It is in a file beside the output, which is there before
// anything comes to them: what comes follows from it. As a side input of Beam it would be given with each bundle, and
// while a step with side inputs runs, Prism (2.77) asks without a pause whether more of it can begin: a core of its own.
type known struct {
	Output string
	w      *part.Whole
}

func (k *known) path() string { return keptPath(k.Output, "0/whole") }

// write is called once, or again with the same.
func (k *known) write(ctx context.Context, w *part.Whole) error {
	b, err := encode(w)
	if err != nil {
		return err
	}
	return writeWhole(ctx, k.Output, k.path(), func(to io.Writer) error {
		_, err := to.Write(b)
		return err
	})
}

func (k *known) whole(ctx context.Context) (*part.Whole, error) {
	if k.w != nil {
		return k.w, nil
	}
	b, err := fetch(ctx)(k.path())
	if err != nil {
		return nil, err
	}
	w := new(part.Whole)
	if err := decode(b, w); err != nil {
		return nil, err
	}
	k.w = w
	return w, nil
}

// fetch reads what keep wrote.
func fetch(ctx context.Context) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if !inStore(path) {
			return os.ReadFile(path)
		}
		fs, err := filesystem.New(ctx, path)
		if err != nil {
			return nil, err
		}
		defer fs.Close()
		return filesystem.Read(ctx, fs, path)
	}
}

// Clean removes the segments that a pipeline kept beside its output, when it is over.
func Clean(ctx context.Context, output string) error {
	dir := strings.TrimSuffix(output, "/") + keptIn
	if !inStore(dir) {
		return os.RemoveAll(dir)
	}
	fs, err := filesystem.New(ctx, dir)
	if err != nil {
		return err
	}
	defer fs.Close()
	paths, err := fs.List(ctx, dir+"/*/*")
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := remove(ctx, path); err != nil {
			return err
		}
	}
	return nil
}
