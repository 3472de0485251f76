package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"wshake/cmd/wshake-beam/internal/part"
)

// Partitions that are not of a day and host.
const (
	flatPartition     = "events"
	runPartition      = "run" // what is about the whole capture
	problemsPartition = "problems"
)

// partition is the directory of a line, as Hive names them.
func partition(l *part.Line) string {
	if l.Host == "" {
		return runPartition
	}
	return "day=" + l.Day() + "/host=" + fileName(l.Host)
}

// longestName is how much of a host's name is kept in that of a directory, octets: three of them stand for one at most.
const longestName = 200

// fileName makes a name for a directory of a host's, which whoever sent it chose.
func fileName(host string) string {
	var b strings.Builder
	for i := 0; i < len(host) && b.Len() < longestName; i++ {
		c := host[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	if b.Len() < longestName {
		return b.String()
	}
	sum := sha256.Sum256([]byte(host))
	return b.String() + "-" + hex.EncodeToString(sum[:8])
}

// writeFn writes a partition.
type writeFn struct{ Output string }

func (fn *writeFn) ProcessElement(ctx context.Context, partition string, blocks func(*[]byte) bool) error {
	var all [][]byte
	err := each(blocks, func(b []byte) error {
		return linesOf(b, func(line []byte) { all = append(all, line) })
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, byKey)
	all = slices.CompactFunc(all, bytes.Equal) // a line that was sent twice: no two have one key and text
	name := strings.TrimSuffix(fn.Output, "/") + "/" + partition
	if strings.Contains(partition, "=") {
		name += "/events"
	}
	return writeWhole(ctx, name+".ndjson", func(w io.Writer) error {
		for _, line := range all {
			if _, err := w.Write(append(line[keyLength:], '\n')); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeWhole writes a file so that it is there as a whole or not at all. An object store makes an object of what was
// written when it is closed; on a disk the file is renamed into place.
func writeWhole(ctx context.Context, name string, write func(io.Writer) error) error {
	if strings.Contains(name, "://") {
		fs, err := filesystem.New(ctx, name)
		if err != nil {
			return err
		}
		defer fs.Close()
		f, err := fs.OpenWrite(ctx, name)
		if err != nil {
			return err
		}
		return finish(f, write)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".unfinished-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // where it is not renamed
	if err := finish(f, write); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func finish(f io.WriteCloser, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(f, 64<<10)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
