// Package pipeline analyses captures with Apache Beam: package part says how, this package carries values from one step
// to the next.
//
//	files ─▶ look ─▶ flow: files  ─ GroupByKey ─▶ file: flows that travel ┐
//	          └────▶ the whole    ─ side input ───────────────┐           │
//	files ───────────────────────────────────── CoGroupByKey ─▶ analyse ◀─┘
//	                                                            ├─▶ flow: segments ─ GroupByKey ─▶ connect
//	                                                            └─▶ made ◀──────────────────────────┘
//	made ─ GroupByKey ─▶ join ─▶ day and host: lines ─ GroupByKey ─▶ write
//
// # Design
//
// Every step gives the same for the same input, also where an element is worked on twice: chunks and records are
// counted, and the writer writes a partition as a whole under a name that follows from its key. So a bundle that is
// tried again changes nothing.
package pipeline

import (
	"encoding/json"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"wshake/cmd/wshake-beam/internal/part"
)

func init() {
	register.DoFn4x1[contextType, []byte, func(int64, int64), func(int64, []byte), error](&lookFn{})
	register.DoFn3x0[int64, func(*int64) bool, func(int64, int64)](&sharedFn{})
	register.DoFn4x1[int64, func(*[]byte) bool, func([]byte), func(string, []byte), error](&wholeFn{})
	register.DoFn1x2[[]byte, int64, []byte](&numberFn{})
	register.DoFn8x1[contextType, int64, func(*[]byte) bool, func(*int64) bool, func(*[]byte) bool, func(int64, []byte), func(int64, []byte), func(string, []byte), error](&analyseFn{})
	register.DoFn6x1[contextType, int64, func(*[]byte) bool, func(*[]byte) bool, func(int64, []byte), func(string, []byte), error](&connectFn{})
	register.DoFn4x1[int64, func(*[]byte) bool, func(*[]byte) bool, func(string, []byte), error](&joinFn{})
	register.DoFn3x1[contextType, string, func(*[]byte) bool, error](&writeFn{})
	register.Emitter1[[]byte]()
	register.Emitter2[int64, int64]()
	register.Emitter2[int64, []byte]()
	register.Emitter2[string, []byte]()
	register.Iter1[[]byte]()
	register.Iter1[int64]()
	beam.RegisterType(reflect.TypeFor[part.Config]())
}

// Options say what a pipeline does.
type Options struct {
	Files  []part.File
	Config part.Config
	Output string // directory, also of an object store
	Flat   bool   // one file for all events, instead of one for each day and host
}

// Build adds the pipeline to a scope.
func Build(s beam.Scope, o Options) error {
	files := make([][]byte, len(o.Files))
	for i, f := range o.Files {
		b, err := json.Marshal(f)
		if err != nil {
			return err
		}
		files[i] = b
	}
	listed := beam.Reshuffle(s.Scope("files"), beam.CreateList(s, files))

	flows, looked := beam.ParDo2(s.Scope("look"), &lookFn{}, listed)
	shared := beam.ParDo(s.Scope("shared"), &sharedFn{}, beam.GroupByKey(s, flows))
	whole, problems := beam.ParDo2(s.Scope("whole"), &wholeFn{}, beam.GroupByKey(s, looked))

	numbered := beam.ParDo(s, &numberFn{}, listed)
	analyse := &analyseFn{Config: o.Config, Flat: o.Flat}
	made, segments, lines := beam.ParDo3(s.Scope("analyse"), analyse, beam.CoGroupByKey(s, numbered, shared), beam.SideInput{Input: whole})
	connect := &connectFn{Config: o.Config, Flat: o.Flat}
	madeOfFlows, linesOfFlows := beam.ParDo2(s.Scope("connect"), connect, beam.GroupByKey(s, segments), beam.SideInput{Input: whole})

	join := &joinFn{Config: o.Config, Flat: o.Flat}
	events := beam.ParDo(s.Scope("join"), join, beam.GroupByKey(s, beam.Flatten(s, made, madeOfFlows)), beam.SideInput{Input: whole})
	all := beam.Flatten(s, lines, linesOfFlows, events, problems)
	beam.ParDo0(s.Scope("write"), &writeFn{Output: o.Output}, beam.GroupByKey(s, all))
	return nil
}
