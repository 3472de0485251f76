package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"wshake/cmd/wshake-beam/internal/part"
)

type contextType = context.Context

// What is counted, in octets where no unit is given.
var (
	captured    = beam.NewCounter("wshake", "captured")           // packets, on the wire
	flowOctets  = beam.NewCounter("wshake", "shuffle-flows")      // which flow is in which file
	segOctets   = beam.NewCounter("wshake", "shuffle-segments")   // of flows that travel
	madeOctets  = beam.NewCounter("wshake", "shuffle-records")    // to be compared
	markOctets  = beam.NewCounter("wshake", "shuffle-marks")      // of what connections may have in common
	sumOctets   = beam.NewCounter("wshake", "shuffle-sums")       // of what is counted
	lineOctets  = beam.NewCounter("wshake", "output")             // lines
	flowsTravel = beam.NewCounter("wshake", "flows-that-travel")  // flows
	flowsSeen   = beam.NewCounter("wshake", "flows-of-all-files") // flows of files
)

// lookFn looks at a file for the first time.
type lookFn struct{}

func (*lookFn) ProcessElement(ctx context.Context, file []byte, flow func(flow, file int64), looked func(int64, []byte)) error {
	f, err := readFile(file)
	if err != nil {
		return err
	}
	l, err := part.Look(f, opener(ctx), func(id part.Flow) {
		flow(int64(id), int64(f.Number))
		flowOctets.Inc(ctx, 12)
		flowsSeen.Inc(ctx, 1)
	})
	if err != nil {
		return err
	}
	captured.Inc(ctx, int64(l.Bytes))
	b, err := encode(l)
	if err != nil {
		return err
	}
	looked(0, b)
	return nil
}

func readFile(b []byte) (f part.File, err error) {
	err = json.Unmarshal(b, &f)
	return f, err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

func decode(b []byte, v any) error { return gob.NewDecoder(bytes.NewReader(b)).Decode(v) }

// sharedFn tells each file which of its flows are in other files, too.
type sharedFn struct{}

func (*sharedFn) ProcessElement(flow int64, files func(*int64) bool, travels func(file, flow int64)) {
	var list []int64
	for file := int64(0); files(&file); {
		if i, found := slices.BinarySearch(list, file); !found {
			list = slices.Insert(list, i, file)
		}
	}
	if len(list) > 1 {
		for _, file := range list {
			travels(file, flow)
		}
	}
}

// wholeFn sums up what all files are.
type wholeFn struct{}

func (*wholeFn) ProcessElement(_ int64, looked func(*[]byte) bool, whole func([]byte), problem func(string, []byte)) error {
	var all []*part.Looked
	for b := []byte(nil); looked(&b); {
		l := new(part.Looked)
		if err := decode(b, l); err != nil {
			return err
		}
		all = append(all, l)
	}
	w := part.Sum(all)
	for _, l := range all {
		for i, p := range l.Problems {
			text, err := json.Marshal(map[string]any{"type": "problem", "file": p.Path, "text": p.Text, "lost": p.Lost})
			if err != nil {
				return err
			}
			line := part.Line{Place: part.Place{File: l.File}, Count: uint32(i), Text: text}
			problem(problemsPartition, appendLine(&line))
		}
	}
	b, err := encode(w)
	if err != nil {
		return err
	}
	whole(b)
	return nil
}

// readWhole reads the side input.
func readWhole(next func(*[]byte) bool) (*part.Whole, error) {
	var b []byte
	if !next(&b) {
		return nil, errors.New("nothing is known of the files")
	}
	w := new(part.Whole)
	return w, decode(b, w)
}

// numberFn keys files by their numbers.
type numberFn struct{}

func (*numberFn) ProcessElement(file []byte) (int64, []byte) {
	f, err := readFile(file)
	if err != nil {
		panic(err) // Build wrote it
	}
	return int64(f.Number), file
}

// analyseFn reads a file for the second time.
type analyseFn struct {
	Config part.Config
	Flat   bool
}

func (fn *analyseFn) ProcessElement(ctx context.Context, number int64, files func(*[]byte) bool, flows func(*int64) bool, whole func(*[]byte) bool,
	made func(int64, []byte), segments, mark, end func(int64, []byte), line func(string, []byte)) error {
	var file []byte
	if !files(&file) {
		return fmt.Errorf("file %d has flows and no name", number)
	}
	f, err := readFile(file)
	if err != nil {
		return err
	}
	w, err := readWhole(whole)
	if err != nil {
		return err
	}
	travels := make(map[part.Flow]bool)
	for flow := int64(0); flows(&flow); {
		travels[part.Flow(flow)] = true
	}
	flowsTravel.Inc(ctx, int64(len(travels)))
	out := output(ctx, fn.Flat, made, mark, end, line)
	out.Segment = func(share part.Share, c *part.Chunk) error {
		b, err := encodeChunk(c)
		if err == nil {
			segOctets.Inc(ctx, int64(len(b)))
			segments(int64(share), b)
		}
		return err
	}
	return part.Analyse(ctx, f, opener(ctx), &fn.Config, w, func(flow part.Flow) bool { return travels[flow] }, out)
}

// output sends what is made and what is printed.
func output(ctx context.Context, flat bool, made, mark, end func(int64, []byte), line func(string, []byte)) part.Out {
	return part.Out{
		Mark: func(m *part.Mark) error {
			b := m.Encode()
			markOctets.Inc(ctx, int64(len(b)))
			mark(int64(m.Key), b)
			return nil
		},
		End: func(hop uint64, e *part.End) error {
			b, err := e.Encode()
			if err == nil {
				markOctets.Inc(ctx, int64(len(b)))
				end(int64(hop), b)
			}
			return err
		},
		Made: func(m *part.Made) error {
			b, err := m.Encode()
			if err == nil {
				madeOctets.Inc(ctx, int64(len(b)))
				made(int64(part.RunOf(m.Run)), b)
			}
			return err
		},
		Line: lines(ctx, flat, line),
	}
}

// lines sends lines to their partitions.
func lines(ctx context.Context, flat bool, to func(string, []byte)) func(*part.Line) error {
	return func(l *part.Line) error {
		b := appendLine(l)
		lineOctets.Inc(ctx, int64(len(l.Text)+1))
		if flat {
			to(flatPartition, b)
		} else {
			to(partition(l), b)
		}
		return nil
	}
}

// A chunk is sent as file, count (varints), octets.
func encodeChunk(c *part.Chunk) ([]byte, error) {
	b := binary.AppendUvarint(make([]byte, 0, len(c.Octets)+10), uint64(c.File))
	return append(binary.AppendUvarint(b, uint64(c.Count)), c.Octets...), nil
}

func decodeChunk(b []byte) (*part.Chunk, error) {
	file, n := binary.Uvarint(b)
	if n <= 0 {
		return nil, errors.New("a chunk without its file")
	}
	count, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return nil, errors.New("a chunk without its number")
	}
	return &part.Chunk{File: int32(file), Count: uint32(count), Octets: b[n+m:]}, nil
}

// connectFn analyses flows of several files.
type connectFn struct {
	Config part.Config
	Flat   bool
}

func (fn *connectFn) ProcessElement(ctx context.Context, share int64, chunks func(*[]byte) bool, whole func(*[]byte) bool,
	made, mark, end func(int64, []byte), line func(string, []byte)) error {
	w, err := readWhole(whole)
	if err != nil {
		return err
	}
	each := func(yield func(*part.Chunk, error) bool) {
		for b := []byte(nil); chunks(&b); b = nil {
			if !yield(decodeChunk(b)) {
				return
			}
		}
	}
	return part.Connect(ctx, part.Share(share), each, &fn.Config, w, output(ctx, fn.Flat, made, mark, end, line))
}

// byKey sorts lines that were sent.
func byKey(a, b []byte) int {
	return cmp.Or(bytes.Compare(a[:keyLength], b[:keyLength]), bytes.Compare(a[keyLength:], b[keyLength:]))
}
