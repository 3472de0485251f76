package pipeline

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"

	"wshake/cmd/wshake-beam/internal/part"
)

// Workers that are processes, for a test: each executes bundles of the steps of a pipeline, and can be killed in one.

// Value is what is sent between steps.
type Value struct {
	Number int64
	Name   string // of a partition
	Octets []byte
}

// Bundle is one call of a step.
type Bundle struct {
	Step   string
	Key    Value
	Inputs [][][]byte
	// Die has the worker killed when it gives the value of that number, from 1, and at the end where there are fewer;
	// 0: it lives.
	Die int
}

// Done is what a bundle gave: the values of each output.
type Done struct {
	Outputs [][]Value
	Error   string
}

// steps are those of Build.
func steps(o *Options) map[string]any {
	known, to := known{Output: o.Output}, writer{o.Output, o.Format}
	return map[string]any{
		"look": &lookFn{leastBuckets}, "shared": &sharedFn{}, "whole": &wholeFn{known},
		"send":    &sendFn{known, o.Config},
		"analyse": &analyseFn{known, o.Config, o.Flat, leastBuckets}, "keys": &pairFn{leastBuckets},
		"groups": &groupFn{}, "ends": &alikeFn{},
		"judge": &judgeFn{known, o.Config, o.Flat}, "join": &joinFn{known, o.Config, o.Flat},
		"reduce": &reduceFn{known, o.Config}, "finish": &finishFn{known, o.Config, o.Flat},
		"first": &firstFn{}, "limit": &limitFn{o.Hosts}, "write": &writeFn{to}, "others": &othersFn{to},
	}
}

// Serve executes the bundles that come from in until that ends.
func Serve(in io.Reader, out io.Writer) error {
	from, to := gob.NewDecoder(in), gob.NewEncoder(out)
	var o Options
	if err := from.Decode(&o); err != nil {
		return err
	}
	inlineSize = 1 << 10 // so that segments go through files
	SortInLittle()
	all := steps(&o)
	for {
		var b Bundle
		if err := from.Decode(&b); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := to.Encode(execute(all[b.Step], &b)); err != nil {
			return err
		}
	}
}

// die is SIGKILL.
func die() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		p.Kill()
	}
	select {}
}

// execute calls a step as Beam does.
func execute(step any, b *Bundle) (d *Done) {
	d = new(Done)
	given := 0
	var mu sync.Mutex // a step may have goroutines
	give := func(output int, v Value) {
		mu.Lock()
		defer mu.Unlock()
		if given++; given == b.Die {
			die()
		}
		v.Octets = append([]byte(nil), v.Octets...)
		d.Outputs[output] = append(d.Outputs[output], v)
	}
	f := reflect.ValueOf(step).MethodByName("ProcessElement")
	var args []reflect.Value
	input := 0
	for i := range f.Type().NumIn() {
		output := len(d.Outputs)
		switch t := f.Type().In(i); t {
		case reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(context.Background()))
		case reflect.TypeFor[int64]():
			args = append(args, reflect.ValueOf(b.Key.Number))
		case reflect.TypeFor[string]():
			args = append(args, reflect.ValueOf(b.Key.Name))
		case reflect.TypeFor[[]byte]():
			args = append(args, reflect.ValueOf(b.Key.Octets))
		case reflect.TypeFor[func(*[]byte) bool]():
			args = append(args, reflect.ValueOf(from(&b.Inputs[input])))
			input++
		case reflect.TypeFor[func(int64, []byte)]():
			d.Outputs = append(d.Outputs, nil)
			args = append(args, reflect.ValueOf(func(key int64, v []byte) {
				give(output, Value{Number: key, Octets: v})
			}))
		case reflect.TypeFor[func(string, []byte)]():
			d.Outputs = append(d.Outputs, nil)
			args = append(args, reflect.ValueOf(func(key string, v []byte) {
				give(output, Value{Name: key, Octets: v})
			}))
		default:
			panic(t.String())
		}
	}
	for _, result := range f.Call(args) {
		if err, ok := result.Interface().(error); ok {
			d.Error = err.Error()
		}
	}
	if b.Die > given {
		die()
	}
	return d
}

// SortInLittle has lines sorted with less memory, so that they go through temporary files, until it is undone.
func SortInLittle() (undo func()) {
	memory, runs := sortedInMemory, mergedRuns
	sortedInMemory, mergedRuns = 4<<10, 3
	return func() { sortedInMemory, mergedRuns = memory, runs }
}

// SplitParquet has a file of Parquet end after so many octets of lines, until it is undone.
func SplitParquet(octets int) (undo func()) {
	before := parquetFile
	parquetFile = octets
	return func() { parquetFile = before }
}

// WriteLines writes events to their partitions, with row groups of so many octets.
func WriteLines(output string, format Format, group int, lines []part.Line) error {
	defer func(before int) { rowGroup = before }(rowGroup)
	rowGroup = group
	partitions := make(map[string][][]byte)
	for i := range lines {
		name := partition(&lines[i])
		partitions[name] = append(partitions[name], blockOf(&lines[i]))
	}
	for name, values := range partitions {
		kept := [][]byte{nil}
		fn := &writeFn{writer{output, format}}
		err := fn.ProcessElement(context.Background(), name, from(&values), from(&kept), nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// Kept gives the partitions of one day that get a directory, and how many problems are told.
func Kept(lines []part.Line, most int) (kept []string, problems int, err error) {
	day, firsts := "", [][]byte(nil)
	for i := range lines {
		err := (&firstFn{}).ProcessElement(partition(&lines[i]), blockOf(&lines[i]), func(of string, b []byte) {
			day, firsts = of, append(firsts, b)
		})
		if err != nil {
			return nil, 0, err
		}
	}
	err = (&limitFn{most}).ProcessElement(day, from(&firsts),
		func(partition string, _ []byte) { kept = append(kept, partition) },
		func(string, []byte) { problems++ })
	return kept, problems, err
}

// from is an iterator of Beam.
func from(values *[][]byte) func(*[]byte) bool {
	return func(b *[]byte) bool {
		if len(*values) == 0 {
			return false
		}
		*b, *values = (*values)[0], (*values)[1:]
		return true
	}
}

// Sorted sorts records through temporary files, and tells how many runs of how many levels there were at the end.
func Sorted(records [][]byte) (twice [2][][]byte, levels, runs int, err error) {
	s := &sorter{compare: bytes.Compare}
	defer s.close()
	for _, r := range records {
		if err := s.add(r); err != nil {
			return twice, 0, 0, err
		}
	}
	for i := range twice {
		err = errors.Join(err, s.each(func(r []byte) error {
			twice[i] = append(twice[i], bytes.Clone(r))
			return nil
		}))
	}
	for _, level := range s.runs {
		runs += len(level)
	}
	return twice, len(s.runs), runs, err
}

// ThroughBuckets gives the blocks of each bucket that values are sent in.
func ThroughBuckets(n int, keys []uint64, values [][]byte) (map[int64][][]byte, error) {
	blocks := make(map[int64][][]byte)
	s := newBucketed(n, func(bucket int64, block []byte) { blocks[bucket] = append(blocks[bucket], block) })
	for i, key := range keys {
		s.add(key, values[i])
	}
	s.flush()
	if s.size != 0 {
		return nil, fmt.Errorf("%d octets are left", s.size)
	}
	return blocks, nil
}

// FromBucket gives the values of each key in the blocks of a bucket, in hexadecimal.
func FromBucket(blocks [][]byte) (map[uint64][]string, error) {
	of := make(map[uint64][]string)
	err := eachKeyed(from(&blocks), func(key uint64, value []byte) error {
		of[key] = append(of[key], fmt.Sprintf("%x", value))
		return nil
	})
	return of, err
}
