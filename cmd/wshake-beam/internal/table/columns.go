// Package table gives events as rows of flat columns, for Parquet and for databases.
//
// # Design
//
// What is asked for most is a column of its own; the column "line" holds the whole event as JSON, so that nothing is
// lost. Names and types follow from the JSON Schema of events. A column is null where the event has no such key, and
// where its value is null or does not fit the column's type.
//
// Parquet is written with github.com/parquet-go/parquet-go. github.com/apache/arrow-go needs the Arrow format and its
// memory besides, and its rows are built a column at a time.
package table

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"wshake/analyze/report"
)

// Type is what a column holds.
type Type uint8

// Types of columns.
const (
	Text Type = iota + 1
	Integer
	Boolean
	Time
)

// Column is a column. All but the first and the last may be null.
type Column struct {
	Name string
	Type Type
	path []string // of keys, in the JSON of an event
}

// Names of columns that are not filled from their key alone.
const (
	columnType = "type"
	columnHost = "host" // what an event is filed under
	columnLine = "line"
)

// paths are the keys that are columns. A value inside of an object has the object's key before its own.
var paths = strings.Fields(`type time conn community_id client server host file packet stream
	transport tls sni alpn method uri origin user_agent status reason latency_us version protocol accept_valid verdict
	opened packets bytes duration_us ended ended_by reset_code close.from close.code close.reason close.answered
	longest_idle_us pings
	id name level fault text seen wanted section advice follows.conn follows.name check count
	from opcode length complete compressed kind`)

// Columns are those of every table, in their order.
var Columns = sync.OnceValue(func() []Column {
	var schema schema
	if err := json.Unmarshal(report.Schema, &schema); err != nil {
		panic(err)
	}
	var all []Column
	for _, path := range paths {
		c := Column{Name: strings.ReplaceAll(path, ".", "_"), path: strings.Split(path, ".")}
		c.Type = schema.typeOf(c.path)
		if slices.Contains(c.path, "conn") {
			c.Type = Text // a number for wshake, a name for wshake-beam
		}
		all = append(all, c)
	}
	return append(all, Column{Name: columnLine, Type: Text})
})

// schema is a JSON Schema as far as that of events goes.
type schema struct {
	OneOf []property           `json:"oneOf"`
	Defs  map[string]*property `json:"$defs"`
}

type property struct {
	Ref        string               `json:"$ref"`
	Type       any                  `json:"type"` // a name, or a list of them
	Enum       []any                `json:"enum"`
	Const      any                  `json:"const"`
	OneOf      []*property          `json:"oneOf"`
	Properties map[string]*property `json:"properties"`
}

// typeOf is the type of what stands at a path in events that have a value there, and no list or object.
func (s *schema) typeOf(path []string) (found Type) {
	for _, kind := range s.OneOf {
		p := s.resolve(&kind)
		for _, key := range path {
			if p = s.resolve(p.Properties[key]); p == nil {
				break
			}
		}
		if p == nil || p.scalar() == 0 {
			continue
		}
		if found != 0 && found != p.scalar() {
			panic(fmt.Sprintf("%v has two types in the schema of events", path))
		}
		found = p.scalar()
	}
	if found == 0 {
		panic(fmt.Sprintf("%v is not in the schema of events", path))
	}
	return found
}

const refTime = "#/$defs/time"

// resolve follows references, and takes of alternatives the one that is not null.
func (s *schema) resolve(p *property) *property {
	for p != nil && p.Ref != refTime {
		switch {
		case p.Ref != "":
			p = s.Defs[strings.TrimPrefix(p.Ref, "#/$defs/")]
		case len(p.OneOf) > 0:
			p = p.OneOf[slices.IndexFunc(p.OneOf, func(q *property) bool { return q.Type != "null" })]
		default:
			return p
		}
	}
	return p
}

// scalar is the type of a column for a property, 0 for lists and objects.
func (p *property) scalar() Type {
	if p.Ref == refTime {
		return Time
	}
	if p.Const != nil || len(p.Enum) > 0 {
		return Text
	}
	names, _ := p.Type.([]any)
	for _, name := range append(names, p.Type) {
		switch name {
		case "string":
			return Text
		case "integer":
			return Integer
		case "boolean":
			return Boolean
		}
	}
	return 0
}
