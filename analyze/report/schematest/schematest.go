// Package schematest checks lines of NDJSON against the schema of package report. It is for tests, of any package that
// prints events. That keys stand in the order of the schema is no matter of JSON Schema: package report tests it.
package schematest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wshake/analyze/report"
)

const schemaName = "wshake.json"

var compiler = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	return c, c.AddResource(schemaName, document)
})

// compiling guards the compiler, which keeps what it compiled.
var compiling sync.Mutex

func compile(part string) (*jsonschema.Schema, error) {
	c, err := compiler()
	if err != nil {
		return nil, err
	}
	compiling.Lock()
	defer compiling.Unlock()
	return c.Compile(schemaName + part)
}

// Validate reports why line is not a line of the JSON output.
func Validate(line []byte) error {
	schema, err := compile("")
	if err != nil {
		return err
	}
	if !utf8.Valid(line) {
		return errors.New("not UTF-8")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	if err = schema.Validate(value); err == nil {
		return nil
	}
	// The error says why each alternative fails. That of the line's own type is the one to read.
	object, _ := value.(map[string]any)
	kind, _ := object["type"].(string)
	if own, e := compile("#/$defs/" + kind); e == nil {
		if e := own.Validate(value); e != nil {
			return e
		}
	}
	return err
}
