package pipeline

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
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

// writer writes partitions.
type writer struct {
	Output string
	Format Format
}

// write writes a partition. row gives the host of a record, and its text.
func (w *writer) write(ctx context.Context, partition string, records *sorter,
	row func(record []byte) (host string, text []byte)) error {
	name := strings.TrimSuffix(w.Output, "/") + "/" + partition
	if hostOf(partition) != "" {
		name += "/events"
	}
	if w.Format&Parquet != 0 && partition != problemsPartition {
		err := w.writeParquet(ctx, name, records, row)
		if err != nil || w.Format&NDJSON == 0 {
			return err
		}
	}
	return writeWhole(ctx, w.Output, name+".ndjson", func(to io.Writer) error {
		return records.each(func(r []byte) error {
			_, text := row(r)
			if _, err := to.Write(text); err != nil {
				return err
			}
			_, err := to.Write([]byte{'\n'})
			return err
		})
	})
}

// parquetFile is after how many octets of lines the next file of a partition is begun: what stands at the end of a file
// is kept in memory. It is less in tests.
var parquetFile = 4 << 30

// writeParquet writes NAME.parquet, and what is beyond its size to NAME-2.parquet and so on.
func (w *writer) writeParquet(ctx context.Context, name string, records *sorter,
	row func(record []byte) (host string, text []byte)) error {
	next, stop := iter.Pull2(records.all())
	defer stop()
	record, failed, more := next()
	for file := 1; ; file++ {
		path := name + ".parquet"
		if file > 1 {
			path = fmt.Sprintf("%s-%d.parquet", name, file)
		}
		err := writeWhole(ctx, w.Output, path, func(to io.Writer) error {
			t := table.NewWriter(to, rowGroup)
			for octets := 0; more && octets < parquetFile; record, failed, more = next() {
				if failed != nil {
					return failed
				}
				host, text := row(record)
				if err := t.Write(host, text); err != nil {
					return err
				}
				octets += len(text)
			}
			return t.Close()
		})
		if err != nil || !more {
			return err
		}
	}
}

// writeFn writes a partition, unless that is of a host that gets no directory: then its lines are written with those of
// others.
type writeFn struct{ writer }

func (fn *writeFn) ProcessElement(ctx context.Context, partition string, blocks, kept func(*[]byte) bool,
	beyond func(string, []byte)) error {
	var mark []byte
	if limited(partition) && !kept(&mark) {
		return each(blocks, func(b []byte) error {
			beyond(othersOf(partition), withHost(hostOf(partition), b))
			return nil
		})
	}
	records := &sorter{compare: byKey}
	defer records.close()
	if err := each(blocks, func(b []byte) error { return linesOf(ctx, b, records.add) }); err != nil {
		return err
	}
	host := hostOf(partition)
	return fn.write(ctx, partition, records, func(line []byte) (string, []byte) { return host, line[keyLength:] })
}

// othersFn writes the lines of the hosts of a day that get no directory of their own.
type othersFn struct{ writer }

func (fn *othersFn) ProcessElement(ctx context.Context, partition string, blocks func(*[]byte) bool) error {
	records := &sorter{compare: byKey}
	defer records.close()
	err := each(blocks, func(b []byte) error {
		host, b, err := cutHost(b)
		if err != nil {
			return err
		}
		return linesOf(ctx, b, func(line []byte) error {
			record := make([]byte, 0, len(line)+binary.MaxVarintLen64+len(host))
			return records.add(append(append(record, line[:keyLength]...), withHost(host, line[keyLength:])...))
		})
	})
	if err != nil {
		return err
	}
	return fn.write(ctx, partition, records, func(record []byte) (string, []byte) {
		host, text, _ := cutHost(record[keyLength:]) // it was put there
		return host, text
	})
}

// withHost puts a host before octets, behind its length.
func withHost(host string, octets []byte) []byte {
	b := binary.AppendUvarint(nil, uint64(len(host)))
	return append(append(b, host...), octets...)
}

func cutHost(b []byte) (host string, octets []byte, err error) {
	n, length := binary.Uvarint(b)
	if length <= 0 || n > uint64(len(b)-length) {
		return "", nil, errBlock
	}
	b = b[length:]
	return string(b[:n]), b[n:], nil
}

// writeWhole writes a file so that it is there as a whole or not at all. An object store makes an object of what was
// written when it is closed; on a disk the file is renamed into place, from beside the segments of the output, which
// are removed at the end: so what a process that was killed leaves is removed, too.
func writeWhole(ctx context.Context, output, name string, write func(io.Writer) error) error {
	if inStore(name) {
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
	unfinished := keptPath(output, "unfinished")
	if err := errors.Join(os.MkdirAll(unfinished, 0o755), os.MkdirAll(filepath.Dir(name), 0o755)); err != nil {
		return err
	}
	f, err := os.CreateTemp(unfinished, "")
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
