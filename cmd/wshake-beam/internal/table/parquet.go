package table

import (
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// Writer writes a file of Parquet.
type Writer struct {
	out   *parquet.GenericWriter[any] // of rows: no type stands for the columns
	row   parquet.Row
	group int // octets of lines after which a row group ends
	held  int // octets of lines in the row group
}

// RowGroup is how many octets of lines make a row group: what a Writer holds in memory is some times as much.
const RowGroup = 16 << 20

// dictionary is up to which size the values of a column are collected in a dictionary, octets.
const dictionary = 1 << 20

// NewWriter makes a writer. A row group ends after so many octets of lines.
func NewWriter(to io.Writer, group int) *Writer {
	out := parquet.NewGenericWriter[any](to, parquetSchema(), parquet.Compression(&zstd.Codec{}),
		parquet.CreatedBy("wshake-beam", "", ""), parquet.DictionaryMaxBytes(dictionary),
		parquet.SkipPageBounds(columnLine), parquet.SkipPageStatistics(columnLine))
	return &Writer{group: group, out: out}
}

// parquetSchema is made from a struct, which keeps the order of the columns.
var parquetSchema = sync.OnceValue(func() *parquet.Schema {
	types := map[Type]reflect.Type{Text: reflect.TypeFor[string](), Integer: reflect.TypeFor[int64](),
		Boolean: reflect.TypeFor[bool](), Time: reflect.TypeFor[int64]()}
	var fields []reflect.StructField
	for i, c := range Columns() {
		tag := c.Name
		if c.nullable() {
			tag += ",optional"
		}
		switch {
		case c.Type == Time: // finer ones are not read everywhere, such as by Spark
			tag += ",timestamp(microsecond)"
		case c.Type == Text && c.Name != columnLine:
			tag += ",dict"
		}
		fields = append(fields, reflect.StructField{Name: "C" + strconv.Itoa(i), Type: types[c.Type],
			Tag: reflect.StructTag("parquet:" + strconv.Quote(tag))})
	}
	return parquet.NewSchema("event", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
})

func (c *Column) nullable() bool { return c.Name != columnType && c.Name != columnLine }

// Write adds an event that belongs to a host, "" where it belongs to none: a line of JSON without its end.
func (w *Writer) Write(host string, line []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return err
	}
	w.row = w.row[:0]
	for i, c := range Columns() {
		v := parquet.NullValue()
		switch c.Name {
		case columnLine:
			v = parquet.ByteArrayValue(line)
		case columnHost:
			if host != "" {
				v = parquet.ByteArrayValue([]byte(host))
			}
		default:
			if v = c.value(at(keys, c.path)); v.IsNull() && len(c.path) > 1 {
				v = c.value(keys[c.Name]) // close_code of frames, and close.code of connections
			}
		}
		level := 0
		if c.nullable() && !v.IsNull() {
			level = 1
		} else if !c.nullable() && v.IsNull() {
			v = parquet.ByteArrayValue(nil)
		}
		w.row = append(w.row, v.Level(0, level, i))
	}
	if _, err := w.out.WriteRows([]parquet.Row{w.row}); err != nil {
		return err
	}
	if w.held += len(line); w.held < w.group {
		return nil
	}
	w.held = 0
	return w.out.Flush()
}

// Close writes what is left, and the end of the file.
func (w *Writer) Close() error { return w.out.Close() }

// at is what stands at a path, nil where nothing does.
func at(keys map[string]json.RawMessage, path []string) json.RawMessage {
	v := keys[path[0]]
	if len(path) == 1 {
		return v
	}
	var inside map[string]json.RawMessage
	if json.Unmarshal(v, &inside) != nil {
		return nil
	}
	return at(inside, path[1:])
}

// value is a value of JSON in a column, null where it does not fit.
func (c *Column) value(v json.RawMessage) parquet.Value {
	if len(v) == 0 {
		return parquet.NullValue()
	}
	text := ""
	if v[0] == '"' && json.Unmarshal(v, &text) != nil {
		return parquet.NullValue()
	}
	switch c.Type {
	case Text:
		if v[0] == '"' {
			return parquet.ByteArrayValue([]byte(text))
		}
		if strings.IndexByte("0123456789", v[0]) >= 0 {
			return parquet.ByteArrayValue(v)
		}
	case Integer: // one that is too large is in the line alone
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return parquet.Int64Value(n)
		}
	case Boolean:
		if b, err := strconv.ParseBool(string(v)); err == nil && len(v) > 1 {
			return parquet.BooleanValue(b)
		}
	case Time:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return parquet.Int64Value(t.UnixMicro())
		}
	}
	return parquet.NullValue()
}
