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
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"wshake/cmd/wshake-beam/internal/part"
)

// What is counted, in octets where no unit is given.
var (
	captured    = beam.NewCounter("wshake", "captured")         // packets, on the wire
	flowOctets  = beam.NewCounter("wshake", "shuffle-flows")    // which flow is in which file
	segOctets   = beam.NewCounter("wshake", "shuffle-segments") // of flows that travel
	madeOctets  = beam.NewCounter("wshake", "shuffle-records")  // to be compared
	markOctets  = beam.NewCounter("wshake", "shuffle-marks")    // of what connections may have in common
	sumOctets   = beam.NewCounter("wshake", "shuffle-sums")     // of what is counted
	lineOctets  = beam.NewCounter("wshake", "output")           // lines
	crossing    = beam.NewCounter("wshake", "octets-of-flows-in-several-files")
	flowsTravel = beam.NewCounter("wshake", "flows-that-travel")  // flows
	flowsSeen   = beam.NewCounter("wshake", "flows-of-all-files") // flows of files
)

// lookFn looks at a file for the first time.
type lookFn struct{ Buckets int }

func (fn *lookFn) ProcessElement(ctx context.Context, file []byte, flow, looked func(int64, []byte)) error {
	f, err := readFile(file)
	if err != nil {
		return err
	}
	flows := newBucketed(fn.Buckets, func(bucket int64, block []byte) {
		flow(bucket, block)
		flowOctets.Inc(ctx, int64(len(block)))
	})
	var seen int64
	l, err := part.Look(f, opener(ctx), func(id part.Flow, held part.Held) {
		flows.add(uint64(id), numbers(int64(held.Piece), held.Octets, int64(held.Last)))
		seen++
	})
	if err != nil {
		return err
	}
	flows.flush()
	flowsSeen.Inc(ctx, seen)
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

// numbers makes octets of three numbers, readNumbers numbers of octets.
func numbers(v ...int64) []byte {
	b := make([]byte, 0, 24)
	for _, n := range v {
		b = binary.AppendVarint(b, n)
	}
	return b
}

func readNumbers(b []byte) (v [3]int64, rest []byte, err error) {
	for i := range v {
		n := 0
		if v[i], n = binary.Varint(b); n <= 0 {
			return v, nil, errors.New("numbers that were sent are damaged")
		}
		b = b[n:]
	}
	return v, b, nil
}

// sharedFn tells each file which of its flows are in other files, too, and with which of them they are analysed.
type sharedFn struct{}

func (*sharedFn) ProcessElement(ctx context.Context, _ int64, files func(*[]byte) bool,
	homes func(file int64, home []byte),
) error {
	flows := make(map[uint64][]part.Held)
	err := eachKeyed(files, func(flow uint64, b []byte) error {
		v, _, err := readNumbers(b)
		flows[flow] = append(flows[flow], part.Held{Piece: int32(v[0]), Octets: v[1], Last: uint64(v[2])})
		return err
	})
	if err != nil {
		return err
	}
	of := make(map[int64][]byte) // by file
	for _, flow := range slices.Sorted(maps.Keys(flows)) {
		if len(flows[flow]) == 1 {
			continue
		}
		home, in, octets := part.Home(flows[flow])
		if len(in) == 1 {
			continue
		}
		crossing.Inc(ctx, octets)
		for _, held := range in {
			file := int64(held.Piece)
			of[file] = append(of[file], numbers(int64(flow), int64(home), int64(held.Last))...)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(of)) {
		homes(file, of[file])
	}
	return nil
}

// readHomes reads what sharedFn tells a file.
func readHomes(next func(*[]byte) bool) (part.Homes, error) {
	homes := make(part.Homes)
	err := each(next, func(b []byte) error {
		for len(b) > 0 {
			v, rest, err := readNumbers(b)
			if err != nil {
				return err
			}
			homes[part.Flow(v[0])] = part.Lodging{Home: int32(v[1]), Last: uint64(v[2])}
			b = rest
		}
		return nil
	})
	return homes, err
}

// wholeFn sums up what all files are, and gives each file on by the number of its piece.
type wholeFn struct{ known }

func (fn *wholeFn) ProcessElement(ctx context.Context, _ int64, looked func(*[]byte) bool,
	file func(int64, []byte), problem func(string, []byte)) error {
	var all []*part.Looked
	for b := []byte(nil); looked(&b); {
		l := new(part.Looked)
		if err := decode(b, l); err != nil {
			return err
		}
		all = append(all, l)
	}
	w, all := part.Sum(all)
	if err := fn.write(ctx, w); err != nil {
		return err
	}
	for _, l := range all {
		if err := sendProblems(l, problem); err != nil {
			return err
		}
		if l.Unread {
			continue
		}
		b, err := json.Marshal(l.File)
		if err != nil {
			return err
		}
		file(int64(l.File.Piece), b)
	}
	return nil
}

// sendProblems says what is wrong with the files of a run.
func sendProblems(l *part.Looked, to func(string, []byte)) error {
	for i, p := range l.Problems {
		line := part.Line{Place: part.Place{File: l.File.Number}, Count: uint32(i)}
		if err := sendProblem(p, &line, to); err != nil {
			return err
		}
	}
	return nil
}

// sendProblem says that something is wrong, at the place of a line.
func sendProblem(p part.Problem, at *part.Line, to func(string, []byte)) (err error) {
	at.Text, err = json.Marshal(map[string]any{"type": "problem", "file": p.Path, "text": p.Text, "lost": p.Lost})
	if err == nil {
		to(problemsPartition, blockOf(at))
	}
	return err
}

// straightFn reads the only run of a capture.
type straightFn struct {
	Output string
	Config part.Config
	Flat   bool
}

func (fn *straightFn) ProcessElement(ctx context.Context, file []byte, line func(string, []byte)) error {
	f, err := readFile(file)
	if err != nil {
		return err
	}
	to := newLines(ctx, fn.Output, "straight", fn.Flat, line)
	l, err := part.Straight(ctx, f, opener(ctx), &fn.Config, to.add)
	if err = cmp.Or(err, to.flush()); err != nil {
		return err
	}
	captured.Inc(ctx, int64(l.Bytes))
	return sendProblems(l, line)
}

// sendFn reads a file for the second time.
type sendFn struct {
	known
	Config part.Config
}

func (fn *sendFn) ProcessElement(ctx context.Context, number int64, files, flows func(*[]byte) bool,
	segments func(int64, []byte)) error {
	f, homes, err := readInputs(number, files, flows)
	if err != nil {
		return err
	}
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	return part.Send(ctx, f, opener(ctx), &fn.Config, w, homes, func(home int32, c *part.Chunk) error {
		segOctets.Inc(ctx, int64(len(c.Octets)))
		if err := keep(ctx, fn.Output, home, c); err != nil {
			return err
		}
		segments(int64(home), encodeChunk(c))
		return nil
	})
}

// readInputs reads what two steps are given: a file, the homes of its flows.
func readInputs(number int64, files, flows func(*[]byte) bool) (f part.File, homes part.Homes, err error) {
	var file []byte
	if !files(&file) {
		return f, nil, fmt.Errorf("file %d has flows and no name", number)
	}
	if f, err = readFile(file); err != nil {
		return f, nil, err
	}
	homes, err = readHomes(flows)
	return f, homes, err
}

// analyseFn reads a file for the last time.
type analyseFn struct {
	known
	Config  part.Config
	Flat    bool
	Buckets int
}

func (fn *analyseFn) ProcessElement(ctx context.Context, number int64, files, flows, chunks func(*[]byte) bool,
	made, mark, end func(int64, []byte), line func(string, []byte)) error {
	f, homes, err := readInputs(number, files, flows)
	if err != nil {
		return err
	}
	w, err := fn.whole(ctx)
	if err != nil {
		return err
	}
	flowsTravel.Inc(ctx, int64(len(homes)))
	arrived := func(yield func(*part.Chunk, error) bool) {
		for b := []byte(nil); chunks(&b); b = nil {
			if !yield(decodeChunk(b)) {
				return
			}
		}
	}
	to := newLines(ctx, fn.Output, fmt.Sprintf("piece-%d", number), fn.Flat, line)
	marks := newBucketed(fn.Buckets, mark)
	err = part.Analyse(ctx, f, opener(ctx), &fn.Config, w, homes, arrived, fetch(ctx),
		fn.out(ctx, made, end, marks, to))
	marks.flush()
	return cmp.Or(err, to.flush())
}

// out sends what is made and what is printed.
func (fn *analyseFn) out(ctx context.Context, made, end func(int64, []byte), marks *bucketed, to *lines) part.Out {
	return part.Out{
		Mark: func(m *part.Mark) error {
			b := m.Encode()
			markOctets.Inc(ctx, int64(len(b)))
			marks.add(m.Key, b)
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
				b, err = parcel(ctx, fn.Output, fmt.Sprintf("made/%d-%d-%t", part.RunOf(m.Run), m.Count,
					m.Totals != nil), b)
			}
			if err == nil {
				made(int64(part.RunOf(m.Run)), b)
			}
			return err
		},
		Line: to.add,
	}
}

// A chunk is sent as file, piece, count, time and number of its first place, length of the path (varints), path,
// octets.
func encodeChunk(c *part.Chunk) []byte {
	b := make([]byte, 0, len(c.Octets)+len(c.Path)+40)
	for _, v := range []uint64{uint64(c.First.File), uint64(c.Piece), uint64(c.Count), uint64(c.First.Time),
		c.First.Number,
		uint64(len(c.Path))} {
		b = binary.AppendUvarint(b, v)
	}
	return append(append(b, c.Path...), c.Octets...)
}

func decodeChunk(b []byte) (*part.Chunk, error) {
	var v [6]uint64
	for i := range v {
		n := 0
		if v[i], n = binary.Uvarint(b); n <= 0 {
			return nil, errChunk
		}
		b = b[n:]
	}
	if v[5] > uint64(len(b)) {
		return nil, errChunk
	}
	return &part.Chunk{Piece: int32(v[1]), Count: uint32(v[2]),
		First: part.Place{Time: int64(v[3]), File: int32(v[0]), Number: v[4]}, Path: string(b[:v[5]]),
		Octets: b[v[5]:]}, nil
}

var errChunk = errors.New("segments that were sent are damaged")

// byKey sorts lines that were sent.
func byKey(a, b []byte) int {
	return cmp.Or(bytes.Compare(a[:keyLength], b[:keyLength]), bytes.Compare(a[keyLength:], b[keyLength:]))
}
