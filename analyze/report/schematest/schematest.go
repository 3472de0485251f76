// Package schematest checks lines of NDJSON against the schema of package report. It is for tests, of any package that
// prints events.
//
// It knows the part of JSON Schema that the schema uses, and nothing else: a keyword that it does not know is an error, so
// that no rule of the schema goes unchecked.
package schematest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"wshake/analyze/report"
)

var parsed = sync.OnceValues(func() (any, error) { return decode(report.Schema) })

// Validate reports why line is not a line of the JSON output.
func Validate(line []byte) error {
	schema, err := parsed()
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	if !utf8.Valid(line) {
		return errors.New("not UTF-8")
	}
	value, err := decode(line)
	if err != nil {
		return err
	}
	return validator{schema}.check(schema, value, "")
}

func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return value, nil
}

// validator checks values against parts of the schema that root is the whole of.
type validator struct{ root any }

func (v validator) check(schema, value any, path string) error {
	rules, ok := schema.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: no schema: %v", path, schema)
	}
	for _, keyword := range slices.Sorted(maps.Keys(rules)) {
		if err := v.rule(keyword, rules, value, path); err != nil {
			return err
		}
	}
	return nil
}

// rule checks one keyword. A keyword that is about another type than value has is met.
func (v validator) rule(keyword string, rules map[string]any, value any, path string) error {
	want := rules[keyword]
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...))
	}
	switch keyword {
	case "$schema", "title", "description", "$defs":
	case "$ref":
		part, err := v.resolve(want.(string))
		if err != nil {
			return err
		}
		return v.check(part, value, path)
	case "type":
		if !hasType(want, value) {
			return fail("%v is not of type %v", value, want)
		}
	case "const":
		if value != want {
			return fail("%v is not %v", value, want)
		}
	case "enum":
		if !slices.Contains(want.([]any), value) {
			return fail("%v is none of %v", value, want)
		}
	case "minimum":
		if n, ok := value.(json.Number); ok && less(n, want.(json.Number)) {
			return fail("%v is less than %v", n, want)
		}
	case "pattern":
		if s, ok := value.(string); ok && !regexp.MustCompile(want.(string)).MatchString(s) {
			return fail("%q does not match %s", s, want)
		}
	case "minItems":
		if list, ok := value.([]any); ok && less(length(list), want.(json.Number)) {
			return fail("fewer than %v items", want)
		}
	case "maxItems":
		if list, ok := value.([]any); ok && less(want.(json.Number), length(list)) {
			return fail("more than %v items", want)
		}
	case "items":
		list, _ := value.([]any)
		for i, item := range list {
			if err := v.check(want, item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case "required":
		object, ok := value.(map[string]any)
		for _, name := range want.([]any) {
			if _, there := object[name.(string)]; ok && !there {
				return fail("%s is missing", name)
			}
		}
	case "properties", "additionalProperties":
		if keyword == "additionalProperties" && rules["properties"] != nil {
			return nil // done with the properties
		}
		return v.members(rules, value, path)
	case "oneOf":
		return v.oneOf(want.([]any), value, path)
	default:
		return fail("the schema uses the unknown keyword %q", keyword)
	}
	return nil
}

func (v validator) members(rules map[string]any, value any, path string) error {
	object, _ := value.(map[string]any)
	properties, _ := rules["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		rule, known := properties[name]
		if !known {
			rule = rules["additionalProperties"]
		}
		if rule == nil {
			continue
		}
		if rule == false {
			return fmt.Errorf("%s: %q is not in the schema", path, name)
		}
		if err := v.check(rule, object[name], path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// oneOf wants exactly one to hold. The error is that of the alternative that value was meant for.
func (v validator) oneOf(alternatives []any, value any, path string) error {
	held := 0
	fault := fmt.Errorf("%s: %v is none of the alternatives", path, value)
	for _, a := range alternatives {
		err := v.check(a, value, path)
		if err == nil {
			held++
		} else if v.meant(a, value) {
			fault = err
		}
	}
	switch held {
	case 0:
		return fault
	case 1:
		return nil
	}
	return fmt.Errorf("%s: %d alternatives hold", path, held)
}

// meant reports whether value is of the type, or has the member "type", that an alternative is for.
func (v validator) meant(alternative, value any) bool {
	rules, _ := alternative.(map[string]any)
	if ref, ok := rules["$ref"].(string); ok {
		part, _ := v.resolve(ref)
		rules, _ = part.(map[string]any)
	}
	if t, ok := rules["type"]; ok && !hasType(t, value) {
		return false
	}
	object, _ := value.(map[string]any)
	properties, _ := rules["properties"].(map[string]any)
	rule, _ := properties["type"].(map[string]any)
	return rule["const"] == nil || rule["const"] == object["type"]
}

func (v validator) resolve(ref string) (any, error) {
	part := v.root
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := part.(map[string]any)
		if part = object[name]; part == nil {
			return nil, fmt.Errorf("the schema has no %s", ref)
		}
	}
	return part, nil
}

func hasType(want, value any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(t any) bool { return hasType(t, value) })
	}
	switch v := value.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case json.Number:
		return want == "number" || want == "integer" && !strings.ContainsAny(v.String(), ".eE")
	case []any:
		return want == "array"
	}
	return want == "object"
}

func less(a, b json.Number) bool {
	x, _ := a.Float64()
	y, _ := b.Float64()
	return x < y
}

func length(list []any) json.Number { return json.Number(fmt.Sprint(len(list))) }
