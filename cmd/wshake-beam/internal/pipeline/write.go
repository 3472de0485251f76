package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"wshake/cmd/wshake-beam/internal/part"
	"wshake/cmd/wshake-beam/internal/table"
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

// fileName makes a name for a directory of a host's, which whoever sent it chose. Its escapes stand for valid UTF-8:
// DuckDB reads no file of a table where a directory's do not.
func fileName(host string) string {
	var b strings.Builder
	for i, r := range host { // octets that are not UTF-8 are U+FFFD
		escaped := string(r)
		if !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.' && i > 0) {
			escaped = ""
			for _, c := range []byte(string(r)) {
				const digits = "0123456789ABCDEF"
				escaped += string([]byte{'%', digits[c>>4], digits[c&15]})
			}
		}
		if b.Len()+len(escaped) > longestName {
			sum := sha256.Sum256([]byte(host))
			return b.String() + "-" + hex.EncodeToString(sum[:8])
		}
		b.WriteString(escaped)
	}
	return b.String()
}

// Format says in what events are written; several can be added. The zero value is NDJSON.
type Format uint8

// Formats.
const (
	NDJSON Format = 1 << iota
	Parquet
)

// rowGroup is the size of row groups of Parquet; less in tests.
var rowGroup = table.RowGroup

// writeFn writes a partition.
type writeFn struct {
	Output string
	Format Format
}

func (fn *writeFn) ProcessElement(ctx context.Context, partition string, blocks func(*[]byte) bool) error {
	var all [][]byte
	err := each(blocks, func(b []byte) error {
		return linesOf(ctx, b, func(line []byte) { all = append(all, line) })
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, byKey)
	all = slices.CompactFunc(all, bytes.Equal) // a line that was sent twice: no two have one key and text
	name := strings.TrimSuffix(fn.Output, "/") + "/" + partition
	host := ""
	if _, escaped, found := strings.Cut(partition, "/host="); found {
		name += "/events"
		host, _ = url.PathUnescape(escaped) // what fileName made can be read
	}
	if fn.Format&Parquet != 0 && partition != problemsPartition {
		err := writeWhole(ctx, name+".parquet", func(to io.Writer) error {
			w := table.NewWriter(to, host, rowGroup)
			for _, line := range all {
				if err := w.Write(line[keyLength:]); err != nil {
					return err
				}
			}
			return w.Close()
		})
		if err != nil || fn.Format&NDJSON == 0 {
			return err
		}
	}
	return writeWhole(ctx, name+".ndjson", func(w io.Writer) error {
		for _, line := range all {
			if _, err := w.Write(line[keyLength:]); err != nil {
				return err
			}
			if _, err := w.Write([]byte{'\n'}); err != nil {
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
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		f, err := fs.OpenWrite(ctx, name)
		if err != nil {
			return err
		}
		return finish(f, func(w io.Writer) error {
			err := write(w)
			if err != nil {
				cancel() // or what is there would be an object
			}
			return err
		})
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
