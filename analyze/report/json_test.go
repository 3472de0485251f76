package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"wshake/analyze/report"
	"wshake/analyze/report/schematest"
)

// Every line fits the schema, and its keys stand in the order of the schema's properties, each once.
func TestLinesFitTheSchema(t *testing.T) {
	order := propertyOrder(t)
	for name, printed := range report.JSONLines(t) {
		kinds := map[string]bool{}
		for line := range bytes.Lines(printed) {
			if err := schematest.Validate(line); err != nil {
				t.Errorf("%s: %v: %s", name, err, line)
			}
			kind, keys := keysOf(t, line)
			kinds[kind] = true
			rest := order[kind]
			for _, key := range keys {
				for len(rest) > 0 && rest[0] != key {
					rest = rest[1:]
				}
				if len(rest) == 0 {
					t.Errorf("%s: %q is out of order in %s", name, key, line)
					break
				}
				rest = rest[1:]
			}
		}
		if len(kinds) != len(order) {
			t.Errorf("%s: prints %d of %d kinds", name, len(kinds), len(order))
		}
	}
}

// keysOf gives the keys of an object, and its type.
func keysOf(t *testing.T, line []byte) (kind string, keys []string) {
	t.Helper()
	var head struct{ Type string }
	if err := json.Unmarshal(line, &head); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return head.Type, keysInOrder(t, line)
}

func keysInOrder(t *testing.T, object []byte) (keys []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// propertyOrder gives the properties by type of line as the schema lists them.
func propertyOrder(t *testing.T) map[string][]string {
	t.Helper()
	var schema struct {
		OneOf []map[string]string
		Defs  map[string]struct{ Properties json.RawMessage } `json:"$defs"`
	}
	if err := json.Unmarshal(report.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	order := map[string][]string{}
	for _, alternative := range schema.OneOf {
		kind := alternative["$ref"][len("#/$defs/"):]
		order[kind] = keysInOrder(t, schema.Defs[kind].Properties)
	}
	return order
}
