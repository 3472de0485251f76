// Package pipeline analyses captures with Apache Beam: package part says how, this package carries values from one step
// to the next.
//
//	files ─▶ runs, of which some are pieces of a large file ─▶ walk ─ GroupByKey ─▶ settle ─▶ files
//	the only run ─▶ straight ─▶ lines
//	files ─▶ look ─▶ bucket: flows ─ GroupByKey ─▶ file: homes of its flows
//	          └────▶ whole: file ─ name; beside the output what most steps know of all files
//	file: name, homes           ─ CoGroupByKey ─▶ send ─▶ home: segments
//	file: name, homes, segments ─ CoGroupByKey ─▶ analyse ─▶ made, marks, ends without a Close
//	bucket: marks ─ GroupByKey ─▶ pairs ─▶ groups of connections ─▶ run: members ┐
//	hop: ends ─ GroupByKey ─▶ run: ends that are alike ┐                         │
//	run: made ─────────────────────────── CoGroupByKey ┴▶ judge ◀────────────────┘
//	                                                      ├─▶ group: made ─ GroupByKey ─▶ join ─▶ lines, sums
//	                                                      └─▶ sums ─▶ reduce ─▶ finish ─▶ lines
//	day: first lines of hosts ─ GroupByKey ─▶ limit: hosts that get a directory
//	day and host: lines, whether it gets one ─ CoGroupByKey ─▶ write ─▶ others
//	day: lines of other hosts ─ GroupByKey ─▶ others
//
// A file is here what one worker reads at once: neighbouring files, one, or a piece of one (part.Runs). A run is what
// it analyses: the flows that are in no other, and those of several whose home it is.
//
// Every step gives the same for the same input, also where an element is worked on twice: chunks and records are
// counted, and the writer writes a partition as a whole under a name that follows from its key. So a bundle that is
// tried again changes nothing.
package pipeline

import (
	"cmp"
	"encoding/json"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"wshake/cmd/wshake-beam/internal/part"
)

func init() {
	// Steps are called by reflection, for large elements each: for register's code of some the compiler takes minutes.
	beam.RegisterDoFn(&walkFn{})
	beam.RegisterDoFn(&settleFn{})
	beam.RegisterDoFn(&lookFn{})
	beam.RegisterDoFn(&straightFn{})
	beam.RegisterDoFn(&sharedFn{})
	beam.RegisterDoFn(&wholeFn{})
	beam.RegisterDoFn(&sendFn{})
	beam.RegisterDoFn(&analyseFn{})
	beam.RegisterDoFn(&pairFn{})
	beam.RegisterDoFn(&groupFn{})
	beam.RegisterDoFn(&alikeFn{})
	beam.RegisterDoFn(&judgeFn{})
	beam.RegisterDoFn(&joinFn{})
	beam.RegisterDoFn(&reduceFn{})
	beam.RegisterDoFn(&finishFn{})
	beam.RegisterDoFn(&firstFn{})
	beam.RegisterDoFn(&limitFn{})
	beam.RegisterDoFn(&writeFn{})
	beam.RegisterDoFn(&othersFn{})
	register.Emitter1[[]byte]()
	register.Emitter2[int64, []byte]()
	register.Emitter2[string, []byte]()
	register.Iter1[[]byte]()
	beam.RegisterType(reflect.TypeFor[part.Config]())
}

// Options say what a pipeline does.
type Options struct {
	Files  []part.File
	Config part.Config
	Output string // directory, also of an object store
	Flat   bool   // one file for all events, instead of one for each day and host
	Hosts  int    // that get a file for each day; those beyond have one together. 0 stands for MostHosts
	Format Format
	part.Share
}

// Build adds the pipeline to a scope.
func Build(s beam.Scope, o Options) error {
	runs := o.Runs(sized(o.Files, o.Workers))
	if len(runs) == 1 {
		return straight(s, &o, &runs[0])
	}
	listed, err := list(s.Scope("files"), runs)
	if err != nil {
		return err
	}
	n := buckets(len(runs))
	flows, looked := beam.ParDo2(s.Scope("look"), &lookFn{n}, listed)
	homes := beam.ParDo(s.Scope("shared"), &sharedFn{}, beam.GroupByKey(s, flows))
	known := known{Output: o.Output}
	files, problems := beam.ParDo2(s.Scope("whole"), &wholeFn{known}, beam.GroupByKey(s, looked))

	segments := beam.ParDo(s.Scope("send"), &sendFn{known, o.Config}, beam.CoGroupByKey(s, files, homes))
	a := beam.ParDoN(s.Scope("analyse"), &analyseFn{known, o.Config, o.Flat, n},
		beam.CoGroupByKey(s, files, homes, segments))
	made, marks, ends, lines := a[0], a[1], a[2], a[3]

	pairs, legs := beam.ParDo2(s.Scope("keys"), &pairFn{n}, beam.GroupByKey(s, marks))
	pairsOfLegs, _ := beam.ParDo2(s.Scope("legs"), &pairFn{n}, beam.GroupByKey(s, legs))
	members := beam.ParDo(s.Scope("groups"), &groupFn{}, beam.GroupByKey(s, beam.Flatten(s, pairs, pairsOfLegs)))
	alike := beam.ParDo(s.Scope("ends"), &alikeFn{}, beam.GroupByKey(s, ends))

	judge := &judgeFn{known, o.Config, o.Flat}
	away, events, sums := beam.ParDo3(s.Scope("judge"), judge, beam.CoGroupByKey(s, made, members, alike))
	join := &joinFn{known, o.Config, o.Flat}
	eventsOfGroups, sumsOfGroups := beam.ParDo2(s.Scope("join"), join, beam.GroupByKey(s, away))
	reduced := beam.ParDo(s.Scope("reduce"), &reduceFn{known, o.Config},
		beam.GroupByKey(s, beam.Flatten(s, sums, sumsOfGroups)))
	finish := &finishFn{known, o.Config, o.Flat}
	last := beam.ParDo(s.Scope("finish"), finish, beam.GroupByKey(s, reduced))
	write(s, &o, beam.Flatten(s, lines, events, eventsOfGroups, last, problems))
	return nil
}

// straight adds the pipeline for a capture that is one run.
func straight(s beam.Scope, o *Options, run *part.File) error {
	b, err := json.Marshal(run)
	if err != nil {
		return err
	}
	lines := beam.ParDo(s.Scope("straight"), &straightFn{o.Output, o.Config, o.Flat}, beam.Create(s, b))
	write(s, o, lines)
	return nil
}

// write adds the steps that write lines.
func write(s beam.Scope, o *Options, lines beam.PCollection) {
	to := writer{o.Output, o.Format}
	firsts := beam.ParDo(s.Scope("first"), &firstFn{}, lines)
	kept, problems := beam.ParDo2(s.Scope("limit"), &limitFn{cmp.Or(o.Hosts, MostHosts)}, beam.GroupByKey(s, firsts))
	beyond := beam.ParDo(s.Scope("write"), &writeFn{to}, beam.CoGroupByKey(s, beam.Flatten(s, lines, problems), kept))
	beam.ParDo0(s.Scope("others"), &othersFn{to}, beam.GroupByKey(s, beyond))
}
